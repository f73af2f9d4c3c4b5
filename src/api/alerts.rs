//! Alerts of Alertmanager and Grafana.

use std::collections::BTreeMap;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::answers::Answer;
use super::body;
use super::problem::Problem;
use super::tickets::word;
use crate::desk::alerts::{self, Became};
use crate::domain::alert::{Alert, AlertSource, Alerts, fingerprint};
use crate::domain::api_token::ShownToken;
use crate::store::alert_tokens::AlertToken;

/// What Alertmanager (webhook, version 4) and Grafana (its own alerting) send of a group of alerts. Whatever else stands in it is
/// passed over
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alerts)]
pub(super) struct AlertsBody {
    /// By what the group is known again
    #[schema(min_length = 1)]
    group_key: String,
    /// `firing`, or `resolved` if nothing of it fires any more
    status: String,
    /// The labels that make the group
    #[serde(default)]
    #[schema(required = false)]
    group_labels: Option<BTreeMap<String, String>>,
    /// What all its alerts' rules say alike
    #[serde(default)]
    #[schema(required = false)]
    common_annotations: Option<BTreeMap<String, String>>,
    /// Its alerts
    #[schema(min_items = 1)]
    alerts: Vec<AlertBody>,
    /// How many more there are (`max_alerts`)
    truncated_alerts: Option<u64>,
    /// Only Grafana sends one
    org_id: Option<i64>,
}

/// An alert
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alert)]
pub(super) struct AlertBody {
    /// `firing` or `resolved`
    status: String,
    /// What it is about
    #[serde(default)]
    #[schema(required = false)]
    labels: Option<BTreeMap<String, String>>,
    /// What its rule says of it
    #[serde(default)]
    #[schema(required = false)]
    annotations: Option<BTreeMap<String, String>>,
    /// Since when, as RFC 3339
    starts_at: Option<String>,
    /// Where one can look
    #[serde(rename = "generatorURL")]
    generator_url: Option<String>,
    /// By what it is known again
    fingerprint: Option<String>,
}

/// What became of it
#[derive(Serialize, ToSchema)]
#[schema(as = AlertsTaken)]
pub(super) struct TakenShape {
    /// The number of the ticket in which it stands; null: something is over that nobody had heard of
    ticket: Option<String>,
    /// `opened`, `told` (a word in the ticket that there was), `reopened`, `closed`, `repeated` (it was known) or `nothing`
    became: &'static str,
}

/// Alerts, from Alertmanager or Grafana
///
/// A group becomes a ticket, and what is said of it later a word in that, if something has changed. The same said twice is said
/// once. The token in the path brings alerts into its queue, and does nothing else (`ticketloom token alerts QUEUE`).
#[utoipa::path(
    post, path = "/hooks/alert/{token}", tag = "alerts", request_body = AlertsBody, security(()),
    params(("token" = String, Path, description = "A token for alerts")),
    responses((status = 200, body = TakenShape), super::problem::OfHooks)
)]
pub(super) async fn take(
    State(api): State<Api>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::read(body).await?;
    let shown = ShownToken::parse(&word(token)?).ok_or_else(Problem::no_hook)?;
    let _seat = api.seats.take().await?;
    let mut tx = api.desk.store().begin().await?;
    let kept = tx.alert_tokens().get(shown.id).await?;
    let kept: Option<AlertToken> = kept.filter(|kept| shown.is(&kept.digest) && kept.revoked_at.is_none());
    api.limit.note(shown, kept.is_some());
    let token = kept.ok_or_else(Problem::no_hook)?;
    // 5xx: whoever sends alerts gives up at anything else that is no success.
    api.limit.count(token.id).map_err(Problem::later)?;
    let sent: AlertsBody = body::typed(body::json(&parts.headers, &body)?)?;
    let alerts = sent.read()?;
    let queue = tx.queues().get(token.queue).await?;
    if queue.archived {
        let detail =
            format!("The queue {} takes nothing any more (`queue set {} --archived false`).", queue.name, queue.name);
        return Err(Problem::new(StatusCode::CONFLICT, "archived", detail));
    }
    tx.alert_tokens().used(&token).await?;
    let (became, ticket) = Box::pin(alerts::take(&api.desk, tx, &token, &alerts)).await?;
    tracing::debug!(token = %token.id, ?became, "alerts came");
    let ticket = ticket.map(|number| number.to_string());
    Ok(Answer::of(StatusCode::OK, &TakenShape { ticket, became: name(became) }).into_response())
}

fn name(became: Became) -> &'static str {
    match became {
        Became::Opened => "opened",
        Became::Told => "told",
        Became::Reopened => "reopened",
        Became::Closed => "closed",
        Became::Repeated => "repeated",
        Became::Nothing => "nothing",
    }
}

impl AlertsBody {
    fn read(self) -> Result<Alerts, Problem> {
        if self.group_key.trim().is_empty() {
            return Err(Problem::wrong("`groupKey` says nothing."));
        }
        if self.alerts.is_empty() {
            return Err(Problem::wrong("There is no alert in `alerts`."));
        }
        Ok(Alerts {
            source: if self.org_id.is_some() { AlertSource::Grafana } else { AlertSource::Alertmanager },
            group: self.group_key,
            fires: fires(&self.status)?,
            labels: clean(self.group_labels),
            annotations: clean(self.common_annotations),
            alerts: self.alerts.into_iter().map(AlertBody::read).collect::<Result<_, _>>()?,
            left_out: self.truncated_alerts.unwrap_or_default(),
        })
    }
}

impl AlertBody {
    fn read(self) -> Result<Alert, Problem> {
        let labels = clean(self.labels);
        let since = self.starts_at.and_then(|at| DateTime::parse_from_rfc3339(&at).ok());
        Ok(Alert {
            fingerprint: fingerprint(self.fingerprint.map(|word| word.replace('\0', "")).as_deref(), &labels),
            fires: fires(&self.status)?,
            labels,
            annotations: clean(self.annotations),
            // The year 1 is how Go writes that there is none.
            since: since.map(|at| at.with_timezone(&Utc)).filter(|at| (1970..=9999).contains(&at.year())),
            link: self.generator_url.map(|url| url.replace('\0', "")).filter(|url| is_address(url)),
        })
    }
}

fn fires(status: &str) -> Result<bool, Problem> {
    match status {
        "firing" => Ok(true),
        "resolved" => Ok(false),
        _ => Err(Problem::wrong("`status` is `firing` or `resolved`.")),
    }
}

/// What PostgreSQL can't keep is left out: nothing is lost for that.
fn clean(words: Option<BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let word = |text: String| text.replace('\0', "");
    words.unwrap_or_default().into_iter().map(|(name, value)| (word(name), word(value))).collect()
}

/// Only what a browser opens is shown as a place to look.
fn is_address(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && !url.contains(|c: char| c.is_control() || c.is_whitespace())
}

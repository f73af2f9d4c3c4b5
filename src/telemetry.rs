//! What operators see: the log, `/health`, `/ready`, `/metrics`.
//!
//! Logs name things by field (`job.kind`, `ticket.id`) and never hold addresses, bodies or secrets.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::config::LogConfig;
use crate::store::Store;

/// The homeserver's sync may be this old and still count as alive: the long poll lasts 30 s.
const SYNC_AGE: u64 = 90;

/// Begins logging to standard error.
pub fn begin_log(config: &LogConfig) {
    // The SDK logs every 404 as an error and whole requests at info; what matters of it comes back to
    // us as errors and is logged there.
    // async-imap writes its LOGIN line, password and all, at trace.
    let quiet = "matrix_sdk=warn,matrix_sdk_base=warn,matrix_sdk_crypto=error,matrix_sdk::http_client=off,sqlx=warn,\
                 async_imap=info,imap_proto=info";
    let filter = EnvFilter::new(format!("{},{quiet}", config.level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, as tests make it, changes nothing.
    let _ = if config.json { log.json().flatten_event(true).try_init() } else { log.with_ansi(false).try_init() };
    // What a panic says may quote a mail, so the log has only where it was.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}

/// What the pages ask.
#[derive(Clone)]
pub struct Vitals {
    store: Store,
    metrics: Option<PrometheusHandle>,
    sync: watch::Receiver<MatrixSide>,
}

/// How the Matrix side of this instance stands.
#[derive(Clone, Debug, Default)]
pub enum MatrixSide {
    /// Another instance has it, or it is on its way.
    #[default]
    Standby,
    /// Ours.
    Active {
        /// When the homeserver last answered.
        synced: Option<Instant>,
    },
}

impl Vitals {
    /// Begins counting.
    #[must_use]
    pub fn new(store: Store, sync: watch::Receiver<MatrixSide>) -> Self {
        let buckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets);
        let metrics = builder.ok().and_then(|builder| builder.install_recorder().ok());
        metrics::describe_counter!("ticketloom_jobs_total", "Jobs that were tried, by kind and outcome");
        metrics::describe_counter!(
            "ticketloom_automatic_withheld_total",
            "Automatic mails that were not written, since the desk had written its share of the hour"
        );
        metrics::describe_counter!(
            "ticketloom_connections_refused_total",
            "Connections that found no seat while everybody made progress, by entry"
        );
        metrics::describe_counter!(
            "ticketloom_api_requests_total",
            "Requests of programs that were answered, by status"
        );
        metrics::describe_histogram!("ticketloom_job_seconds", "How long a job took, by kind");
        metrics::describe_gauge!("ticketloom_backlog", "Jobs that wait, by class");
        metrics::describe_gauge!("ticketloom_dead_jobs", "Jobs that were given up, by class");
        metrics::describe_gauge!("ticketloom_oldest_job_seconds", "Age of the oldest job that is due, by class");
        metrics::describe_gauge!("ticketloom_sync_age_seconds", "Seconds since the homeserver answered a sync");
        Self { store, metrics, sync }
    }
}

/// What is served: `/health`, `/ready`, `/metrics`.
pub fn pages(vitals: Vitals) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(show_metrics))
        .with_state(Arc::new(vitals))
}

/// Alive: the process answers.
async fn health() -> Response {
    json(StatusCode::OK, &serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// Ready: PostgreSQL answers, and so does the homeserver if its side is ours.
async fn ready(State(vitals): State<Arc<Vitals>>) -> Response {
    let database = vitals.store.is_reachable().await;
    let (side, matrix) = match &*vitals.sync.borrow() {
        MatrixSide::Standby => ("standby", true),
        MatrixSide::Active { synced } => ("active", synced.is_some_and(|at| at.elapsed().as_secs() < SYNC_AGE)),
    };
    let status = if database && matrix { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &serde_json::json!({ "database": database, "matrix": matrix, "matrix_side": side }))
}

async fn show_metrics(State(vitals): State<Arc<Vitals>>) -> Response {
    if let Ok(backlog) = vitals.store.backlog().await {
        for of in backlog.classes {
            let class = of.class.name();
            metrics::gauge!("ticketloom_backlog", "class" => class).set(as_gauge(of.waiting));
            metrics::gauge!("ticketloom_dead_jobs", "class" => class).set(as_gauge(of.dead));
            metrics::gauge!("ticketloom_oldest_job_seconds", "class" => class).set(of.oldest);
        }
    }
    if let MatrixSide::Active { synced: Some(at) } = &*vitals.sync.borrow() {
        metrics::gauge!("ticketloom_sync_age_seconds").set(at.elapsed().as_secs_f64());
    }
    match &vitals.metrics {
        Some(metrics) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "no backlog comes near 2^52")]
fn as_gauge(count: i64) -> f64 {
    count as f64
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

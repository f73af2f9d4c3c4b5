//! Programs that are told what happens: what each is told is frozen when an event gets its number, and then told in that order,
//! at least once, until it was taken or its time is over.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::failure::Outcome;
use super::feed::EventJson;
use super::seams::{Call, Caller, Fault};
use super::words::Said;
use super::{Desk, tell_room};
use crate::crash;
use crate::domain::id::{ArticleId, FeedId, UserId, WebhookId};
use crate::domain::room::Purpose;
use crate::domain::ticket::TicketEvent;
use crate::store::feed::FeedEvent;
use crate::store::jobs::{Leased, Webhook as Job};
use crate::store::webhooks::{Delivery, Webhook};
use crate::store::{Result, Tx};

/// How many events get their number at once.
const MOST: i64 = 200;
/// The longest text of an article that is told, in characters.
const LONGEST: i32 = 20_000;
/// The waits after failures (Standard Webhooks' example); who fails once more after the last is given up.
const WAITS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];
/// Whoever has not taken anything for so long is not called any more.
const PATIENCE: TimeDelta = TimeDelta::days(5);
/// The status by which a receiver says that it does not want any more (RFC 9110 §15.5.11).
const GONE: u16 = 410;

/// What a webhook is told: the feed's event, and what was written if it may know.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(flatten)]
    event: &'a EventJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    text_is_cut: bool,
}

/// What customers wrote and got, by article, and whether it is cut.
type Texts = HashMap<ArticleId, (String, bool)>;

impl Desk {
    /// Numbers what happened since the last time, and has the webhooks told of it. Returns how much there was.
    ///
    /// # Errors
    /// If the record failed: then nothing has got a number.
    pub async fn tell_events(&self) -> Result<usize> {
        let mut count = 0;
        while self.store.has_unnumbered().await? {
            let mut tx = self.store.begin().await?;
            let numbered = tx.feed().number(MOST).await?;
            if numbered.is_empty() {
                break;
            }
            count += numbered.len();
            let told: Vec<FeedId> = numbered.iter().filter(|event| !event.is_quiet).map(|event| event.id).collect();
            freeze(&mut tx, &told).await?;
            tx.commit().await?;
        }
        Ok(count)
    }
}

/// Freezes what each webhook is told of these events.
async fn freeze(tx: &mut Tx, events: &[FeedId]) -> Result<()> {
    let mut webhooks = tx.webhooks().all().await?;
    webhooks.retain(|webhook| webhook.disabled.is_none());
    if webhooks.is_empty() || events.is_empty() {
        return Ok(());
    }
    let events = tx.feed().get(events).await?;
    let has_bodies = webhooks.iter().any(|webhook| webhook.has_bodies);
    let texts = if has_bodies { texts(tx, &events).await? } else { Texts::new() };
    for event in &events {
        let json = EventJson::from(event);
        for webhook in webhooks.iter().filter(|webhook| wants(webhook, event, json.topic)) {
            let text = json.article.filter(|_| webhook.has_bodies).and_then(|article| texts.get(&article));
            let payload = Payload {
                event: &json,
                text: text.map(|(text, _)| text.as_str()),
                text_is_cut: text.is_some_and(|(_, is_cut)| *is_cut),
            };
            let body = serde_json::to_string(&payload).expect("events are plain data");
            let message = format!("msg_{}", Uuid::new_v4().simple());
            tx.webhooks().tell(webhook.id, event.id, &message, &body).await?;
        }
    }
    Ok(())
}

/// Whether a webhook is told of an event. Of a move, both queues' are.
fn wants(webhook: &Webhook, told: &FeedEvent, topic: &str) -> bool {
    let left = match &told.event {
        TicketEvent::QueueChanged { from, .. } => Some(from),
        _ => None,
    };
    let is_there = |queue| webhook.queues.contains(queue);
    (webhook.events.is_empty() || webhook.events.iter().any(|event| event == topic))
        && (webhook.queues.is_empty() || is_there(&told.ticket.queue_id) || left.is_some_and(is_there))
}

/// What customers wrote and got with these events.
async fn texts(tx: &mut Tx, events: &[FeedEvent]) -> Result<Texts> {
    let articles: Vec<ArticleId> = events.iter().filter_map(|told| told.event.article()).collect();
    let found = tx.feed().public_texts(&articles, LONGEST).await?;
    Ok(found.into_iter().map(|(article, text, is_cut)| (article, (text, is_cut))).collect())
}

/// What follows from an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It was taken.
    Told,
    /// The webhook is not called any more.
    Disable(String),
    /// It is told again after a while.
    Again(Duration),
    /// It is given up.
    GiveUp,
}

/// Tells a webhook what happened.
pub async fn deliver(desk: &Desk, leased: &Leased, caller: &dyn Caller, job: &Job) -> Outcome {
    let mut tx = desk.store.begin().await?;
    let delivery = match tx.webhooks().delivery(job.delivery).await? {
        Some(delivery) if !delivery.is_disabled => delivery,
        _ => {
            tx.webhooks().end(job.delivery).await?;
            tx.finish(leased).await?;
            return Ok(tx.commit().await?);
        }
    };
    let at = tx.now();
    drop(tx);
    crash::point("webhook.before_call");
    let Delivery { url, secret, message, body, .. } = &delivery;
    let answer = caller.call(&Call { url, secret, message, at, body }).await;
    crash::point("webhook.after_call");
    let (status, result) = match &answer {
        Ok(status) => (Some(*status), format!("status {status}")),
        Err(why) => (None, why.to_string()),
    };
    let mut tx = desk.store.begin().await?;
    let next = next(&delivery, status, delivery.failing_since.map_or(TimeDelta::zero(), |since| tx.now() - since));
    tx.webhooks().called(job.webhook, &result, next == Next::Told).await?;
    match next {
        Next::Told => {}
        Next::Disable(why) => disable(&mut tx, job.webhook, &format!("{why}, at last: {result}")).await?,
        Next::Again(wait) => {
            tx.webhooks().set_failures(job.delivery, delivery.failures + 1).await?;
            tx.commit().await?;
            return Err(Fault::Later { after: Some(wait), why: result }.into());
        }
        Next::GiveUp => {
            // Should somebody have it tried again, it has all its tries.
            tx.webhooks().set_failures(job.delivery, 0).await?;
            tx.commit().await?;
            return Err(Fault::never(format!("{} failed attempts, at last: {result}", WAITS.len() + 1)).into());
        }
    }
    tx.webhooks().end(job.delivery).await?;
    tx.finish(leased).await?;
    Ok(tx.commit().await?)
}

/// Decides. `failing`: how long no call went well.
fn next(delivery: &Delivery, status: Option<u16>, failing: TimeDelta) -> Next {
    match status {
        Some(200..=299) => Next::Told,
        Some(GONE) => Next::Disable("its receiver wants no more".to_owned()),
        _ if failing >= PATIENCE => Next::Disable("it took nothing for 5 days".to_owned()),
        _ => match usize::try_from(delivery.failures).ok().and_then(|failures| WAITS.get(failures)) {
            Some(wait) => Next::Again(*wait),
            None => Next::GiveUp,
        },
    }
}

/// Calls a webhook no more, and says so.
async fn disable(tx: &mut Tx, id: WebhookId, why: &str) -> Result<()> {
    if !tx.webhooks().disable(id, why).await? {
        return Ok(());
    }
    tracing::warn!(webhook.id = id.0, why, "a webhook is disabled");
    let webhook = tx.webhooks().all().await?.into_iter().find(|webhook| webhook.id == id);
    let owner = webhook.and_then(|webhook| webhook.owner);
    let said = format!(
        "⚠ Webhook {id} is not called any more: {why}. What happens meanwhile stands in the feed of events; `ticketloom webhook enable {id}` has it called again."
    );
    tell_admins(tx, Said::plain(said), owner).await
}

/// That something was not told to a webhook, and will not be.
pub(super) async fn not_told(tx: &mut Tx, job: &Job, id: i64, why: &str) -> Result<()> {
    let said = format!(
        "⚠ Webhook {} was not told of an event: {why} (job {id}). `ticketloom jobs --retry {id}` tries again; what comes after it goes on.",
        job.webhook
    );
    tell_admins(tx, Said::plain(said), None).await
}

/// Says something in the admins' room, if there is one.
async fn tell_admins(tx: &mut Tx, said: Said, called: Option<UserId>) -> Result<()> {
    if let Some(room) = tx.rooms().get(Purpose::Admins).await? {
        tell_room(tx, &room, said, called.into_iter().collect());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(failures: i16) -> Delivery {
        Delivery {
            url: "https://hooks.example.org/".to_owned(),
            secret: "whsec_".to_owned(),
            message: "msg_1".to_owned(),
            body: "{}".to_owned(),
            failures,
            failing_since: None,
            is_disabled: false,
        }
    }

    #[test]
    fn who_fails_is_called_again_for_three_days_with_growing_waits() {
        let waits: Vec<Duration> = (0..9)
            .map(|failures| match next(&delivery(failures), Some(500), TimeDelta::zero()) {
                Next::Again(wait) => wait,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(waits.is_sorted() && waits[0] == Duration::from_secs(5), "{waits:?}");
        assert_eq!(waits.iter().sum::<Duration>(), Duration::from_secs(75 * 3600 + 35 * 60 + 5));
        assert_eq!(next(&delivery(9), None, TimeDelta::days(3)), Next::GiveUp);
    }

    #[test]
    fn only_a_success_is_one() {
        assert_eq!(next(&delivery(9), Some(204), TimeDelta::days(9)), Next::Told);
        for status in [100, 199, 300, 301, 308, 404, 429, 500, 599] {
            assert_eq!(next(&delivery(0), Some(status), TimeDelta::zero()), Next::Again(WAITS[0]), "{status}");
        }
        assert!(matches!(next(&delivery(0), Some(410), TimeDelta::zero()), Next::Disable(_)));
        assert!(matches!(next(&delivery(0), None, TimeDelta::days(5)), Next::Disable(_)));
    }
}

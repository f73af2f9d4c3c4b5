//! What stands in a room of somebody who is erased is taken back: the desk's words and those of agents, edits, boards and lists too, since
//! an edit of a message is an event by itself.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::{Projection, taken_away};
use crate::crash;
use crate::desk::erase::{Needles, related};
use crate::desk::failure::Outcome;
use crate::desk::seams::{PastEvent, PastPage};
use crate::store::erasures::Erasure;
use crate::store::jobs::Sweep;

/// What clocks may differ by.
const SKEW: TimeDelta = TimeDelta::hours(1);

impl Projection<'_> {
    /// Takes back what is theirs in a page of a room's past, and goes on with the next. Whatever is killed meanwhile takes the
    /// same page again, in which less is left.
    pub(super) async fn sweep(&self, job: &Sweep) -> Outcome {
        let mut tx = self.store.begin().await?;
        let erasure = tx.erasures().lock(job.erasure).await?;
        let since = tx.erasures().known_since(erasure.customer).await?.min(erasure.since) - SKEW;
        let numbers: HashSet<String> = tx.erasures().numbers(erasure.customer).await?.into_iter().collect();
        drop(tx);
        let page = self.chat.history(&job.room, job.from.as_deref()).await?;
        let gone = self.theirs(&erasure, &numbers, &page).await?;
        for event in &gone {
            self.chat.redact(&job.room, self.leased.key, &event.id, "erased").await?;
            crash::point("sweep.after_redact");
        }
        let mut tx = self.store.begin().await?;
        tx.come_last();
        let ids: Vec<String> = gone.iter().map(|event| event.id.to_string()).collect();
        tx.erased_articles().drop_events(&ids).await?;
        for event in &gone {
            taken_away(&mut tx, &event.id).await?;
        }
        let is_older = page.events.last().is_some_and(|oldest| oldest.at < since);
        match page.next {
            Some(next) if !is_older => tx.enqueue(Sweep { from: Some(next), ..job.clone() }),
            _ => tx.erasures().room_is_done(job.erasure).await?,
        }
        self.end(tx).await
    }

    /// Which events of a page are theirs: what belongs to an erased ticket, article or quarantine entry, what names them, and, of the
    /// desk's own, what names a ticket of theirs, as boards and lists do.
    async fn theirs<'p>(
        &self,
        erasure: &Erasure,
        numbers: &HashSet<String>,
        page: &'p PastPage,
    ) -> Outcome<Vec<&'p PastEvent>> {
        let Some(address) = &erasure.address else { return Ok(Vec::new()) };
        let needles = Needles::of(address, &erasure.name);
        let ids: Vec<String> = page.events.iter().flat_map(about).collect();
        let erased = self.store.begin().await?.erasures().erased_among(&ids).await?;
        let is_theirs = |event: &&PastEvent| {
            let text = event.content.to_string();
            let is_named =
                needles.are_in(&text) || event.is_ours && digits(&text).any(|number| numbers.contains(number));
            // What was said later may be about the same person, who has come back.
            about(event).iter().any(|id| erased.contains(id)) || is_named && event.at <= erasure.since
        };
        Ok(page.events.iter().filter(is_theirs).collect())
    }
}

/// An event, and those that it belongs to.
fn about(event: &PastEvent) -> Vec<String> {
    let mut events = related(&event.content);
    events.push(event.id.to_string());
    events
}

/// What may be a ticket's number.
fn digits(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| digits.len() >= 14)
}

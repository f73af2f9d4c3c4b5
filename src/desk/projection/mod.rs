//! What Matrix shows of the record. Each file composes what is wanted of one thing now; [`difference`] compares it with
//! what stands there, and sends, edits, redacts and pins.
//!
//! It happens at least once: first the seam is called, then the result is recorded with the end of the job. The key that
//! repeats makes it one event.

mod article;
mod board;
mod card;
mod chart;
pub mod difference;
mod fetch;
mod file;
mod notice;
mod pictures;
mod pins;
mod quarantine;
mod signpost;
mod sweep;
mod taken_away;

use self::board::Outdated;
pub(super) use self::board::{refresh_home_board, refresh_queue_board};
pub use self::taken_away::taken_away;

use std::sync::OnceLock;

use super::failure::{Failure, Outcome};
use super::seams::{Chat, Fault};
use super::{Desk, Settings};
use crate::crash;
use crate::domain::id::RoomId;
use crate::domain::queue::Queue;
use crate::store::jobs::{Job, Leased};
use crate::store::{Store, Tx};

/// One job's way into Matrix.
pub struct Projection<'a> {
    store: &'a Store,
    settings: &'a Settings,
    chat: &'a dyn Chat,
    leased: &'a Leased,
    /// What boards say otherwise once the job is done.
    outdated: OnceLock<Outdated>,
}

impl Desk {
    /// Does one job of the Matrix side.
    ///
    /// # Errors
    /// The [`Failure`] that decides whether it is tried again.
    pub async fn deliver_chat(&self, leased: &Leased, chat: &dyn Chat) -> Outcome {
        let projection = self.projection(leased, chat);
        match &leased.job {
            Job::Rooms(_) => {
                self.make_rooms(chat).await?;
                projection.done().await
            }
            Job::Card(job) => projection.card(job.ticket).await,
            Job::Signpost(job) => projection.signpost(job).await,
            Job::Article(job) => projection.article(job.article).await,
            Job::File(job) => projection.file(job.file).await,
            Job::Notice(job) => projection.notice(job).await,
            Job::Raw(job) => projection.original(job).await,
            Job::Chart(job) => projection.chart(job).await,
            Job::Pins(job) => projection.pins(&job.room).await,
            Job::QueueBoard(job) => projection.queue_board(job.queue).await,
            Job::HomeBoard(job) => projection.home_board(job.agent).await,
            Job::Quarantine(job) => projection.quarantine_entry(job.entry).await,
            Job::QuarantineFile(job) => projection.quarantined_mail(job.entry).await,
            Job::QuarantineDay(job) => projection.quarantine_day(job.queue, job.day).await,
            Job::Mark(job) => projection.marks(job).await,
            Job::Fetch(job) => projection.fetch(job).await,
            Job::Sweep(job) => projection.sweep(job).await,
            Job::ReadMail(_)
            | Job::ReadEvent(_)
            | Job::Letter(_)
            | Job::PendingTime(_)
            | Job::SendScheduled(_)
            | Job::TicketTime(_)
            | Job::Retime(_)
            | Job::Erase(_)
            | Job::Remirror(_)
            | Job::TellAgents(_)
            | Job::AgentMail(_)
            | Job::PageMail(_)
            | Job::Webhook(_) => Err(Fault::never("this is no work for Matrix").into()),
        }
    }

    /// The way of one job into Matrix.
    #[must_use]
    pub fn projection<'a>(&'a self, leased: &'a Leased, chat: &'a dyn Chat) -> Projection<'a> {
        Projection { store: &self.store, settings: &self.settings, chat, leased, outdated: OnceLock::new() }
    }
}

impl Projection<'_> {
    /// Ends the job, with nothing to record.
    async fn done(&self) -> Outcome {
        self.end(self.store.begin_quick().await?).await
    }

    /// Ends the job with what was recorded of it.
    async fn end(&self, mut tx: Tx) -> Outcome {
        tx.finish(self.leased).await?;
        if let Some(outdated) = self.outdated.get() {
            outdated.refresh(&mut tx);
        }
        tx.commit().await?;
        crash::point("chat.after_record");
        Ok(())
    }
}

fn room_of(queue: &Queue) -> Outcome<RoomId> {
    queue.room.clone().ok_or_else(|| Failure::TooEarly(format!("queue {} has no room yet", queue.name)))
}

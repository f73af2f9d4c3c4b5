//! What is said once: notices, reactions, and originals that somebody asked for.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Projection;
use super::quarantine::MIME;
use crate::desk::failure::Outcome;
use crate::desk::post::{Marker, Post, PostedFile, ThreadPlace, Tone};
use crate::desk::seams::Fault;
use crate::desk::words::{self, Said};
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::room::Purpose;
use crate::store::Tx;
use crate::store::jobs::{Mark, Notice, Raw};

impl Projection<'_> {
    /// Says something: to somebody's message, about a ticket, or to a room.
    pub(super) async fn notice(&self, job: &Notice) -> Outcome {
        let Notice { room, ticket, to, notice } = job;
        let mut tx = self.store.begin().await?;
        let thread = match ticket {
            Some(ticket) => tx.threads().get(*ticket, room).await?,
            None => None,
        };
        // A thread of no ticket, such as a day's quarantine: what is asked there is answered there.
        let elsewhere = match to {
            Some(to) if ticket.is_none() => tx.threads().root_of(to).await?,
            _ => None,
        };
        let others = self.others(&mut tx, room, to.as_ref()).await?;
        drop(tx);
        let place = match (thread, to) {
            (Some(thread), None) => Some(ThreadPlace { root: thread.root, last: thread.last, is_reply: false }),
            (Some(thread), Some(to)) => Some(ThreadPlace { root: thread.root, last: to.clone(), is_reply: true }),
            (None, Some(to)) => elsewhere.map(|root| ThreadPlace { root, last: to.clone(), is_reply: true }),
            (None, None) => None,
        };
        // Notices never notify.
        let is_quiet = notice.mentions.is_empty() && !notice.calls_room;
        let tone = if is_quiet { Tone::Notice } else { Tone::Text };
        let (said, list) = if others.is_empty() {
            (notice.said.clone(), notice.list.clone())
        } else {
            (words::not_alone(&others), None)
        };
        let marker = list.map_or(Marker::None, Marker::List);
        let post = Post::notice(said).marked(marker).calling(notice.mentions.clone());
        let post = Post { tone, calls_room: notice.calls_room, ..post };
        self.say(room, place, &post, *ticket).await
    }

    /// Who would read what an agent asked for, besides them: rights come from the record, not from being in a room, and in
    /// rooms that are no queue's nobody but agents themselves decide who is let in. In a queue's room that is settled, and was in one that it had before.
    pub(super) async fn others(&self, tx: &mut Tx, room: &RoomId, to: Option<&EventId>) -> Outcome<Vec<UserId>> {
        let purpose = tx.rooms().purpose_of(room).await?;
        if matches!(purpose, Some(Purpose::Queue(_))) || (purpose.is_none() && tx.rooms().is_former(room).await?) {
            return Ok(Vec::new());
        }
        let admins = if purpose == Some(Purpose::Admins) { tx.agents().all().await? } else { Vec::new() };
        let may_read = |user: &UserId| admins.iter().any(|admin| admin.user == *user && admin.sets_up());
        let asks = match to {
            Some(to) => tx.events().sender_of(to).await?,
            None => None,
        };
        let present = self.chat.present(room).await?;
        let is_other = |user: &UserId| *user != self.settings.bot && Some(user) != asks.as_ref() && !may_read(user);
        Ok(present.into_iter().filter(is_other).collect())
    }

    /// Has a message bear certain marks. New ones come first, so that there is no moment without any.
    pub(super) async fn marks(&self, job: &Mark) -> Outcome {
        let mut tx = self.store.begin().await?;
        let standing = tx.marks().on(&job.to).await?;
        drop(tx);
        for (position, mark) in job.marks.iter().enumerate() {
            if standing.iter().any(|standing| standing.mark == *mark) {
                continue;
            }
            let key = if position == 0 { self.leased.key } else { key_of(self.leased.key, mark) };
            let event = match self.chat.react(&job.room, key, &job.to, mark).await? {
                Some(event) => Some(event),
                // It stands there already: an earlier attempt of another device put it there.
                None => self.chat.sent_before(&job.room, key, self.leased.since).await?,
            };
            if let Some(event) = event {
                let mut tx = self.store.begin_quick().await?;
                tx.marks().add(&job.room, &job.to, mark, &event).await?;
                tx.commit().await?;
            }
        }
        let over: Vec<_> = standing.iter().filter(|standing| !job.marks.contains(&standing.mark)).collect();
        for over in &over {
            self.chat.redact(&job.room, self.leased.key, &over.event, "").await?;
        }
        let mut tx = self.store.begin_quick().await?;
        for over in over {
            tx.marks().remove(&job.to, &over.mark).await?;
        }
        self.end(tx).await
    }

    /// Brings a mail as it came in into the thread where it was asked for.
    pub(super) async fn original(&self, job: &Raw) -> Outcome {
        let Raw { mail, ticket, room, to } = job;
        let mut tx = self.store.begin().await?;
        let raw = tx.mails().raw(*mail).await?.ok_or_else(|| Fault::never("there is no such mail"))?.bytes;
        let thread = tx.threads().get(*ticket, room).await?;
        drop(tx);
        let (name, size) = (crate::desk::conversation::origin::file_name(*mail), raw.len() as u64);
        let post = match self.upload_mail(room, &name, raw).await? {
            Some(media) => Post::file(PostedFile { name, mime: MIME.to_owned(), size, media }),
            None => Post::notice(Said::plain(format!(
                "The homeserver does not take the original ({size} bytes). It is in the record, mail {mail}."
            ))),
        };
        let place = thread.map(|thread| ThreadPlace { root: thread.root, last: to.clone(), is_reply: true });
        self.say(room, place, &post, Some(*ticket)).await
    }
}

/// The key of another one of a job's reactions, the same at each attempt.
fn key_of(job: Uuid, mark: &str) -> Uuid {
    let digest = Sha256::new().chain_update(job.as_bytes()).chain_update(mark).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

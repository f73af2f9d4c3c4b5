//! Mails as they came in, shown as files: the quarantine's entries, and originals that somebody asked for.

use super::Outcome;
use super::chat::{room_of, send_once};
use crate::crash;
use crate::desk::post::{Post, PostedFile, QuarantineMark, ThreadPlace};
use crate::desk::seams::{Chat, Fault, Media};
use crate::desk::{Desk, words};
use crate::domain::id::{QuarantineId, RoomId};
use crate::store::jobs::{Fetch, Leased, Raw};
use crate::store::quarantine::QuarantineRow;
use crate::store::quarantine_days::QuarantineDay;

/// The largest file of an agent that is kept, in bytes.
const MOST_BYTES: u64 = 50 << 20;
/// What a raw mail is.
const MIME: &str = "message/rfc822";

impl Desk {
    /// Posts an entry into its day's thread, or edits it there.
    pub(super) async fn quarantine_entry(&self, leased: &Leased, chat: &dyn Chat, id: QuarantineId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let entry = tx.quarantine().get(id).await?;
        let queue = tx.queues().get(entry.queue).await?;
        let room = room_of(&queue)?;
        let day = tx.quarantine_days().get(entry.queue, entry.day).await?;
        drop(tx);
        let size = entry.raw.len() as u64;
        let name = format!("mail-{id}.eml");
        let media = match &entry.media {
            Some(media) => Some(Media(media.clone())),
            None => self.upload(chat, &room, &name, entry.raw.clone()).await?,
        };
        let mut post = words::quarantine::entry(&entry, media.is_some(), &self.settings.prefix);
        post.quarantine = Some(QuarantineMark { id, reason: entry.reason.clone(), count: entry.count });
        if let Some(media) = &media {
            let mut tx = self.store.begin_quick().await?;
            tx.quarantine().set_media(id, &media.0).await?;
            tx.commit().await?;
        }
        post.file = media.map(|media| PostedFile { name, mime: MIME.to_owned(), size, media });
        match &entry.event {
            Some(event) => post.replaces = Some(event.clone()),
            None => post.thread = Some(self.place_of_day(leased, chat, &room, &entry, day).await?),
        }
        let event = send_once(leased, chat, &room, &post).await?;
        let mut tx = self.store.begin_quick().await?;
        if entry.event.is_none() {
            tx.quarantine().set_event(id, &event).await?;
            tx.quarantine_days().set(entry.queue, entry.day, &event).await?;
        }
        tx.finish(leased).await?;
        tx.commit().await?;
        crash::point("chat.after_record");
        Ok(())
    }

    /// The end of a day's thread. Whoever comes first begins it, under a key that all of them know.
    async fn place_of_day(
        &self,
        leased: &Leased,
        chat: &dyn Chat,
        room: &RoomId,
        entry: &QuarantineRow,
        day: QuarantineDay,
    ) -> Outcome<ThreadPlace> {
        if let Some((root, last)) = day.place {
            return Ok(ThreadPlace { root, last, is_reply: false });
        }
        let found = if leased.attempt > 1 { chat.sent_before(room, day.key, leased.since).await? } else { None };
        let first = match found {
            Some(found) => found,
            None => chat.send(room, day.key, &words::quarantine::day(entry.day)).await?,
        };
        let mut tx = self.store.begin_quick().await?;
        tx.quarantine_days().set(entry.queue, entry.day, &first).await?;
        tx.commit().await?;
        Ok(ThreadPlace { last: first.clone(), root: first, is_reply: false })
    }

    /// Brings a mail as it came in into the thread where it was asked for.
    pub(super) async fn raw_mail(&self, leased: &Leased, chat: &dyn Chat, job: &Raw) -> Outcome {
        let Raw { mail, ticket, room, to } = job;
        let (mail, ticket) = (*mail, *ticket);
        let mut tx = self.store.begin().await?;
        let raw = tx.mails().raw(mail).await?.ok_or_else(|| Fault::never("there is no such mail"))?.bytes;
        let thread = tx.threads().get(ticket, room).await?;
        drop(tx);
        let (name, size) = (crate::desk::conversation::origin::file_name(mail), raw.len() as u64);
        let post = match self.upload(chat, room, &name, raw).await? {
            Some(media) => {
                let mut post = Post::text(name.clone());
                post.file = Some(PostedFile { name, mime: MIME.to_owned(), size, media });
                post
            }
            None => Post::notice(words::defuse(&format!(
                "The homeserver does not take the original ({size} bytes). It is in the record, mail {mail}."
            ))),
        };
        let place = thread.map(|thread| ThreadPlace { root: thread.root, last: to.clone(), is_reply: true });
        let event = send_once(leased, chat, room, &post.in_thread(place)).await?;
        self.record(self.store.begin_quick().await?, leased, ticket, room, &event, None).await
    }

    /// Fetches a file that an agent put into a thread. One that can't be had is noted as such, so that the
    /// message it came with waits no longer.
    pub(super) async fn fetch(&self, leased: &Leased, chat: &dyn Chat, job: &Fetch) -> Outcome {
        let fetched = if job.size > MOST_BYTES {
            Err(Fault::never(format!("it is larger than {} MiB", MOST_BYTES >> 20)))
        } else {
            chat.download(&Media(job.media.clone())).await
        };
        let kept = match &fetched {
            Ok(bytes) => Ok(bytes.as_slice()),
            Err(Fault::Never { why }) => Err(why.as_str()),
            Err(Fault::Later { why, .. }) if leased.is_last_chance() => Err(why.as_str()),
            Err(later) => return Err(later.clone().into()),
        };
        let mut tx = self.store.begin().await?;
        tx.fetched_files().set(&job.event, kept).await?;
        tx.finish(leased).await?;
        tx.commit().await?;
        Ok(())
    }

    /// `None`: the homeserver will never take it.
    async fn upload(&self, chat: &dyn Chat, room: &RoomId, name: &str, bytes: Vec<u8>) -> Outcome<Option<Media>> {
        match chat.upload(room, name, MIME, bytes).await {
            Ok(media) => Ok(Some(media)),
            Err(Fault::Never { .. }) => Ok(None),
            Err(later) => Err(later.into()),
        }
    }
}

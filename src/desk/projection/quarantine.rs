//! Quarantined mails, in a thread a day.

use chrono::NaiveDate;

use super::board::Outdated;
use super::difference::{Root, Wanted};
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::post::Media;
use crate::desk::post::{Marker, Post, PostedFile, QuarantineMarker, ThreadPlace};
use crate::desk::seams::Fault;
use crate::desk::words;
use crate::domain::id::{QuarantineId, QueueId, RoomId};
use crate::domain::number::shorten;
use crate::store::projections::{Standing, Subject};
use crate::store::quarantine::QuarantineRow;

/// What a raw mail is.
pub(super) const MIME: &str = "message/rfc822";
/// How many characters of a subject its file's name has.
const LONGEST_NAME: usize = 60;

impl Projection<'_> {
    /// Posts an entry into its day's thread, or edits it there. Its raw mail follows when it is new, and what the day's first
    /// message says of all of them is brought up to date.
    pub(super) async fn quarantine_entry(&self, id: QuarantineId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let entry = tx.quarantine().get(id).await?;
        let queue = tx.queues().get(entry.queue).await?;
        let day = tx.quarantine_days().get(entry.queue, entry.day).await?;
        let kinds = tx.quarantine().undecided_kinds(entry.queue, entry.day).await?;
        let room = room_of(&queue)?;
        let is_new = tx.projections().get(Subject::QuarantineEntry(id), &room).await?.is_none();
        drop(tx);
        let _ = self.outdated.set(Outdated::Quarantine(entry.queue, entry.day, is_new.then_some(id)));
        let marker = QuarantineMarker { id, reason: entry.reason.clone(), count: entry.count };
        let is_open = words::quarantine::outcome(&entry).is_none() && !entry.is_imported;
        let offers = if is_open { words::quarantine::OFFERS } else { &[] };
        let mut post = words::quarantine::entry(&entry).marked(Marker::Quarantine(marker));
        if entry.beginning.is_none() && !is_new {
            // From before entries had words: what stands there is the file, and stays one.
            post.file = entry.media.clone().map(|media| raw_file(&entry, Media(media)));
        }
        let first = Some((day.key, words::quarantine::day(entry.day, &kinds, &self.settings.prefix)));
        let below = Some(Root { subject: Subject::QuarantineDay(day.id), first });
        let subject = Subject::QuarantineEntry(id);
        let is_needed = entry.outcome.is_none();
        self.show(&Wanted { below, is_needed, offers, ..Wanted::of(subject, room, Some(post)) }).await
    }

    /// Posts the raw mail behind an entry. Most clients show no words with a file, so it is one by itself; it is no reply, with which they
    /// would show the entry once more.
    pub(super) async fn quarantined_mail(&self, id: QuarantineId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let entry = tx.quarantine().get(id).await?;
        let queue = tx.queues().get(entry.queue).await?;
        let room = room_of(&queue)?;
        let standing = tx.projections().get(Subject::QuarantineEntry(id), &room).await?;
        let subject = Subject::QuarantineFile(id);
        let is_there = tx.projections().get(subject, &room).await?.is_some();
        drop(tx);
        if is_there {
            return self.done().await;
        }
        let below =
            |standing: Standing| Some(ThreadPlace { root: standing.root?, last: standing.event, is_reply: false });
        let Some(place) = standing.and_then(below) else { return self.done().await };
        let post = match self.uploaded(&room, &entry).await? {
            Some(media) => Post::file(raw_file(&entry, media)),
            None if entry.is_imported => Post::notice(words::quarantine::kept(&entry)),
            None => Post::text(words::quarantine::kept(&entry)),
        };
        let day = place.root.clone();
        let event = self.send_once(&room, &Some(place).into(), &post).await?;
        let mut tx = self.store.begin_quick().await?;
        let standing = Standing::unpinned(event, Some(day), None, tx.now());
        tx.projections().add(subject, &room, &standing).await?;
        self.record(tx, &room, &standing, None).await
    }

    /// The raw mail, uploaded once. `None`: the homeserver will never take it.
    async fn uploaded(&self, room: &RoomId, entry: &QuarantineRow) -> Outcome<Option<Media>> {
        if let Some(media) = &entry.media {
            return Ok(Some(Media(media.clone())));
        }
        let raw = self.store.begin().await?.mails().raw(entry.mail).await?.unwrap_or_default();
        let media = self.upload_mail(room, &file_name(entry), raw.bytes).await?;
        if let Some(media) = &media {
            let mut tx = self.store.begin_quick().await?;
            tx.quarantine().set_media(entry.id, &media.0).await?;
            tx.commit().await?;
        }
        Ok(media)
    }

    /// Brings a day's first message up to date: what of it is undecided. One that nobody has begun yet is left to its entries.
    pub(super) async fn quarantine_day(&self, queue: QueueId, day: NaiveDate) -> Outcome {
        let mut tx = self.store.begin().await?;
        let room = room_of(&tx.queues().get(queue).await?)?;
        let subject = Subject::QuarantineDay(tx.quarantine_days().get(queue, day).await?.id);
        let kinds = tx.quarantine().undecided_kinds(queue, day).await?;
        let is_begun = tx.projections().get(subject, &room).await?.is_some();
        drop(tx);
        if !is_begun {
            return self.done().await;
        }
        let post = words::quarantine::day(day, &kinds, &self.settings.prefix);
        let offers = if kinds.is_empty() { &[] } else { words::quarantine::OFFERS_A_DAY };
        self.show(&Wanted { offers, ..Wanted::of(subject, room, Some(post)) }).await
    }

    /// `None`: the homeserver will never take it.
    pub(super) async fn upload_mail(&self, room: &RoomId, name: &str, bytes: Vec<u8>) -> Outcome<Option<Media>> {
        match self.chat.upload(room, name, MIME, bytes).await {
            Ok(media) => Ok(Some(media)),
            Err(Fault::Never { .. }) => Ok(None),
            Err(later) => Err(later.into()),
        }
    }
}

/// What the mail is about, so that its file says which one it is, and a notification of it, too.
fn file_name(entry: &QuarantineRow) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let subject = entry.subject.replace(['/', '\\'], "-").replace(turns, "");
    match shorten(subject.trim(), LONGEST_NAME).as_str() {
        "" => format!("mail-{}.eml", entry.id),
        subject => words::file_name(&format!("{subject}.eml")),
    }
}

fn raw_file(entry: &QuarantineRow, media: Media) -> PostedFile {
    PostedFile { name: file_name(entry), mime: MIME.to_owned(), size: entry.size, media }
}

//! Quarantined mails, in a thread a day.

use super::difference::{Root, Wanted};
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::post::Media;
use crate::desk::post::{Marker, PostedFile, QuarantineMarker};
use crate::desk::seams::Fault;
use crate::desk::words;
use crate::domain::id::{QuarantineId, RoomId};
use crate::store::projections::Subject;
use crate::store::quarantine::QuarantineRow;

/// What a raw mail is.
pub(super) const MIME: &str = "message/rfc822";

impl Projection<'_> {
    /// Posts an entry into its day's thread, or edits it there.
    pub(super) async fn quarantine_entry(&self, id: QuarantineId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let entry = tx.quarantine().get(id).await?;
        let queue = tx.queues().get(entry.queue).await?;
        let day = tx.quarantine_days().get(entry.queue, entry.day).await?;
        drop(tx);
        let room = room_of(&queue)?;
        let file = self.raw_file(&room, &entry).await?;
        let marker = QuarantineMarker { id, reason: entry.reason.clone(), count: entry.count };
        let is_open = words::quarantine::outcome(&entry).is_none() && !entry.is_imported;
        let offers = if is_open { words::quarantine::OFFERS } else { &[] };
        let post = words::quarantine::entry(&entry, file.is_some());
        let mut post = post.marked(Marker::Quarantine(marker));
        post.file = file;
        let first = Some((day.key, words::quarantine::day(entry.day, &self.settings.prefix)));
        let below = Some(Root { subject: Subject::QuarantineDay(day.id), first });
        let subject = Subject::QuarantineEntry(id);
        let is_needed = entry.outcome.is_none();
        self.show(&Wanted {
            subject,
            room,
            below,
            post: Some(post),
            is_pinned: false,
            is_daily: false,
            is_needed,
            offers,
            about: None,
        })
        .await
    }

    /// The raw mail as a file, uploaded once. `None`: the homeserver will never take it.
    async fn raw_file(&self, room: &RoomId, entry: &QuarantineRow) -> Outcome<Option<PostedFile>> {
        let (name, size) = (format!("mail-{}.eml", entry.id), entry.size);
        let media = if let Some(media) = &entry.media {
            Some(Media(media.clone()))
        } else {
            let raw = self.store.begin().await?.mails().raw(entry.mail).await?.unwrap_or_default();
            self.upload_mail(room, &name, raw.bytes).await?
        };
        if let Some(media) = media.as_ref().filter(|_| entry.media.is_none()) {
            let mut tx = self.store.begin_quick().await?;
            tx.quarantine().set_media(entry.id, &media.0).await?;
            tx.commit().await?;
        }
        Ok(media.map(|media| PostedFile { name, mime: MIME.to_owned(), size, media }))
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

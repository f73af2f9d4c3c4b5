//! An article's file, behind it.

use super::article::body_of;
use super::difference::{Root, Telling, Wanted};
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::post::Media;
use crate::desk::post::{Post, PostedFile};
use crate::desk::seams::Fault;
use crate::desk::words::Said;
use crate::domain::id::{AttachmentId, RoomId};
use crate::store::files::FileRow;
use crate::store::projections::{Standing, Subject};

impl Projection<'_> {
    /// Posts an article's file into the thread, unless it is a picture that stands in the article's own message.
    pub(super) async fn file(&self, id: AttachmentId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let Some(file) = tx.files().find(id).await? else {
            // It was erased meanwhile.
            drop(tx);
            return self.done().await;
        };
        let article = tx.articles().get(file.article).await?;
        let ticket = tx.tickets().get(article.ticket).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let telling = Telling::of(tx.remirrors().covers(queue.id, ticket.id).await?);
        drop(tx);
        let room = room_of(&queue)?;
        let html = body_of(&article).html;
        let is_placed = file.media.as_ref().is_some_and(|media| media["url"].is_string())
            && file.content_id.as_ref().is_some_and(|id| html.is_some_and(|html| html.shows(id)));
        if is_placed && let Some(event) = article.event {
            let mut tx = self.store.begin_quick().await?;
            let standing = Standing::unpinned(event, None, None, tx.now());
            tx.projections().add(Subject::File(id), &room, &standing).await?;
            return self.end(tx).await;
        }
        let about = Some((ticket.id, Some(file.article)));
        let post = Some(self.posted(&room, file).await?);
        let below = Some(Root { subject: Subject::Card(ticket.id), first: None });
        self.show(&Wanted { below, telling, about, ..Wanted::of(Subject::File(id), room, post) }).await
    }

    /// The file, uploaded once. What the homeserver will not take is said, with the way to it; nothing is lost.
    async fn posted(&self, room: &RoomId, file: FileRow) -> Outcome<Post> {
        let size = file.kept.size;
        let media = match &file.media {
            Some(media) => Ok(Media(media.clone())),
            None => self.chat.upload(room, &file.name, &file.mime, self.store.file_bytes(&file).await?).await,
        };
        match media {
            Ok(media) => {
                let mut tx = self.store.begin_quick().await?;
                tx.files().set_media(file.id, &media.0).await?;
                tx.commit().await?;
                Ok(Post::file(PostedFile { name: file.name, mime: file.mime, size, media }))
            }
            Err(Fault::Never { why }) => {
                let what = format!("⚠ The file {} ({size} bytes) is not shown here: {why}.", file.name);
                Ok(Post::text(Said::plain(format!("{what} It is kept in the record."))))
            }
            Err(later) => Err(later.into()),
        }
    }
}

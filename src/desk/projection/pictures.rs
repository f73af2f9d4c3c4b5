//! Pictures in the place where a mail shows them.

use serde_json::{Value, json};

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::seams::Fault;
use crate::domain::id::{ArticleId, RoomId};
use crate::domain::said::{MailBody, Picture, Said};

impl Projection<'_> {
    /// Puts an article's pictures into the places where its HTML shows them. They are uploaded for it once, and the same
    /// picture in a later mail of the ticket, such as a company's mark, not again.
    pub(super) async fn illustrate(&self, room: &RoomId, article: ArticleId, said: &mut Said) -> Outcome {
        for body in said.mails_mut() {
            self.place_pictures(room, article, body).await?;
        }
        Ok(())
    }

    async fn place_pictures(&self, room: &RoomId, article: ArticleId, body: &mut MailBody) -> Outcome {
        let Some(html) = body.html.as_ref().filter(|html| html.shows_pictures()) else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        let pictures = tx.files().pictures(article).await?;
        drop(tx);
        for picture in pictures.into_iter().filter(|picture| html.shows(&picture.content_id)) {
            let mut tx = self.store.begin().await?;
            let file = tx.files().get(picture.id).await?;
            drop(tx);
            let media = if let Some(media) = &file.media {
                media.clone()
            } else {
                let bytes = self.store.file_bytes(&file).await?;
                let size = pixels(&bytes);
                match self.chat.upload(room, &file.name, &file.mime, bytes).await {
                    Ok(media) => with_size(media.0, size),
                    // Its words stand in its place, and the file is told of by its own job.
                    Err(Fault::Never { .. }) => continue,
                    Err(later) => return Err(later.into()),
                }
            };
            let mut tx = self.store.begin_quick().await?;
            tx.files().set_media(picture.id, &media).await?;
            tx.commit().await?;
            // An encrypted file has no address that could stand in HTML: it follows as a file.
            if let Some(url) = media["url"].as_str() {
                let picture_there = Picture { url: url.to_owned(), size: size_in(&media) };
                body.pictures.insert(picture.content_id, picture_there);
            }
        }
        Ok(())
    }
}

/// What is kept of an upload also says how large the picture is, so that nobody has to read it again.
fn with_size(mut media: Value, size: Option<(u32, u32)>) -> Value {
    if let (Some(kept), Some((width, height))) = (media.as_object_mut(), size) {
        kept.insert("pixels".to_owned(), json!([width, height]));
    }
    media
}

fn size_in(media: &Value) -> Option<(u32, u32)> {
    let side = |n: usize| u32::try_from(media["pixels"][n].as_u64()?).ok();
    Some((side(0)?, side(1)?))
}

/// A picture's width and height, as the beginning of its bytes says.
fn pixels(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
}

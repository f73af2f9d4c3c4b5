//! Pictures in the place where a mail shows them.

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::seams::Fault;
use crate::domain::id::{ArticleId, RoomId};
use crate::domain::said::{MailBody, Said};

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
            let media = match &file.media {
                Some(media) => media.clone(),
                None => match self.chat.upload(room, &file.name, &file.mime, self.store.file_bytes(&file).await?).await
                {
                    Ok(media) => media.0,
                    // Its words stand in its place, and the file is told of by its own job.
                    Err(Fault::Never { .. }) => continue,
                    Err(later) => return Err(later.into()),
                },
            };
            let mut tx = self.store.begin_quick().await?;
            tx.files().set_media(picture.id, &media).await?;
            tx.commit().await?;
            // An encrypted file has no address that could stand in HTML: it follows as a file.
            if let Some(url) = media["url"].as_str() {
                body.pictures.insert(picture.content_id, url.to_owned());
            }
        }
        Ok(())
    }
}

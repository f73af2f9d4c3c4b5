//! Pictures in the place where a mail shows them.

use std::collections::HashMap;

use super::Outcome;
use crate::desk::Desk;
use crate::desk::pictures::place_images;
use crate::desk::seams::{Chat, Fault};
use crate::domain::id::{ArticleId, RoomId};

impl Desk {
    /// HTML that shows an article, with the article's pictures in their places. They are uploaded for it once, and the same
    /// picture in a later mail of the ticket, such as a company's mark, not again.
    pub(super) async fn illustrated(
        &self,
        chat: &dyn Chat,
        room: &RoomId,
        article: ArticleId,
        html: Option<String>,
    ) -> Outcome<Option<String>> {
        let html = match html {
            Some(html) if html.contains("src=\"cid:") => html,
            plain => return Ok(plain),
        };
        let mut tx = self.store.begin().await?;
        let pictures = tx.files().pictures(article).await?;
        drop(tx);
        let mut places = HashMap::new();
        for picture in pictures.into_iter().filter(|picture| shows(&html, &picture.content_id)) {
            let mut tx = self.store.begin().await?;
            let file = tx.files().get(picture.id).await?;
            drop(tx);
            let media = match file.media {
                Some(media) => media,
                None => match chat.upload(room, &file.name, &file.mime, file.bytes).await {
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
                places.insert(picture.content_id, url.to_owned());
            }
        }
        Ok(Some(place_images(&html, |id| places.get(id).cloned())))
    }
}

/// Whether an article's HTML has that picture in it.
pub(super) fn shows(html: &str, content_id: &str) -> bool {
    html.contains(&format!("src=\"cid:{content_id}\""))
}

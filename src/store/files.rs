//! Files of articles.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Result, Tx};
use crate::domain::id::{AgentId, ArticleId, AttachmentId, TicketId};

/// A file as it is posted.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// Its row.
    pub id: AttachmentId,
    /// Its article.
    pub article: ArticleId,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its Content-ID, if the mail's HTML can show it in place.
    pub content_id: Option<String>,
    /// Where the homeserver keeps it, once uploaded; also if it was with another mail of the ticket.
    pub media: Option<Value>,
}

/// A picture that a mail's HTML may show in place.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its row.
    pub id: AttachmentId,
    /// Its Content-ID.
    pub content_id: String,
}

/// A file that an article has, for comparing.
#[derive(Clone, Debug)]
pub struct KnownFile {
    /// Its place in the article, from 1.
    pub position: usize,
    name: String,
    mime: String,
    digest: Vec<u8>,
}

impl KnownFile {
    /// Whether it is that one.
    #[must_use]
    pub fn is_same(&self, name: &str, mime: &str, bytes: &[u8]) -> bool {
        self.name == name && self.mime == mime && self.digest == Sha256::digest(bytes).as_slice()
    }
}

/// A file without its place.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its name, cleaned.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Files of articles.
pub struct Files<'t>(pub(super) &'t mut Tx);

impl Files<'_> {
    /// The files of an article, in their order.
    pub async fn of(&mut self, article: ArticleId) -> Result<Vec<Kept>> {
        Ok(sqlx::query_as!(
            Kept,
            "select name, mime, bytes from attachment where article_id = $1 order by position",
            article.0
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// The files that an agent put into a ticket's thread, newest first.
    pub async fn newest(&mut self, ticket: TicketId, agent: AgentId, most: i64) -> Result<Vec<Kept>> {
        Ok(sqlx::query_as!(
            Kept,
            "select name, mime, bytes from attachment join article using (article_id)
             where ticket_id = $1 and agent_id = $2 and kind = 'note' and cancelled_at is null
             order by seq desc, position desc limit $3",
            ticket.0,
            agent.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// The files of an article, for comparing.
    pub async fn known_in(&mut self, article: ArticleId) -> Result<Vec<KnownFile>> {
        let rows = sqlx::query!(
            r#"select position, name, mime, digest as "digest!" from attachment where article_id = $1"#,
            article.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let file = rows.into_iter().map(|row| KnownFile {
            position: usize::try_from(row.position).unwrap_or_default(),
            name: row.name,
            mime: row.mime,
            digest: row.digest,
        });
        Ok(file.collect())
    }

    /// Writes a file of an article.
    pub async fn add(
        &mut self,
        article: ArticleId,
        position: usize,
        name: &str,
        mime: &str,
        content_id: Option<&str>,
        bytes: &[u8],
    ) -> Result<AttachmentId> {
        let file = sqlx::query_scalar!(
            "insert into attachment (article_id, position, name, mime, content_id, bytes) values ($1, $2, $3, $4, $5, $6)
             returning attachment_id",
            article.0,
            i32::try_from(position).unwrap_or(i32::MAX),
            name,
            mime,
            content_id,
            bytes,
        )
        .fetch_one(self.0.connection())
        .await?;
        self.0.searches().put_again(article).await?;
        Ok(AttachmentId(file))
    }

    /// A file.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn get(&mut self, file: AttachmentId) -> Result<FileRow> {
        let row = sqlx::query!(
            r#"select article_id, name, mime, bytes, content_id, coalesce(media, (
                    select other.media from attachment as other join article as its using (article_id)
                    where its.ticket_id = article.ticket_id and other.media is not null
                      and other.digest = attachment.digest limit 1)) as media
               from attachment join article using (article_id) where attachment_id = $1"#,
            file.0
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(FileRow {
            id: file,
            article: ArticleId(row.article_id),
            name: row.name,
            mime: row.mime,
            bytes: row.bytes,
            content_id: row.content_id,
            media: row.media,
        })
    }

    /// The pictures of an article that have a Content-ID.
    pub async fn pictures(&mut self, article: ArticleId) -> Result<Vec<Picture>> {
        let rows = sqlx::query!(
            r#"select attachment_id, content_id as "content_id!" from attachment
               where article_id = $1 and content_id is not null and mime like 'image/%' order by position"#,
            article.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let picture = |id: i64, content_id| Picture { id: AttachmentId(id), content_id };
        Ok(rows.into_iter().map(|row| picture(row.attachment_id, row.content_id)).collect())
    }

    /// Records where the homeserver keeps a file: an upload is not idempotent, so this comes before
    /// the event that shows it (R21).
    pub async fn set_media(&mut self, file: AttachmentId, media: &Value) -> Result<()> {
        sqlx::query!("update attachment set media = $2 where attachment_id = $1", file.0, media)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}

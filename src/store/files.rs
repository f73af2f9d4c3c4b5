//! Files of articles.

use serde_json::Value;

use super::blobs::Kept;
use super::fetched_files::kept;
use super::mails::digest_of;
use super::{Result, Store, StoreError, Tx};
use crate::domain::blob::Digest;
use crate::domain::id::{AgentId, ArticleId, AttachmentId, MailId, TicketId};
use crate::domain::transfer::{Encoding, Place};

/// A file to be written. If it stands in no mail, its bytes are kept already.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// Its name, cleaned.
    pub name: &'a str,
    /// Its media type.
    pub mime: &'a str,
    /// Its Content-ID, if the mail's HTML can show it in place.
    pub content_id: Option<&'a str>,
    /// What it is known by.
    pub kept: Kept,
    /// The mail that it stands in, and where.
    pub place: Option<(MailId, Place)>,
}

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
    /// What it is known by.
    pub kept: Kept,
    /// The mail that it stands in, and where.
    place: Option<(MailId, Place)>,
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
    pub fn is_same(&self, name: &str, mime: &str, digest: Digest) -> bool {
        self.name == name && self.mime == mime && self.digest == digest.bytes()
    }
}

/// A file that an agent sent, without its place.
#[derive(Clone, Debug)]
pub struct AgentFile {
    /// Its name, cleaned.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub kept: Kept,
}

impl AgentFile {
    /// The file as an article's.
    #[must_use]
    pub fn as_new(&self) -> NewFile<'_> {
        NewFile { name: &self.name, mime: &self.mime, content_id: None, kept: self.kept, place: None }
    }
}

/// Files of articles.
pub struct Files<'t>(pub(super) &'t mut Tx);

impl Files<'_> {
    /// The files of an answer, in their order.
    pub async fn of(&mut self, answer: ArticleId) -> Result<Vec<AgentFile>> {
        let rows = sqlx::query!(
            "select name, mime, digest, size from attachment where article_id = $1 and mail_id is null order by position",
            answer.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let file = |name, mime, digest: &[u8], size| {
            Ok(AgentFile { name, mime, kept: kept("attachment", &answer, digest, size)? })
        };
        rows.into_iter().map(|row| file(row.name, row.mime, &row.digest, row.size)).collect()
    }

    /// The files that an agent put into a ticket's thread, newest first.
    pub async fn newest(&mut self, ticket: TicketId, agent: AgentId, most: i64) -> Result<Vec<AgentFile>> {
        let rows = sqlx::query!(
            "select name, mime, digest, size from attachment join article using (article_id)
             where ticket_id = $1 and agent_id = $2 and kind = 'note' and cancelled_at is null
             order by seq desc, position desc limit $3",
            ticket.0,
            agent.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let file = |name, mime, digest: &[u8], size| {
            Ok(AgentFile { name, mime, kept: kept("attachment", &ticket, digest, size)? })
        };
        rows.into_iter().map(|row| file(row.name, row.mime, &row.digest, row.size)).collect()
    }

    /// The files of an article, for comparing.
    pub async fn known_in(&mut self, article: ArticleId) -> Result<Vec<KnownFile>> {
        let rows = sqlx::query!("select position, name, mime, digest from attachment where article_id = $1", article.0)
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
    ///
    /// # Errors
    /// A foreign key if it stands in no mail and its bytes are not kept.
    pub async fn add(&mut self, article: ArticleId, position: usize, new: &NewFile<'_>) -> Result<AttachmentId> {
        let (mail, place) = new.place.unzip();
        let file = sqlx::query_scalar!(
            "insert into attachment (article_id, position, name, mime, content_id, digest, size, mail_id, place, length, encoding)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning attachment_id",
            article.0,
            i32::try_from(position).unwrap_or(i32::MAX),
            new.name,
            new.mime,
            new.content_id,
            new.kept.digest.bytes(),
            as_stored(new.kept.size),
            mail.map(|mail| mail.0),
            place.map(|place| as_stored(place.at)),
            place.map(|place| as_stored(place.length)),
            place.map(|place| place.encoding.name()),
        )
        .fetch_one(self.0.connection())
        .await?;
        self.0.searches().put_again(article).await?;
        Ok(AttachmentId(file))
    }

    /// A file, unless it was erased.
    pub async fn find(&mut self, file: AttachmentId) -> Result<Option<FileRow>> {
        let is_there = sqlx::query_scalar!(
            r#"select exists (select from attachment where attachment_id = $1) as "is_there!""#,
            file.0
        );
        if !is_there.fetch_one(self.0.connection()).await? {
            return Ok(None);
        }
        Ok(Some(self.get(file).await?))
    }

    /// A file. Its bytes are another question: [`Store::file_bytes`].
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn get(&mut self, file: AttachmentId) -> Result<FileRow> {
        let row = sqlx::query!(
            r#"select article_id, name, mime, digest, size, content_id, attachment.mail_id, place, length, encoding,
                    coalesce(media, (
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
            kept: kept("attachment", &file, &row.digest, row.size)?,
            place: row
                .mail_id
                .map(|mail| {
                    let place = place(row.place, row.length, row.encoding.as_deref());
                    Ok::<_, StoreError>((MailId(mail), place.ok_or_else(|| unsound(file, "its place in the mail"))?))
                })
                .transpose()?,
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

impl Store {
    /// The bytes of a file: cut out of the raw mail that it came in, or what is kept by its digest. Of a large mail no more is read than
    /// that.
    ///
    /// # Errors
    /// [`StoreError::Unsound`] if they are not what they were.
    pub async fn file_bytes(&self, file: &FileRow) -> Result<Vec<u8>> {
        let Some((mail, place)) = file.place else {
            return Ok(self.blobs().get(file.kept.digest).await?.into_bytes());
        };
        let row = sqlx::query!(
            r#"select substring(coalesce(raw, bytes) from $2 for $3) as text, digest
               from mail_in left join blob using (digest) where mail_id = $1"#,
            mail.0,
            i32::try_from(place.at + 1).unwrap_or(i32::MAX),
            i32::try_from(place.length).unwrap_or(i32::MAX),
        )
        .fetch_one(self.pool())
        .await?;
        let text = if let Some(text) = row.text {
            text
        } else {
            let digest = digest_of(mail, row.digest.as_deref())?;
            self.blobs().away(digest, Some(place.at..place.at + place.length)).await?
        };
        decoded(file, place, text).await
    }
}

/// The bytes of a file as they stand in its mail, decoded and checked.
async fn decoded(file: &FileRow, place: Place, text: Vec<u8>) -> Result<Vec<u8>> {
    let digest = file.kept.digest;
    let decoding =
        tokio::task::spawn_blocking(move || place.encoding.decode(text).filter(|bytes| Digest::of(bytes) == digest));
    decoding.await.ok().flatten().ok_or_else(|| unsound(file.id, "it does not stand in its mail as it did"))
}

fn place(at: Option<i64>, length: Option<i64>, encoding: Option<&str>) -> Option<Place> {
    Some(Place {
        at: u64::try_from(at?).ok()?,
        length: u64::try_from(length?).ok()?,
        encoding: Encoding::named(encoding?)?,
    })
}

fn as_stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn unsound(file: AttachmentId, what: &str) -> StoreError {
    StoreError::Unsound { table: "attachment", row: file.to_string(), what: what.to_owned() }
}

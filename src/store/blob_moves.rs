//! Bytes are moved between PostgreSQL and the object store, while the desk runs.
//!
//! Each is there before it goes here, by a statement of its own; whoever reads in between looks twice (see [`Blobs::get`]). What is given up
//! in the object store is deleted an hour later, so that nobody misses it who saw it there.
//!
//! [`Blobs::get`]: super::blobs::Blobs::get

use chrono::TimeDelta;

use super::{Result, Store};
use crate::domain::blob::Digest;
use crate::domain::id::MailId;

/// A mail of so many bytes or more is kept in the object store, too, once there is one; smaller ones would cost more there than they take here.
pub const LARGE: usize = 64 << 10;
/// How long what was given up stays there.
const STAYS: TimeDelta = TimeDelta::hours(1);

/// How much is where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// Blobs in PostgreSQL.
    pub here: i64,
    /// Their bytes.
    pub here_bytes: i64,
    /// Blobs in the object store.
    pub away: i64,
    /// Their bytes.
    pub away_bytes: i64,
    /// Objects that are to be deleted.
    pub gone: i64,
}

impl Store {
    /// How much is where. Reads all rows.
    pub async fn whereabouts(&self) -> Result<Whereabouts> {
        Ok(sqlx::query_as!(
            Whereabouts,
            r#"select count(*) filter (where not is_away) as "here!", coalesce(sum(coalesce(size, length(bytes))) filter (where not is_away), 0)::bigint as "here_bytes!",
                      count(*) filter (where is_away) as "away!", coalesce(sum(coalesce(size, length(bytes))) filter (where is_away), 0)::bigint as "away_bytes!",
                      (select count(*) from blob_gone) as "gone!"
               from blob"#
        )
        .fetch_one(self.pool())
        .await?)
    }

    /// The next blobs that are in PostgreSQL.
    pub async fn blobs_here(&self, after: Option<Digest>, most: i64) -> Result<Vec<Digest>> {
        let after = after.map(|digest| digest.bytes().to_vec()).unwrap_or_default();
        let rows = sqlx::query_scalar!(
            "select digest from blob where not is_away and digest > $1 order by digest limit $2",
            after,
            most
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows.iter().filter_map(|digest| Digest::read(digest)).collect())
    }

    /// The next blobs that are in the object store.
    pub async fn blobs_away(&self, after: Option<Digest>, most: i64) -> Result<Vec<Digest>> {
        let after = after.map(|digest| digest.bytes().to_vec()).unwrap_or_default();
        let rows = sqlx::query_scalar!(
            "select digest from blob where is_away and digest > $1 order by digest limit $2",
            after,
            most
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows.iter().filter_map(|digest| Digest::read(digest)).collect())
    }

    /// The next large mails whose bytes stand in their rows, and the last mail that was looked at; `None`: that was the last of all.
    pub async fn large_mails_here(&self, after: MailId, most: i64) -> Result<(Vec<MailId>, Option<MailId>)> {
        let rows = sqlx::query!(
            r#"select mail_id, coalesce(octet_length(raw) >= $3 and erased_at is null, false) as "large!"
               from mail_in where mail_id > $1 order by mail_id limit $2"#,
            after.0,
            most,
            i32::try_from(LARGE).unwrap_or(i32::MAX),
        )
        .fetch_all(self.pool())
        .await?;
        let last = rows.last().map(|row| MailId(row.mail_id));
        Ok((rows.iter().filter(|row| row.large).map(|row| MailId(row.mail_id)).collect(), last))
    }

    /// Moves a blob into the object store.
    ///
    /// # Errors
    /// [`StoreError::Objects`](super::StoreError::Objects), or if there is none; then it stays where it is.
    pub async fn move_away(&self, digest: Digest) -> Result<()> {
        let objects = self.blobs().objects().ok_or(super::StoreError::Lost("the object store"))?;
        let bytes = self.blobs().get(digest).await?;
        sqlx::query!("delete from blob_gone where digest = $1", digest.bytes()).execute(self.pool()).await?;
        objects.put(digest, bytes.as_ref()).await?;
        sqlx::query!(
            "update blob set size = length(bytes), bytes = null, is_away = true where digest = $1 and not is_away",
            digest.bytes()
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Moves a blob into PostgreSQL.
    ///
    /// # Errors
    /// [`StoreError::Objects`](super::StoreError::Objects), or if there is none; then it stays where it is.
    pub async fn move_here(&self, digest: Digest) -> Result<()> {
        let bytes = self.blobs().get(digest).await?;
        let now = self.now();
        sqlx::query!(
            "with moved as (update blob set bytes = $2, is_away = false where digest = $1 and is_away returning digest)
             insert into blob_gone (digest, gone_at) select digest, $3 from moved
             on conflict (digest) do update set gone_at = excluded.gone_at",
            digest.bytes(),
            bytes.as_ref(),
            now,
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Lets a mail's bytes be a blob. Where its files stand in them stays so.
    pub async fn make_blob(&self, mail: MailId) -> Result<()> {
        let raw =
            sqlx::query_scalar!("select raw from mail_in where mail_id = $1", mail.0).fetch_one(self.pool()).await?;
        let Some(raw) = raw else { return Ok(()) };
        let kept = self.blobs().keep(raw).await?;
        let mut tx = self.begin().await?;
        let done = sqlx::query!(
            "update mail_in set raw = null, digest = $2 where mail_id = $1 and raw is not null and erased_at is null",
            mail.0,
            kept.digest.bytes(),
        )
        .execute(tx.connection())
        .await?;
        if done.rows_affected() == 0 {
            // It was erased meanwhile, and nothing of it may stay.
            tx.erased_articles().drop_blobs(&[kept.digest.bytes().to_vec()]).await?;
        }
        tx.commit().await
    }

    /// Deletes objects that were given up an hour ago, at most so many; returns how many.
    ///
    /// # Errors
    /// [`StoreError::Objects`](super::StoreError::Objects); then the rest is still to be done.
    pub async fn delete_gone_objects(&self, most: i64) -> Result<usize> {
        let Some(objects) = self.blobs().objects() else { return Ok(0) };
        let before = self.now() - STAYS;
        let gone = sqlx::query_scalar!(
            "select digest from blob_gone where gone_at < $1 order by gone_at limit $2",
            before,
            most
        )
        .fetch_all(self.pool())
        .await?;
        let mut deleted = 0;
        for digest in gone.iter().filter_map(|digest| Digest::read(digest)) {
            // Whoever brings the same bytes at this moment waits for this row, and then puts them again.
            let mut tx = self.begin().await?;
            let is_gone = sqlx::query_scalar!(
                r#"with gone as (delete from blob_gone where digest = $1 returning digest)
                   select count(*) = 1 and not exists (select from blob where digest = $1 and is_away) as "gone!" from gone"#,
                digest.bytes(),
            )
            .fetch_one(tx.connection())
            .await?;
            if is_gone {
                objects.delete(digest).await?;
                deleted += 1;
            }
            tx.commit().await?;
        }
        Ok(deleted)
    }
}

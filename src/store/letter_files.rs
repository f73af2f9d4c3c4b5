//! Files of letters: each is kept once, and put into a letter's bytes when it is sent.

use super::letter_rows::unsound;
use super::letters::Letters;
use super::{Result, Store};
use crate::domain::article::Sealed;
use crate::domain::blob::{Blob, Digest};
use crate::domain::id::{AttachmentId, LetterId};
use crate::domain::printed::Printed;

impl Letters<'_> {
    /// Notes which files are put in where, and which of them are those of articles.
    pub(super) async fn add_files(
        &mut self,
        letter: LetterId,
        mail: &Printed<Digest>,
        sources: &[(Digest, AttachmentId)],
    ) -> Result<()> {
        for (place, digest) in mail.files() {
            let source = sources.iter().find(|(of, _)| of == digest).map(|(_, file)| file.0);
            sqlx::query!(
                "insert into letter_file (letter_id, place, digest, attachment_id) values ($1, $2, $3, $4)",
                letter.0,
                i32::try_from(*place).unwrap_or(i32::MAX),
                digest.bytes(),
                source,
            )
            .execute(self.0.connection())
            .await?;
        }
        Ok(())
    }

    /// Forgets them, for other bytes.
    pub(super) async fn forget_files(&mut self, letter: LetterId) -> Result<()> {
        sqlx::query!("delete from letter_file where letter_id = $1", letter.0).execute(self.0.connection()).await?;
        Ok(())
    }

    /// A letter's bytes, and which files are put in where.
    pub(super) async fn with_files(&mut self, letter: LetterId, text: Vec<u8>) -> Result<Printed<Digest>> {
        let rows = sqlx::query!("select place, digest from letter_file where letter_id = $1 order by place", letter.0)
            .fetch_all(self.0.connection())
            .await?;
        let file = |place: i32, digest: &[u8]| Some((usize::try_from(place).ok()?, Digest::read(digest)?));
        let files: Option<Vec<_>> = rows.iter().map(|row| file(row.place, &row.digest)).collect();
        files.and_then(|files| Printed::new(text, files)).ok_or_else(|| unsound(letter, "its files"))
    }
}

impl Store {
    /// A letter with its files, as it is sent. What it has of an article stands there, mostly in a raw mail, and is cut out here, by
    /// whoever sends it: no command waits for that.
    pub async fn filled(&self, letter: LetterId, mail: &Sealed<Digest>) -> Result<Sealed<Blob>> {
        let rows = sqlx::query!(
            r#"select digest, attachment_id as "file!" from letter_file where letter_id = $1 and attachment_id is not null"#,
            letter.0,
        )
        .fetch_all(self.pool())
        .await?;
        let mut files = Vec::with_capacity(mail.mail.files().len());
        for (_, digest) in mail.mail.files() {
            let source = rows.iter().find(|row| row.digest == digest.bytes()).map(|row| AttachmentId(row.file));
            files.push(match source {
                Some(file) => {
                    let file = self.begin().await?.files().get(file).await?;
                    Blob::from(self.file_bytes(&file).await?)
                }
                None => self.blobs().get(*digest).await?,
            });
        }
        Ok(mail.with_files(files))
    }
}

//! Files of letters: each is kept once, and put into a letter's bytes when it is sent.

use super::Result;
use super::letter_rows::unsound;
use super::letters::Letters;
use crate::domain::blob::Digest;
use crate::domain::id::LetterId;
use crate::domain::printed::Printed;

impl Letters<'_> {
    /// Notes which files are put in where.
    pub(super) async fn add_files(&mut self, letter: LetterId, mail: &Printed<Digest>) -> Result<()> {
        for (place, digest) in mail.files() {
            sqlx::query!(
                "insert into letter_file (letter_id, place, digest) values ($1, $2, $3)",
                letter.0,
                i32::try_from(*place).unwrap_or(i32::MAX),
                digest.bytes(),
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

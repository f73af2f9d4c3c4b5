//! How much automatic mail there was, so that no loop and no flood makes the desk a source of mail.
//!
//! The caps stand in PostgreSQL, so that instances share them and a restart keeps them (R54).

use chrono::{DurationRound, TimeDelta};

use super::{Result, Tx};
use crate::domain::id::EmailAddress;

const HOUR: TimeDelta = TimeDelta::hours(1);

/// How much automatic mail there was.
pub struct AutomaticMails<'t>(pub(super) &'t mut Tx);

impl AutomaticMails<'_> {
    /// Whether the desk wrote so many automatic mails, or more, within the last hour.
    ///
    /// It counts what is committed and takes no lock: so new tickets don't wait for each other, and a
    /// few mails may be written beyond the share, at most one for each mail that is being read at that
    /// moment.
    pub async fn has_reached(&mut self, most: u16) -> Result<bool> {
        let now = self.0.now();
        Ok(sqlx::query_scalar!(
            r#"select count(*) >= $1 as "enough!" from (
                   select from letter where automatic and created_at > $2 limit $1) as lately"#,
            i64::from(most),
            now - HOUR,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Records that automatic mail is withheld in this hour of the clock, and says whether that begins
    /// now: whether nobody else did so in this hour, nor in the one before. Once the hour has its row
    /// it is only read.
    pub async fn begins_pause(&mut self) -> Result<bool> {
        let now = self.0.now();
        Ok(sqlx::query_scalar!(
            r#"with now_and_before as (
                   select hour from automatic_pause where hour >= $1::timestamptz - interval '1 hour'),
               added as (
                   insert into automatic_pause (hour) select $1::timestamptz
                   where not exists (select from now_and_before where hour = $1::timestamptz)
                   on conflict do nothing returning hour)
               select exists (select from added) and not exists (select from now_and_before) as "begins!""#,
            now.duration_trunc(HOUR).unwrap_or(now),
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Counts one more automatic mail to an address on the UTC day, unless it has had `most`.
    pub async fn count_one(&mut self, address: &EmailAddress, most: i32) -> Result<bool> {
        let now = self.0.now();
        let done = sqlx::query!(
            "insert into automatic_mail (address_key, day, sent) values ($1, $3, 1)
             on conflict (address_key, day) do update set sent = automatic_mail.sent + 1 where automatic_mail.sent < $2",
            address.mailbox_key(),
            most,
            now.date_naive(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

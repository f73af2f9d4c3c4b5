//! Who is erased, and how far that has come.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx};
use crate::domain::id::{CustomerId, EmailAddress, ErasureId, LetterId, MailId};

/// How far an erasing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Their tickets.
    Tickets,
    /// What they wrote and got in others' tickets.
    Elsewhere,
    /// Mails that became no article.
    Mails,
    /// What agents wrote in rooms.
    Events,
    /// Counts, blocks, jobs that were given up.
    Rest,
    /// Matrix.
    Rooms,
    /// All is gone.
    Done,
}

impl Step {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Tickets, "tickets"),
        (Self::Elsewhere, "elsewhere"),
        (Self::Mails, "mails"),
        (Self::Events, "events"),
        (Self::Rest, "rest"),
        (Self::Rooms, "rooms"),
        (Self::Done, "done"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(step, _)| *step == self).map_or("", |(_, name)| name)
    }
}

/// Somebody's erasing.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Its row.
    pub id: ErasureId,
    /// Their row, which bears another address now.
    pub customer: CustomerId,
    /// The address that is looked for; `None`: all is gone.
    pub address: Option<EmailAddress>,
    /// The name that they had; may be empty.
    pub name: String,
    /// What is gone through.
    pub step: Step,
    /// The last row of it that is done.
    pub place: i64,
    /// When it was asked for.
    pub since: DateTime<Utc>,
    /// The last row of what people wrote in rooms then.
    pub last_event: i64,
    /// The last letter then: later ones may be to the same person, who has come back.
    pub last_letter: LetterId,
    /// The last mail then.
    pub last_mail: MailId,
}

impl Erasure {
    /// The address that stands in theirs' place.
    ///
    /// # Panics
    /// Never: it is one.
    #[must_use]
    pub fn stand_in(&self) -> EmailAddress {
        stand_in(self.id)
    }
}

fn stand_in(id: ErasureId) -> EmailAddress {
    EmailAddress::parse(&format!("erased-{id}@erased.invalid")).expect("an address")
}

/// An event of a read room, as it was stored.
#[derive(Clone, Debug)]
pub struct ReadBody {
    /// Its row.
    pub row: i64,
    /// The event.
    pub event: String,
    /// Its JSON.
    pub body: String,
}

/// Who is erased.
pub struct Erasures<'t>(pub(super) &'t mut Tx);

impl Erasures<'_> {
    /// The erasing of that address that is under way.
    pub async fn of(&mut self, address: &EmailAddress) -> Result<Option<ErasureId>> {
        let id = sqlx::query_scalar!(
            "select erasure_id from erasure where address is not null and lower(address) = $1",
            address.key()
        );
        Ok(id.fetch_optional(self.0.connection()).await?.map(ErasureId))
    }

    /// Begins one. From here on a mail from that address is a new customer's.
    pub async fn begin(&mut self, address: &EmailAddress) -> Result<ErasureId> {
        let customer = self.0.customers().at(address, "").await?;
        let now = self.0.now();
        let id = sqlx::query_scalar!(
            "insert into erasure (customer_id, address, name, since, last_event, last_letter, last_mail)
             select $1, $2, $3, $4, (select coalesce(max(event_row_id), 0) from event_in),
                    (select coalesce(max(letter_id), 0) from letter), (select coalesce(max(mail_id), 0) from mail_in)
             returning erasure_id",
            customer.id.0,
            address.as_str(),
            customer.name,
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        let stand_in = stand_in(ErasureId(id));
        sqlx::query!(
            "update customer set address = $2, name = '' where customer_id = $1",
            customer.id.0,
            stand_in.as_str()
        )
        .execute(self.0.connection())
        .await?;
        Ok(ErasureId(id))
    }

    /// One, held until the end of this transaction: whoever else goes on with it waits.
    pub async fn lock(&mut self, id: ErasureId) -> Result<Erasure> {
        let row = sqlx::query!(
            "select customer_id, address, name, step, place, since, last_event, last_letter, last_mail from erasure where erasure_id = $1 for no key update",
            id.0
        )
        .fetch_one(self.0.connection())
        .await?;
        let step = Step::ALL.iter().find(|(_, name)| *name == row.step).map(|(step, _)| *step);
        Ok(Erasure {
            id,
            customer: CustomerId(row.customer_id),
            address: row.address.as_deref().and_then(EmailAddress::parse),
            name: row.name.unwrap_or_default(),
            step: step.ok_or_else(|| StoreError::Unsound {
                table: "erasure",
                row: id.to_string(),
                what: format!("the step {}", row.step),
            })?,
            place: row.place,
            since: row.since,
            last_event: row.last_event,
            last_letter: LetterId(row.last_letter),
            last_mail: MailId(row.last_mail),
        })
    }

    /// Notes how far it has come.
    pub async fn set(&mut self, id: ErasureId, step: Step, place: i64) -> Result<()> {
        sqlx::query!("update erasure set step = $2, place = $3 where erasure_id = $1", id.0, step.name(), place)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// So many rooms are still to be gone through.
    pub async fn set_rooms(&mut self, id: ErasureId, rooms: usize) -> Result<()> {
        let rooms = i32::try_from(rooms).unwrap_or(i32::MAX);
        sqlx::query!(
            "update erasure set step = 'rooms', place = 0, rooms_left = $2 where erasure_id = $1",
            id.0,
            rooms
        )
        .execute(self.0.connection())
        .await?;
        self.end_without_rooms(id).await
    }

    /// A room is done. With the last one, the address goes, too.
    pub async fn room_is_done(&mut self, id: ErasureId) -> Result<()> {
        sqlx::query!(
            "update erasure set rooms_left = rooms_left - 1 where erasure_id = $1 and step = 'rooms' and rooms_left > 0",
            id.0
        )
        .execute(self.0.connection())
        .await?;
        self.end_without_rooms(id).await
    }

    async fn end_without_rooms(&mut self, id: ErasureId) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "update erasure set step = 'done', done_at = $2, address = null, name = null
             where erasure_id = $1 and step = 'rooms' and rooms_left = 0",
            id.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// How many rooms the desk has still to go through.
    pub async fn rooms_left(&mut self, id: ErasureId) -> Result<i32> {
        let left = sqlx::query_scalar!("select rooms_left from erasure where erasure_id = $1", id.0);
        Ok(left.fetch_one(self.0.connection()).await?)
    }

    /// A page of the mails from an address that became no article of anybody else, and of those behind quarantine entries of theirs.
    pub async fn mails_of(&mut self, of: &Erasure, address: &EmailAddress, most: i64) -> Result<Vec<MailId>> {
        let mails = sqlx::query_scalar!(
            r#"select mail_id as "mail_id!" from (
                   select mail_id from mail_in where lower(envelope_from) = $1
                   union select mail_in.mail_id from quarantine join mail_in using (quarantine_id) where lower(sender) = $1) as theirs
               join mail_in using (mail_id)
               where erased_at is null and fate <> 'waiting' and mail_id <= $4 and (
                   select count(*) from article where article.mail_id = theirs.mail_id and customer_id is distinct from $2) = 0
               limit $3"#,
            address.key(),
            of.customer.0,
            most,
            of.last_mail.0,
        );
        Ok(mails.fetch_all(self.0.connection()).await?.into_iter().map(MailId).collect())
    }

    /// A page of what people did in rooms, as it was stored.
    pub async fn bodies(&mut self, after: i64, last: i64, most: i64) -> Result<Vec<ReadBody>> {
        Ok(sqlx::query_as!(
            ReadBody,
            "select event_row_id as row, event_id as event, body from event_in 
             where event_row_id > $1 and event_row_id <= $3 order by event_row_id limit $2",
            after,
            most,
            last,
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// Empties what was stored of events.
    pub async fn empty_events(&mut self, events: &[String]) -> Result<()> {
        sqlx::query!("update event_in set body = '{}' where event_id = any($1)", events)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// Which of these events belong to a ticket, an article or a quarantine entry whose content is erased.
    pub async fn erased_among(&mut self, events: &[String]) -> Result<HashSet<String>> {
        let found = sqlx::query_scalar!(
            r#"select event_ref.event_id as "event!" from event_ref join ticket using (ticket_id)
                    left join article using (article_id)
               where event_ref.event_id = any($1) and (ticket.erased_at is not null or article.erased_at is not null)
               union all
               select event_id from projection join quarantine on quarantine_id = subject_id
               where event_id = any($1) and purpose in ('quarantine entry', 'quarantine file') and reason = 'erased'"#,
            events,
        );
        Ok(found.fetch_all(self.0.connection()).await?.into_iter().collect())
    }

    /// The numbers of somebody's tickets.
    pub async fn numbers(&mut self, customer: CustomerId) -> Result<Vec<String>> {
        let numbers = sqlx::query_scalar!("select number from ticket where customer_id = $1", customer.0);
        Ok(numbers.fetch_all(self.0.connection()).await?)
    }

    /// When the first of somebody's words can have come.
    pub async fn known_since(&mut self, customer: CustomerId) -> Result<DateTime<Utc>> {
        let since = sqlx::query_scalar!("select created_at from customer where customer_id = $1", customer.0);
        Ok(since.fetch_one(self.0.connection()).await?)
    }

    /// The rooms in which something of the desk may stand.
    pub async fn rooms(&mut self) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!("select room_id from room order by room_id").fetch_all(self.0.connection()).await?)
    }

    /// Forgets what is counted and blocked by an address, and takes part with it.
    pub async fn forget(&mut self, customer: CustomerId, address: &EmailAddress) -> Result<()> {
        let key = address.key();
        sqlx::query!("delete from blocked_sender where address_key = $1", key).execute(self.0.connection()).await?;
        sqlx::query!("delete from automatic_mail where address_key = $1", key).execute(self.0.connection()).await?;
        // Lists that go on may be searches for them.
        for agent in self.0.agents().all().await? {
            sqlx::query!(
                "delete from last_list where agent_id = $1 and strpos(lower(command), $2) > 0",
                agent.id.0,
                key
            )
            .execute(self.0.connection())
            .await?;
        }
        sqlx::query!("delete from page_mail where customer_id = $1", customer.0).execute(self.0.connection()).await?;
        sqlx::query!("delete from participant where customer_id = $1", customer.0).execute(self.0.connection()).await?;
        Ok(())
    }

    /// Forgets jobs of a lane that were given up.
    pub async fn forget_dead(&mut self, lane: &str) -> Result<()> {
        sqlx::query!("delete from dead_job where lane = $1", lane).execute(self.0.connection()).await?;
        Ok(())
    }

    /// Empties what programs were answered lately in which one of these stands. A repeated request is still known as one.
    pub async fn empty_answers(&mut self, needles: &[String]) -> Result<()> {
        let day = self.0.now() - chrono::TimeDelta::days(3);
        sqlx::query!(
            "update api_answer set body = '{}'
             where answered_at > $1 and (
                 select count(*) from unnest($2::text[]) as one (needle) where strpos(lower(body), needle) > 0) > 0",
            day,
            needles,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}

//! Mails that became no article: kept, shown, counted, and what agents decide about them.

use std::time::Duration;

use chrono::NaiveDate;
use serde_json::Value;

use super::intake::Route;
use super::jobs::{self, Lane, ReadMail};
use super::mails::Verdict;
use super::page::Page;
use super::{Result, Tx};
use crate::domain::id::{EmailAddress, EventId, MailId, QuarantineId, QueueId, TicketId};
use crate::domain::number::Number;
use crate::domain::quarantined::QuarantineKind;

/// A quarantine entry.
#[derive(Clone, Debug)]
pub struct QuarantineRow {
    /// Its row.
    pub id: QuarantineId,
    /// Its queue.
    pub queue: QueueId,
    /// Why.
    pub reason: String,
    /// Who the first mail says it is from.
    pub sender: Option<String>,
    /// The first mail's subject.
    pub subject: String,
    /// How it begins. `None`: the entry is from before that was kept, and its message is the file itself.
    pub beginning: Option<String>,
    /// Whether the raw mail is its header alone.
    pub is_header: bool,
    /// How many mails stand behind it.
    pub count: i64,
    /// The raw mail, once uploaded.
    pub media: Option<Value>,
    /// The mail.
    pub mail: MailId,
    /// The raw mail's size in bytes.
    pub size: u64,
    /// What an agent decided, in words; `None`: nothing yet.
    pub outcome: Option<String>,
    /// The tickets that its mails are in since.
    pub tickets: Vec<Number>,
    /// The day in whose thread it stands.
    pub day: NaiveDate,
    /// Whether it came from an archive: then it calls nobody.
    pub is_imported: bool,
}

/// An entry that nobody has decided about, as a list shows it.
#[derive(Clone, Debug)]
pub struct OpenEntry {
    /// Its row.
    pub id: QuarantineId,
    /// What kind it is.
    pub kind: QuarantineKind,
    /// Why.
    pub reason: String,
    /// Who the first mail says it is from.
    pub sender: Option<String>,
    /// The first mail's subject.
    pub subject: String,
    /// How many mails stand behind it.
    pub count: i64,
    /// The entry in the room, once posted.
    pub event: Option<EventId>,
}

/// What an entry shows of the mail that begins it.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    /// Who it says it is from, else its envelope.
    pub sender: Option<&'a str>,
    /// Its subject.
    pub subject: &'a str,
    /// How its words begin.
    pub beginning: &'a str,
}

/// How many entries there are of each kind that has any, in the order of lists.
pub type Kinds = Vec<(QuarantineKind, i64)>;

/// Up to so many mails an entry is brought up to date at once, and then no more often than that.
const FEW: i64 = 10;
const PAUSE: Duration = Duration::from_secs(5);

/// Quarantine entries.
pub struct Quarantine<'t>(pub(super) &'t mut Tx);

impl Quarantine<'_> {
    /// Puts a mail into quarantine, and shows it there. An entry of the same queue and `key` that is not older than `within` takes it in, so that a burst is one entry with a count.
    /// Whether it begins one.
    pub async fn add(
        &mut self,
        queue: QueueId,
        mail: MailId,
        glance: Glance<'_>,
        (kind, reason): (QuarantineKind, &str),
        (key, within): (&str, Duration),
    ) -> Result<bool> {
        let open = if within.is_zero() { None } else { self.count_up(queue, key, within).await? };
        let (entry, count) = match open {
            Some(open) => open,
            None => (self.add_entry((queue, mail), glance, (kind, reason), key).await?, 1),
        };
        sqlx::query!(
            "update mail_in set fate = 'quarantined', quarantine_id = $2, rule = $3 where mail_id = $1",
            mail.0,
            entry,
            format!("it is in quarantine: {reason}"),
        )
        .execute(self.0.connection())
        .await?;
        let wait = if count > FEW { PAUSE } else { Duration::ZERO };
        let entry = QuarantineId(entry);
        self.0.enqueue_after(wait, jobs::Quarantine { entry });
        Ok(count == 1)
    }

    /// Counts one more in the newest entry of that queue and key, if it is not too old.
    async fn count_up(&mut self, queue: QueueId, key: &str, within: Duration) -> Result<Option<(i64, i64)>> {
        let now = self.0.now();
        // Two that come at the same moment must not both find none.
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, $2))", key, queue.0)
            .execute(self.0.connection())
            .await?;
        let row = sqlx::query!(
            "update quarantine set count = count + 1
             where created_at > $3 and quarantine_id = (
                 select max(quarantine_id) from quarantine
                 where queue_id = $1 and collapse_key = $2 and outcome is null)
             returning quarantine_id, count",
            queue.0,
            key,
            now - within,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| (row.quarantine_id, row.count)))
    }

    async fn add_entry(
        &mut self,
        (queue, mail): (QueueId, MailId),
        glance: Glance<'_>,
        (kind, reason): (QuarantineKind, &str),
        key: &str,
    ) -> Result<i64> {
        let now = self.0.now();
        let row = sqlx::query!(
            "insert into quarantine (queue_id, mail_id, reason, collapse_key, sender, subject, created_at, day, kind, beginning)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             returning quarantine_id, day",
            queue.0,
            mail.0,
            reason,
            key,
            glance.sender,
            glance.subject,
            now,
            now.date_naive(),
            kind.name(),
            glance.beginning,
        )
        .fetch_one(self.0.connection())
        .await?;
        sqlx::query!(
            "insert into quarantine_day (queue_id, day) values ($1, $2) on conflict do nothing",
            queue.0,
            row.day,
        )
        .execute(self.0.connection())
        .await?;
        Ok(row.quarantine_id)
    }

    /// A quarantine entry with its first mail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn get(&mut self, entry: QuarantineId) -> Result<QuarantineRow> {
        let row = sqlx::query!(
            r#"select quarantine.queue_id, reason, sender, subject, beginning, left_behind, count, media, mail_id,
                      coalesce(length(raw), blob.size, length(bytes)) as "size!", outcome, day, route
               from quarantine join mail_in using (mail_id) left join blob using (digest) where quarantine.quarantine_id = $1"#,
            entry.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        let tickets = sqlx::query_scalar!(
            "select number from quarantine_ticket join ticket using (ticket_id) where quarantine_id = $1 order by quarantine_ticket.ticket_id",
            entry.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(QuarantineRow {
            id: entry,
            queue: QueueId(row.queue_id),
            reason: row.reason,
            sender: row.sender,
            subject: row.subject,
            beginning: row.beginning,
            is_header: row.left_behind.is_some(),
            count: row.count,
            media: row.media,
            mail: MailId(row.mail_id),
            size: u64::try_from(row.size).unwrap_or_default(),
            outcome: row.outcome,
            tickets: tickets.iter().filter_map(|number| Number::parse(number)).collect(),
            day: row.day,
            is_imported: row.route == Route::Import.name(),
        })
    }

    /// The entry that an event shows, or whose raw mail it is, its row locked.
    pub async fn of_event(&mut self, event: &EventId) -> Result<Option<QuarantineId>> {
        let entry = sqlx::query_scalar!(
            "select quarantine_id from quarantine where quarantine_id = (
                 select subject_id from projection where event_id = $1 and purpose in ('quarantine entry', 'quarantine file')) for no key update",
            event.as_str()
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(entry.map(QuarantineId))
    }

    /// Who wrote the first mail behind an entry, as far as that can be said.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is no such entry.
    pub async fn sender_of(&mut self, entry: QuarantineId) -> Result<Option<EmailAddress>> {
        let sender = sqlx::query_scalar!("select sender from quarantine where quarantine_id = $1", entry.0)
            .fetch_one(self.0.connection())
            .await?;
        Ok(sender.as_deref().and_then(EmailAddress::parse))
    }

    /// The mails behind an entry, oldest first.
    pub async fn mails_of(&mut self, entry: QuarantineId, page: Page<MailId>) -> Result<Vec<MailId>> {
        let mails = sqlx::query_scalar!(
            "select mail_id from mail_in where quarantine_id = $1 and fate = 'quarantined' and mail_id > $2
             order by mail_id limit $3",
            entry.0,
            page.after.map_or(0, |mail| mail.0),
            page.most,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(mails.into_iter().map(MailId).collect())
    }

    /// Lets a quarantined mail be read again, as an agent decided.
    pub async fn release(&mut self, queue: QueueId, mail: MailId, verdict: Verdict) -> Result<()> {
        let (word, ticket) = match verdict {
            Verdict::Ticket => ("ticket", None),
            Verdict::Attach(ticket) => ("attach", Some(ticket.0)),
        };
        sqlx::query!(
            "update mail_in set fate = 'waiting', verdict = $2, verdict_ticket = $3 where mail_id = $1",
            mail.0,
            word,
            ticket,
        )
        .execute(self.0.connection())
        .await?;
        // One after the other, so that what stood behind one entry comes in its order.
        self.0.enqueue_in(Lane::released_mails(queue), ReadMail { mail });
        Ok(())
    }

    /// Records what was made of an entry, and shows it there.
    pub async fn settle(&mut self, entry: QuarantineId, outcome: &str) -> Result<()> {
        sqlx::query!("update quarantine set outcome = $2 where quarantine_id = $1", entry.0, outcome)
            .execute(self.0.connection())
            .await?;
        self.0.enqueue(jobs::Quarantine { entry });
        Ok(())
    }

    /// Records the ticket that a mail behind an entry is in now, beside those of its other mails, and shows it.
    pub async fn add_ticket(&mut self, entry: QuarantineId, ticket: TicketId) -> Result<()> {
        sqlx::query!(
            "insert into quarantine_ticket (quarantine_id, ticket_id) values ($1, $2) on conflict do nothing",
            entry.0,
            ticket.0,
        )
        .execute(self.0.connection())
        .await?;
        self.0.enqueue(jobs::Quarantine { entry });
        Ok(())
    }

    /// The entries of a queue that nobody has decided about, newest first, and how many there are of each kind on all pages.
    pub async fn open(&mut self, queue: QueueId, page: Page<QuarantineId>) -> Result<(Vec<OpenEntry>, Kinds)> {
        let rows = sqlx::query!(
            r#"select quarantine_id, kind, reason, sender, subject, count, shown.event_id as "event_id?"
               from quarantine left join room using (queue_id)
                    left join projection as shown on shown.purpose = 'quarantine entry' and shown.subject_id = quarantine_id
                              and shown.room_id = room.room_id
               where queue_id = $1 and outcome is null and quarantine_id < $3
               order by quarantine_id desc limit $2"#,
            queue.0,
            page.most,
            page.after.map_or(i64::MAX, |entry| entry.0),
        )
        .fetch_all(self.0.connection())
        .await?;
        let kinds = sqlx::query!(
            r#"select kind, count(*) as "count!" from quarantine where queue_id = $1 and outcome is null group by kind"#,
            queue.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let kinds = kinds.into_iter().map(|row| (QuarantineKind::named(&row.kind), row.count)).collect();
        let entries = rows.into_iter().map(|row| OpenEntry {
            id: QuarantineId(row.quarantine_id),
            kind: QuarantineKind::named(&row.kind),
            reason: row.reason,
            sender: row.sender,
            subject: row.subject,
            count: row.count,
            event: row.event_id.as_deref().and_then(EventId::parse),
        });
        Ok((entries.collect(), in_order(kinds)))
    }

    /// How many entries of a queue's day nobody has decided about, of each kind.
    pub async fn undecided_kinds(&mut self, queue: QueueId, day: NaiveDate) -> Result<Kinds> {
        let kinds = sqlx::query!(
            r#"select kind, count(*) as "count!" from quarantine where queue_id = $1 and day = $2 and outcome is null
               group by kind"#,
            queue.0,
            day,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(in_order(kinds.into_iter().map(|row| (QuarantineKind::named(&row.kind), row.count)).collect()))
    }

    /// The entries of a queue's day that nobody has decided about, their rows locked.
    pub async fn undecided_of(&mut self, queue: QueueId, day: NaiveDate) -> Result<Vec<QuarantineId>> {
        let entries = sqlx::query_scalar!(
            "select quarantine_id from quarantine where queue_id = $1 and day = $2 and outcome is null
               and not exists (select from quarantine_ticket where quarantine_ticket.quarantine_id = quarantine.quarantine_id)
             order by quarantine_id for no key update",
            queue.0,
            day,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(entries.into_iter().map(QuarantineId).collect())
    }

    /// Records where the homeserver keeps a quarantined mail.
    pub async fn set_media(&mut self, entry: QuarantineId, media: &Value) -> Result<()> {
        sqlx::query!("update quarantine set media = $2 where quarantine_id = $1", entry.0, media)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}

fn in_order(mut kinds: Kinds) -> Kinds {
    kinds.sort_by_key(|(kind, _)| *kind);
    kinds
}

//! Outgoing mails: held, queued, under way, and what became of them.
//!
//! The states move by conditional updates, so that of an undo and a sending exactly one wins, and a
//! letter whose final dot may have been written is never sent again as if nothing had happened.

use super::jobs::{Card, Lane, Leased, Letter};
use super::letter_rows::unsound;
pub use super::letter_rows::{LetterRow, LetterState, NewLetter};
use super::{Result, Store, StoreError, Tx, exactly_one};
use crate::domain::article::{Kind, Sealed, Visibility};
use crate::domain::blob::Digest;
use crate::domain::id::{ArticleId, EmailAddress, EventId, LetterId, MessageId, RoomId, TicketId};
use crate::domain::printed::Printed;

/// Outgoing mails.
pub struct Letters<'t>(pub(super) &'t mut Tx);

impl Letters<'_> {
    /// Takes the next letter's id.
    pub async fn next_id(&mut self) -> Result<LetterId> {
        let id = sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('letter', 'letter_id')) as "id!""#)
            .fetch_one(self.0.connection())
            .await?;
        Ok(LetterId(id))
    }

    /// Writes a letter and the job that sends it. PostgreSQL itself refuses one whose article is neither
    /// visible to the customer nor a forward.
    ///
    /// # Errors
    /// The constraint `letter_only_of_visible_articles` or `letter_forwards_a_forward` for a note.
    pub async fn add(&mut self, new: &NewLetter<'_>) -> Result<()> {
        let now = self.0.now();
        let state = if new.hold.is_zero() { LetterState::Queued } else { LetterState::Held };
        sqlx::query!(
            "insert into letter (letter_id, article_id, ticket_id, recipient, automatic, envelope_from, message_id, bytes,
                                 state, room_id, command_event, cause_id, created_at, queue_id, visibility, forward)
             overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                                             (select queue_id from ticket where ticket_id = $3), $14, $15)",
            new.id.0,
            new.article.0,
            new.ticket.0,
            new.sealed.to.as_str(),
            new.cause.is_some(),
            new.sealed.from.as_ref().map(EmailAddress::as_str),
            new.message_id.as_str(),
            new.sealed.mail.text(),
            state.name(),
            new.command.map(|(room, _)| room.as_str()),
            new.command.map(|(_, event)| event.as_str()),
            new.cause.map(|cause| cause.0),
            now,
            if new.is_forward { Visibility::Internal } else { Visibility::Customer }.name(),
            new.is_forward.then_some(Kind::Forward.name()),
        )
        .execute(self.0.connection())
        .await?;
        self.add_files(new.id, &new.sealed.mail, new.sources).await?;
        // Letters to one customer about one ticket keep their order; nothing else waits for them.
        let lane = Lane::letters(new.ticket, &new.sealed.to);
        self.0.enqueue_in_after(lane, new.hold, Letter { letter: new.id });
        Ok(())
    }

    /// A letter, its row locked.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn lock(&mut self, letter: LetterId) -> Result<LetterRow> {
        let now = self.0.now();
        let row = sqlx::query!(
            r#"select letter.article_id, letter.ticket_id, recipient, automatic, envelope_from, message_id, bytes, state, attempts, uncertain,
                      dot_at is not null as "is_past_dot!", forward is not null as "is_forward!",
                      coalesce(letter.room_id, shown.room_id) as room_id, coalesce(command_event, shown.event_id) as command_event,
                      letter.created_at,
                      (select name from queue where queue.queue_id = letter.queue_id) as "queue!"
               from letter left join lateral (
                        select event_id, room_id from article join event_ref using (event_id)
                        where article.article_id = letter.article_id and not automatic and command_event is null) as shown on true
               where letter_id = $1 for update of letter"#,
            letter.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        let mail = self.with_files(letter, row.bytes).await?;
        Ok(LetterRow {
            id: letter,
            article: ArticleId(row.article_id),
            ticket: TicketId(row.ticket_id),
            queue: row.queue,
            automatic: row.automatic,
            is_forward: row.is_forward,
            state: LetterState::read(letter, &row.state)?,
            attempts: row.attempts,
            uncertain: row.uncertain,
            is_past_dot: row.is_past_dot,
            command: row
                .room_id
                .as_deref()
                .and_then(RoomId::parse)
                .zip(row.command_event.as_deref().and_then(EventId::parse)),
            message_id: MessageId::parse(&row.message_id).ok_or_else(|| unsound(letter, "message_id"))?,
            sealed: Sealed {
                from: row.envelope_from.as_deref().and_then(EmailAddress::parse),
                to: EmailAddress::parse(&row.recipient).ok_or_else(|| unsound(letter, "recipient"))?,
                mail,
            },
            age: now - row.created_at,
        })
    }

    /// The letters of an article.
    pub async fn of(&mut self, article: ArticleId) -> Result<Vec<LetterId>> {
        let rows =
            sqlx::query_scalar!("select letter_id from letter where article_id = $1 order by letter_id", article.0)
                .fetch_all(self.0.connection())
                .await?;
        Ok(rows.into_iter().map(LetterId).collect())
    }

    /// The letter, if any, that was asked for by a message, or is shown by it, or, without one, the newest answer of a
    /// ticket that an agent asked for: one that is still held before all others.
    pub async fn of_command(&mut self, ticket: TicketId, command: Option<&EventId>) -> Result<Option<LetterId>> {
        let letter = sqlx::query_scalar!(
            "select letter_id from letter
             where ticket_id = $1 and not automatic
               and ($2::text is null or command_event = $2
                    or command_event is null and (select event_id from article where article.article_id = letter.article_id) = $2)
             order by state = 'held' desc, letter_id desc limit 1",
            ticket.0,
            command.map(EventId::as_str),
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(letter.map(LetterId))
    }

    /// Takes all letters of an article back, or none: either this, or the sending, wins (R44).
    pub async fn cancel_all(&mut self, article: ArticleId) -> Result<bool> {
        let now = self.0.now();
        let held = sqlx::query_scalar!(
            r#"select bool_and(state = 'held') as "held!" from (
                   select state from letter where article_id = $1 order by letter_id for update) as locked"#,
            article.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        if !held {
            return Ok(false);
        }
        sqlx::query!(
            "update letter set state = 'cancelled', finished_at = $2 where article_id = $1 and state = 'held'",
            article.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(true)
    }

    /// Lets the letters of an article that are held go at once; `false` if none is held any more.
    pub async fn release(&mut self, article: ArticleId) -> Result<bool> {
        let held = sqlx::query!(
            "select letter_id, ticket_id, recipient from letter where article_id = $1 and state = 'held' order by letter_id for update",
            article.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        for row in &held {
            if let Some(to) = EmailAddress::parse(&row.recipient) {
                let lane = Lane::letters(TicketId(row.ticket_id), &to);
                self.0.hasten(&lane, Letter { letter: LetterId(row.letter_id) }).await?;
            }
        }
        Ok(!held.is_empty())
    }

    /// Whether all letters of an article were accepted by the next mail server.
    pub async fn all_sent(&mut self, article: ArticleId) -> Result<bool> {
        // Two that are accepted at the same moment: the second one waits here, and then sees the first.
        sqlx::query!("select from article where article_id = $1 for no key update", article.0)
            .execute(self.0.connection())
            .await?;
        Ok(sqlx::query_scalar!(
            r#"select coalesce(bool_and(state = 'sent'), false) as "sent!" from letter where article_id = $1"#,
            article.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Changes the bytes of a letter that is still held.
    pub async fn rewrite(&mut self, letter: LetterId, mail: &Printed<Digest>) -> Result<bool> {
        let text = mail.text();
        let done = sqlx::query!("update letter set bytes = $2 where letter_id = $1 and state = 'held'", letter.0, text)
            .execute(self.0.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        self.forget_files(letter).await?;
        self.add_files(letter, mail, &[]).await?;
        Ok(true)
    }

    /// Takes a letter to send it: `false` if it was taken back or is done.
    pub async fn claim(&mut self, letter: LetterId) -> Result<bool> {
        let done = sqlx::query!(
            "update letter set state = 'sending', attempts = attempts + 1, dot_at = null
             where letter_id = $1 and state in ('held', 'queued', 'sending', 'unknown')",
            letter.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records that an attempt ended with nobody knowing whether the mail was sent.
    pub async fn set_unknown(&mut self, letter: LetterId, why: &str) -> Result<()> {
        let done = sqlx::query!(
            "update letter set state = 'unknown', uncertain = uncertain + 1, dot_at = null, reply = $2
             where letter_id = $1 and state = 'sending'",
            letter.0,
            why,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a letter under way")?;
        self.note_reply(letter, LetterState::Unknown, why).await
    }

    /// Notes that the agent is told of a letter's delay; `false` if that was noted before.
    pub async fn note_delay(&mut self, letter: LetterId) -> Result<bool> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update letter set delayed_at = $2 where letter_id = $1 and delayed_at is null",
            letter.0,
            now
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records what became of a letter.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if it was not under way.
    pub async fn settle(&mut self, letter: LetterId, state: LetterState, reply: &str) -> Result<()> {
        let now = self.0.now();
        let is_end = matches!(state, LetterState::Sent | LetterState::Failed);
        let about = sqlx::query!(
            "update letter set state = $2, reply = $3, dot_at = null, finished_at = $4
             where letter_id = $1 and state = 'sending' returning ticket_id, automatic",
            letter.0,
            state.name(),
            reply.replace('\0', ""),
            is_end.then_some(now),
        )
        .fetch_optional(self.0.connection())
        .await?
        .ok_or(StoreError::Lost("a letter under way"))?;
        self.show(is_end && !about.automatic, about.ticket_id);
        self.note_reply(letter, state, reply).await
    }

    /// Marks a sent letter as failed, when a report says so; `false` if it was marked before.
    pub async fn bounce(&mut self, letter: LetterId, why: &str) -> Result<bool> {
        let now = self.0.now();
        let about = sqlx::query!(
            "update letter set state = 'failed', reply = $2, finished_at = $3
             where letter_id = $1 and state in ('sent', 'sending', 'unknown') returning ticket_id, automatic",
            letter.0,
            why,
            now,
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(about) = about else { return Ok(false) };
        self.show(!about.automatic, about.ticket_id);
        self.note_reply(letter, LetterState::Failed, why).await?;
        Ok(true)
    }

    /// Has a ticket's card show what became of an agent's answer.
    fn show(&mut self, is_shown: bool, ticket: i64) {
        if is_shown {
            self.0.enqueue(Card { ticket: TicketId(ticket) });
        }
    }

    /// The ticket and article of a letter, if there is such a letter.
    pub async fn ticket_of(&mut self, letter: LetterId) -> Result<Option<(TicketId, ArticleId)>> {
        let row = sqlx::query!("select ticket_id, article_id from letter where letter_id = $1", letter.0)
            .fetch_optional(self.0.connection())
            .await?;
        Ok(row.map(|row| (TicketId(row.ticket_id), ArticleId(row.article_id))))
    }

    /// Whether a letter forwards its ticket to somebody who takes no part in it: whatever comes back for it is internal.
    pub async fn is_forward(&mut self, letter: LetterId) -> Result<bool> {
        let is_forward = sqlx::query_scalar!(
            r#"select forward is not null as "is_forward!" from letter where letter_id = $1"#,
            letter.0
        );
        Ok(is_forward.fetch_optional(self.0.connection()).await?.unwrap_or_default())
    }

    /// Whether a letter went to that address, and so invites whoever is there to answer: an agent wrote to them, and none
    /// has put them out of the ticket since, or of what it was merged into.
    pub async fn invites(&mut self, letter: LetterId, address: &EmailAddress) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (
                   select from letter where letter_id = $1 and not automatic and forward is null and lower(recipient) = $2
                     and not exists (
                         with recursive way as (
                             select letter.ticket_id
                             union select next.merged_into from way cross join lateral (
                                 select merged_into from ticket where ticket.ticket_id = way.ticket_id and merged_into is not null offset 0) next)
                         select from way cross join lateral (
                             select from ticket_event
                             where ticket_event.ticket_id = way.ticket_id and kind = 'participant_removed'
                               and lower(data ->> 'address') = $2 and at >= letter.created_at offset 0) gone)) as "invites!""#,
            letter.0,
            address.key(),
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}

impl Store {
    /// Commits that a letter's final dot is about to be written. From here on a crash leaves it
    /// unknown (R25). Whoever has lost the job to somebody else writes no dot.
    ///
    /// # Errors
    /// If it is not certain that it is committed: then the dot must not be written.
    pub async fn mark_dot(&self, leased: &Leased, letter: LetterId) -> Result<()> {
        if mutant!("dot_without_lease") {
            let mark = sqlx::query("update letter set dot_at = $2 where letter_id = $1");
            return Ok(mark.bind(letter.0).bind(self.now()).execute(self.pool()).await.map(drop)?);
        }
        let done = sqlx::query!(
            "update letter set dot_at = $4
             where letter_id = $1 and state = 'sending'
               and exists (select from lane where lane_id = $2 and lease = $3 for key share)",
            letter.0,
            leased.lane_id,
            leased.lease,
            self.now(),
        )
        .execute(self.pool())
        .await?;
        exactly_one(&done, "a letter under way")
    }
}

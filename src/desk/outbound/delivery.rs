//! A letter out: claimed, handed over, and what became of it recorded.

use std::time::Duration;

use chrono::TimeDelta;

use crate::crash;
use crate::desk::failure::Outcome;
use crate::desk::seams::{BeforeDot, Delivery, Fault, Mailer};
use crate::desk::{Desk, mark, put_mark, say, words};
use crate::domain::id::LetterId;
use crate::domain::ticket::{Actor, TicketEvent};
use crate::store::jobs::Leased;
use crate::store::letters::{LetterRow, LetterState};
use crate::store::{Store, Tx};

/// How long a letter is tried before it is given up (RFC 5321 §4.5.4.1: 4 to 5 days).
const GIVE_UP: TimeDelta = TimeDelta::days(5);
/// How long until the agent is told that it is delayed.
const DELAYED: TimeDelta = TimeDelta::hours(4);
/// How many copies of one answer a customer may get at most from a server that never confirms one.
const MOST_COPIES: i32 = 5;

impl Desk {
    /// Hands one letter to the mail server.
    ///
    /// # Errors
    /// The [`Failure`] that decides when it is tried again.
    pub async fn deliver_letter(&self, leased: &Leased, mailer: &dyn Mailer, id: LetterId) -> Outcome {
        let Some(letter) = self.claim(leased, id).await? else { return Ok(()) };
        let before_dot = DotMark { store: &self.store, leased, letter: id };
        let delivery = mailer.send(&letter.queue, &letter.sealed, &before_dot).await;
        crash::point("smtp.before_record");
        let result = self.settle(leased, &letter, delivery).await;
        crash::point("smtp.after_record");
        result
    }

    /// Takes the letter for sending; `None` if there is nothing to send.
    async fn claim(&self, leased: &Leased, id: LetterId) -> Outcome<Option<LetterRow>> {
        let mut tx = self.store.begin().await?;
        let letter = tx.letters().lock(id).await?;
        match letter.state {
            LetterState::Sent | LetterState::Failed | LetterState::Cancelled => {
                tx.finish(leased).await?;
                tx.commit().await?;
                return Ok(None);
            }
            // Whoever had it died past the dot: nobody knows.
            LetterState::Sending if letter.is_past_dot => {
                drop(tx);
                let why = "the desk was stopped while it was sending";
                return self.unknown(leased, &letter, why).await.map(|()| None);
            }
            _ => {}
        }
        tx.letters().claim(id).await?;
        tx.commit().await?;
        Ok(Some(letter))
    }

    async fn settle(&self, leased: &Leased, letter: &LetterRow, delivery: Delivery) -> Outcome {
        let mut tx = self.store.begin().await?;
        match delivery {
            Delivery::Accepted { reply } => {
                tx.letters().settle(letter.id, LetterState::Sent, &reply).await?;
                if let Some((room, event)) = &letter.command
                    && tx.letters().all_sent(letter.article).await?
                {
                    put_mark(&mut tx, room, event, mark::SENT);
                }
                let sent = TicketEvent::MailSent { to: letter.sealed.to.clone() };
                tx.audit().record(letter.ticket, &Actor::System, &sent).await?;
                tx.finish(leased).await?;
                tx.commit().await?;
                Ok(())
            }
            Delivery::Deferred { why } if letter.age < GIVE_UP => {
                tx.letters().settle(letter.id, LetterState::Queued, &why).await?;
                if letter.age > DELAYED && tx.letters().note_delay(letter.id).await? {
                    say_delayed(&mut tx, letter);
                }
                tx.commit().await?;
                Err(Fault::Later { after: Some(mail_pause(leased.attempt)), why }.into())
            }
            Delivery::Unknown { why } => {
                drop(tx);
                self.unknown(leased, letter, &why).await
            }
            Delivery::Deferred { why } | Delivery::Refused { why } => {
                let mut ticket = tx.tickets().lock(letter.ticket).await?;
                tx.letters().settle(letter.id, LetterState::Failed, &why).await?;
                self.not_delivered(&mut tx, &mut ticket, letter).await?;
                if let Some((room, _)) = &letter.command {
                    let said = words::Said::plain(format!("The mail server said: {why}"));
                    say(&mut tx, room, letter.ticket, said, vec![]);
                }
                tx.finish(leased).await?;
                tx.commit().await?;
                Ok(())
            }
        }
    }

    /// Nobody knows whether it was sent. An answer is sent again later, marked as a possible second
    /// copy; the desk's own mail is not worth one.
    async fn unknown(&self, leased: &Leased, letter: &LetterRow, why: &str) -> Outcome {
        let mut tx = self.store.begin().await?;
        let times = letter.uncertain + 1;
        let is_over = letter.command.is_some() && times >= MOST_COPIES;
        // A ticket's row is locked before its letters' (docs/architecture.md).
        let ticket = if is_over { Some(tx.tickets().lock(letter.ticket).await?) } else { None };
        tx.letters().set_unknown(letter.id, why).await?;
        let event = TicketEvent::MailPerhapsSent { to: letter.sealed.to.clone() };
        tx.audit().record(letter.ticket, &Actor::System, &event).await?;
        let Some((room, event)) = &letter.command else {
            tx.finish(leased).await?;
            tx.commit().await?;
            return Ok(());
        };
        put_mark(&mut tx, room, event, mark::UNSURE);
        if let Some(mut ticket) = ticket {
            let said = format!(
                "⚠ The answer to {} may have been sent {times} times, and the mail server confirmed none of them. It is not sent again.",
                letter.sealed.to
            );
            self.call_back(&mut tx, &mut ticket, letter, said).await?;
            tx.finish(leased).await?;
            tx.commit().await?;
            return Ok(());
        }
        let said = words::Said::plain(format!(
            "⚠ The answer to {} may have been sent; nobody can tell. It is sent again in {}, so it may arrive twice.",
            letter.sealed.to,
            humantime::format_duration(self.settings.retry_unknown)
        ));
        say(&mut tx, room, letter.ticket, said, vec![]);
        tx.commit().await?;
        Err(Fault::Later { after: Some(self.settings.retry_unknown), why: why.to_owned() }.into())
    }
}

/// Says that a letter waits at its mail server, if an agent wrote it.
fn say_delayed(tx: &mut Tx, letter: &LetterRow) {
    let Some((room, event)) = &letter.command else { return };
    put_mark(tx, room, event, mark::UNSURE);
    let said = words::Said::plain(format!("⚠ The answer to {} is delayed; it is still being tried.", letter.sealed.to));
    say(tx, room, letter.ticket, said, vec![]);
}

struct DotMark<'a> {
    store: &'a Store,
    leased: &'a Leased,
    letter: LetterId,
}

#[async_trait::async_trait]
impl BeforeDot for DotMark<'_> {
    async fn mark(&self) -> Result<(), Fault> {
        self.store.mark_dot(self.leased, self.letter).await.map_err(|error| Fault::later(error.to_string()))
    }
}

/// 5 s, doubling to an hour.
fn mail_pause(attempt: i32) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 12) - 1).unwrap_or_default();
    Duration::from_secs((5 * 2u64.pow(exponent)).min(3_600))
}

//! A letter out: claimed, handed over, and what became of it recorded.
//!
//! It is called out first and recorded afterwards; the mark before the final dot says when it may be two mails.

use std::time::Duration;

use chrono::TimeDelta;

use super::failed::{call_back, not_delivered, room_of};
use crate::crash;
use crate::desk::failure::Outcome;
use crate::desk::seams::{BeforeDot, Delivery, Fault, Mailer};
use crate::desk::words::Said;
use crate::desk::{Desk, mark, put_mark, say};
use crate::domain::id::LetterId;
use crate::domain::printed::Printed;
use crate::domain::ticket::{Actor, TicketEvent};
use crate::store::jobs::Leased;
use crate::store::letters::{LetterRow, LetterState};
use crate::store::{Result, Store, Tx};

/// How long a letter is tried before it is given up (RFC 5321 §4.5.4.1: 4 to 5 days).
const GIVE_UP: TimeDelta = TimeDelta::days(5);
/// How long until the agent is told that it is delayed.
const DELAYED: TimeDelta = TimeDelta::hours(4);
/// How many copies of one answer a customer may get at most from a server that never confirms one.
const MOST_COPIES: i32 = 5;

/// Hands one letter to the mail server.
///
/// # Errors
/// The [`Failure`](crate::desk::failure::Failure) that decides when it is tried again.
pub async fn deliver(desk: &Desk, leased: &Leased, mailer: &dyn Mailer, id: LetterId) -> Outcome {
    let settings = desk.settings();
    let (retry_unknown, prefix) = (settings.retry_unknown, settings.prefix.as_str());
    let attempt = Attempt { store: desk.store(), leased, retry_unknown, prefix };
    let Some(mut letter) = attempt.claim(id).await? else { return Ok(()) };
    if mutant!("new_message_id") && letter.attempts > 0 {
        let again =
            String::from_utf8_lossy(letter.sealed.mail.text()).replacen("Message-ID: <", "Message-ID: <again.", 1);
        letter.sealed.mail = Printed::plain(again.into_bytes());
    }
    let before_dot = DotMark { store: attempt.store, leased, letter: id };
    let sealed = attempt.store.filled(letter.id, &letter.sealed).await?;
    let delivery = mailer.send(&letter.queue, &sealed, &before_dot).await;
    drop(sealed);
    crash::point("smtp.before_record");
    let result = attempt.settle(&letter, delivery).await;
    crash::point("smtp.after_record");
    result
}

/// What follows from how an attempt ended.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// The next server is responsible.
    Sent { reply: String },
    /// It is tried again after a pause.
    Again { why: String, after: Duration },
    /// Nobody knows whether it was sent.
    Unknown { why: String },
    /// It will never be sent.
    Failed { why: String },
}

/// Decides what follows from how the `attempt`-th attempt of a letter of that age ended.
fn next(delivery: Delivery, age: TimeDelta, attempt: i32) -> Next {
    match delivery {
        Delivery::Accepted { reply } => Next::Sent { reply },
        Delivery::Deferred { why } if age < GIVE_UP => Next::Again { why, after: pause(attempt) },
        Delivery::Deferred { why } | Delivery::Refused { why } => Next::Failed { why },
        Delivery::Unknown { why } => Next::Unknown { why },
    }
}

/// 5 s, doubling to an hour.
fn pause(attempt: i32) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 12) - 1).unwrap_or_default();
    Duration::from_secs((5 * 2u64.pow(exponent)).min(3_600))
}

/// What follows from a letter of which nobody knows whether it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterUnknown {
    /// Nothing: the desk's own mail is not worth a second copy.
    Leave,
    /// An answer is sent again later, and said to be a possible second copy.
    Again,
    /// It may have been sent often enough.
    GiveUp,
}

/// Decides it when that has happened so many `times`.
fn after_unknown(is_answer: bool, times: i32) -> AfterUnknown {
    match (is_answer, times >= MOST_COPIES) {
        (false, _) => AfterUnknown::Leave,
        (true, false) => AfterUnknown::Again,
        (true, true) => AfterUnknown::GiveUp,
    }
}

/// One attempt to hand over a letter.
struct Attempt<'a> {
    store: &'a Store,
    leased: &'a Leased,
    retry_unknown: Duration,
    /// What commands begin with.
    prefix: &'a str,
}

impl Attempt<'_> {
    /// Takes the letter for sending; `None` if there is nothing to send.
    async fn claim(&self, id: LetterId) -> Outcome<Option<LetterRow>> {
        let mut tx = self.store.begin().await?;
        let letter = tx.letters().lock(id).await?;
        match letter.state {
            LetterState::Sent | LetterState::Failed | LetterState::Cancelled => {
                self.end(tx).await?;
                return Ok(None);
            }
            // Whoever had it died past the dot: nobody knows.
            LetterState::Sending if letter.is_past_dot => {
                drop(tx);
                let why = "the desk was stopped while it was sending";
                return self.unknown(&letter, why).await.map(|()| None);
            }
            _ => {}
        }
        tx.letters().claim(id).await?;
        tx.commit().await?;
        Ok(Some(letter))
    }

    /// Records how the attempt ended, and what follows.
    async fn settle(&self, letter: &LetterRow, delivery: Delivery) -> Outcome {
        match next(delivery, letter.age, self.leased.attempt) {
            Next::Sent { reply } => self.sent(letter, &reply).await,
            Next::Again { why, after } => self.again(letter, why, after).await,
            Next::Unknown { why } => self.unknown(letter, &why).await,
            Next::Failed { why } => self.failed(letter, &why).await,
        }
    }

    async fn sent(&self, letter: &LetterRow, reply: &str) -> Outcome {
        let mut tx = self.store.begin().await?;
        tx.letters().settle(letter.id, LetterState::Sent, reply).await?;
        if let Some((room, event)) = &letter.command
            && tx.letters().all_sent(letter.article).await?
        {
            put_mark(&mut tx, room, event, mark::SENT);
        }
        let sent = TicketEvent::MailSent { to: letter.sealed.to.clone() };
        tx.audit().record(letter.ticket, &Actor::System, &sent).await?;
        self.end(tx).await
    }

    async fn again(&self, letter: &LetterRow, why: String, after: Duration) -> Outcome {
        let mut tx = self.store.begin().await?;
        tx.letters().settle(letter.id, LetterState::Queued, &why).await?;
        if letter.age > DELAYED && tx.letters().note_delay(letter.id).await? {
            say_delayed(&mut tx, letter).await?;
        }
        tx.commit().await?;
        Err(Fault::Later { after: Some(after), why }.into())
    }

    async fn failed(&self, letter: &LetterRow, why: &str) -> Outcome {
        let mut tx = self.store.begin().await?;
        let mut ticket = tx.tickets().lock(letter.ticket).await?;
        tx.letters().settle(letter.id, LetterState::Failed, why).await?;
        not_delivered(&mut tx, &mut ticket, letter, (why, self.prefix)).await?;
        self.end(tx).await
    }

    /// Nobody knows whether it was sent.
    async fn unknown(&self, letter: &LetterRow, why: &str) -> Outcome {
        let mut tx = self.store.begin().await?;
        let times = letter.uncertain + 1;
        let next = after_unknown(!letter.automatic, times);
        // A ticket's row is locked before its letters' (docs/architecture.md).
        let ticket = match next {
            AfterUnknown::GiveUp => Some(tx.tickets().lock(letter.ticket).await?),
            AfterUnknown::Leave | AfterUnknown::Again => None,
        };
        tx.letters().set_unknown(letter.id, why).await?;
        let event = TicketEvent::MailPerhapsSent { to: letter.sealed.to.clone() };
        tx.audit().record(letter.ticket, &Actor::System, &event).await?;
        if letter.automatic {
            return self.end(tx).await;
        }
        if let Some((room, event)) = &letter.command {
            put_mark(&mut tx, room, event, mark::UNSURE);
        }
        if let Some(mut ticket) = ticket {
            let said = format!(
                "⚠ {} may have been sent {times} times, and the mail server confirmed none of them. It is not sent again.",
                mail_to(letter)
            );
            call_back(&mut tx, &mut ticket, letter, Said::plain(said)).await?;
            return self.end(tx).await;
        }
        let said = Said::plain(format!(
            "⚠ {} may have been sent; nobody can tell. It is sent again in {}, so it may arrive twice.",
            mail_to(letter),
            humantime::format_duration(self.retry_unknown)
        ));
        if let Some(room) = room_of(&mut tx, letter).await? {
            say(&mut tx, &room, letter.ticket, said, vec![]);
        }
        tx.commit().await?;
        Err(Fault::Later { after: Some(self.retry_unknown), why: why.to_owned() }.into())
    }

    /// Commits what was recorded together with the end of the job.
    async fn end(&self, mut tx: Tx) -> Outcome {
        tx.finish(self.leased).await?;
        Ok(tx.commit().await?)
    }
}

/// What an agent's letter is, as a sentence begins.
fn mail_to(letter: &LetterRow) -> String {
    let what = if letter.is_forward { "What was forwarded" } else { "The answer" };
    format!("{what} to {}", letter.sealed.to)
}

/// Says that a letter waits at its mail server, if an agent wrote it.
async fn say_delayed(tx: &mut Tx, letter: &LetterRow) -> Result<()> {
    if letter.automatic {
        return Ok(());
    }
    if let Some((room, event)) = &letter.command {
        put_mark(tx, room, event, mark::UNSURE);
    }
    let said = Said::plain(format!("⚠ {} is delayed; it is still being tried.", mail_to(letter)));
    if let Some(room) = room_of(tx, letter).await? {
        say(tx, &room, letter.ticket, said, vec![]);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_what_the_server_said_until_the_letter_is_too_old() {
        let why = || "450 later".to_owned();
        let (young, old) = (GIVE_UP - TimeDelta::seconds(1), GIVE_UP);
        let again = |seconds| Next::Again { why: why(), after: Duration::from_secs(seconds) };
        for (delivery, age, attempt, wanted) in [
            (Delivery::Accepted { reply: why() }, young, 1, Next::Sent { reply: why() }),
            (Delivery::Accepted { reply: why() }, old, 1, Next::Sent { reply: why() }),
            (Delivery::Deferred { why: why() }, TimeDelta::zero(), 1, again(5)),
            (Delivery::Deferred { why: why() }, young, 4, again(40)),
            (Delivery::Deferred { why: why() }, old, 4, Next::Failed { why: why() }),
            (Delivery::Refused { why: why() }, TimeDelta::zero(), 1, Next::Failed { why: why() }),
            (Delivery::Unknown { why: why() }, TimeDelta::zero(), 1, Next::Unknown { why: why() }),
            // Old or not, whether it was sent is not known.
            (Delivery::Unknown { why: why() }, old, 9, Next::Unknown { why: why() }),
        ] {
            assert_eq!(next(delivery.clone(), age, attempt), wanted, "{delivery:?} at {age}, {attempt}");
        }
    }

    #[test]
    fn pauses_double_to_an_hour() {
        for (attempt, seconds) in
            [(i32::MIN, 5), (0, 5), (1, 5), (2, 10), (3, 20), (10, 2_560), (11, 3_600), (12, 3_600), (i32::MAX, 3_600)]
        {
            assert_eq!(pause(attempt), Duration::from_secs(seconds), "{attempt}");
        }
    }

    #[test]
    fn only_an_answer_is_risked_twice_and_not_for_ever() {
        for (is_answer, times, wanted) in [
            (false, 1, AfterUnknown::Leave),
            (false, MOST_COPIES, AfterUnknown::Leave),
            (true, 1, AfterUnknown::Again),
            (true, MOST_COPIES - 1, AfterUnknown::Again),
            (true, MOST_COPIES, AfterUnknown::GiveUp),
            (true, MOST_COPIES + 1, AfterUnknown::GiveUp),
        ] {
            assert_eq!(after_unknown(is_answer, times), wanted, "{is_answer}, {times}");
        }
    }
}

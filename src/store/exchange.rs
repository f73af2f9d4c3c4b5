//! What a ticket's customer and the desk said to each other last.

use chrono::{DateTime, Utc};

use super::articles::Articles;
use super::intake::Route;
use super::letters::LetterState;
use super::{Result, StoreError};
use crate::domain::article::Sender;
use crate::domain::id::TicketId;

/// What was said last, as a card tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The newest mail or answer that the customer may see; what only answers another mail by itself does not count.
    pub last: Option<LastWord>,
    /// The newest answer's mails, one for each who gets it; empty if there is none, or it was taken back.
    pub answer: Vec<AnswerMail>,
}

/// Who said something last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWord {
    /// Whether it was the customer, or somebody else who takes part by mail.
    pub is_customer: bool,
    /// Whether it is what the ticket begins with.
    pub is_first: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// A mail of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerMail {
    /// Who gets it.
    pub to: String,
    /// What became of it.
    pub state: LetterState,
    /// When that was certain.
    pub at: Option<DateTime<Utc>>,
}

impl Exchange {
    /// Whether the customer waits for a word of ours.
    #[must_use]
    pub fn customer_waits(&self) -> bool {
        self.last.as_ref().is_none_or(|last| last.is_customer)
    }

    /// Who did not get the newest answer.
    #[must_use]
    pub fn failed(&self) -> Vec<&str> {
        self.answer.iter().filter(|mail| mail.state == LetterState::Failed).map(|mail| mail.to.as_str()).collect()
    }
}

impl Articles<'_> {
    /// What was said last in a ticket.
    pub async fn exchange(&mut self, ticket: TicketId) -> Result<Exchange> {
        let last = sqlx::query!(
            r#"select sender, seq, coalesce(case when route = $2 then written_at end, created_at) as "at!"
               from article left join mail_in using (mail_id)
               where ticket_id = $1 and visibility = 'customer' and kind in ('mail', 'answer') and response is null
                 and cancelled_at is null
               order by seq desc limit 1"#,
            ticket.0,
            Route::Import.name(),
        )
        .fetch_optional(self.0.connection())
        .await?;
        let answer = sqlx::query!(
            "select letter_id, recipient, state, finished_at from letter
             where article_id = (
                 select article_id from article where ticket_id = $1 and kind = 'answer' and cancelled_at is null
                 order by seq desc limit 1)
             order by letter_id",
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let unsound = || StoreError::Unsound { table: "article", row: ticket.to_string(), what: "sender".to_owned() };
        let last = match last {
            Some(row) => Some(LastWord {
                is_customer: Sender::named(&row.sender).ok_or_else(unsound)? == Sender::Customer,
                is_first: row.seq == 1,
                at: row.at,
            }),
            None => None,
        };
        let mails = answer.into_iter().map(|row| {
            let state = LetterState::read(crate::domain::id::LetterId(row.letter_id), &row.state)?;
            Ok(AnswerMail { to: row.recipient, state, at: row.finished_at })
        });
        Ok(Exchange { last, answer: mails.collect::<Result<_>>()? })
    }
}

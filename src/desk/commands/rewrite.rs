//! Changing an answer while it is held.

use crate::desk::Desk;
use crate::desk::outgoing::{Before, Outgoing};
use crate::domain::article::Answer;
use crate::domain::id::{ArticleId, EventId, LetterId, RoomId};
use crate::domain::ticket::{State, Ticket};
use crate::store::letters::LetterState;
use crate::store::{Result, Tx};

/// What an agent's edit makes of their answer.
pub(in crate::desk) struct Rewrite<'a> {
    pub(in crate::desk) article: ArticleId,
    pub(in crate::desk) state: Option<State>,
    pub(in crate::desk) text: &'a str,
    pub(in crate::desk) room: &'a RoomId,
    pub(in crate::desk) command: &'a EventId,
}

impl Desk {
    /// Changes a held answer's text and its frozen mails together. Who gets it, its files and what it makes
    /// of the ticket stay as they were.
    pub(in crate::desk) async fn rewrite(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        letter: LetterId,
        edit: &Rewrite<'_>,
    ) -> Result<std::result::Result<(), String>> {
        let first = tx.lock_letter(letter).await?;
        let before: Option<Before> = first.undo.and_then(|undo| serde_json::from_value(undo).ok());
        let Some(before) = before else { return Ok(Err("it can't be changed.".to_owned())) };
        if edit.state.unwrap_or(State::Open).name() != before.after {
            return Ok(Err("an edit can't change --state. !undo takes the answer back.".to_owned()));
        }
        let mut letters = Vec::new();
        for letter in tx.letters_of(edit.article).await? {
            let row = tx.lock_letter(letter).await?;
            if row.state != LetterState::Held {
                return Ok(Err("it is too late, the mail is on its way.".to_owned()));
            }
            letters.push(row);
        }
        let author = tx.author_of(edit.article).await?;
        let answer = Answer { article: edit.article, ticket: ticket.id, author, markdown: edit.text.to_owned() };
        let queue = tx.queue(ticket.queue).await?;
        let customer = tx.customer(ticket.customer).await?;
        let mut others = Vec::new();
        for letter in letters.iter().skip(1) {
            others.push(tx.customer_at(&letter.sealed.to, "").await?);
        }
        let out = Outgoing {
            ticket,
            queue: &queue,
            customer: &customer,
            others: &others,
            answer: &answer,
            room: edit.room,
            command: edit.command,
            before: ticket,
        };
        let own: Vec<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
        for letter in &letters {
            match self.reprint(tx, letter, &own, &out).await? {
                Ok(bytes) => tx.rewrite_letter(letter.id, &bytes).await?,
                Err(why) => return Ok(Err(why)),
            };
        }
        tx.set_article_text(edit.article, edit.text).await?;
        Ok(Ok(()))
    }
}

//! Changing an answer while it is held.

use super::answer::Wish;
use crate::desk::Desk;
use crate::desk::outgoing::Outgoing;
use crate::domain::article::Answer;
use crate::domain::id::{ArticleId, EventId, LetterId, RoomId};
use crate::domain::ticket::{AnswerEffect, Ticket};
use crate::store::letters::{LetterRow, LetterState};
use crate::store::{Result, Tx};

/// What an agent's edit makes of their answer.
pub(in crate::desk) struct Rewrite<'a> {
    pub(in crate::desk) article: ArticleId,
    pub(in crate::desk) wish: Wish,
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
        let first = tx.letters().lock(letter).await?;
        let caused = tx.audit().caused_by(first.ticket, edit.command).await?;
        let Some(effect) = AnswerEffect::of(&caused) else { return Ok(Err("it can't be changed.".to_owned())) };
        if edit.wish.next != effect.after {
            return Ok(Err("an edit can't change --state. !undo takes the answer back.".to_owned()));
        }
        let mut letters = Vec::new();
        for letter in tx.letters().of(edit.article).await? {
            let row = tx.letters().lock(letter).await?;
            if row.state != LetterState::Held {
                return Ok(Err("it is too late, the mail is on its way.".to_owned()));
            }
            letters.push(row);
        }
        if let Some(why) = self.goes_elsewhere(tx, ticket, edit, &letters).await? {
            return Ok(Err(why));
        }
        let author = tx.articles().author_of(edit.article).await?;
        let text = edit.wish.text.as_str();
        let answer = Answer { article: edit.article, ticket: ticket.id, author, markdown: text.to_owned() };
        let queue = tx.queues().get(ticket.queue).await?;
        let mut recipients = Vec::new();
        for letter in &letters {
            recipients.push(tx.customers().at(&letter.sealed.to, "").await?);
        }
        // Whom the ticket is for may have changed meanwhile; the mails are for whom they were.
        let Some((customer, others)) = recipients.split_first() else {
            return Ok(Err("it has no mail.".to_owned()));
        };
        let out = Outgoing {
            ticket,
            queue: &queue,
            customer,
            others,
            answer: &answer,
            room: edit.room,
            command: edit.command,
        };
        let own: Vec<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
        for letter in &letters {
            match self.reprint(tx, letter, &own, &out).await? {
                Ok(bytes) => tx.letters().rewrite(letter.id, &bytes).await?,
                Err(why) => return Ok(Err(why)),
            };
        }
        tx.articles().set_text(edit.article, text).await?;
        Ok(Ok(()))
    }

    /// Why an edit is refused that asks for other recipients or files than the answer has: what it says
    /// of them must not be passed over in silence.
    async fn goes_elsewhere(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        edit: &Rewrite<'_>,
        letters: &[LetterRow],
    ) -> Result<Option<String>> {
        let prefix = &self.settings.prefix;
        let others = match self.others(tx, ticket, &edit.wish).await? {
            Ok(others) => others,
            Err(said) => return Ok(Some(said.text)),
        };
        let wanted: Vec<String> = others.iter().map(|other| other.address.key()).collect();
        let mut have: Vec<String> = letters.iter().skip(1).map(|letter| letter.sealed.to.key()).collect();
        have.retain(|address| !wanted.contains(address));
        if !have.is_empty() || wanted.len() + 1 != letters.len() {
            return Ok(Some(format!(
                "an edit can't change who gets it (--cc, --all). {prefix}undo takes the answer back."
            )));
        }
        let own = usize::from(matches!(tx.fetched_files().get(edit.command).await?, Some(Ok(_))));
        let files = tx.files().of(edit.article).await?.len();
        if usize::from(edit.wish.attach.unwrap_or_default()) + own != files {
            return Ok(Some(format!("an edit can't change --attach. {prefix}undo takes the answer back.")));
        }
        Ok(None)
    }
}

//! Writing to the customer: an answer, or the desk's own words, from the decision to frozen bytes.

use serde::{Deserialize, Serialize};

use super::Desk;
use super::letter::{Letter, LetterHead};
use crate::domain::article::{Answer, Sealed};
use crate::domain::id::{EventId, LetterId, MessageId, RoomId};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::domain::token::Purpose;
use crate::store::letters::{LetterRow, NewLetter};
use crate::store::people::Customer;
use crate::store::{Result, StoreError, Tx};

/// How many ids of the conversation a mail refers to.
const REFERENCES: i64 = 20;

/// What the ticket was before an answer, so that undoing it undoes its closing, too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Before {
    /// The state's name.
    pub(super) state: String,
    /// The state's name after the answer.
    pub(super) after: String,
    /// Whether the customer knew of a closing.
    #[serde(default)]
    pub(super) informed: Option<bool>,
}

/// An answer to be mailed.
pub(super) struct Outgoing<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) queue: &'a Queue,
    pub(super) customer: &'a Customer,
    pub(super) answer: &'a Answer,
    pub(super) room: &'a RoomId,
    pub(super) command: &'a EventId,
    pub(super) before: &'a Ticket,
}

impl Desk {
    /// Freezes an answer's mail and queues it behind the holding time.
    pub(super) async fn mail_answer(&self, tx: &mut Tx, out: &Outgoing<'_>) -> Result<Result<(), String>> {
        let id = tx.next_letter().await?;
        let message_id = new_message_id(id, out.queue)?;
        let head = self.head(tx, id, &message_id, out.ticket, out.queue, out.customer).await?;
        let envelope_from = tx.keys().await?.mint(&out.queue.address, Purpose::Bounce, id);
        let letter = Letter::answer(head, out.answer, &out.queue.signature);
        let bytes = match self.press.print(&letter) {
            Ok(bytes) => bytes,
            Err(why) => return Ok(Err(why)),
        };
        let before = Before {
            state: out.before.state.name().to_owned(),
            after: out.ticket.state.name().to_owned(),
            informed: out.before.informed,
        };
        let undo = serde_json::to_value(before).expect("two words");
        let sealed = Sealed { from: envelope_from, to: out.customer.address.clone(), bytes };
        tx.add_letter(&NewLetter {
            id,
            article: out.answer.article,
            ticket: out.ticket.id,
            automatic: false,
            message_id: &message_id,
            sealed: &sealed,
            hold: self.settings.answer_delay,
            command: Some((out.room, out.command)),
            undo: Some(undo),
        })
        .await?;
        tx.add_message_id(&message_id, out.ticket.id, out.answer.article).await?;
        Ok(Ok(()))
    }

    /// The bytes of a held answer with another text; its addresses and its id stay.
    pub(super) async fn reprint(
        &self,
        tx: &mut Tx,
        letter: &LetterRow,
        out: &Outgoing<'_>,
    ) -> Result<Result<Vec<u8>, String>> {
        let head = self.head(tx, letter.id, &letter.message_id, out.ticket, out.queue, out.customer).await?;
        Ok(self.press.print(&Letter::answer(head, out.answer, &out.queue.signature)))
    }

    pub(super) async fn head(
        &self,
        tx: &mut Tx,
        id: LetterId,
        message_id: &MessageId,
        ticket: &Ticket,
        queue: &Queue,
        customer: &Customer,
    ) -> Result<LetterHead> {
        let mut conversation = tx.conversation(ticket.id, REFERENCES).await?;
        conversation.retain(|(id, _)| id != message_id);
        let in_reply_to = conversation.iter().find(|(_, from_customer)| *from_customer).map(|(id, _)| id.clone());
        let references = conversation.into_iter().rev().map(|(id, _)| id).collect();
        let reply_to =
            tx.keys().await?.mint(&queue.address, Purpose::Reply, id).unwrap_or_else(|| queue.address.clone());
        Ok(LetterHead {
            from_name: queue.title.clone(),
            from: queue.address.clone(),
            to_name: customer.name.clone(),
            to: customer.address.clone(),
            reply_to,
            subject: format!("Re: {} {}", ticket.number.tag(), ticket.subject).trim_end().to_owned(),
            message_id: message_id.clone(),
            in_reply_to,
            references,
            date: self.clock.now(),
        })
    }
}

/// `<ticketloom.LETTER.RANDOM@queue's domain>`: the random part, so that a restored backup can't
/// give two mails one id.
pub(super) fn new_message_id(id: LetterId, queue: &Queue) -> Result<MessageId> {
    let text = format!("ticketloom.{id}.{}@{}", uuid::Uuid::new_v4().simple(), queue.address.domain());
    MessageId::parse(&text).ok_or_else(|| StoreError::Unsound {
        table: "queue",
        row: queue.name.clone(),
        what: "its address makes no Message-ID".to_owned(),
    })
}

//! Writing to the customer: an answer, or the desk's own words, from the decision to frozen bytes.

use super::letter::{Frame, Letter, LetterFile, LetterHead, Quote};
use crate::desk::Desk;
use crate::domain::article::{Answer, Sealed};
use crate::domain::id::{EventId, LetterId, MessageId, RoomId};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::domain::token::Purpose;
use crate::store::customers::Customer;
use crate::store::letters::{LetterRow, NewLetter};
use crate::store::{Result, StoreError, Tx};

/// How many lines of the mail that it answers an answer quotes.
const QUOTED_LINES: usize = 100;
/// How many ids of the conversation a mail refers to.
const REFERENCES: i64 = 20;

/// An answer to be mailed.
pub(in crate::desk) struct Outgoing<'a> {
    pub(in crate::desk) ticket: &'a Ticket,
    pub(in crate::desk) queue: &'a Queue,
    pub(in crate::desk) customer: &'a Customer,
    /// Who else gets it.
    pub(in crate::desk) others: &'a [Customer],
    pub(in crate::desk) answer: &'a Answer,
    /// The message that asked for it, if one did.
    pub(in crate::desk) command: Option<(&'a RoomId, &'a EventId)>,
}

/// What a mail of ours goes on from.
pub(in crate::desk) struct Conversation {
    in_reply_to: Option<MessageId>,
    references: Vec<MessageId>,
}

impl Desk {
    /// Freezes an answer's mails, one for each who gets it, and queues them behind the holding time.
    pub(in crate::desk) async fn mail_answer(&self, tx: &mut Tx, out: &Outgoing<'_>) -> Result<Result<(), String>> {
        let conversation = self.conversation(tx, (out.ticket, out.customer), &[]).await?;
        let frame = self.frame(tx, out).await?;
        for to in std::iter::once(out.customer).chain(out.others) {
            let id = tx.letters().next_id().await?;
            let message_id = new_message_id(id, out.queue)?;
            let head = self.head(tx, id, &message_id, (out.ticket, out.queue, out.customer), &conversation).await?;
            let bytes = match self.print(head, out, &frame, to) {
                Ok(bytes) => bytes,
                Err(why) => return Ok(Err(why)),
            };
            let envelope_from = tx.desk().keys().await?.mint(&out.queue.address, Purpose::Bounce, id);
            let sealed = Sealed { from: envelope_from, to: to.address.clone(), bytes };
            tx.letters()
                .add(&NewLetter {
                    id,
                    article: out.answer.article,
                    ticket: out.ticket.id,
                    cause: None,
                    message_id: &message_id,
                    sealed: &sealed,
                    hold: self.settings.answer_delay,
                    command: out.command,
                })
                .await?;
            tx.message_ids().add(&message_id, out.ticket.id, out.answer.article).await?;
        }
        Ok(Ok(()))
    }

    /// The bytes of a held answer with another text; its addresses and its id stay.
    pub(in crate::desk) async fn reprint(
        &self,
        tx: &mut Tx,
        letter: &LetterRow,
        own_ids: &[MessageId],
        out: &Outgoing<'_>,
    ) -> Result<Result<Vec<u8>, String>> {
        let conversation = self.conversation(tx, (out.ticket, out.customer), own_ids).await?;
        let about = (out.ticket, out.queue, out.customer);
        let head = self.head(tx, letter.id, &letter.message_id, about, &conversation).await?;
        let frame = self.frame(tx, out).await?;
        let to = tx.customers().at(&letter.sealed.to, "").await?;
        Ok(self.print(head, out, &frame, &to))
    }

    fn print(&self, head: LetterHead, out: &Outgoing<'_>, frame: &Frame, to: &Customer) -> Result<Vec<u8>, String> {
        let cc = out.others.iter().map(|other| (other.name.clone(), other.address.clone())).collect();
        let mut frame = frame.clone();
        // Others may not have had the customer's mail (R50).
        if to.id != out.customer.id {
            frame.quote = None;
        }
        self.composer.compose(&Letter::answer(LetterHead { cc, ..head }, out.answer, frame))
    }

    /// What the queue puts around an answer, and the answer's files.
    async fn frame(&self, tx: &mut Tx, out: &Outgoing<'_>) -> Result<Frame> {
        let name = if out.customer.name.trim().is_empty() { out.customer.address.as_str() } else { &out.customer.name };
        let quoted = if out.queue.quotes {
            tx.participants().newest_mail_of(out.ticket.id, out.customer.id).await?
        } else {
            None
        };
        let quote = quoted.map(|(text, at)| Quote {
            from: name.to_owned(),
            at,
            language: out.queue.language,
            text: text.lines().take(QUOTED_LINES).collect::<Vec<_>>().join("\n"),
        });
        let files = tx.files().of(out.answer.article).await?;
        Ok(Frame {
            salutation: out.queue.salutation.replace("{name}", name),
            signature: out.queue.signature.clone(),
            quote,
            files: files
                .into_iter()
                .map(|file| LetterFile { name: file.name, mime: file.mime, bytes: file.bytes })
                .collect(),
        })
    }

    /// The ids of a customer's mails in a ticket without those of the mail that is being written.
    pub(in crate::desk) async fn conversation(
        &self,
        tx: &mut Tx,
        (ticket, customer): (&Ticket, &Customer),
        own: &[MessageId],
    ) -> Result<Conversation> {
        let mut ids = tx.message_ids().conversation(ticket.id, customer, REFERENCES).await?;
        ids.retain(|(id, _)| !own.contains(id));
        Ok(Conversation {
            in_reply_to: ids.iter().find(|(_, from_customer)| *from_customer).map(|(id, _)| id.clone()),
            references: ids.into_iter().rev().map(|(id, _)| id).collect(),
        })
    }

    pub(in crate::desk) async fn head(
        &self,
        tx: &mut Tx,
        id: LetterId,
        message_id: &MessageId,
        (ticket, queue, customer): (&Ticket, &Queue, &Customer),
        conversation: &Conversation,
    ) -> Result<LetterHead> {
        let reply_to =
            tx.desk().keys().await?.mint(&queue.address, Purpose::Reply, id).unwrap_or_else(|| queue.address.clone());
        Ok(LetterHead {
            from_name: queue.title.clone(),
            from: queue.address.clone(),
            to_name: customer.name.clone(),
            to: customer.address.clone(),
            cc: Vec::new(),
            reply_to,
            subject: format!("Re: {} {}", ticket.number.tag(), ticket.subject).trim_end().to_owned(),
            message_id: message_id.clone(),
            in_reply_to: conversation.in_reply_to.clone(),
            references: conversation.references.clone(),
            date: tx.now(),
        })
    }
}

/// `<ticketloom.LETTER.RANDOM@queue's domain>`: the random part, so that a restored backup can't
/// give two mails one id.
pub(in crate::desk) fn new_message_id(id: LetterId, queue: &Queue) -> Result<MessageId> {
    let text = format!("ticketloom.{id}.{}@{}", uuid::Uuid::new_v4().simple(), queue.address.domain());
    MessageId::parse(&text).ok_or_else(|| StoreError::Unsound {
        table: "queue",
        row: queue.name.clone(),
        what: "its address makes no Message-ID".to_owned(),
    })
}

//! What stands above a mail's text: who, to whom, about what, and which mails it goes on from.

use crate::desk::outbound::letter::LetterHead;
use crate::desk::{Settings, page};
use crate::domain::id::{LetterId, MessageId};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::domain::token::Purpose;
use crate::store::customers::Customer;
use crate::store::{Result, StoreError, Tx};

/// How many ids of the conversation a mail refers to.
const REFERENCES: i64 = 20;

/// What a mail of ours goes on from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conversation {
    /// The customer's newest mail.
    in_reply_to: Option<MessageId>,
    /// All of it, oldest first.
    references: Vec<MessageId>,
}

impl Conversation {
    /// Of ids, newest first, each with whether it is of the customer's own mail; without those of the mail that is being
    /// written.
    fn of(ids: Vec<(MessageId, bool)>, own: &[MessageId]) -> Self {
        let ids: Vec<_> = ids.into_iter().filter(|(id, _)| !own.contains(id)).collect();
        let in_reply_to = ids.iter().find(|(_, is_customers)| *is_customers).map(|(id, _)| id.clone());
        Self { in_reply_to, references: ids.into_iter().rev().map(|(id, _)| id).collect() }
    }
}

/// What a mail to a customer of a ticket goes on from.
pub(super) async fn conversation(
    tx: &mut Tx,
    (ticket, customer): (&Ticket, &Customer),
    own: &[MessageId],
) -> Result<Conversation> {
    Ok(Conversation::of(tx.message_ids().conversation(ticket.id, customer, REFERENCES).await?, own))
}

/// The head of a letter; answers to it come to a signed address of its own.
pub(super) async fn head(
    (tx, settings): (&mut Tx, &Settings),
    id: LetterId,
    message_id: &MessageId,
    (ticket, queue, customer): (&Ticket, &Queue, &Customer),
    conversation: &Conversation,
) -> Result<LetterHead> {
    let keys = tx.desk().keys().await?;
    let reply_to = keys.mint(&queue.address, Purpose::Reply, id);
    let page = page::link(settings, queue, &keys, id).map(|link| (link, queue.language));
    // What begins a conversation answers nothing.
    let begins = conversation.in_reply_to.is_none() && tx.articles().begins_with_agent(ticket.id).await?;
    let re = if begins { "" } else { "Re: " };
    Ok(LetterHead {
        from_name: queue.title.clone(),
        from: queue.address.clone(),
        to_name: customer.name.clone(),
        to: customer.address.clone(),
        cc: Vec::new(),
        reply_to: reply_to.unwrap_or_else(|| queue.address.clone()),
        subject: format!("{re}{} {}", ticket.number.tag(), ticket.subject).trim_end().to_owned(),
        message_id: message_id.clone(),
        in_reply_to: conversation.in_reply_to.clone(),
        references: conversation.references.clone(),
        date: tx.now(),
        page,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId::parse(text).expect("an id")
    }

    #[test]
    fn a_mail_answers_the_customers_newest_and_refers_to_all_but_itself() {
        let (ours, theirs) = (false, true);
        for (ids, own, in_reply_to, references) in [
            (vec![], vec![], None, vec![]),
            (vec![("a@x", theirs)], vec![], Some("a@x"), vec!["a@x"]),
            (vec![("b@x", ours), ("a@x", theirs)], vec![], Some("a@x"), vec!["a@x", "b@x"]),
            (vec![("c@x", theirs), ("b@x", ours), ("a@x", theirs)], vec![], Some("c@x"), vec!["a@x", "b@x", "c@x"]),
            (vec![("b@x", ours), ("a@x", ours)], vec![], None, vec!["a@x", "b@x"]),
            // What is written again does not answer itself, nor what went to others with it.
            (vec![("c@x", ours), ("b@x", ours), ("a@x", theirs)], vec!["b@x", "c@x"], Some("a@x"), vec!["a@x"]),
        ] {
            let newest_first = ids.iter().map(|(text, is_customers)| (id(text), *is_customers)).collect();
            let own: Vec<_> = own.iter().copied().map(id).collect();
            let wanted = Conversation {
                in_reply_to: in_reply_to.map(id),
                references: references.iter().copied().map(id).collect(),
            };
            assert_eq!(Conversation::of(newest_first, &own), wanted, "{ids:?} without {own:?}");
        }
    }
}

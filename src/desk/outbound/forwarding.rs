//! Writing to somebody who takes no part in the ticket: what its customer may see, from the decision to frozen bytes.
//!
//! Nothing of it leads back into what the customer sees: the subject bears no tag, the mail refers to none of the
//! customer's, and whatever answers it is internal, whoever wrote it (`intake::clue`).

use super::context::{Context, Unwritten};
use super::filling::Filling;
use super::head::new_message_id;
use super::letter::{Frame, Letter, LetterFile, LetterHead, Quote};
use crate::domain::article::{Forward, Sealed};
use crate::domain::blob::Digest;
use crate::domain::id::{AttachmentId, EmailAddress, EventId, RoomId};
use crate::domain::placeholder::{self, Text};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::domain::token::Purpose;
use crate::store::Tx;
use crate::store::letters::NewLetter;
use crate::store::transcripts::Passage;

/// What is to be forwarded.
pub(in crate::desk) struct Forwarding<'a> {
    pub(in crate::desk) ticket: &'a Ticket,
    pub(in crate::desk) queue: &'a Queue,
    pub(in crate::desk) to: &'a EmailAddress,
    pub(in crate::desk) forward: &'a Forward,
    pub(in crate::desk) passages: &'a [Passage],
    pub(in crate::desk) files: Vec<LetterFile>,
    /// Which of them are files of what is forwarded.
    pub(in crate::desk) sources: &'a [(Digest, AttachmentId)],
    /// The message that asked for it, if one did.
    pub(in crate::desk) command: Option<(&'a RoomId, &'a EventId)>,
}

/// Freezes the mail and queues it behind the holding time.
pub(in crate::desk) async fn freeze(context: &mut Context<'_>, out: Forwarding<'_>) -> Result<(), Unwritten> {
    let id = context.tx.letters().next_id().await?;
    let message_id = new_message_id(id, out.queue)?;
    let keys = context.tx.desk().keys().await?;
    let reply_to = keys.mint(&out.queue.address, Purpose::Reply, id);
    let head = LetterHead {
        from_name: out.queue.title.clone(),
        from: out.queue.address.clone(),
        to_name: String::new(),
        to: out.to.clone(),
        cc: Vec::new(),
        reply_to: reply_to.unwrap_or_else(|| out.queue.address.clone()),
        subject: format!("Fwd: {}", out.ticket.subject).trim_end().to_owned(),
        message_id: message_id.clone(),
        in_reply_to: None,
        references: Vec::new(),
        date: context.tx.now(),
        // Whoever gets it is no customer of this ticket.
        page: None,
    };
    let frame = Frame {
        salutation: String::new(),
        signature: signature(context.tx, &out).await?,
        quotes: out.passages.iter().map(|passage| quote(passage, out.queue)).collect(),
        files: out.files,
    };
    let letter = Letter::forward(head, out.forward, frame);
    let mail = context.composer.compose(&letter).map_err(Unwritten::NotComposable)?;
    let from = keys.mint(&out.queue.address, Purpose::Bounce, id);
    let sealed = Sealed { from, to: out.to.clone(), mail };
    let new = NewLetter {
        id,
        article: out.forward.article,
        ticket: out.ticket.id,
        is_forward: true,
        cause: None,
        message_id: &message_id,
        sealed: &sealed,
        sources: out.sources,
        hold: context.settings.answer_delay,
        command: out.command,
    };
    context.tx.letters().add(&new).await?;
    context.tx.message_ids().add(&message_id, out.ticket.id, out.forward.article).await?;
    Ok(())
}

/// The queue's signature. What it says of a customer, it says of whom the ticket is for.
async fn signature(tx: &mut Tx, out: &Forwarding<'_>) -> Result<String, Unwritten> {
    let customer = tx.customers().get(out.ticket.customer).await?;
    let agent = tx.agents().get(out.forward.author).await?.user;
    let filling = Filling { ticket: out.ticket, queue: out.queue, customer: &customer, agent: &agent, now: tx.now() };
    placeholder::fill(&out.queue.signature, Text::Plain, |one| filling.of(one))
        .map_err(|unknown| Unwritten::NotComposable(format!("the queue's signature has a mistake: {unknown}")))
}

/// A mail as it is quoted. Of ours the queue is named, as in the mail that the customer got, and no agent.
fn quote(passage: &Passage, queue: &Queue) -> Quote {
    let (name, address) = match &passage.by {
        Some((name, address)) => (name.trim(), address.as_str()),
        None => (queue.title.as_str(), queue.address.as_str()),
    };
    let from = if name.is_empty() { address.to_owned() } else { format!("{name} <{address}>") };
    Quote { from, at: passage.at, language: queue.language, text: passage.text.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample;
    use crate::domain::id::ArticleId;

    #[test]
    fn who_wrote_is_named_with_their_address_and_of_ours_the_queue() {
        let queue = sample::queue();
        for (by, wanted) in [
            (Some(("Carol", "carol@x.test")), "Carol <carol@x.test>".to_owned()),
            (Some((" ", "carol@x.test")), "carol@x.test".to_owned()),
            (None, format!("{} <{}>", queue.title, queue.address)),
        ] {
            let by = by.map(|(name, address)| (name.to_owned(), address.to_owned()));
            let passage = Passage { article: ArticleId(1), by, at: chrono::Utc::now(), text: "Hello".to_owned() };
            assert_eq!(quote(&passage, &queue).from, wanted);
        }
    }
}

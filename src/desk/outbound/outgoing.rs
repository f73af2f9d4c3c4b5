//! Writing to the customer: an agent's answer, from the decision to frozen bytes.

use super::context::{Context, Unwritten};
use super::filling::{Filling, called};
use super::head::{conversation, head, new_message_id};
use super::letter::{Frame, Letter, LetterFile, LetterHead, Quote};
use crate::domain::article::{Answer, Sealed};
use crate::domain::blob::Digest;
use crate::domain::id::{EventId, MessageId, RoomId};
use crate::domain::placeholder::{self, Text};
use crate::domain::printed::Printed;
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::domain::token::Purpose;
use crate::store::Tx;
use crate::store::customers::Customer;
use crate::store::letters::{LetterRow, NewLetter};

/// How many lines of the mail that it answers an answer quotes.
const QUOTED_LINES: usize = 100;

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

/// Freezes an answer's mails, one for each who gets it, and queues them behind the holding time.
pub(in crate::desk) async fn freeze(context: &mut Context<'_>, out: &Outgoing<'_>) -> Result<(), Unwritten> {
    let conversation = conversation(context.tx, (out.ticket, out.customer), &[]).await?;
    let frame = frame(context.tx, out).await?;
    for to in std::iter::once(out.customer).chain(out.others) {
        let id = context.tx.letters().next_id().await?;
        let message_id = new_message_id(id, out.queue)?;
        let about = (out.ticket, out.queue, out.customer);
        let head = head((context.tx, context.settings), id, &message_id, about, &conversation).await?;
        let mail = composed(context, head, out, &frame, to)?;
        let envelope_from = context.tx.desk().keys().await?.mint(&out.queue.address, Purpose::Bounce, id);
        let sealed = Sealed { from: envelope_from, to: to.address.clone(), mail };
        context
            .tx
            .letters()
            .add(&NewLetter {
                id,
                article: out.answer.article,
                ticket: out.ticket.id,
                is_forward: false,
                cause: None,
                message_id: &message_id,
                sealed: &sealed,
                sources: &[],
                hold: context.settings.answer_delay,
                command: out.command,
            })
            .await?;
        context.tx.message_ids().add(&message_id, out.ticket.id, out.answer.article).await?;
    }
    Ok(())
}

/// The bytes of a held answer with another text; its addresses and its id stay. `own_ids` are those of all its mails.
pub(in crate::desk) async fn recompose(
    context: &mut Context<'_>,
    letter: &LetterRow,
    own_ids: &[MessageId],
    out: &Outgoing<'_>,
) -> Result<Printed<Digest>, Unwritten> {
    let conversation = conversation(context.tx, (out.ticket, out.customer), own_ids).await?;
    let about = (out.ticket, out.queue, out.customer);
    let head = head((context.tx, context.settings), letter.id, &letter.message_id, about, &conversation).await?;
    let frame = frame(context.tx, out).await?;
    let to = context.tx.customers().at(&letter.sealed.to, "").await?;
    composed(context, head, out, &frame, &to)
}

fn composed(
    context: &Context<'_>,
    head: LetterHead,
    out: &Outgoing<'_>,
    frame: &Frame,
    to: &Customer,
) -> Result<Printed<Digest>, Unwritten> {
    let cc = out.others.iter().map(|other| (other.name.clone(), other.address.clone())).collect();
    let mut frame = frame.clone();
    // Others may not have had the customer's mail (R50).
    if to.id != out.customer.id {
        frame.quotes.clear();
    }
    let letter = Letter::answer(LetterHead { cc, ..head }, out.answer, frame);
    context.composer.compose(&letter).map_err(Unwritten::NotComposable)
}

/// What the queue puts around an answer, and the answer's files.
async fn frame(tx: &mut Tx, out: &Outgoing<'_>) -> Result<Frame, Unwritten> {
    let quoted =
        if out.queue.quotes { tx.participants().newest_mail_of(out.ticket.id, out.customer.id).await? } else { None };
    let name = called(out.customer);
    let agent = tx.agents().get(out.answer.author).await?.user;
    let now = tx.now();
    let filling = Filling { ticket: out.ticket, queue: out.queue, customer: out.customer, agent: &agent, now };
    let filled = |what: &str, text: &str| {
        let filled = placeholder::fill(text, Text::Plain, |one| filling.of(one));
        filled.map_err(|unknown| Unwritten::NotComposable(format!("the queue's {what} has a mistake: {unknown}")))
    };
    let files = tx.files().of(out.answer.article).await?;
    Ok(Frame {
        salutation: filled("salutation", &out.queue.salutation)?,
        signature: filled("signature", &out.queue.signature)?,
        quotes: quoted
            .into_iter()
            .map(|(text, at)| Quote {
                from: name.to_owned(),
                at,
                language: out.queue.language,
                text: first_lines(&text, QUOTED_LINES),
            })
            .collect(),
        files: files
            .into_iter()
            .map(|file| LetterFile { name: file.name, mime: file.mime, digest: file.kept.digest })
            .collect(),
    })
}

fn first_lines(text: &str, most: usize) -> String {
    text.lines().take(most).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_has_no_more_lines_than_it_may() {
        for (text, most, wanted) in
            [("", 2, ""), ("a", 2, "a"), ("a\nb\n", 2, "a\nb"), ("a\r\n\nc", 2, "a\n"), ("a\nb\nc", 2, "a\nb")]
        {
            assert_eq!(first_lines(text, most), wanted, "{text:?}");
        }
    }
}

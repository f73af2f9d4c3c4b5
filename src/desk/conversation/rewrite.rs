//! Changing an answer while it is held.

use super::care;
use super::context::{Cause, Context};
use super::draft::Draft;
use super::recipients;
use super::refusal::{EditRefusal, Outcome};
use crate::desk::outbound::outgoing::{Outgoing, recompose};
use crate::domain::article::Answer;
use crate::domain::id::ArticleId;
use crate::domain::ticket::{AnswerEffect, Ticket};
use crate::store::Tx;
use crate::store::letters::{LetterRow, LetterState};

/// Changes a held answer's text and its frozen mails together. Who gets it, its files and what it makes
/// of the ticket stay as they were; a draft that wants them otherwise is refused, not passed over in silence.
pub async fn rewrite(
    context: &mut Context<'_>,
    ticket: &Ticket,
    (command, article): (Cause<'_>, ArticleId),
    draft: &Draft,
) -> Outcome<()> {
    let letters = held_letters(context.tx, article).await?;
    must_stay(context.tx, ticket, (command, article), draft, &letters).await?;
    care::must_be_meant(context.tx, ticket, draft).await?;
    let author = context.tx.articles().author_of(article).await?;
    let answer = Answer { article, ticket: ticket.id, author, markdown: draft.text.clone() };
    write_again(context, ticket, command, &answer, &letters).await?;
    Ok(context.tx.articles().set_text(article, &draft.text).await?)
}

/// The mails of an answer, their rows locked, if all of them are still held.
async fn held_letters(tx: &mut Tx, article: ArticleId) -> Outcome<Vec<LetterRow>> {
    let mut letters = Vec::new();
    for letter in tx.letters().of(article).await? {
        letters.push(tx.letters().lock(letter).await?);
    }
    let are_held = !letters.is_empty() && letters.iter().all(|letter| letter.state == LetterState::Held);
    if are_held { Ok(letters) } else { Err(EditRefusal::TooLate.into()) }
}

/// Refuses a draft that goes elsewhere, has other files or makes something else of the ticket than the answer.
async fn must_stay(
    tx: &mut Tx,
    ticket: &Ticket,
    (command, article): (Cause<'_>, ArticleId),
    draft: &Draft,
    letters: &[LetterRow],
) -> Outcome<()> {
    let caused = tx.audit().caused_by(ticket.id, command.event).await?;
    let effect = AnswerEffect::of(&caused).ok_or(EditRefusal::NotKnown)?;
    if draft.next != effect.after {
        return Err(EditRefusal::State.into());
    }
    let wanted = recipients::others(tx, ticket, draft).await?;
    let wanted: Vec<String> = wanted.iter().map(|other| other.address.key()).collect();
    let stay = letters.iter().skip(1).all(|letter| wanted.contains(&letter.sealed.to.key()));
    if !stay || wanted.len() + 1 != letters.len() {
        return Err(EditRefusal::Recipients.into());
    }
    // A caption's file goes with it, whatever the caption says afterwards.
    let own = usize::from(matches!(tx.fetched_files().get(command.event).await?, Some(Ok(_))));
    let wanted = usize::from(draft.newest_files.unwrap_or_default()) + own;
    if tx.files().of(article).await?.len() != wanted {
        return Err(EditRefusal::Files.into());
    }
    Ok(())
}

/// Freezes the mails again with the new text.
async fn write_again(
    context: &mut Context<'_>,
    ticket: &Ticket,
    command: Cause<'_>,
    answer: &Answer,
    letters: &[LetterRow],
) -> Outcome<()> {
    let queue = context.tx.queues().get(ticket.queue).await?;
    let mut recipients = Vec::new();
    for letter in letters {
        recipients.push(context.tx.customers().at(&letter.sealed.to, "").await?);
    }
    // Whom the ticket is for may have changed meanwhile; the mails are for whom they were.
    let (customer, others) = recipients.split_first().ok_or(EditRefusal::TooLate)?;
    let command = Some((command.room, command.event));
    let out = Outgoing { ticket, queue: &queue, customer, others, answer, command };
    let own: Vec<_> = letters.iter().map(|letter| letter.message_id.clone()).collect();
    for letter in letters {
        let mail = recompose(&mut context.outbound(), letter, &own, &out).await?;
        context.tx.letters().rewrite(letter.id, &mail).await?;
    }
    Ok(())
}

//! Asking somebody outside who takes no part in the ticket.

use super::addresses::must_be_outside;
use super::article::{self, Written};
use super::care;
use super::context::Context;
use super::draft::Draft;
use super::recipients::{self, MOST_BYTES};
use super::refusal::{ForwardRefusal, Outcome};
use crate::desk::outbound::forwarding::{self, Forwarding};
use crate::desk::outbound::letter::LetterFile;
use crate::domain::article::Forward;
use crate::domain::id::EmailAddress;
use crate::domain::ticket::{Action, Ticket, TicketEvent};
use crate::store::blobs::Kept;
use crate::store::files::{AgentFile, FileRow};
use crate::store::transcripts::Passage;

/// How many mails are forwarded at most, the newest.
pub const MOST_MAILS: usize = 50;

/// What is held now and goes to somebody else soon.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarded {
    /// How many mails and answers go with it.
    pub mails: usize,
    /// The files, and how many bytes each is.
    pub files: Vec<(String, u64)>,
}

/// Mails what the customer may see of a ticket to somebody else, with a text before it. It is internal, as is whatever they
/// answer: they take no part by it. Takes the ticket, and changes nothing else of it.
pub async fn forward(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    (to, brings_files): (&EmailAddress, bool),
    draft: &Draft,
) -> Outcome<Forwarded> {
    context.act(ticket, Action::Lock).await?;
    must_be_somebody_else(context, ticket, to, draft.is_sure).await?;
    care::must_be_meant(context.tx, ticket, draft).await?;
    let most = i64::try_from(MOST_MAILS).unwrap_or(i64::MAX);
    let passages = context.tx.transcripts().of(ticket.id, most).await?;
    let own = recipients::files(context, ticket, draft).await?;
    let mut files: Vec<(LetterFile, u64)> = own.iter().map(|file| (letter_file(file), file.kept.size)).collect();
    let mut sources = Vec::new();
    if brings_files {
        let room_left = MOST_BYTES - own.iter().map(|file| file.kept.size).sum::<u64>();
        for row in files_of(context, &passages, room_left).await? {
            let Kept { digest, size } = row.kept;
            sources.push((digest, row.id));
            files.push((LetterFile { name: row.name, mime: row.mime, digest }, size));
        }
    }
    let article = article::write(context, ticket, Written::Forward, &draft.text).await?;
    context.show_elsewhere(ticket, article).await?;
    context.record(ticket.id, &TicketEvent::Forwarded { article, to: to.clone() }).await?;
    for (position, file) in own.iter().enumerate() {
        context.tx.files().add(article, position + 1, &file.as_new()).await?;
    }
    let named = files.iter().map(|(file, size)| (file.name.clone(), *size)).collect();
    let forwarded = Forwarded { mails: passages.len(), files: named };
    let files = files.into_iter().map(|(file, _)| file).collect();
    let queue = context.tx.queues().get(ticket.queue).await?;
    let forward = Forward { article, ticket: ticket.id, author: context.by.id, markdown: draft.text.clone() };
    let command = context.cause.map(|cause| (cause.room, cause.event));
    let out = Forwarding {
        ticket,
        queue: &queue,
        to,
        forward: &forward,
        passages: &passages,
        files,
        sources: &sources,
        command,
    };
    forwarding::freeze(&mut context.outbound(), out).await?;
    Ok(forwarded)
}

/// Refuses whoever takes part: they have the conversation, and what they answered would be hidden from everybody else in it.
async fn must_be_somebody_else(
    context: &mut Context<'_>,
    ticket: &Ticket,
    to: &EmailAddress,
    is_sure: bool,
) -> Outcome<()> {
    must_be_outside(context.tx, to).await?;
    let customer = context.tx.customers().get(ticket.customer).await?;
    let participants = context.tx.participants().of(ticket.id).await?;
    if participants.iter().chain([&customer]).any(|other| other.address.key() == to.key()) {
        return Err(ForwardRefusal::TakesPart(to.clone()).into());
    }
    if to.is_unattended() && !is_sure {
        return Err(ForwardRefusal::Unattended(to.clone()).into());
    }
    Ok(())
}

fn letter_file(file: &AgentFile) -> LetterFile {
    LetterFile { name: file.name.clone(), mime: file.mime.clone(), digest: file.kept.digest }
}

/// The files of what is forwarded. Their bytes stay where they are, mostly in raw mails, until the letter is sent.
async fn files_of(context: &mut Context<'_>, passages: &[Passage], room_left: u64) -> Outcome<Vec<FileRow>> {
    let articles: Vec<_> = passages.iter().map(|passage| passage.article).collect();
    let mut rows = Vec::new();
    for file in context.tx.transcripts().files(&articles).await? {
        rows.push(context.tx.files().get(file).await?);
    }
    let size = rows.iter().map(|row| row.kept.size).sum();
    if size > room_left { Err(ForwardRefusal::FilesTooLarge(size).into()) } else { Ok(rows) }
}

//! A mail becomes an article.

use std::collections::HashSet;

use super::incoming::{IncomingFile, IncomingMail, Nature};
use super::mail_in::{Arrival, cleaned_subject};
use super::related;
use crate::desk::{Desk, is_ours};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress, MailId};
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::articles::{Body, NewArticle, Origin, Source};
use crate::store::blobs::Kept;
use crate::store::files::NewFile;
use crate::store::jobs;
use crate::store::mails::MailFate;
use crate::store::{Result, Store, Tx};

/// Bytes of text that are shown in a room; an event holds 65,536 with all its copies and escapes.
const LONG_TEXT: usize = 12 << 10;
/// The file that has the whole of a longer one.
const WHOLE_TEXT: &str = "whole-text.txt";

/// How many of the others who got a mail are named.
const MOST_COPIES: usize = 10;

impl Desk {
    /// Writes the mail as an article, with its files, its id and the jobs that show it.
    pub(in crate::desk) async fn add_mail(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: &Ticket,
        visibility: Visibility,
        on_card: bool,
    ) -> Result<ArticleId> {
        let mail = arrival.mail;
        let (text, is_cut) = shown_text(mail);
        let reply_to = self.wanted_elsewhere(tx, arrival).await?;
        let copies = copies(tx, arrival).await?;
        let subject = cleaned_subject(tx, &mail.subject).await?;
        let response = match mail.nature {
            Nature::Response { what, .. } => Some(what),
            _ => None,
        };
        let article = tx
            .articles()
            .add(&NewArticle {
                ticket: ticket.id,
                kind: Kind::Mail,
                sender: arrival.sender,
                visibility,
                origin: Origin::Mail(Source {
                    mail: arrival.stored.id,
                    customer: arrival.customer.id,
                    subject: &subject,
                    written_at: mail.date,
                    reply_to: reply_to.as_ref(),
                    copies: copies.as_deref(),
                    response,
                }),
                body: body(mail, &text, is_cut),
                on_card,
            })
            .await?;
        tx.mails().set_fate(arrival.stored.id, MailFate::Article, arrival.rule, arrival.found).await?;
        if let Some(id) = &mail.message_id {
            tx.message_ids().add(id, ticket.id, article).await?;
        }
        if visibility == Visibility::Customer {
            related::note(tx, arrival, ticket.id).await?;
        }
        if !on_card {
            tx.enqueue(jobs::Article { ticket: ticket.id, article });
        }
        for (position, file) in files(mail).enumerate() {
            let file = tx.files().add(article, position + 1, &new_file(file, arrival.stored.id)).await?;
            tx.enqueue(jobs::File { ticket: ticket.id, file });
        }
        let from = arrival.from.address.clone();
        let event = match visibility {
            Visibility::Held => TicketEvent::MailHeld { article, from },
            Visibility::Customer | Visibility::Internal => TicketEvent::MailReceived { article, from },
        };
        let actor = if arrival.sender == Sender::Customer { Actor::Customer } else { Actor::System };
        tx.audit().record(ticket.id, &actor, &event).await?;
        Ok(article)
    }

    /// Where a mail wants its answer, if that is neither who wrote it nor the desk itself. It is never followed
    /// unasked: whoever forges a mail would have us answer to wherever they like (R40).
    async fn wanted_elsewhere(&self, tx: &mut Tx, arrival: &Arrival<'_>) -> Result<Option<EmailAddress>> {
        let Some(wanted) = &arrival.mail.reply_to else { return Ok(None) };
        let only_answers = matches!(arrival.mail.nature, Nature::Response { .. });
        // A list that put itself into From, with the writer beside it, is nobody to answer either.
        let stands_in_from = arrival.mail.from.as_ref().is_some_and(|from| from.address.key() == wanted.address.key());
        let is_writer = wanted.address.key() == arrival.from.address.key();
        if arrival.stored.is_imported || only_answers || is_writer || stands_in_from {
            return Ok(None);
        }
        Ok((!is_ours(tx, &wanted.address).await?).then(|| wanted.address.clone()))
    }
}

/// What an article of a mail says.
pub(in crate::desk) fn body<'a>(mail: &'a IncomingMail, text: &'a str, is_cut: bool) -> Body<'a> {
    Body {
        text,
        html: shown_html(mail, is_cut),
        whole_text: (mail.fresh.folded > 0 || is_cut).then_some(mail.text.as_str()),
        folded: mail.fresh.folded,
    }
}

/// Who else a mail went to, as it says: shown, so that an agent can let them take part; by itself nobody does (R49).
async fn copies(tx: &mut Tx, arrival: &Arrival<'_>) -> Result<Option<String>> {
    let mut known: HashSet<String> = HashSet::from([arrival.from.address.key()]);
    let everybody = arrival.mail.to.iter().chain(&arrival.mail.cc).map(|other| &other.address);
    let mut others: Vec<&EmailAddress> =
        everybody.filter(|other| known.insert(other.key()) && !arrival.queue.owns(other)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let queues = tx.queues().all().await?;
    others.retain(|other| !queues.iter().any(|queue| queue.owns(other)));
    let more = others.len().saturating_sub(MOST_COPIES);
    others.truncate(MOST_COPIES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = others.iter().map(|other| other.as_str()).collect::<Vec<_>>().join(", ");
    Ok((!names.is_empty()).then(|| names + more.as_str()))
}

/// What is shown of a mail: its new text, cut if it is very long, and what could not be read.
pub(in crate::desk) fn shown_text(mail: &IncomingMail) -> (String, bool) {
    let fresh = &mail.fresh.text;
    let is_cut = fresh.len() > LONG_TEXT;
    let mut text = if is_cut {
        let end = (0..=LONG_TEXT).rev().find(|end| fresh.is_char_boundary(*end)).unwrap_or_default();
        format!("{}\n… (the whole text is in {WHOLE_TEXT})", &fresh[..end])
    } else {
        fresh.clone()
    };
    for trouble in &mail.troubles {
        text.push_str("\n⚠ ");
        text.push_str(trouble);
    }
    (text, is_cut)
}

/// Its HTML, if that shows the same as the text.
pub(in crate::desk) fn shown_html(mail: &IncomingMail, is_cut: bool) -> Option<&str> {
    if mail.troubles.is_empty() && !is_cut { mail.fresh.html.as_deref() } else { None }
}

/// The files of a mail's article: its own, and the whole of a text that is cut.
pub(in crate::desk) fn files(mail: &IncomingMail) -> impl Iterator<Item = &IncomingFile> {
    let is_cut = mail.fresh.text.len() > LONG_TEXT;
    let text = || IncomingFile::new(WHOLE_TEXT.to_owned(), "text/plain".to_owned(), mail.text.clone().into_bytes());
    mail.attachments.iter().chain(is_cut.then(|| mail.text_file.get_or_init(text)))
}

/// Keeps those files of a mail whose bytes don't stand in it, before the transaction that refers to them begins.
pub(in crate::desk) async fn keep_files(store: &Store, mail: &IncomingMail) -> Result<()> {
    for file in files(mail).filter(|file| file.place.is_none()) {
        store.blobs().put(file.digest, &file.bytes).await?;
    }
    Ok(())
}

/// A mail's file as the record has it.
pub(in crate::desk) fn new_file(file: &IncomingFile, mail: MailId) -> NewFile<'_> {
    NewFile {
        name: &file.name,
        mime: &file.mime,
        content_id: file.content_id.as_deref(),
        kept: Kept { digest: file.digest, size: file.size },
        place: file.place.map(|place| (mail, place)),
    }
}

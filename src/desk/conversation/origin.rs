//! Where a mail came from, and what went out for it.

use super::context::{Cause, Context};
use super::refusal::{Outcome, Refusal};
use crate::domain::id::{ArticleId, EmailAddress, MailId};
use crate::domain::ticket::Ticket;
use crate::store::jobs::Raw;
use crate::store::mails::Provenance;
use crate::store::replies::SentFor;

/// How an article came to its ticket.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who wrote it, if somebody did by mail.
    pub from: Option<EmailAddress>,
    /// Its mail, if it came by one.
    pub mail: Option<Provenance>,
    /// How many lines of it were folded away.
    pub folded: i32,
    /// What was sent for it, with every answer of a mail server.
    pub sent: Vec<SentFor>,
}

/// How an article, or the ticket's newest mail, came here.
pub async fn why(context: &mut Context<'_>, ticket: &Ticket, article: Option<ArticleId>) -> Outcome<Origin> {
    let mail = context.tx.mails().of(ticket.id, article).await?;
    let article = article.or(mail.map(|(_, article)| article)).ok_or(Refusal::NotByMail)?;
    let mail = match mail {
        Some((mail, _)) => Some(context.tx.mails().provenance(mail).await?),
        None => None,
    };
    let from = match context.tx.articles().get(article).await?.customer {
        Some(customer) => Some(context.tx.customers().get(customer).await?.address),
        None => None,
    };
    let folded = context.tx.articles().folded_lines(article).await?;
    Ok(Origin { from, mail, folded, sent: context.tx.letters().sent_for(article).await? })
}

/// Has the original mail of an article, or the ticket's newest, brought into the thread as an answer to a message.
pub async fn raw(
    context: &mut Context<'_>,
    ticket: &Ticket,
    article: Option<ArticleId>,
    asked_by: Cause<'_>,
) -> Outcome<()> {
    let (mail, _) = context.tx.mails().of(ticket.id, article).await?.ok_or(Refusal::NotByMail)?;
    let (room, to) = (asked_by.room.clone(), asked_by.event.clone());
    context.tx.enqueue(Raw { mail, ticket: ticket.id, room, to });
    Ok(())
}

/// The name of a mail's file.
pub(in crate::desk) fn file_name(mail: MailId) -> String {
    format!("mail-{mail}.eml")
}

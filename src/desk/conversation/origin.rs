//! Where a mail came from, and what went out for it.

use std::fmt::Write;

use super::{Ask, Outcome};
use crate::desk::words::{Said, defuse, escape};
use crate::desk::{Desk, chat_lane};
use crate::domain::id::{ArticleId, MailId};
use crate::domain::ticket::Ticket;
use crate::store::jobs::Job;
use crate::store::mails::Provenance;
use crate::store::{Result, Tx};

impl Desk {
    /// How an article came here: its route and rule if it is a mail, and every answer of a mail server.
    pub(super) async fn why(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &Ticket) -> Result<Outcome> {
        let replied = replied_article(tx, ask).await?;
        let mail = tx.mails().of(ticket.id, replied).await?;
        let Some(article) = replied.or(mail.map(|(_, article)| article)) else { return Ok(no_mail()) };
        let mut lines = Vec::new();
        if let Some((mail, _)) = mail {
            lines.extend(way_of(&tx.mails().provenance(mail).await?));
        }
        let folded = tx.articles().folded_lines(article).await?;
        if folded > 0 {
            lines.push(format!(
                "{folded} lines of quotes and signature were folded away; {}raw has all of it",
                self.settings.prefix
            ));
        }
        for sent in tx.letters().sent_for(article).await? {
            lines.push(format!("{} to {}: {}", sent.what, sent.recipient, sent.state));
            for (at, became, reply) in sent.replies {
                lines.push(format!("  {} {became}: {reply}", at.format("%Y-%m-%d %H:%M:%S")));
            }
        }
        if lines.is_empty() {
            lines.push("This was written here; no mail has to do with it".to_owned());
        }
        Ok(Outcome::Told(list(&format!("How this came to Ticket#{} (times in UTC):", ticket.number), &lines)))
    }

    /// Has the original mail brought into the thread.
    pub(super) async fn raw(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &Ticket) -> Result<Outcome> {
        let replied = replied_article(tx, ask).await?;
        let Some((mail, _)) = tx.mails().of(ticket.id, replied).await? else { return Ok(no_mail()) };
        let job = Job::Raw { mail, ticket: ticket.id, room: ask.room.clone(), to: ask.event.clone() };
        tx.enqueue(&chat_lane(ticket.id), &job).await?;
        Ok(Outcome::Done)
    }
}

async fn replied_article(tx: &mut Tx, ask: &Ask<'_>) -> Result<Option<ArticleId>> {
    match &ask.message.reply_to {
        Some(event) => Ok(tx.threads().ticket_of(event).await?.and_then(|(_, article)| article)),
        None => Ok(None),
    }
}

fn no_mail() -> Outcome {
    Outcome::Refused(Said::plain("Not done: this did not come by mail, so there is no original."))
}

/// The name of a mail's file.
pub(in crate::desk) fn file_name(mail: MailId) -> String {
    format!("mail-{mail}.eml")
}

fn way_of(mail: &Provenance) -> Vec<String> {
    let from = match mail.envelope_from.as_deref() {
        Some("") => "the null sender".to_owned(),
        Some(sender) => sender.to_owned(),
        None => "unknown".to_owned(),
    };
    let at = mail.received_at.format("%Y-%m-%d %H:%M:%S");
    let mut lines = vec![format!(
        "came at {at} by {} for {}, {} bytes, envelope sender {from}",
        mail.route.to_uppercase(),
        mail.recipient,
        mail.size
    )];
    lines.push(format!("why here: {}", mail.rule.as_deref().unwrap_or("not noted")));
    lines.push(match mail.authenticated.as_deref() {
        Some("pass") => "authentication: the mail server found it to be from the domain it says".to_owned(),
        Some(_) => "authentication: FAILED, the mail server found it not to be from the domain it says".to_owned(),
        None => "authentication: not checked (desk.authserv_id, or nothing was found)".to_owned(),
    });
    lines
}

fn list(title: &str, lines: &[String]) -> Said {
    let mut text = title.to_owned();
    let mut html = format!("{}<ul>", escape(title));
    for line in lines {
        let line = defuse(line);
        let _ = write!(text, "\n{line}");
        let _ = write!(html, "<li>{}</li>", escape(line.trim()));
    }
    html.push_str("</ul>");
    Said { text, html }
}

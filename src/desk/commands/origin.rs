//! Where a mail came from, and what went out for it.

use super::{Ask, Outcome};
use crate::desk::Desk;
use crate::desk::words::{Line, Said};
use crate::domain::id::{ArticleId, MailId};
use crate::domain::ticket::Ticket;
use crate::store::jobs::Raw;
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
            let what = if sent.is_automatic { "automatic mail" } else { "answer" };
            lines.push(format!("{what} to {}: {}", sent.recipient, sent.state.name()));
            for reply in sent.replies {
                let at = reply.at.format("%Y-%m-%d %H:%M:%S");
                lines.push(format!("  {at} {}: {}", reply.became.name(), reply.text));
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
        tx.enqueue(Raw { mail, ticket: ticket.id, room: ask.room.clone(), to: ask.event.clone() });
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
        mail.route.name().to_uppercase(),
        mail.recipient,
        mail.size
    )];
    lines.push(format!("why here: {}", mail.rule.as_deref().unwrap_or("not noted")));
    lines.push(match mail.authenticated.as_deref() {
        Some("pass") => "authentication: the mail server found it to be from the domain it says".to_owned(),
        Some(_) => "authentication: FAILED, the mail server found it not to be from the domain it says".to_owned(),
        None => "authentication: not checked (desk.authserv_id, or nothing was found)".to_owned(),
    });
    if let Some(last) = mail.last_copy_at {
        let at = last.format("%Y-%m-%d %H:%M:%S");
        let often = if mail.copies == 1 { "once".to_owned() } else { format!("{} times", mail.copies) };
        lines.push(format!("the same mail came again {often}, last at {at}: that was kept and made nothing"));
    }
    lines
}

fn list(title: &str, lines: &[String]) -> Said {
    Said::plain(title).list(lines.iter().map(|line| Line::from(line.as_str())))
}

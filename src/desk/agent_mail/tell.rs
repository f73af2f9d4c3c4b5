//! From a customer's article to mails.

use std::time::Duration;

use chrono::TimeDelta;

use super::AgentMail;
use crate::desk::{Desk, Settings};
use crate::domain::id::{ArticleId, MessageId, TicketId};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::agent_mails::NewAgentMail;
use crate::store::articles::ArticleRow;
use crate::store::customers::Customer;
use crate::store::jobs::{Leased, TellAgents};
use crate::store::{Result, Tx};

/// How many mails an agent gets within an hour at most: who is told of more reads none of them.
const AN_HOUR: i64 = 60;
/// So long the card has to be posted, for the link; then the mail leads to the room.
const CARD: Duration = Duration::from_secs(5);
/// How much of a mail is told, in bytes.
const TEXT: usize = 8 << 10;

/// Has agents told by mail of what a customer wrote, if there is anybody who wants that.
pub(in crate::desk) async fn ask_to_tell(tx: &mut Tx, ticket: TicketId, article: ArticleId) -> Result<()> {
    if tx.agent_mails().anybody_wants().await? {
        tx.enqueue_after(CARD, TellAgents { ticket, article });
    }
    Ok(())
}

/// Writes to the agents who want to be told, in one transaction with the end of the job.
///
/// # Errors
/// If the record failed: then nothing happened, and the job is tried again.
pub async fn tell(desk: &Desk, leased: &Leased, job: &TellAgents) -> Result<()> {
    let mut tx = desk.store().begin().await?;
    let article = tx.articles().get(job.article).await?;
    let ticket = tx.tickets().get(article.ticket).await?;
    let is_new = tx.articles().first_of(article.ticket).await? == Some(article.id);
    if let Some(customer) = article.customer.filter(|_| article.is_of_customer()) {
        let customer = tx.customers().get(customer).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let telling = Telling { ticket: &ticket, queue: &queue, article: &article, customer: &customer, is_new };
        telling.to_all(desk, &mut tx).await?;
    }
    tx.finish(leased).await?;
    tx.commit().await
}

/// What is told.
struct Telling<'a> {
    ticket: &'a Ticket,
    queue: &'a Queue,
    article: &'a ArticleRow,
    customer: &'a Customer,
    is_new: bool,
}

impl Telling<'_> {
    async fn to_all(&self, desk: &Desk, tx: &mut Tx) -> Result<()> {
        let who = tx.agent_mails().who_wants((self.ticket.id, self.article.id), self.is_new).await?;
        if who.is_empty() {
            return Ok(());
        }
        let (text, keys) = (self.text(tx, &desk.settings).await?, tx.desk().keys().await?);
        for wants in who {
            let hour_ago = tx.now() - TimeDelta::hours(1);
            if tx.agent_mails().count_since(wants.agent, hour_ago).await? >= AN_HOUR {
                tracing::warn!(
                    agent.id = wants.agent.0,
                    most = AN_HOUR,
                    "an agent is told of no more by mail this hour"
                );
                continue;
            }
            let id = tx.agent_mails().next_id().await?;
            let domain = self.queue.address.domain();
            let message_id = MessageId::parse(&format!("agent.{id}.{}@{domain}", uuid::Uuid::new_v4().simple()));
            let thread = MessageId::parse(&format!("agent-thread.{}.{}@{domain}", wants.agent, self.ticket.number));
            let reply_to = keys.mint_for_agent(&self.queue.address, id);
            let (Some(message_id), Some(thread), Some(reply_to)) = (message_id, thread, reply_to) else { continue };
            let mail = AgentMail {
                from_name: self.queue.title.clone(),
                from: self.queue.address.clone(),
                to: wants.mail.clone(),
                reply_to,
                subject: format!("{}: {}", self.queue.name, self.ticket.subject),
                message_id,
                thread,
                date: tx.now(),
                text: text.clone(),
            };
            let bytes = match desk.composer.compose_agent_mail(&mail) {
                Ok(bytes) => bytes,
                Err(what) => {
                    tracing::error!(agent.id = wants.agent.0, what, "an agent can't be told by mail");
                    continue;
                }
            };
            let (agent, to, bytes) = (wants.agent, &wants.mail, bytes.as_slice());
            let (article, ticket, queue) = (self.article.id, self.ticket.id, self.queue.id);
            tx.agent_mails().add(&NewAgentMail { id, agent, to, article, ticket, queue, bytes }).await?;
        }
        Ok(())
    }

    /// What the mail says: what happened, what was new in it, and the way there.
    async fn text(&self, tx: &mut Tx, settings: &Settings) -> Result<String> {
        let what = if self.is_new { "A new ticket" } else { "The customer wrote" };
        let who = match self.customer.name.trim() {
            "" => self.customer.address.to_string(),
            name => format!("{name} <{}>", self.customer.address),
        };
        let words = without_links(self.article.text.trim(), settings.page.as_deref());
        let end = words.floor_char_boundary(TEXT);
        let cut = if end < words.len() { "\n…" } else { "" };
        let shown = format!("{}{cut}", &words[..end]);
        let quoted = shown.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
        let link = match &self.queue.room {
            Some(room) => {
                let thread = tx.threads().get(self.ticket.id, room).await?;
                let event = thread.map(|thread| format!("/{}", thread.last)).unwrap_or_default();
                format!("\nhttps://matrix.to/#/{room}{event}?via={}\n", settings.bot.server())
            }
            None => String::new(),
        };
        Ok(format!(
            "{what} in {}: {}\nTicket {} · {} · from {who}\n\n{quoted}\n{link}\n\
             What you answer to this mail becomes an internal note of yours; the customer does not get it.\n\
             !notify off, in your direct room with {}, ends these mails.\n",
            self.queue.name,
            self.ticket.subject,
            self.ticket.number,
            self.ticket.state.name(),
            settings.bot,
        ))
    }
}

/// A text in which no link to a customer's pages opens anything: who writes back without trimming sends theirs along.
fn without_links(text: &str, page: Option<&str>) -> String {
    let Some(base) = page else { return text.to_owned() };
    ["/t/", "/l/"].iter().fold(text.to_owned(), |text, kind| {
        let start = format!("{base}{kind}");
        let mut parts = text.split(start.as_str());
        let mut shown = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            shown.push_str("(link to the customer's page)");
            shown.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_to_a_page_goes_along() {
        for (text, shown) in [
            ("Hello", "Hello"),
            (
                "See https://help.test/t/1abc2 and\nhttps://help.test/t/9.",
                "See (link to the customer's page) and\n(link to the customer's page).",
            ),
            ("https://help.test/l/1abc2", "(link to the customer's page)"),
            ("https://other.test/t/1abc2", "https://other.test/t/1abc2"),
        ] {
            assert_eq!(without_links(text, Some("https://help.test")), shown);
            assert_eq!(without_links(text, None), text);
        }
    }
}

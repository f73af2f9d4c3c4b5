//! What an agent answers to a mail of ours becomes an internal note of theirs. The signed address names agent and ticket; who
//! writes there from elsewhere, or as a machine, writes no note, and agents see it in quarantine.

use crate::desk::refresh_card;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{AgentId, EmailAddress, MailId};
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::agent_mails::AgentMailRow;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::files::NewFile;
use crate::store::jobs;
use crate::store::mails::MailFate;
use crate::store::{Result, Tx};

/// Why what came to an agent's signed address is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum NoNote {
    /// A machine wrote it: an absence note, a report, a list.
    Machine,
    /// It is not from the agent's own address.
    NotTheirs,
    /// They work there no more, or the ticket is gone.
    NoMore,
}

/// A mail that came to the signed address of a mail to an agent.
#[derive(Clone, Debug)]
pub(in crate::desk) struct ToAgent<'a> {
    /// The mail.
    pub(in crate::desk) mail: MailId,
    /// Who wrote it.
    pub(in crate::desk) from: Option<&'a EmailAddress>,
    /// Whether a person did.
    pub(in crate::desk) is_person: bool,
    /// What is new in it.
    pub(in crate::desk) body: Body<'a>,
    /// Its files.
    pub(in crate::desk) files: Vec<NewFile<'a>>,
}

/// Files it as a note of the agent's.
pub(in crate::desk) async fn taken(
    tx: &mut Tx,
    told: &AgentMailRow,
    mail: &ToAgent<'_>,
) -> Result<std::result::Result<(), NoNote>> {
    if !mail.is_person {
        return Ok(Err(NoNote::Machine));
    }
    let (own, _) = tx.agent_mails().notify_of(told.agent).await?;
    // The address that is theirs now: an admin may have had a reason to take the one away that this mail went to.
    if own.is_none_or(|own| mail.from.is_none_or(|from| from.key() != own.key())) {
        return Ok(Err(NoNote::NotTheirs));
    }
    let agent = tx.agents().get(told.agent).await?;
    let Some(ticket) = tx.merges().lock_canonical(told.ticket).await? else { return Ok(Err(NoNote::NoMore)) };
    if !agent.works_in(ticket.queue) {
        return Ok(Err(NoNote::NoMore));
    }
    note(tx, &ticket, told.agent, mail).await.map(Ok)
}

async fn note(tx: &mut Tx, ticket: &Ticket, agent: AgentId, mail: &ToAgent<'_>) -> Result<()> {
    let new = NewArticle {
        ticket: ticket.id,
        kind: Kind::Note,
        sender: Sender::Agent,
        visibility: Visibility::Internal,
        origin: Origin::AgentsMail(agent, mail.mail),
        body: mail.body,
        on_card: false,
    };
    let article = tx.articles().add(&new).await?;
    let rule = "an agent's answer to a mail that told them of this ticket";
    tx.mails().set_fate(mail.mail, MailFate::Article, rule, None).await?;
    tx.enqueue(jobs::Article { ticket: ticket.id, article });
    for (position, file) in mail.files.iter().enumerate() {
        let file = tx.files().add(article, position + 1, file).await?;
        tx.enqueue(jobs::File { ticket: ticket.id, file });
    }
    refresh_card(tx, ticket.id);
    tx.audit().record(ticket.id, &Actor::Agent(agent, None), &TicketEvent::NoteWritten { article }).await
}

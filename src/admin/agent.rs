//! Agents: who may do what.

use std::fmt::Write;

use clap::Subcommand;

use crate::desk::agents::{put_agent, remove_agent};
use crate::desk::conversation::refusal::TicketRefusal;
use crate::desk::conversation::{Refusal, Stop, away};
use crate::desk::is_ours;
use crate::domain::id::{EmailAddress, QueueId, UserId};
use crate::domain::moment::When;
use crate::domain::queue::{Agent, Role};
use crate::store::Tx;

use super::arguments::{names, user};
use super::{AdminError, Outcome};

#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "it would be the help of the command above it")]
pub enum AgentCommand {
    /// Add somebody, or change their role and queues
    Add {
        /// Their Matrix id
        #[arg(value_parser = user)]
        user: UserId,
        /// What they may do
        #[arg(long, value_enum, default_value_t = Role::Agent)]
        role: Role,
        /// A queue to confine them to (may be repeated); all if none is given
        #[arg(long = "queue", value_name = "QUEUE")]
        queues: Vec<String>,
        /// Where mail goes that they ask for with !notify; empty for nowhere. Left as it is if not given
        #[arg(long, value_name = "ADDRESS", value_parser = mail)]
        mail: Option<Mail>,
    },
    /// Take somebody's rights; their tickets are unlocked
    Remove {
        /// Their Matrix id
        #[arg(value_parser = user)]
        user: UserId,
    },
    /// Say that somebody is away until a time, as they do with !away
    Away {
        /// Their Matrix id
        #[arg(value_parser = user)]
        user: UserId,
        /// Until when: 4h, 2d, tomorrow 9:00, mon 14:00, 2026-12-01
        #[arg(value_name = "WHEN", value_parser = when)]
        when: When,
    },
    /// Say that somebody is back
    Back {
        /// Their Matrix id
        #[arg(value_parser = user)]
        user: UserId,
    },
    /// List everybody
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Where an agent's mail goes; `None`: nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail(Option<EmailAddress>);

fn mail(word: &str) -> Result<Mail, String> {
    if word.trim().is_empty() {
        return Ok(Mail(None));
    }
    let address = EmailAddress::parse(word.trim()).ok_or_else(|| format!("{word:?} is no address"))?;
    Ok(Mail(Some(address)))
}

/// In quotes on the command line, if it is of several words.
fn when(text: &str) -> Result<When, String> {
    When::parse(text).ok_or_else(|| format!("{text} is no time; there are {}", When::FORMS))
}

pub(super) async fn run(tx: &mut Tx, bot: &UserId, command: AgentCommand) -> Outcome {
    match command {
        AgentCommand::Add { user, role, queues, mail } => {
            if user == *bot {
                return AdminError::refused(format!("{user} is the bot itself (matrix.user)"));
            }
            if role != Role::Admin || !queues.is_empty() {
                keep_an_admin(tx, &user).await?;
            }
            let ids = queue_ids(tx, &queues).await?;
            let (_, unlocked) = put_agent(tx, &user, role, &ids).await?;
            if let Some(Mail(mail)) = mail {
                // What went there would come back.
                if let Some(own) = &mail
                    && is_ours(tx, own).await?
                {
                    return AdminError::refused(format!("{own} is a queue's own address"));
                }
                tx.agent_mails().set_mail(&user, mail.as_ref()).await?;
            }
            let unlocked = if unlocked == 0 { String::new() } else { format!("; {unlocked} tickets were unlocked") };
            Ok(format!("{user} is {} now{unlocked}\n", role.name()))
        }
        AgentCommand::Remove { user } => {
            keep_an_admin(tx, &user).await?;
            let agent = active(tx, &user).await?;
            let unlocked = remove_agent(tx, &agent).await?;
            Ok(format!("{user} has no rights any more; {unlocked} tickets were unlocked\n"))
        }
        AgentCommand::Away { user, when } => {
            let agent = active(tx, &user).await?;
            match away::leave(tx, &agent, None, when).await {
                Ok(until) => Ok(format!("{user} is away until {until}\n")),
                Err(Stop::Refused(Refusal::Ticket(TicketRefusal::Past(_)))) => AdminError::refused("that time is past"),
                Err(Stop::Refused(_)) => AdminError::refused("that time is beyond the calendar"),
                Err(Stop::Store(error)) => Err(error.into()),
            }
        }
        AgentCommand::Back { user } => {
            let agent = active(tx, &user).await?;
            tx.agents().set_away(agent.id, None).await?;
            Ok(format!("{user} is back\n"))
        }
        AgentCommand::List { json } => list_agents(tx, json).await,
    }
}

async fn active(tx: &mut Tx, user: &UserId) -> Result<Agent, AdminError> {
    let agent = tx.agents().by_user(user).await?.filter(|agent| agent.active);
    agent.ok_or_else(|| AdminError::Refused(format!("{user} is no agent; `agent list` shows who is")))
}

async fn list_agents(tx: &mut Tx, json: bool) -> Outcome {
    let (agents, queues, now) = (tx.agents().all().await?, tx.queues().all().await?, tx.now());
    let names = |agent: &Agent| -> Vec<String> {
        queues.iter().filter(|queue| agent.queues.contains(&queue.id)).map(|queue| queue.name.clone()).collect()
    };
    if json {
        let line = |agent: &Agent| {
            serde_json::json!({
                "user_id": agent.user, "role": agent.role.name(), "active": agent.active, "queues": names(agent),
                "away_until": agent.away_until.filter(|until| *until > now),
            })
        };
        let lines: Vec<_> = agents.iter().map(line).collect();
        return Ok(format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default()));
    }
    let mut text = String::new();
    for agent in &agents {
        let removed = match agent.away_until {
            _ if !agent.active => " (removed)",
            Some(until) if until > now => " (away)",
            _ => "",
        };
        let confined = names(agent);
        let queues = if confined.is_empty() { "all queues".to_owned() } else { confined.join(", ") };
        let _ = writeln!(text, "{} {} of {queues}{removed}", agent.user, agent.role.name());
    }
    Ok(if text.is_empty() { "nobody; `agent add @user:server` adds somebody\n".to_owned() } else { text })
}

pub(super) async fn queue_ids(tx: &mut Tx, wanted: &[String]) -> Result<Vec<QueueId>, AdminError> {
    let queues = tx.queues().all().await?;
    wanted
        .iter()
        .map(|name| {
            let queue = queues.iter().find(|queue| queue.name == *name);
            let there = || AdminError::Refused(format!("there is no queue {name}; there are {}", names(&queues)));
            queue.map(|queue| queue.id).ok_or_else(there)
        })
        .collect()
}

/// A desk without an admin could not be put right from inside.
async fn keep_an_admin(tx: &mut Tx, user: &UserId) -> Result<(), AdminError> {
    // Of two who remove each other at the same moment, one waits for the other.
    tx.agents().lock_admins().await?;
    let agents = tx.agents().all().await?;
    // One who is confined to some queues can't put right the others.
    let is_admin = |agent: &&Agent| agent.active && agent.role == Role::Admin && agent.queues.is_empty();
    let mut admins = agents.iter().filter(is_admin);
    if admins.clone().count() == 1 && admins.any(|admin| admin.user == *user) {
        return AdminError::refused(format!(
            "{user} is the only admin of all queues; make somebody else one first: `agent add @user:server --role admin`"
        ));
    }
    Ok(())
}

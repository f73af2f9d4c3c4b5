//! Agents, from the command line.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Subcommand;
use ticketloom::desk::agents::{put_agent, remove_agent};
use ticketloom::domain::id::{QueueId, UserId};
use ticketloom::domain::queue::{Agent, Role};
use ticketloom::store::{Store, Tx};

use super::arguments::{names, user};
use super::print;

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
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
    },
    /// Take somebody's rights; their tickets are unlocked
    Remove {
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

pub(crate) async fn agent(store: &Store, bot: &UserId, command: AgentCommand) -> anyhow::Result<ExitCode> {
    match command {
        AgentCommand::Add { user, role, queues } => {
            if user == *bot {
                bail!("{user} is the bot itself (matrix.user)");
            }
            let mut tx = store.begin().await?;
            if role != Role::Admin || !queues.is_empty() {
                keep_an_admin(&mut tx, &user).await?;
            }
            let ids = queue_ids(&mut tx, &queues).await?;
            let (_, unlocked) = put_agent(&mut tx, &user, role, &ids).await?;
            tx.commit().await?;
            let unlocked = if unlocked == 0 { String::new() } else { format!("; {unlocked} tickets were unlocked") };
            print(&format!("{user} is {} now{unlocked}\n", role.name()))
        }
        AgentCommand::Remove { user } => {
            let mut tx = store.begin().await?;
            keep_an_admin(&mut tx, &user).await?;
            let unlocked = match tx.agents().by_user(&user).await? {
                Some(agent) if agent.active => remove_agent(&mut tx, &agent).await?,
                _ => bail!("{user} is no agent; `ticketloom agent list` shows who is"),
            };
            tx.commit().await?;
            print(&format!("{user} has no rights any more; {unlocked} tickets were unlocked\n"))
        }
        AgentCommand::List { json } => list_agents(store, json).await,
    }
}

async fn list_agents(store: &Store, json: bool) -> anyhow::Result<ExitCode> {
    let mut tx = store.begin().await?;
    let (agents, queues) = (tx.agents().all().await?, tx.queues().all().await?);
    let names = |agent: &Agent| -> Vec<String> {
        queues.iter().filter(|queue| agent.queues.contains(&queue.id)).map(|queue| queue.name.clone()).collect()
    };
    if json {
        let line = |agent: &Agent| {
            serde_json::json!({
                "user_id": agent.user, "role": agent.role.name(), "active": agent.active, "queues": names(agent),
            })
        };
        let lines: Vec<_> = agents.iter().map(line).collect();
        return print(&format!("{}\n", serde_json::to_string_pretty(&lines)?));
    }
    let mut text = String::new();
    for agent in &agents {
        let removed = if agent.active { "" } else { " (removed)" };
        let confined = names(agent);
        let queues = if confined.is_empty() { "all queues".to_owned() } else { confined.join(", ") };
        let _ = writeln!(text, "{} {} of {queues}{removed}", agent.user, agent.role.name());
    }
    print(if text.is_empty() { "nobody; `ticketloom agent add @user:server` adds somebody\n" } else { &text })
}

async fn queue_ids(tx: &mut Tx, wanted: &[String]) -> anyhow::Result<Vec<QueueId>> {
    let queues = tx.queues().all().await?;
    wanted
        .iter()
        .map(|name| {
            let queue = queues.iter().find(|queue| queue.name == *name);
            queue.map(|queue| queue.id).ok_or_else(|| anyhow!("there is no queue {name}; there are {}", names(&queues)))
        })
        .collect()
}

/// A desk without an admin could not be put right from inside.
async fn keep_an_admin(tx: &mut Tx, user: &UserId) -> anyhow::Result<()> {
    let agents = tx.agents().all().await?;
    // One who is confined to some queues can't put right the others.
    let is_admin = |agent: &&Agent| agent.active && agent.role == Role::Admin && agent.queues.is_empty();
    let mut admins = agents.iter().filter(is_admin);
    if admins.clone().count() == 1 && admins.any(|admin| admin.user == *user) {
        bail!(
            "{user} is the only admin of all queues; make somebody else one first: `ticketloom agent add @user:server --role admin`"
        );
    }
    Ok(())
}

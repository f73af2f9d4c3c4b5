//! Tokens: what programs may do in an agent's name.

use std::fmt::Write;

use crate::domain::api_token::{Scope, Secret, confined};
use crate::domain::id::{ApiTokenId, QueueId, UserId};
use crate::domain::queue::{Agent, Queue};
use crate::store::Tx;
use crate::store::api_tokens::ApiTokenRow;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use uuid::Uuid;

use super::agent::queue_ids;
use super::arguments::{names, user};
use super::{AdminError, Outcome};

#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "it would be the help of the command above it")]
pub enum TokenCommand {
    /// Make a token with which a program acts for an agent; it is printed once, on the first line
    Add {
        /// The agent's Matrix id
        #[arg(value_parser = user)]
        agent: UserId,
        /// What it may be used for; nothing leaves the house without `mail`
        #[arg(long, value_enum, value_delimiter = ',', required = true)]
        scopes: Vec<Scope>,
        /// A queue to confine it to (may be repeated); all of the agent's if none is given
        #[arg(long = "queue", value_name = "QUEUE")]
        queues: Vec<String>,
    },
    /// Make a token with which Alertmanager and Grafana bring alerts into a queue; where they send them is printed once, on
    /// the first line
    Alerts {
        /// The queue's name
        queue: String,
    },
    /// Revoke a token
    Revoke {
        /// Its number: the one behind `tl_`
        id: i64,
    },
    /// List tokens, without what is secret of them
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(tx: &mut Tx, command: TokenCommand) -> Outcome {
    match command {
        TokenCommand::Add { agent, mut scopes, queues } => {
            let Some(agent) = tx.agents().by_user(&agent).await?.filter(|agent| agent.active) else {
                return AdminError::refused(format!("{agent} is no agent; `agent list` shows who is"));
            };
            let ids = queue_ids(tx, &queues).await?;
            if confined(agent.clone(), &ids).is_none() {
                return AdminError::refused(format!("{} works in none of these queues", agent.user));
            }
            scopes.sort_by_key(|scope| scope.name());
            scopes.dedup();
            add(tx, &agent, &scopes, &ids).await
        }
        TokenCommand::Alerts { queue } => add_for_alerts(tx, &queue).await,
        TokenCommand::Revoke { id } => {
            if !tx.api_tokens().revoke(ApiTokenId(id)).await? {
                return AdminError::refused(format!("there is no token {id} that is good; `token list` shows them"));
            }
            Ok(format!("token {id} is good for nothing any more\n"))
        }
        TokenCommand::List { json } => list(tx, json).await,
    }
}

async fn add(tx: &mut Tx, agent: &Agent, scopes: &[Scope], queues: &[QueueId]) -> Outcome {
    let secret = secret();
    let id = tx.api_tokens().add(agent.id, scopes, queues, secret.digest()).await?;
    let there = tx.queues().all().await?;
    let (token, user, scopes, queues) = (secret.token(id), &agent.user, words(scopes), queue_words(queues, &there));
    Ok(format!("{token}\ntoken {id} acts for {user} with {scopes} in {queues}; it is not shown again\n"))
}

async fn add_for_alerts(tx: &mut Tx, name: &str) -> Outcome {
    let there = tx.queues().all().await?;
    let Some(queue) = there.iter().find(|queue| queue.name == name) else {
        return AdminError::refused(format!("there is no queue {name}; there are {}", names(&there)));
    };
    let secret = secret();
    let id = tx.alert_tokens().add(queue.id, secret.digest()).await?;
    let path = format!("/api/v1/hooks/alert/{}", secret.token(id));
    Ok(format!(
        "{path}\ntoken {id} brings alerts into {name}, at this path of [web] url; it is not shown again, and whoever has it can do that\n"
    ))
}

fn secret() -> Secret {
    let mut random = [0; 32];
    random[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    random[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    Secret::of(random)
}

async fn list(tx: &mut Tx, json: bool) -> Outcome {
    let (tokens, queues, agents) = (tx.api_tokens().all().await?, tx.queues().all().await?, tx.agents().all().await?);
    let alerting = tx.alert_tokens().all().await?;
    let user = |token: &ApiTokenRow| agents.iter().find(|agent| agent.id == token.agent).map(|agent| &agent.user);
    let named = |ids: &[QueueId]| {
        let all = queues.iter().filter(|queue| ids.contains(&queue.id));
        all.map(|queue| queue.name.clone()).collect::<Vec<_>>()
    };
    if json {
        let mut lines: Vec<_> = tokens
            .iter()
            .map(|token| {
                let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.name()).collect();
                serde_json::json!({
                    "id": token.id, "agent": user(token), "scopes": scopes, "queues": named(&token.queues),
                    "created_at": token.created_at, "last_used_at": token.last_used_at, "revoked_at": token.revoked_at,
                })
            })
            .collect();
        lines.extend(alerting.iter().map(|token| {
            serde_json::json!({
                "id": token.id, "agent": null, "scopes": ["alerts"], "queues": named(&[token.queue]),
                "created_at": token.created_at, "last_used_at": token.last_used_at, "revoked_at": token.revoked_at,
            })
        }));
        lines.sort_by_key(|line| line["id"].as_i64());
        return Ok(format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default()));
    }
    let mut lines: Vec<(ApiTokenId, String)> = Vec::new();
    for token in &tokens {
        let who = user(token).map_or("?", UserId::as_str);
        let what = format!("{who} {} in {}", words(&token.scopes), queue_words(&token.queues, &queues));
        lines.push((token.id, format!("{what}, {}", used(token.last_used_at, token.revoked_at))));
    }
    for token in &alerting {
        let what = format!("alerts into {}", named(&[token.queue]).join(", "));
        lines.push((token.id, format!("{what}, {}", used(token.last_used_at, token.revoked_at))));
    }
    lines.sort_by_key(|(id, _)| *id);
    let text: String = lines.iter().fold(String::new(), |mut text, (id, line)| {
        let _ = writeln!(text, "{id} {line}");
        text
    });
    let none = "no token; `token add @user:server --scopes read` makes one\n";
    Ok(if text.is_empty() { none.to_owned() } else { text })
}

fn used(last: Option<DateTime<Utc>>, revoked: Option<DateTime<Utc>>) -> String {
    let hour = "%Y-%m-%d %H:00 UTC";
    let last = last.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", at.format(hour)));
    let revoked = revoked.map(|at| format!(" (revoked {})", at.format(hour))).unwrap_or_default();
    format!("{last}{revoked}")
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",")
}

fn queue_words(queues: &[QueueId], there: &[Queue]) -> String {
    if queues.is_empty() {
        return "all their queues".to_owned();
    }
    let confined: Vec<Queue> = there.iter().filter(|queue| queues.contains(&queue.id)).cloned().collect();
    names(&confined)
}

//! Webhooks: programs that are told what happens.

use std::fmt::Write;

use clap::Subcommand;
use data_encoding::BASE64;
use url::Url;
use uuid::Uuid;

use super::arguments::{names, user};
use super::{AdminError, Door, Outcome};
use crate::domain::id::{AgentId, QueueId, UserId, WebhookId};
use crate::domain::queue::Queue;
use crate::domain::ticket::TOPICS;
use crate::store::Tx;
use crate::store::webhooks::{NewWebhook, Webhook};

#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "it would be the help of the command above it")]
pub enum WebhookCommand {
    /// Have a program called when something happens; its secret is shown once
    Add {
        /// What is called: https, but for what webhooks.allow in the configuration names
        #[arg(value_parser = address)]
        url: String,
        /// Which events, with commas, such as created,answered,closed; all, if none is named
        #[arg(long, value_delimiter = ',', value_parser = topic)]
        events: Vec<String>,
        /// Of which queue, may be repeated; all, if none is named
        #[arg(long = "queue", value_name = "QUEUE")]
        queues: Vec<String>,
        /// Also what customers wrote and got; never notes
        #[arg(long)]
        bodies: bool,
        /// Who is called when it is disabled: an agent's full Matrix id
        #[arg(long, value_parser = user)]
        owner: Option<UserId>,
    },
    /// List them, and how each was called last
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Call one again that was disabled
    Enable {
        /// Its number
        id: i64,
    },
    /// Remove one, with all that it was still to be told
    Remove {
        /// Its number
        id: i64,
    },
}

pub(super) async fn run(tx: &mut Tx, door: Door<'_>, command: WebhookCommand) -> Outcome {
    match command {
        WebhookCommand::Add { url, events, queues, bodies, owner } => {
            if let Door::Room(_) = door {
                // Rooms keep what is said in them, for everybody who is there and for the homeserver.
                return AdminError::refused(
                    "its secret would stand in this room for good: `ticketloom webhook add` on the desk's machine shows it once",
                );
            }
            let queues = queue_ids(tx, &queues).await?;
            let owner = agent_id(tx, owner.as_ref()).await?;
            let secret = secret();
            let new = NewWebhook { url, secret: secret.clone(), events, queues, has_bodies: bodies, owner };
            let id = tx.webhooks().add(&new).await?;
            Ok(format!("webhook {id} added; its secret, which is not shown again:\n{secret}\n"))
        }
        WebhookCommand::List { json } => list(tx, json).await,
        WebhookCommand::Enable { id } => {
            if !tx.webhooks().enable(WebhookId(id)).await? {
                return Err(none(id));
            }
            Ok(format!("webhook {id} is called again from now on\n"))
        }
        WebhookCommand::Remove { id } => {
            if !tx.webhooks().remove(WebhookId(id)).await? {
                return Err(none(id));
            }
            Ok(format!("webhook {id} removed\n"))
        }
    }
}

fn none(id: i64) -> AdminError {
    AdminError::Refused(format!("there is no webhook {id}; `webhook list` shows them"))
}

/// 32 bytes of which nobody knows more than that they are two random UUIDs'.
fn secret() -> String {
    let bytes = [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
    format!("whsec_{}", BASE64.encode(&bytes))
}

async fn queue_ids(tx: &mut Tx, wanted: &[String]) -> Result<Vec<QueueId>, AdminError> {
    let queues = tx.queues().all().await?;
    let find = |name: &String| {
        let queue = queues.iter().find(|queue| queue.name == *name).map(|queue| queue.id);
        queue.ok_or_else(|| AdminError::Refused(format!("there is no queue {name}; there are {}", names(&queues))))
    };
    wanted.iter().map(find).collect()
}

async fn agent_id(tx: &mut Tx, user: Option<&UserId>) -> Result<Option<AgentId>, AdminError> {
    let Some(user) = user else { return Ok(None) };
    let agent = tx.agents().by_user(user).await?.filter(|agent| agent.active);
    let nobody = || AdminError::Refused(format!("{user} is no agent; `agent list` shows who is"));
    agent.map(|agent| Some(agent.id)).ok_or_else(nobody)
}

async fn list(tx: &mut Tx, json: bool) -> Outcome {
    let (webhooks, queues) = (tx.webhooks().all().await?, tx.queues().all().await?);
    if json {
        let lines: Vec<_> = webhooks.iter().map(|webhook| as_json(webhook, &queues)).collect();
        return Ok(format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default()));
    }
    let mut text = String::new();
    for webhook in &webhooks {
        line(&mut text, webhook, &queues);
    }
    Ok(if text.is_empty() { "no webhooks; `webhook add URL` adds one\n".to_owned() } else { text })
}

fn as_json(webhook: &Webhook, queues: &[Queue]) -> serde_json::Value {
    serde_json::json!({
        "id": webhook.id, "url": webhook.url, "events": webhook.events, "queues": queue_names(webhook, queues),
        "bodies": webhook.has_bodies, "owner": webhook.owner,
        "last_result": webhook.last.as_ref().map(|(result, _)| result),
        "last_at": webhook.last.as_ref().map(|(_, at)| at),
        "failing_since": webhook.failing_since,
        "disabled_at": webhook.disabled.as_ref().map(|(at, _)| at),
        "disabled_why": webhook.disabled.as_ref().map(|(_, why)| why),
    })
}

fn line(text: &mut String, webhook: &Webhook, queues: &[Queue]) {
    let or_all = |names: Vec<&str>| if names.is_empty() { "all".to_owned() } else { names.join(", ") };
    let events = or_all(webhook.events.iter().map(String::as_str).collect());
    let of = or_all(queue_names(webhook, queues));
    let bodies = if webhook.has_bodies { ", with bodies" } else { "" };
    let _ = write!(text, "{} {} (events: {events}; queues: {of}{bodies})", webhook.id, webhook.url);
    if let Some(owner) = &webhook.owner {
        let _ = write!(text, " of {owner}");
    }
    let moment = |at: &chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
    match (&webhook.disabled, &webhook.failing_since, &webhook.last) {
        (Some((at, why)), ..) => {
            let _ = write!(text, ": DISABLED since {}: {why}", moment(at));
        }
        (None, Some(since), Some((result, _))) => {
            let _ = write!(text, ": FAILING since {}: {result}", moment(since));
        }
        (None, _, Some((result, at))) => {
            let _ = write!(text, ": {result} at {}", moment(at));
        }
        (None, _, None) => text.push_str(": never called"),
    }
    text.push('\n');
}

fn queue_names<'a>(webhook: &Webhook, queues: &'a [Queue]) -> Vec<&'a str> {
    queues.iter().filter(|queue| webhook.queues.contains(&queue.id)).map(|queue| queue.name.as_str()).collect()
}

/// What may be called, as far as its form goes.
fn address(text: &str) -> Result<String, String> {
    let form = "a URL such as https://hooks.example.org/ticketloom, without a user or a fragment";
    let url = Url::parse(text).map_err(|_| form.to_owned())?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if is_plain && is_web { Ok(url.to_string()) } else { Err(form.to_owned()) }
}

/// An event's name, with or without what all begin with.
fn topic(text: &str) -> Result<String, String> {
    let name = if text.starts_with("ticket.") { text.to_owned() } else { format!("ticket.{text}") };
    if TOPICS.contains(&name.as_str()) {
        return Ok(name);
    }
    let all = TOPICS.iter().filter_map(|topic| topic.strip_prefix("ticket.")).collect::<Vec<_>>().join(", ");
    Err(format!("there is no such event; there are {all}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_and_for_what_is_read_strictly() {
        assert_eq!(address("HTTPS://Hooks.Example.org").as_deref(), Ok("https://hooks.example.org/"));
        for text in
            ["hooks.example.org", "ftp://x.example", "https://a:b@x.example/", "https://x.example/#x", "file:///x"]
        {
            assert!(address(text).is_err(), "{text}");
        }
        assert_eq!(topic("created").as_deref(), Ok("ticket.created"));
        assert_eq!(topic("ticket.closed").as_deref(), Ok("ticket.closed"));
        assert!(topic("opened").is_err_and(|why| why.contains("reopened")));
    }

    #[test]
    fn a_secret_is_as_standard_webhooks_has_it() {
        let (one, other) = (secret(), secret());
        assert!(one.starts_with("whsec_") && one != other);
        assert_eq!(BASE64.decode(&one.as_bytes()["whsec_".len()..]).map(|key| key.len()), Ok(32));
    }
}

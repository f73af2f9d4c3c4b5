//! Queues: what they are and how they are set.

use std::fmt::Write;

use crate::desk::rooms::refresh_rooms;
use crate::domain::id::EmailAddress;
use crate::domain::language::Language;
use crate::domain::placeholder;
use crate::domain::queue::{ClosedFollowUp, Intake, Machines, NotifyNew, Posting, Queue};
use crate::store::Tx;
use crate::store::queues::{NewQueue, QueueChange, QueueLine};
use crate::store::timings::TimingLine;
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::arguments::{names, user};
use super::timing::{self, TimingArguments};
use super::{AdminError, Door, Outcome};

#[derive(Clone, Debug, PartialEq, Subcommand)]
#[expect(missing_docs, reason = "it would be the help of the command above it")]
pub enum QueueCommand {
    /// Add a queue; its room is made by the running desk
    Add {
        /// Its name: lower-case letters, digits, - and _
        #[arg(value_parser = name)]
        name: String,
        /// Its mail address
        #[arg(value_parser = address)]
        address: EmailAddress,
        /// What people read: the room's and the sender's name (the name, if not given)
        #[arg(long)]
        title: Option<String>,
        /// How its mail comes in
        #[arg(long, value_enum, default_value_t = Intake::Lmtp)]
        intake: Intake,
        /// Who may write in its room; rights don't come from it
        #[arg(long, value_enum, default_value_t = Posting::Agents)]
        posting: Posting,
        /// In what language the desk itself writes to its customers
        #[arg(long, value_enum, default_value_t = Language::En)]
        language: Language,
        /// What becomes of mail that a machine begins something with (monitoring, orders, web forms)
        #[arg(long, value_enum, default_value_t = Machines::Quarantine)]
        machines: Machines,
        /// Encrypt its room end to end; this can't be taken back, and agents without cross-signing read nothing there
        #[arg(long)]
        encrypted: bool,
    },
    /// List the queues
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a queue
    Set(Box<SetQueue>),
    /// Let a queue take no more mail: 550; its tickets stay
    Archive {
        /// Its name
        name: String,
    },
}

#[derive(Args, Clone, Debug, PartialEq)]
pub struct SetQueue {
    /// Its name
    name: String,
    /// What people read
    #[arg(long)]
    title: Option<String>,
    /// Its mail address
    #[arg(long, value_parser = address)]
    address: Option<EmailAddress>,
    /// How its mail comes in
    #[arg(long, value_enum)]
    intake: Option<Intake>,
    /// What stands below every answer, with placeholders as a salutation; empty for none
    #[arg(long, value_parser = filled_in)]
    signature: Option<String>,
    /// What stands above every answer, such as "Hello {customer.name},"; empty for none
    #[arg(long, value_parser = filled_in)]
    salutation: Option<String>,
    /// Whether answers quote the customer's newest mail
    #[arg(long)]
    quotes: Option<bool>,
    /// What a customer's mail does to a closed ticket
    #[arg(long, value_enum)]
    closed_follow_up: Option<ClosedFollowUp>,
    /// How long after a closing a mere thank-you opens nothing, such as 3d; 0s for never
    #[arg(long, value_parser = humantime::parse_duration)]
    grace: Option<std::time::Duration>,
    /// In what language the desk itself writes to its customers
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// What becomes of mail that a machine begins something with (monitoring, orders, web forms)
    #[arg(long, value_enum)]
    machines: Option<Machines>,
    /// The acknowledgement in the queue's own words: the first line is the subject, {number} and {queue} are filled in; empty for the desk's own
    #[arg(long, value_parser = automatic)]
    acknowledgement: Option<String>,
    /// Likewise what a customer reads who writes to a closed ticket that stays closed
    #[arg(long, value_parser = automatic)]
    rejection: Option<String>,
    /// Whether a new ticket is acknowledged by mail
    #[arg(long)]
    acknowledge: Option<bool>,
    /// Whom a new ticket calls: none, room, or Matrix ids with commas between them
    #[arg(long, value_parser = notify)]
    notify_new: Option<NotifyNew>,
    /// Who may write in its room
    #[arg(long, value_enum)]
    posting: Option<Posting>,
    /// Whether it takes no more mail
    #[arg(long)]
    archived: Option<bool>,
    /// In which time zone it works and its agents name moments, such as Europe/Berlin (an IANA name)
    #[arg(long, value_parser = time_zone)]
    time_zone: Option<Tz>,
    /// Whether mails to customers have a link to the ticket's page (where [web] is configured)
    #[arg(long)]
    page: Option<bool>,
    /// Whether customers can close a ticket on its page
    #[arg(long)]
    page_closes: Option<bool>,
    /// Whether a ticket of alerts is closed when none of them fires any more
    #[arg(long)]
    alerts_close: Option<bool>,
    #[command(flatten)]
    timing: TimingArguments,
}

pub(super) async fn run(tx: &mut Tx, door: Door<'_>, command: QueueCommand) -> Outcome {
    match command {
        QueueCommand::Add { name, address, title, intake, posting, language, machines, encrypted } => {
            let title = title.unwrap_or_else(|| name.clone());
            let new = NewQueue { name: name.clone(), title, address, intake, posting, language, machines, encrypted };
            let added = tx.queues().add(&new).await.map_err(|error| {
                if error.is_constraint("queue_name_unique") {
                    AdminError::Refused(format!(
                        "there is a queue {name} with another address; `queue set {name} --address …` changes it"
                    ))
                } else if error.is_constraint("queue_address_unique") {
                    AdminError::Refused(format!("{} belongs to another queue; `queue list` shows which", new.address))
                } else {
                    error.into()
                }
            })?;
            refresh_rooms(tx);
            Ok(format!("queue {name} {}\n", if added { "added" } else { "is there already" }))
        }
        QueueCommand::List { json } => list_queues(tx, json).await,
        QueueCommand::Archive { name } => archive(tx, &name).await,
        QueueCommand::Set(set) => set_queue(tx, door, *set).await,
    }
}

async fn archive(tx: &mut Tx, name: &str) -> Outcome {
    let change = QueueChange { archived: Some(true), ..QueueChange::default() };
    if !tx.queues().change(name, &change).await? {
        let there = names(&tx.queues().all().await?);
        return AdminError::refused(format!("there is no queue {name}; there are {there}"));
    }
    refresh_rooms(tx);
    Ok(format!("queue {name} takes no more mail; `queue set {name} --archived false` takes it again\n"))
}

/// A queue as JSON.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    queue: QueueLine,
    #[serde(flatten)]
    timing: TimingLine,
}

async fn list_queues(tx: &mut Tx, json: bool) -> Outcome {
    let mut lines = Vec::new();
    for queue in tx.queues().all().await? {
        let timing = TimingLine::from(&tx.timings().of(queue.id).await?);
        lines.push(Line { queue: QueueLine::from(&queue), timing });
    }
    if json {
        return Ok(format!("{}\n", serde_json::to_string_pretty(&lines).unwrap_or_default()));
    }
    let mut text = String::new();
    for Line { queue: line, timing } in &lines {
        let room = line.room_id.as_deref().unwrap_or("(no room yet)");
        let archived = if line.archived { " archived" } else { "" };
        let _ = writeln!(text, "{} {} {} {room}{archived}", line.name, line.address, line.intake);
        text.push_str(&timing::shown(timing, line.time_zone));
    }
    Ok(if text.is_empty() { "no queues; `queue add NAME ADDRESS` adds one\n".to_owned() } else { text })
}

async fn set_queue(tx: &mut Tx, door: Door<'_>, set: SetQueue) -> Outcome {
    let timing = set.timing.read(door)?;
    let is_timing = timing.is_some() || set.time_zone.is_some();
    let change = QueueChange {
        title: set.title,
        address: set.address,
        intake: set.intake,
        signature: set.signature,
        salutation: set.salutation,
        quotes: set.quotes,
        closed_follow_up: set.closed_follow_up,
        grace: set.grace,
        language: set.language,
        machines: set.machines,
        acknowledgement: set.acknowledgement,
        rejection: set.rejection,
        acknowledge: set.acknowledge,
        notify_new: set.notify_new,
        posting: set.posting,
        archived: set.archived,
        time_zone: set.time_zone,
        page: set.page,
        page_closes: set.page_closes,
        alerts_close: set.alerts_close,
    };
    let set_queue = tx.queues().change(&set.name, &change).await.map_err(|error| {
        if error.is_constraint("queue_address_unique") {
            AdminError::Refused("that address belongs to another queue; `queue list` shows which".to_owned())
        } else {
            error.into()
        }
    });
    if !set_queue? {
        let there = names(&tx.queues().all().await?);
        return AdminError::refused(format!("there is no queue {}; there are {there}", set.name));
    }
    if is_timing {
        timing::set(tx, &set.name, &timing.unwrap_or_default()).await?;
    }
    refresh_rooms(tx);
    Ok(format!("queue {} changed\n", set.name))
}

fn name(text: &str) -> Result<String, String> {
    let form = "lower-case letters, digits, - and _, such as support";
    if Queue::is_name(text) { Ok(text.to_owned()) } else { Err(form.to_owned()) }
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).ok_or_else(|| "no mail address, such as support@example.org".to_owned())
}

fn time_zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| "no IANA time zone, such as Europe/Berlin or UTC".to_owned())
}

fn notify(text: &str) -> Result<NotifyNew, String> {
    match text {
        "none" => Ok(NotifyNew::None),
        "room" => Ok(NotifyNew::Room),
        list => list.split(',').map(|id| user(id.trim())).collect::<Result<_, _>>().map(NotifyNew::List),
    }
}

/// A text whose placeholders can all be filled in.
fn filled_in(text: &str) -> Result<String, String> {
    placeholder::check(text).map(|()| text.to_owned()).map_err(|unknown| unknown.to_string())
}

/// The words of an automatic mail: a subject, a text, and nothing to be filled in that nobody fills in.
fn automatic(text: &str) -> Result<String, String> {
    let left = text.replace("{number}", "").replace("{queue}", "");
    if left.contains(['{', '}']) {
        return Err("only {number} and {queue} are filled in".to_owned());
    }
    let is_whole =
        text.split_once('\n').is_some_and(|(subject, text)| !subject.trim().is_empty() && !text.trim().is_empty());
    if is_whole || text.is_empty() {
        return Ok(text.to_owned());
    }
    Err("the first line is the subject, and the text stands below it".to_owned())
}

//! What sets the desk up: queues, agents, templates, webhooks. One grammar and one code for two doors, the program's command line and the
//! admins' room.

mod agent;
mod arguments;
mod queue;
mod template;
mod timing;
mod token;
mod webhook;

pub use self::agent::AgentCommand;
pub use self::arguments::names;
pub use self::queue::QueueCommand;
pub(crate) use self::template::name as template_name;
pub use self::template::{TemplateCommand, Which};
pub use self::token::TokenCommand;
pub use self::webhook::WebhookCommand;
use crate::domain::id::UserId;
use crate::domain::placeholder;
use crate::store::queues::QueueChange;
use crate::store::{StoreError, Tx};

/// What comes of it: what there is to tell.
pub type Outcome = Result<String, AdminError>;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// It can't be done, and what would be right.
    #[error("{0}")]
    Refused(String),
    /// The record failed: nothing may be committed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AdminError {
    fn refused<T>(why: impl Into<String>) -> Result<T, Self> {
        Err(Self::Refused(why.into()))
    }
}

/// From where it is asked: files of this machine are read for whoever types at it, and for nobody in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// The program's command line.
    Program,
    /// A room, with what commands begin with there.
    Room(&'a str),
}

impl Door<'_> {
    /// What stands in a file.
    fn file(self, path: &std::path::Path) -> Outcome {
        let shown = path.display();
        if matches!(self, Self::Room(_)) {
            return AdminError::refused(format!(
                "{shown}: files are read by the program alone: ticketloom on the desk's machine"
            ));
        }
        std::fs::read_to_string(path).map_err(|error| AdminError::Refused(format!("{shown} can't be read: {error}")))
    }

    /// Words with their forms, such as `queue list`, as they are typed there.
    fn forms(self, words: &str) -> String {
        let before = match self {
            Self::Program => "`ticketloom ",
            Self::Room(prefix) => &format!("`{prefix}"),
        };
        ["queue", "agent", "template", "token", "webhook"]
            .iter()
            .fold(words.to_owned(), |words, verb| words.replace(&format!("`{verb} "), &format!("{before}{verb} ")))
    }
}

/// What an admin does to the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Queues.
    Queue(QueueCommand),
    /// Agents.
    Agent(AgentCommand),
    /// Templates.
    Template(TemplateCommand),
    /// Webhooks.
    Webhook(WebhookCommand),
    /// Tokens of programs: on the command line alone, since what is printed is a secret.
    Token(TokenCommand),
    /// A queue's signature.
    Signature {
        /// The queue.
        queue: String,
        /// What stands below every answer; empty for none.
        text: String,
    },
}

/// Does it, and returns what there is to tell. `bot` is the desk's own account, which is nobody's.
///
/// # Errors
/// [`AdminError`]; then nothing may be committed.
pub async fn run(tx: &mut Tx, bot: &UserId, door: Door<'_>, command: Command) -> Outcome {
    match perform(tx, bot, door, command).await {
        Ok(said) => Ok(door.forms(&said)),
        Err(AdminError::Refused(why)) => Err(AdminError::Refused(door.forms(&why))),
        failed => failed,
    }
}

async fn perform(tx: &mut Tx, bot: &UserId, door: Door<'_>, command: Command) -> Outcome {
    match command {
        Command::Queue(command) => queue::run(tx, door, command).await,
        Command::Agent(command) => agent::run(tx, bot, command).await,
        Command::Template(command) => template::run(tx, door, command).await,
        Command::Webhook(command) => webhook::run(tx, door, command).await,
        Command::Token(_) if door != Door::Program => {
            AdminError::refused("a token is a secret: ticketloom on the desk's machine makes it")
        }
        Command::Token(command) => token::run(tx, command).await,
        Command::Signature { queue, text } => {
            placeholder::check(&text).map_err(|unknown| AdminError::Refused(unknown.to_string()))?;
            let change = QueueChange { signature: Some(text), ..QueueChange::default() };
            if !tx.queues().change(&queue, &change).await? {
                let there = names(&tx.queues().all().await?);
                return AdminError::refused(format!("there is no queue {queue}; there are {there}"));
            }
            Ok(format!("queue {queue} has another signature now\n"))
        }
    }
}

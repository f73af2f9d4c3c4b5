//! A command with all that it is about.

use super::entry::Entry;
use super::event::{Message, MessageFile};
use super::place::Place;
use crate::desk::conversation::refusal::AnswerRefusal;
use crate::desk::conversation::{Cause, Context, Outcome, Stop};
use crate::desk::words::file_name;
use crate::domain::id::{ArticleId, EventId, UserId};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::files::AgentFile;
use crate::store::{Result, Tx};

/// Somebody asks for something. Their rights and the place have been looked at.
pub(crate) struct Request<'t> {
    /// Transaction, desk, and who asks.
    pub(super) context: Context<'t>,
    /// Their message or reaction.
    pub(super) cause: Cause<'t>,
    /// The message, if it is one, and what a reaction says of one.
    pub(super) said: Said<'t>,
    /// Where it is said.
    pub(super) place: Place,
    /// The ticket's queue, or the room's.
    pub(super) queue: Option<Queue>,
    /// The ticket, its row locked. There is one in [`Place::Thread`].
    pub(super) ticket: Option<Ticket>,
    /// All commands that there are, for the one that lists them.
    pub(super) list: &'static [Entry],
}

/// What of a message, or of a reaction, commands go by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'t> {
    /// The message that it replies, or reacts, to.
    pub(super) reply_to: Option<&'t EventId>,
    /// Whom it mentions.
    pub(super) mentions: &'t [UserId],
    /// Whom its words link.
    pub(super) pills: &'t [UserId],
    /// Its file.
    pub(super) file: Option<&'t MessageFile>,
}

impl<'t> Said<'t> {
    /// What a message says.
    pub(super) fn message(message: &'t Message) -> Self {
        Self {
            reply_to: message.reply_to.as_ref(),
            mentions: &message.mentions,
            pills: &message.pills,
            file: message.file.as_ref(),
        }
    }

    /// What a reaction says.
    pub(super) fn reaction(to: &'t EventId) -> Self {
        Self { reply_to: Some(to), mentions: &[], pills: &[], file: None }
    }
}

impl<'t> Request<'t> {
    /// The ticket that a command of [`Place::Thread`] is about.
    pub(super) fn on_ticket(&mut self) -> (&mut Context<'t>, &mut Ticket) {
        let ticket = self.ticket.as_mut().expect("the place of a command that is about a ticket is its thread");
        (&mut self.context, ticket)
    }

    /// The article whose message this one replies to.
    pub(super) async fn replied_article(&mut self) -> Result<Option<ArticleId>> {
        match self.said.reply_to {
            Some(event) => Ok(self.context.tx.threads().ticket_of(event).await?.and_then(|(_, article)| article)),
            None => Ok(None),
        }
    }

    /// The message's own file.
    pub(super) async fn own_file(&mut self) -> Outcome<Vec<AgentFile>> {
        let Some(file) = self.said.file else { return Ok(Vec::new()) };
        match fetched(self.context.tx, self.cause.event, file).await? {
            Some(Ok(file)) => Ok(vec![file]),
            Some(Err(why)) => Err(Stop::from(AnswerRefusal::FileNotFetched(Some(why)))),
            None => Err(Stop::from(AnswerRefusal::FileNotFetched(None))),
        }
    }
}

/// The file of a message, or why it can't be had. `None`: nobody has asked for it.
pub(super) async fn fetched(
    tx: &mut Tx,
    event: &EventId,
    file: &MessageFile,
) -> Result<Option<std::result::Result<AgentFile, String>>> {
    let fetched = tx.fetched_files().get(event).await?;
    let named = |kept| AgentFile { name: file_name(&file.name), mime: file.mime.clone(), kept };
    Ok(fetched.map(|fetched| fetched.map(named)))
}

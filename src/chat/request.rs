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
use crate::store::last_lists::{LastList, Seen};
use crate::store::{Result, Tx};

/// Somebody asks for something. Their rights and the place have been looked at.
pub(crate) struct Request<'t> {
    /// Transaction, desk, and who asks.
    pub(super) context: Context<'t>,
    /// Their message or reaction; `None`: it is asked for in no room.
    pub(super) cause: Option<Cause<'t>>,
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
    /// Behind what a list goes on, whose next page is asked for.
    pub(super) behind: Option<Seen>,
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
    /// The article that is meant, where it is named and no message of it is replied to.
    pub(super) article: Option<ArticleId>,
    /// Files that come along otherwise.
    pub(super) files: &'t [AgentFile],
}

impl<'t> Said<'t> {
    /// What a message says.
    pub(super) fn message(message: &'t Message) -> Self {
        Self {
            reply_to: message.reply_to.as_ref(),
            mentions: &message.mentions,
            pills: &message.pills,
            file: message.file.as_ref(),
            ..Self::nothing()
        }
    }

    /// What a reaction says.
    pub(super) fn reaction(to: &'t EventId) -> Self {
        Self { reply_to: Some(to), ..Self::nothing() }
    }

    /// What goes by nothing but its arguments.
    pub(super) fn nothing() -> Self {
        Self { reply_to: None, mentions: &[], pills: &[], file: None, article: None, files: &[] }
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
            None => Ok(self.said.article),
        }
    }

    /// The message's own file, or the files that come along.
    pub(super) async fn own_file(&mut self) -> Outcome<Vec<AgentFile>> {
        let (Some(file), Some(cause)) = (self.said.file, self.cause) else { return Ok(self.said.files.to_vec()) };
        match fetched(self.context.tx, cause.event, file).await? {
            Some(Ok(file)) => Ok(vec![file]),
            Some(Err(why)) => Err(Stop::from(AnswerRefusal::FileNotFetched(Some(why)))),
            None => Err(Stop::from(AnswerRefusal::FileNotFetched(None))),
        }
    }
}

impl Request<'_> {
    /// Keeps how the list goes on that is shown now: as which command, behind what. `None`: it ends here.
    pub(super) async fn goes_on(&mut self, next: Option<(String, Option<Seen>)>) -> Result<()> {
        let Some(cause) = self.cause else { return Ok(()) };
        let (agent, queue) = (self.context.by.id, self.queue.as_ref().map(|queue| queue.id));
        let next = next.map(|(command, behind)| LastList { queue, command, behind });
        self.context.tx.last_lists().set(agent, cause.room, next.as_ref()).await
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

//! `!answer`

use crate::chat::arguments::{self, Text};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::{Reply, Voice};
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Context, Draft, Outcome, answer, schedule, template};
use crate::domain::id::EmailAddress;
use crate::domain::moment::When;
use crate::domain::ticket::{State, Ticket};
use crate::store::files::AgentFile;

/// Mail the customer
///
/// The text is Markdown and keeps every blank and line. It locks an unlocked ticket; one that
/// somebody else has locked refuses. The mail is held for a moment, in which !undo, a ❌ on your
/// message or taking it back stops it, and editing your message changes it.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Answer {
    /// What the ticket is afterwards: open unless you say so, closed to close it in one go
    #[arg(long, value_name = "STATE", value_parser = arguments::state)]
    pub(crate) state: Option<State>,
    /// Until when it is pending then, such as 2d or tomorrow 9:00: as a reminder, unless --state says pending auto close
    #[arg(long, value_name = "WHEN", value_parser = arguments::when)]
    pub(crate) until: Option<When>,
    /// When it goes out, such as tomorrow 9:00: until then it can be edited, sent (✉️ on your message, or !send) and dropped (❌)
    #[arg(long, value_name = "WHEN", value_parser = arguments::when)]
    pub(crate) at: Option<When>,
    /// Somebody else who gets it, too; may stand several times
    #[arg(long, value_name = "ADDRESS", value_parser = arguments::address)]
    pub(crate) cc: Vec<EmailAddress>,
    /// Everybody who takes part in the ticket gets it
    #[arg(long)]
    pub(crate) all: bool,
    /// So many files that you put into the thread last go with it; a file whose caption is an !answer goes with it anyway
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) attach: Option<u8>,
    /// A text of !templates stands before yours, which may be left out then
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,
    /// It is meant so, though it says what a note says, leads into Matrix, or goes to an address that nobody reads
    #[arg(long)]
    pub(crate) yes: bool,
    /// What the customer gets to read
    #[arg(value_name = "TEXT", required_unless_present = "template")]
    pub(crate) text: Option<Text>,
}

impl Answer {
    /// What the answer is to be, with the files that came with it.
    pub(crate) async fn draft(
        self,
        context: &mut Context<'_>,
        ticket: &Ticket,
        files: Vec<AgentFile>,
    ) -> Outcome<Draft> {
        let below = self.text.as_ref().map(Text::as_str).unwrap_or_default();
        let text = template::text(context, ticket, self.template.as_deref(), below).await?;
        Ok(Draft {
            next: self.state.unwrap_or(if self.until.is_some() { State::PendingReminder } else { State::Open }),
            until: self.until,
            cc: self.cc,
            to_all: self.all,
            newest_files: self.attach,
            is_sure: self.yes,
            files,
            text,
        })
    }
}

impl Definition for Answer {
    const VERB: &'static str = "answer";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;
    const TAKES_FILES: bool = true;
    const NEEDS: &'static [&'static str] = &["text"];

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let at = self.at;
        let files = request.own_file().await?;
        let (context, ticket) = request.on_ticket();
        let draft = self.draft(context, ticket, files).await?;
        if let Some(when) = at {
            let scheduled = schedule::schedule(context, ticket, &draft, when).await?;
            return Ok(Reply::held(words::scheduled(&scheduled, Voice::of(context.settings))));
        }
        let answered = answer::answer(context, ticket, &draft).await?;
        Ok(Reply::held(words::answered(&answered, Voice::of(context.settings))))
    }
}

//! `!template`

use super::administer;
use crate::admin::{self, TemplateCommand, Which};
use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::domain::language::Language;
use crate::domain::queue::Role;

/// Set a text that agents answer with, or remove it; for admins
///
/// `set` with a text, `remove` without. {customer.name}, {customer.address}, {agent.name}, {ticket.number}, {ticket.subject},
/// {queue.name}, {queue.address} and {date} are filled in. The same as `ticketloom template` on the desk's machine.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Template {
    /// The queue that it is for; all, if none is named
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    /// The language that it is in, such as de; any queue's, if none is named
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// set or remove
    #[arg(value_name = "set|remove")]
    what: What,
    /// What agents call it: lower-case letters, digits, - and _
    #[arg(value_name = "NAME", value_parser = crate::admin::template_name)]
    name: String,
    /// The text, in Markdown
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

/// What is done about a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// It has this text from now on.
    Set,
    /// It is no more.
    Remove,
}

impl Definition for Template {
    const VERB: &'static str = "template";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let which = Which { name: self.name, queue: self.queue, language: self.language };
        let text = self.text.map(|text| text.as_str().to_owned());
        let command = match self.what {
            What::Set => TemplateCommand::Set { which, text, file: None },
            What::Remove => TemplateCommand::Remove(which),
        };
        administer(request, admin::Command::Template(command)).await
    }
}

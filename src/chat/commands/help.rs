//! `!help`

use super::{Definition, Outcome, Reply, Request};
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Voice;
use crate::chat::{help, words};

/// Show what you can do here, or how one command is used
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Help {
    /// The command, or all to see what can be done elsewhere and by others, too
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Definition for Help {
    const VERB: &'static str = "help";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let voice = Voice::of(request.context.desk);
        let (place, role) = (request.place, request.context.by.role);
        Ok(match self.command.as_deref() {
            None => Reply::told(words::help_here(&help::list(voice.prefix, Some((place, role))), voice)),
            Some(all) if all.eq_ignore_ascii_case("all") => {
                Reply::told(words::help_all(&help::list(voice.prefix, None), voice))
            }
            Some(verb) => match help::details(voice.prefix, verb) {
                Some(text) => Reply::told(words::marked(&text)),
                None => Reply::refused(words::no_such_command(voice)),
            },
        })
    }
}

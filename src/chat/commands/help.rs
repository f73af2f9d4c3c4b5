//! `!help`

use crate::chat::definition::Definition;
use crate::chat::entry::Entry;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::{Reply, Voice};
use crate::chat::request::Request;
use crate::chat::{help, words};
use crate::desk::conversation::Outcome;

/// Show what matters most here, or how one command is used
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Help {
    /// The command, or all for everything that you can do
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Definition for Help {
    const VERB: &'static str = "help";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let voice = Voice::of(request.context.settings);
        let (place, role) = (request.place, request.context.by.role);
        let yours: Vec<_> = request.list.iter().filter(|entry| entry.is_for_role(role)).collect();
        Ok(match self.command.as_deref() {
            None => Reply::told(words::help_here(place, &help::first(place, voice.prefix), yours.len(), voice)),
            Some(all) if all.eq_ignore_ascii_case("all") => {
                let (here, elsewhere): (Vec<&Entry>, Vec<&Entry>) =
                    yours.into_iter().partition(|entry| entry.is_for(place, role));
                let list = |entries| help::list(entries, voice.prefix);
                Reply::told(words::help_all(&list(here), &list(elsewhere), voice))
            }
            Some(verb) => match help::details(request.list, voice.prefix, verb) {
                Some(text) => Reply::told(words::marked(&text)),
                None => Reply::refused(words::no_such_command(voice)),
            },
        })
    }
}

//! `!away`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, away};
use crate::desk::words::Said;
use crate::domain::moment::When;

/// Say that you are away until a time
///
/// What you have locked stays yours until its customer writes: then it is unlocked. `!back` ends it before its time.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Away {
    /// Until when: 4h, 2d, tomorrow 9:00, mon 14:00, 2026-12-01
    #[arg(value_name = "WHEN", value_parser = arguments::when)]
    when: When,
}

impl Definition for Away {
    const VERB: &'static str = "away";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let context = &mut request.context;
        let until = away::leave(context.tx, context.by, request.queue.as_ref(), self.when).await?;
        Ok(Reply::told(Said::plain(format!("You are away until {until}."))))
    }
}

//! `!zoom`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, find};
use crate::domain::number::Number;

/// Show where a ticket is
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Zoom {
    /// Its number, with or without Ticket#
    #[arg(value_name = "NUMBER", value_parser = arguments::number)]
    number: Number,
}

impl Definition for Zoom {
    const VERB: &'static str = "zoom";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let found = find::find(&mut request.context, &self.number).await?;
        Ok(Reply::told(words::found(&found)))
    }
}

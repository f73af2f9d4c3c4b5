//! `!back`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, away};

/// Say that you are back
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Back;

impl Definition for Back {
    const VERB: &'static str = "back";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        away::come_back(&mut request.context).await?;
        Ok(Reply::done())
    }
}

//! `!block`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, blocks, quarantine};
use crate::domain::id::EmailAddress;

/// Block a sender: their mail goes into quarantine from now on
///
/// As a reply to a quarantined mail (a 🚫 as a reaction on it does the same) or, for admins, with an address.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Block {
    /// A mail address
    #[arg(value_name = "ADDRESS", value_parser = arguments::address)]
    address: Option<EmailAddress>,
}

impl Definition for Block {
    const VERB: &'static str = "block";
    const PLACES: &'static [Place] = ANYWHERE;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &["🚫"], on: ReactedTo::QuarantineEntry });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        match &self.address {
            Some(address) => blocks::block_named(&mut request.context, address).await?,
            None => quarantine::block_sender(&mut request.context, request.said.reply_to).await?,
        }
        Ok(Reply::done())
    }
}

//! `!unblock`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, blocks};
use crate::domain::id::EmailAddress;
use crate::domain::queue::Role;

/// Take mail of a blocked sender again; for admins
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Unblock {
    /// Their mail address
    #[arg(value_name = "ADDRESS", value_parser = arguments::address)]
    address: EmailAddress,
}

impl Definition for Unblock {
    const VERB: &'static str = "unblock";
    const PLACES: &'static [Place] = ANYWHERE;
    const ROLE: Role = Role::Admin;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        blocks::unblock(&mut request.context, &self.address).await?;
        Ok(Reply::done())
    }
}

//! `!unblock`

use super::{Definition, Outcome, Reply, Request};
use crate::chat::arguments;
use crate::chat::place::{ANYWHERE, Place};
use crate::desk::conversation::blocks;
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

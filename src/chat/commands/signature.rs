//! `!signature`

use super::administer;
use crate::admin;
use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::domain::queue::Role;

/// Set what stands below a queue's answers; for admins
///
/// With placeholders, as a template; without a text there is none from then on. The same as `ticketloom signature` on the
/// desk's machine.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Signature {
    /// set
    #[arg(value_name = "set", value_parser = ["set"])]
    what: String,
    /// The queue's name
    #[arg(value_name = "QUEUE")]
    queue: String,
    /// The text
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

impl Definition for Signature {
    const VERB: &'static str = "signature";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let text = self.text.map(|text| text.as_str().to_owned()).unwrap_or_default();
        administer(request, admin::Command::Signature { queue: self.queue, text }).await
    }
}

//! `!tag`

use crate::chat::arguments::{self, TagChange};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, marks};

/// Put tags on the ticket, or take them off
///
/// `!tag vip printer` puts two on, `!tag -vip` takes one off; `!search tag:printer` finds them. `!undo` takes it back.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Tag {
    /// `TAG` or `+TAG` to put on, `-TAG` to take off, one or more
    #[arg(value_name = "±TAG", required = true, num_args = 1.., allow_hyphen_values = true,
          value_parser = arguments::tag_change)]
    changes: Vec<TagChange>,
}

impl Definition for Tag {
    const VERB: &'static str = "tag";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (on, off): (Vec<_>, Vec<_>) = self.changes.into_iter().partition(|change| change.is_on);
        let tags = |changes: Vec<TagChange>| changes.into_iter().map(|change| change.tag).collect();
        let (context, ticket) = request.on_ticket();
        marks::tag(context, ticket, tags(on), tags(off)).await?;
        Ok(Reply::done())
    }
}

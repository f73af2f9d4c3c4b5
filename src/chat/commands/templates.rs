//! `!templates`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists, template};
use crate::desk::words;
use crate::domain::listing::Listing;

/// List the texts that you can answer with, or show one
///
/// `!answer --template NAME` sends one, with what you write below it. An admin sets them: ticketloom template set.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Templates {
    /// The one to be shown
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Definition for Templates {
    const VERB: &'static str = "templates";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let queues = match &request.queue {
            Some(queue) => vec![queue.clone()],
            None => lists::queues(&mut request.context).await?,
        };
        if let (Some(name), Some(queue)) = (&self.name, queues.first()) {
            let template = template::find(&mut request.context, queue, name).await?;
            return Ok(Reply::told(words::template(&template)));
        }
        let templates = template::of_queues(&mut request.context, &queues).await?;
        let count = i64::try_from(templates.len()).unwrap_or(i64::MAX);
        let said = words::template_list(&templates, &queues);
        Ok(Reply::listed(said, Listing::first("templates", vec![], count, count.max(1))))
    }
}

//! `!stats`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::{stats, words};
use crate::domain::stats::Span;
use crate::store::jobs::Chart;

/// Count what was new, answered, closed and reopened, and how long it took
///
/// Of this queue, or of the one that is named; in the direct room of all your queues. day is today, week the last seven days
/// (unless you say otherwise), month the last thirty, by the queue's clock. Times are working time; what was pending does not count.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Stats {
    /// A queue's name, as !queues shows it, and day, week or month
    #[arg(value_name = "[QUEUE] [day|week|month]", num_args = 0..=2)]
    words: Vec<String>,
}

impl Definition for Stats {
    const VERB: &'static str = "stats";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let mut words = self.words.as_slice();
        let mut span = Span::default();
        if let Some((last, before)) = words.split_last()
            && let Some(named) = Span::named(last)
        {
            (words, span) = (before, named);
        }
        let queues = match (words.first(), &request.queue) {
            (Some(name), _) => vec![lists::queue_named(&mut request.context, name).await?],
            (None, Some(queue)) => vec![queue.clone()],
            (None, None) => lists::queues(&mut request.context).await?,
        };
        let report = stats::report(request.context.tx, &queues, span).await?;
        let chart = request.cause.filter(|_| report.days.len() > 1).map(|cause| Chart {
            room: cause.room.clone(),
            ticket: request.ticket.as_ref().map(|ticket| ticket.id),
            to: cause.event.clone(),
            days: report.days.clone(),
        });
        Ok(Reply::pictured(words::stats(&report), chart))
    }
}

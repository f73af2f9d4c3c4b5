//! `!search`

use crate::chat::arguments::{LAST_PAGE, Text};
use crate::chat::definition::Definition;
use crate::chat::grammar::quoted_words;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::desk::conversation::search::{self, PAGE, Term};
use crate::desk::words::{self, Line};
use crate::domain::listing::Listing;

/// Find tickets by what was written in them
///
/// Subjects, mails, answers, notes, names, addresses, file names and numbers, in all your queues. Several words must all
/// be there, `"words in quotes"` side by side, `-word` must not; a word of four letters stands for all that begin with it,
/// and if nobody wrote such words, one of three for all of which it is part.
/// `state:open owner:me from:carol@example.org queue:support tag:vip after:2026-11-01 before:2026-12-01` narrow it.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Search {
    /// Which page, if there are several
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true,
          value_parser = clap::value_parser!(i64).range(1..=LAST_PAGE))]
    page: i64,
    /// What is looked for
    #[arg(value_name = "WORDS", allow_hyphen_values = true)]
    words: Text,
}

impl Definition for Search {
    const VERB: &'static str = "search";
    const PLACES: &'static [Place] = ANYWHERE;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let words = quoted_words(self.words.as_str()).into_iter();
        let terms: Vec<Term> = words.map(|(text, is_quoted)| Term { text, is_quoted }).collect();
        let found = search::search(&mut request.context, &terms, self.page).await?;
        let pages = (found.total + PAGE - 1) / PAGE;
        let clock = request.context.wall_clock(None).await?;
        let next = format!("search --page {} -- {}", self.page + 1, self.words.as_str());
        request.goes_on((self.page < pages.min(LAST_PAGE)).then_some((next, None))).await?;
        let said = words::found(&found, (self.page, pages), clock);
        let more = format!("{}more", request.context.settings.prefix);
        let said = if self.page < pages { said.line(Line::from("… and more: ").code(more)) } else { said };
        let tickets = found.lines.iter().map(|(ticket, _)| ticket.number.clone()).collect();
        Ok(Reply::listed(said, Listing::page("search", tickets, found.total, (self.page, PAGE))))
    }
}

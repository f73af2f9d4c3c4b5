//! Finding tickets, as far as the agent may know of them.

use super::context::Context;
use super::lists;
use super::refusal::{Outcome, SearchRefusal};
use crate::domain::id::{EmailAddress, UserId};
use crate::domain::moment::MORNING;
use crate::domain::ticket::{State, Tag};
use crate::store::searches::{Found, Wanted};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

/// How many lines a page has.
pub const PAGE: i64 = 20;

/// A part of what is asked: a word or phrase, or `name:value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The words, or the filter with its value.
    pub text: String,
    /// Whether it stood in quotes, so that it is no filter.
    pub is_quoted: bool,
}

/// Looks for tickets in all queues that the agent sees.
pub async fn search(context: &mut Context<'_>, terms: &[Term], page: i64) -> Outcome<Found> {
    let wanted = wanted(context, terms).await?;
    if wanted.is_empty() {
        return Err(SearchRefusal::Nothing.into());
    }
    Ok(context.tx.searches().find(&wanted, (page - 1) * PAGE, PAGE).await?)
}

/// What is looked for, in all queues that the agent sees.
pub async fn wanted(context: &mut Context<'_>, terms: &[Term]) -> Outcome<Wanted> {
    let mut wanted = Wanted { queues: vec![], ..Wanted::default() };
    let queues = lists::queues(context).await?;
    let zone = queues.first().map_or(Tz::UTC, |queue| queue.time_zone);
    wanted.queues = queues.iter().map(|queue| queue.id).collect();
    for term in terms {
        let filter = term.text.split_once(':').filter(|(name, value)| !term.is_quoted && is_filter(name, value));
        match filter {
            Some(("queue", name)) => {
                wanted.queues =
                    queues.iter().filter(|queue| queue.name == name.to_lowercase()).map(|queue| queue.id).collect();
                if wanted.queues.is_empty() {
                    return Err(SearchRefusal::NoSuchQueue(name.to_owned()).into());
                }
            }
            Some((name, value)) => narrow(context, &mut wanted, (name, value), zone).await?,
            None => match term.text.strip_prefix('-').filter(|_| !term.is_quoted) {
                Some(unwanted) => wanted.question.ask(unwanted, false),
                None => wanted.question.ask(&term.text, true),
            },
        }
    }
    Ok(wanted)
}

fn is_filter(name: &str, value: &str) -> bool {
    let known = ["state", "owner", "from", "queue", "tag", "before", "after"];
    !value.is_empty() && known.contains(&name)
}

async fn narrow(context: &mut Context<'_>, wanted: &mut Wanted, (name, value): (&str, &str), zone: Tz) -> Outcome<()> {
    let wrong = || SearchRefusal::NotRight { filter: name.to_owned(), value: value.to_owned() };
    match name {
        "state" => wanted.states = states(value).ok_or_else(wrong)?,
        "owner" => {
            let agents = context.tx.agents().all().await?;
            let name = value.trim_start_matches('@').to_lowercase();
            let is_it = |user: &UserId| user.localpart() == name || user.as_str().trim_start_matches('@') == name;
            let own = (name == "me").then_some(context.by.id);
            let other = || agents.iter().find(|agent| is_it(&agent.user)).map(|agent| agent.id);
            wanted.owner = Some(own.or_else(other).ok_or_else(wrong)?);
        }
        "from" => {
            let address = EmailAddress::parse(value).ok_or_else(wrong)?;
            let known = context.tx.customers().find(&address).await?;
            wanted.from = Some(known.ok_or_else(wrong)?);
        }
        "tag" => wanted.tag = Some(Tag::parse(value).ok_or_else(wrong)?),
        "before" => wanted.before = Some(day(value, zone).ok_or_else(wrong)?),
        _ => wanted.after = Some(day(value, zone).ok_or_else(wrong)?),
    }
    Ok(())
}

/// All states whose type or name begins so: `open`, `closed`, `pending`; `None` if there is none.
#[must_use]
pub fn states(value: &str) -> Option<Vec<State>> {
    let value = value.to_lowercase().replace(['_', '-'], " ");
    let fits = |state: &State| state.name().starts_with(&value) || state.type_name() == value;
    let states: Vec<State> = State::ALL.into_iter().filter(fits).collect();
    (!states.is_empty()).then_some(states)
}

/// The beginning of a day.
fn day(value: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok()?;
    let midnight = zone.from_local_datetime(&date.and_hms_opt(0, 0, 0)?).earliest();
    midnight.or_else(|| zone.from_local_datetime(&date.and_time(MORNING)).earliest()).map(|moment| moment.to_utc())
}

//! What was counted, in words and as a picture.

use chrono::TimeDelta;

use super::{Line, Said};
use crate::desk::stats::{Counts, Report};
use crate::domain::stats::Took;
use crate::store::stats::MOST_TIMES;

/// What is told at least of a time within which something happened.
const A_MINUTE: TimeDelta = TimeDelta::minutes(1);
/// How many agents are named.
const MOST_AGENTS: usize = 20;

/// What was counted: all together, by queue if there are several, by agent, and how long things took.
#[must_use]
pub fn stats(report: &Report) -> Said {
    let window = &report.window;
    let name = match report.queues.as_slice() {
        [(name, _)] => name.clone(),
        all => format!("{} queues", all.len()),
    };
    let days = if window.first == window.last {
        window.last.to_string()
    } else {
        format!("{} – {}", window.first, window.last)
    };
    let said = Said::plain(format!("📊 {name} · {days} ({})", window.zone)).line(counts(report.total()));
    let said = said.line(time("first response", report.first_response.as_ref()));
    let said = said.line(time("solution", report.solution.as_ref()));
    let said = match report.queues.as_slice() {
        [_] => said,
        all => said.list(all.iter().map(|(name, one)| Line::from(format!("{name}: {}", counts(*one))))),
    };
    let agents = report.agents.iter().take(MOST_AGENTS).map(|(user, answered, closed)| {
        Line::from(format!("{}: {}, {closed} closed", user.localpart(), many(*answered, "answer")))
    });
    let said = if report.agents.is_empty() { said } else { said.list(agents) };
    let more = report.agents.len().saturating_sub(MOST_AGENTS);
    if more > 0 { said.line(format!("… and {more} more")) } else { said }
}

fn counts(counts: Counts) -> String {
    let Counts { new, answered, closed, reopened, open, unlocked } = counts;
    format!(
        "{new} new · {answered} answered · {closed} closed · {reopened} reopened · {open} open now, {unlocked} of them unlocked"
    )
}

/// `first response: 1 h 20 min, of nine in ten at most 5 h (of 12)`
fn time(what: &str, took: Option<&Took>) -> String {
    let Some(Took { median, ninety, count }) = took else { return format!("{what}: none") };
    let of = if i64::try_from(*count) == Ok(MOST_TIMES) { "the newest " } else { "" };
    format!(
        "{what}: median {}, 90 % within {} (of {of}{count}, in working time)",
        span(*median),
        span((*ninety).max(A_MINUTE))
    )
}

fn span(time: TimeDelta) -> String {
    let minutes = time.num_minutes();
    match minutes {
        ..1 => "under 1 min".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2880 if minutes % 60 == 0 => format!("{} h", minutes / 60),
        60..2880 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

fn many(count: i64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What a picture of new and closed tickets a day shows, for who does not see it.
#[must_use]
pub fn chart(days: &[(i64, i64)]) -> String {
    let sum = |of: fn(&(i64, i64)) -> i64| days.iter().map(of).sum::<i64>();
    format!("{} new (blue) and {} closed (green) in {} days", sum(|day| day.0), sum(|day| day.1), days.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_short_as_they_can_be() {
        for (minutes, wanted) in [
            (-1, "under 1 min"),
            (0, "under 1 min"),
            (1, "1 min"),
            (59, "59 min"),
            (60, "1 h"),
            (80, "1 h 20 min"),
            (2879, "47 h 59 min"),
            (2940, "2 d 1 h"),
        ] {
            assert_eq!(span(TimeDelta::minutes(minutes)), wanted);
        }
    }
}

//! A queue's time: working hours, holidays, and what is promised.

use std::fmt::Write;
use std::path::Path;

use super::{AdminError, Door};
use crate::config::ics;
use crate::domain::due::Timing;
use crate::domain::working_time::{Holidays, Hours, WorkingSpan};
use crate::store::Tx;
use crate::store::timings::{TimingChange, TimingLine};
use clap::Args;

/// What may be said of a queue's time. It is read all at once, so that every mistake is named at once.
#[derive(Args, Clone, Debug, PartialEq)]
pub(super) struct TimingArguments {
    /// At which hours it works, such as "mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00"; empty for always
    #[arg(long)]
    hours: Option<String>,
    /// On which days it does not work: "2026-12-25 Christmas; 2027-01-01 New Year", or an iCalendar file (.ics); empty for none
    #[arg(long, value_name = "DAYS|FILE")]
    holidays: Option<String>,
    /// Within what working time a first answer is promised, such as 4h, or "4h 80%" with the share at which the desk warns; none for never
    #[arg(long, value_name = "TIME")]
    first_response: Option<String>,
    /// Likewise an answer to a customer who has written again
    #[arg(long, value_name = "TIME")]
    update: Option<String>,
    /// Likewise the closing
    #[arg(long, value_name = "TIME")]
    solution: Option<String>,
    /// At what share of these times the desk warns, such as 75% (unless one of them has its own)
    #[arg(long, value_name = "SHARE")]
    warn: Option<String>,
    /// Whether a ticket that is opened again has all the time for its solution once more
    #[arg(long)]
    solution_restarts: Option<bool>,
    /// After what working time a lock is taken back whose owner does nothing, such as 8h; none for never
    #[arg(long, value_name = "TIME")]
    unlock_after: Option<String>,
}

impl TimingArguments {
    /// What is to be changed; `None` if nothing is said.
    ///
    /// # Errors
    /// Every mistake, one a line.
    pub(super) fn read(&self, door: Door<'_>) -> Result<Option<TimingChange>, AdminError> {
        let mut mistakes = Vec::new();
        let mut change = TimingChange { solution_restarts: self.solution_restarts, ..TimingChange::default() };
        if let Some(text) = &self.hours {
            change.hours = Hours::parse(text).map_err(|wrong| named(&mut mistakes, "--hours", wrong)).ok();
        }
        if let Some(text) = &self.holidays {
            change.holidays = holidays(text, door).map_err(|wrong| named(&mut mistakes, "--holidays", wrong)).ok();
        }
        if let Some(text) = &self.warn {
            let warn = share(text).map_err(|wrong| named(&mut mistakes, "--warn", vec![wrong])).ok();
            change.warn = [warn; 3];
        }
        let goals =
            [("--first-response", &self.first_response), ("--update", &self.update), ("--solution", &self.solution)];
        for (place, (flag, text)) in goals.into_iter().enumerate() {
            let Some(text) = text else { continue };
            let Ok((within, warn)) = goal(text).map_err(|wrong| named(&mut mistakes, flag, wrong)) else { continue };
            change.warn[place] = warn.or(change.warn[place]);
            *[&mut change.first, &mut change.update, &mut change.solution][place] = Some(within);
        }
        if let Some(text) = &self.unlock_after {
            change.unlock_after = span(text).map_err(|wrong| named(&mut mistakes, "--unlock-after", vec![wrong])).ok();
        }
        if !mistakes.is_empty() {
            return AdminError::refused(mistakes.join("\n"));
        }
        Ok(self.says_something().then_some(change))
    }

    fn says_something(&self) -> bool {
        let texts = [
            &self.hours,
            &self.holidays,
            &self.first_response,
            &self.update,
            &self.solution,
            &self.warn,
            &self.unlock_after,
        ];
        texts.iter().any(|text| text.is_some()) || self.solution_restarts.is_some()
    }
}

/// Changes a queue's time, and has its open tickets computed anew.
pub(super) async fn set(tx: &mut Tx, name: &str, change: &TimingChange) -> Result<(), AdminError> {
    let queue = tx.queues().all().await?.into_iter().find(|queue| queue.name == name);
    let queue = queue.ok_or_else(|| AdminError::Refused(format!("there is no queue {name}")))?;
    let timing = change.of(&tx.timings().of(queue.id).await?);
    must_be_reachable(&timing, tx)?;
    Ok(tx.timings().set(queue.id, &timing).await?)
}

/// What is promised must be due some day.
fn must_be_reachable(timing: &Timing, tx: &Tx) -> Result<(), AdminError> {
    let goals = [("--first-response", timing.first), ("--update", timing.update), ("--solution", timing.solution)];
    let spans = goals.map(|(flag, goal)| (flag, goal.map(|goal| goal.within)));
    for (flag, span) in spans.into_iter().chain([("--unlock-after", timing.unlock_after)]) {
        if let Some(span) = span
            && timing.calendar.add(tx.now(), span.time()).is_none()
        {
            return AdminError::refused(format!(
                "{flag} {span}: with these working hours that is more than ten years; say less, or more --hours"
            ));
        }
    }
    Ok(())
}

/// A queue's time as a list shows it: a line for what is set, nothing if nothing is.
pub(super) fn shown(timing: &TimingLine, zone: &str) -> String {
    let hours = if timing.hours.is_empty() { "always" } else { &timing.hours };
    let mut text = String::new();
    if !timing.hours.is_empty() || !timing.holidays.is_empty() {
        let _ = write!(text, "  works {hours} ({zone})");
        let _ = if timing.holidays.is_empty() { Ok(()) } else { write!(text, ", {} holidays", timing.holidays.len()) };
        text.push('\n');
    }
    let again = if timing.solution_restarts { ", anew after each opening" } else { "" };
    let promises = [
        timing.first_response.as_ref().map(|goal| format!("first answer {goal}")),
        timing.update.as_ref().map(|goal| format!("next answer {goal}")),
        timing.solution.as_ref().map(|goal| format!("solution {goal}{again}")),
        timing.unlock_after.as_ref().map(|after| format!("unlocks after {after}")),
    ];
    let promises: Vec<String> = promises.into_iter().flatten().collect();
    if !promises.is_empty() {
        let _ = writeln!(text, "  {}", promises.join(" · "));
    }
    text
}

fn named(mistakes: &mut Vec<String>, flag: &str, wrong: Vec<String>) {
    mistakes.extend(wrong.into_iter().map(|wrong| format!("{flag}: {wrong}")));
}

/// Days as they are typed, or the file of that name.
fn holidays(text: &str, door: Door<'_>) -> Result<Holidays, Vec<String>> {
    let path = Path::new(text.trim());
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ics")) {
        return Holidays::parse(text);
    }
    let file = door.file(path).map_err(|error| vec![error.to_string()])?;
    ics::holidays(&file).map_err(|wrong| wrong.into_iter().map(|wrong| format!("{text}: {wrong}")).collect())
}

/// `4h`, `4h 80%`, `none`.
fn goal(text: &str) -> Result<(Option<WorkingSpan>, Option<u8>), Vec<String>> {
    let (within, warn) =
        text.trim().split_once(char::is_whitespace).map_or((text, None), |(within, warn)| (within, Some(warn)));
    match (span(within), warn.map(share).transpose()) {
        (Ok(within), Ok(warn)) => Ok((within, warn)),
        (within, warn) => Err([within.err(), warn.err()].into_iter().flatten().collect()),
    }
}

fn span(text: &str) -> Result<Option<WorkingSpan>, String> {
    if text.trim() == "none" { Ok(None) } else { WorkingSpan::parse(text).map(Some) }
}

fn share(text: &str) -> Result<u8, String> {
    let number = text.trim().strip_suffix('%').unwrap_or(text.trim()).parse().ok();
    number
        .filter(|share| (1..=99).contains(share))
        .ok_or_else(|| format!("“{text}” is no share, such as 75% (1% to 99%)"))
}

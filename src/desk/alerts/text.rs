//! What monitoring says, as the text of an article.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::domain::alert::{Alert, Alerts, News};
use crate::domain::number::shorten;
use crate::domain::wall_clock::WallClock;

/// How many alerts are described.
const MOST: usize = 20;
/// How much of a label and of an annotation is shown, in characters.
const LABEL: usize = 200;
const ANNOTATION: usize = 1_000;
/// How many labels and how many annotations of an alert are.
const MOST_WORDS: usize = 30;

/// What is new of a group, and what still fires.
pub(super) fn of(alerts: &Alerts, news: &News<'_>, clock: WallClock) -> String {
    let mut text = head(alerts, news);
    let described = news.began.iter().map(|alert| (true, *alert)).chain(news.ended.iter().map(|alert| (false, *alert)));
    let mut described = described.peekable();
    // A group that fires on, in a ticket that was closed.
    let on: Vec<&Alert> = alerts.alerts.iter().filter(|alert| alert.fires).collect();
    let is_bare = described.peek().is_none();
    let all: Vec<(bool, &Alert)> =
        if is_bare && alerts.fires { on.into_iter().map(|alert| (true, alert)).collect() } else { described.collect() };
    for (fires, alert) in all.iter().take(MOST) {
        text.push('\n');
        describe(&mut text, *fires, alert, alerts, clock);
    }
    let more = all.len().saturating_sub(MOST) as u64 + alerts.left_out;
    if more > 0 {
        let _ = write!(text, "\n… and {more} more\n");
    }
    text.trim_end().to_owned()
}

/// `Alertmanager: 2 firing (1 new), 1 resolved`
fn head(alerts: &Alerts, news: &News<'_>) -> String {
    let (source, ended) = (alerts.source, news.ended.len() + news.vanished);
    if !alerts.fires {
        return format!("{source}: resolved, nothing fires any more\n");
    }
    let firing = match news.firing.len() {
        0 => "firing".to_owned(),
        count => format!("{count} firing"),
    };
    let began = match news.began.len() {
        0 => String::new(),
        count if count == news.firing.len() => String::new(),
        count => format!(" ({count} new)"),
    };
    let ended = if ended > 0 { format!(", {ended} resolved") } else { String::new() };
    format!("{source}: {firing}{began}{ended}\n")
}

fn describe(text: &mut String, fires: bool, alert: &Alert, alerts: &Alerts, clock: WallClock) {
    let (sign, name) = (if fires { "🔥" } else { "✅" }, line(alert.name(), LABEL));
    let labels = alert.labels.iter().filter(|(label, _)| *label != "alertname");
    let labels = labels.take(MOST_WORDS).map(|(label, value)| format!("{}={}", line(label, LABEL), line(value, LABEL)));
    let _ = writeln!(text, "{sign} {name} {}", labels.collect::<Vec<_>>().join(" "));
    if !fires {
        return;
    }
    let said: BTreeMap<_, _> = alerts.annotations.iter().chain(&alert.annotations).collect();
    for (name, value) in said.iter().take(MOST_WORDS) {
        let _ = writeln!(text, "{}: {}", line(name, LABEL), shorten(value.trim(), ANNOTATION));
    }
    if let Some(since) = alert.since {
        let _ = writeln!(text, "since {}", clock.lasting(since));
    }
    if let Some(link) = &alert.link {
        let _ = writeln!(text, "{}", line(link, ANNOTATION));
    }
}

/// Foreign words on one line.
fn line(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shorten(clean.trim(), most)
}

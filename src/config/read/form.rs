//! The forms that values may have; `None` for a word that has not the form.

use std::path::PathBuf;
use std::time::Duration;

/// One line that is not empty.
pub(super) fn text(word: &str) -> Option<String> {
    let word = word.trim();
    (!word.is_empty() && !word.contains(char::is_control)).then(|| word.to_owned())
}

/// An absolute path.
pub(super) fn absolute(word: &str) -> Option<PathBuf> {
    let path = PathBuf::from(word);
    path.is_absolute().then_some(path)
}

/// A time such as `15min`.
pub(super) fn duration(word: &str) -> Option<Duration> {
    humantime::parse_duration(word).ok()
}

/// Bytes: a number, or one with KiB or MiB.
pub(super) fn size(word: &str) -> Option<usize> {
    let word = word.trim();
    let (number, unit) = match (word.strip_suffix("MiB"), word.strip_suffix("KiB")) {
        (Some(number), _) => (number, 1 << 20),
        (_, Some(number)) => (number, 1 << 10),
        _ => (word, 1),
    };
    number.trim().parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).filter(|size| *size >= 1 << 10)
}

/// How many connections there may be.
pub(super) fn connections(word: &str) -> Option<usize> {
    word.parse().ok().filter(|most| (1..=65_536).contains(most))
}

/// What is logged. A word alone must be a level: tracing-subscriber would take a misspelt one for a module's name.
pub(super) fn log_filter(word: &str) -> Option<String> {
    let is_level = |part: &str| ["off", "error", "warn", "info", "debug", "trace"].contains(&part.trim());
    let is_sound = |part: &str| part.contains(['=', '[']) || is_level(part);
    let is_filter = word.parse::<tracing_subscriber::filter::EnvFilter>().is_ok();
    (is_filter && word.split(',').all(is_sound)).then(|| word.to_owned())
}

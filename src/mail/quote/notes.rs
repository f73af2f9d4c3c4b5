//! The header that Lotus Notes writes above a quote: who and when on lines of their own, and below that To, cc and
//! Subject, beside their values or above them.

use super::attribution::{has_clock, is_dated};
use super::words::{FROM, OTHERS};

/// How many lines above "To" the header may begin, and how many below it "Subject" may stand.
const ABOVE: usize = 16;
const BELOW: usize = 12;

const TO: &[&str] = &[
    "to",
    "an",
    "pour",
    "à",
    "a",
    "para",
    "per",
    "aan",
    "til",
    "till",
    "do",
    "komu",
    "kome",
    "кому",
    "kime",
    "vastaanottaja",
    "宛先",
    "收件人",
];
const SUBJECT: &[&str] = &[
    "subject",
    "thema",
    "betreff",
    "objet",
    "asunto",
    "oggetto",
    "onderwerp",
    "emne",
    "ämne",
    "aihe",
    "temat",
    "předmět",
    "тема",
    "konu",
    "assunto",
    "tárgy",
    "件名",
    "主题",
    "主旨",
];
/// What stands above names in its head.
const PHRASES: &[&str] = &[
    "sent by",
    "please respond to",
    "gesendet von",
    "bitte antworten an",
    "envoyé par",
    "veuillez répondre à",
    "enviado por",
    "por favor, responda a",
    "responda a",
    "inviato da",
    "per favore, rispondere a",
    "rispondere a",
    "verzonden door",
    "antwoord aan",
    "sendt af",
    "sendt av",
    "besvar venligst til",
    "svar til",
    "skickat av",
    "svara till",
    "lähettänyt",
    "wysłane przez",
    "odesláno",
    "отправитель",
    "enviada por",
];

/// If the addressees of such a header stand at this line: where the header begins.
pub(super) fn header(lines: &[&str], at: usize) -> Option<usize> {
    let is_bare = is_bare_label(lines[at], TO) && lines[at].contains('@');
    if !is_bare && !is_label(lines[at], TO) {
        return None;
    }
    let below = &lines[at + 1..lines.len().min(at + 1 + BELOW)];
    if !below.iter().any(|line| is_label(line, SUBJECT) || (is_bare && is_bare_label(line, SUBJECT))) {
        return None;
    }
    head(lines, at, below.iter().any(|line| is_date(plain(line))))
}

/// Whether a line is one of those labels, alone or before its value.
fn is_label(line: &str, labels: &[&str]) -> bool {
    let line = plain(line);
    if line.len() > 400 {
        return false;
    }
    let name = line.split_once([':', '：']).map_or(line, |(name, _)| name).trim();
    name.chars().count() <= 14 && labels.contains(&name.to_lowercase().as_str())
}

/// Whether a line is one of those labels and its value behind a blank.
fn is_bare_label(line: &str, labels: &[&str]) -> bool {
    let line = plain(line);
    line.len() <= 400
        && line.split_once(char::is_whitespace).is_some_and(|(name, _)| labels.contains(&name.to_lowercase().as_str()))
}

/// A line without the frame that Notes draws in characters.
fn plain(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '|' | '*' | '_'))
}

fn is_date(line: &str) -> bool {
    line.len() < 60 && is_dated(line) && has_clock(line) && line.split_whitespace().count() <= 6
}

/// Where the lines begin that say who wrote and when; `dated`: that stands below.
fn head(lines: &[&str], at: usize, mut dated: bool) -> Option<usize> {
    let (mut top, mut named, mut blanks) = (at, false, 0);
    for above in (at.saturating_sub(ABOVE)..at).rev() {
        let line = plain(lines[above]);
        if line.is_empty() || line.chars().all(|c| "-+>|".contains(c)) {
            blanks += usize::from(lines[above].trim().is_empty());
            if blanks > 3 || (blanks > 1 && dated && named) {
                break;
            }
            continue;
        }
        let lower = line.to_lowercase();
        let is_date = is_date(line);
        let is_name = line.len() < 120 && line.contains('@') && line.split_whitespace().count() <= 7;
        let is_phrase = line.len() < 160 && PHRASES.iter().any(|phrase| lower.starts_with(phrase));
        let label = lower.trim_end_matches([':', ' ']);
        let is_phrase = is_phrase || FROM.contains(&label) || OTHERS.contains(&label);
        let stands_alone = !line.ends_with(['.', '!', '?', ',', ':']) && line.split_whitespace().count() <= 4;
        let is_bare_name = !named && dated && blanks == 0 && stands_alone;
        if !(is_date || is_name || is_phrase || is_bare_name) {
            break;
        }
        dated |= is_date;
        named |= is_name || is_phrase || is_bare_name;
        (top, blanks) = (above, 0);
    }
    (dated && named).then(|| frame(lines, top))
}

/// The top of the frame above a header.
fn frame(lines: &[&str], top: usize) -> usize {
    let is_frame = |line: &str| !line.trim().is_empty() && line.trim().chars().all(|c| "-+>|".contains(c));
    (0..top).rev().take_while(|&above| is_frame(lines[above])).last().unwrap_or(top)
}

/// Whether a line is Notes' summary of what is answered: `Desk ---24/11/2026 10:00:12---Good day`.
pub(super) fn is_summary(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("---") else { return false };
    let rest = rest.trim_start();
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.split_once("---").is_some_and(|(date, _)| date.len() < 40 && has_clock(date))
}

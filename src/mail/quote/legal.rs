//! Legal footers, as gateways add them below a mail: "confidential … if you have received this in error".
//!
//! A person may write about secrets and errors too, and to hide that would be worse than to show a footer. So a paragraph
//! counts only if it speaks of several of a footer's matters, to somebody it does not know ("if you …", "… is
//! prohibited"), in nobody's own voice, and stands below other words.

use super::Fold;
use super::legal_words::{
    ACTION, ADDRESSEE, CONDITIONS, CONFIDENTIAL, ENVIRONMENT, ERROR, FIRST_PERSON, FIRST_PERSON_PARTS, HEADINGS,
    MESSAGE, PROHIBITION, SCANNED, STANDING,
};

/// The longest footer in lines and in bytes; what is longer is a contract.
const LONGEST: usize = 60;
const LARGEST: usize = 12_000;
/// How many lines at the end of a run are looked at.
const LOOKED_AT: usize = 80;
/// How many short lines may stand below a footer, and how short they are.
const MOST_BELOW: usize = 8;
const SHORT: usize = 100;
/// A line so long that stands above the first words of a footer, in its paragraph, begins its sentence.
const FULL: usize = 50;

/// Marks the legal footers below each run of a mail's own lines.
pub(super) fn find(lines: &[&str], folds: &mut [Fold]) {
    let Some(first) = (0..lines.len()).find(|&at| folds[at] == Fold::Keep && !lines[at].trim().is_empty()) else {
        return;
    };
    let mut start = 0;
    while start < lines.len() {
        let end = (start..lines.len()).find(|&at| folds[at] == Fold::Quote).unwrap_or(lines.len());
        if start < end {
            in_run(lines, folds, end.saturating_sub(LOOKED_AT).max(start)..end, first);
        }
        start = end + 1;
    }
}

/// A paragraph: where it is, and what kind of one.
struct Paragraph {
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A line of stars, dashes or the like.
    Rule,
    /// A legal footer by its own words.
    Legal,
    /// Part of one if it stands beside one.
    Beside,
    Other,
}

/// `first`: the first line that shows, which is never a footer.
fn in_run(lines: &[&str], folds: &mut [Fold], run: std::ops::Range<usize>, first: usize) {
    let mut paragraphs = paragraphs(lines, folds, run.clone());
    between_rules(lines, &mut paragraphs, run.end);
    for at in 0..paragraphs.len() {
        let above = (at > 0).then(|| lines[paragraphs[at - 1].end - 1].trim_end());
        let Paragraph { start, end, kind } = paragraphs[at];
        let cited = above.is_some_and(|above| above.ends_with([':', '：']));
        if kind == Kind::Legal && (start <= first || cited) {
            paragraphs[at].kind = Kind::Other;
        } else if kind == Kind::Other && start != first {
            settle(lines, &mut paragraphs[at], start..end, cited);
        }
    }
    spread(&mut paragraphs);
    // Nobody writes at length, or asks, below a footer.
    let mut below = 0;
    for paragraph in paragraphs.iter().rev() {
        match paragraph.kind {
            Kind::Legal => folds[paragraph.start..paragraph.end].fill(Fold::Signature),
            Kind::Rule | Kind::Beside => {}
            Kind::Other => {
                let lines = &lines[paragraph.start..paragraph.end];
                let asks = lines.iter().any(|line| line.len() > SHORT || asks(line));
                below += lines.len();
                if asks || below > MOST_BELOW {
                    return;
                }
            }
        }
    }
}

/// Looks whether a paragraph, or what stands below its first lines, is legal.
fn settle(lines: &[&str], paragraph: &mut Paragraph, range: std::ops::Range<usize>, cited: bool) {
    // Most paragraphs are done with here, before line after line is searched for many words.
    if lines[range.clone()].iter().any(|line| line.len() > LARGEST) || !is_for_somebody(&lower(&lines[range.clone()])) {
        return;
    }
    let Some(begin) = range.clone().find(|&at| begins(lines[at])) else { return };
    if cited && begin == range.start {
        return;
    }
    let above = &lines[range.start..begin];
    let begin = if above.iter().all(|line| line.len() >= FULL) { range.start } else { begin };
    if weigh(&lines[begin..range.end], false) {
        paragraph.start = begin;
        paragraph.kind = Kind::Legal;
    }
}

/// Whether a text speaks of those it is for, or of going astray: without either it is no footer.
fn is_for_somebody(text: &str) -> bool {
    has_any(text, ADDRESSEE) || has_any(text, ERROR)
}

/// The paragraphs of a run, rules apart.
fn paragraphs(lines: &[&str], folds: &[Fold], run: std::ops::Range<usize>) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut open = false;
    for at in run {
        if folds[at] != Fold::Keep || lines[at].trim().is_empty() {
            open = false;
            continue;
        }
        if is_rule(lines[at]) {
            found.push(Paragraph { start: at, end: at + 1, kind: Kind::Rule });
            open = false;
        } else if open && let Some(last) = found.last_mut() {
            last.end = at + 1;
        } else {
            found.push(Paragraph { start: at, end: at + 1, kind: Kind::Other });
            open = true;
        }
    }
    for paragraph in &mut found {
        let is_large = lines[paragraph.start..paragraph.end].iter().any(|line| line.len() > LARGEST);
        if paragraph.kind == Kind::Other && !is_large {
            let text = lower(&lines[paragraph.start..paragraph.end]);
            if text.len() < 400 && has_any(&text, ENVIRONMENT) && !is_personal(&text) {
                paragraph.kind = Kind::Legal;
            } else if is_heading(&text) || (text.len() < 600 && has_any(&text, STANDING) && !is_personal(&text)) {
                paragraph.kind = Kind::Beside;
            }
        }
    }
    found
}

/// Makes legal what stands between two rules, or below the last one or a heading, if it is by its words as a whole.
fn between_rules(lines: &[&str], paragraphs: &mut [Paragraph], end: usize) {
    let marks: Vec<usize> = (0..paragraphs.len())
        .filter(|&at| {
            let Paragraph { start, end, kind } = paragraphs[at];
            kind == Kind::Rule || (kind == Kind::Beside && is_heading(&lower(&lines[start..end])))
        })
        .collect();
    for (number, &mark) in marks.iter().enumerate() {
        let next = marks.get(number + 1).copied().unwrap_or(paragraphs.len());
        if mark + 1 >= next {
            continue;
        }
        let stop = paragraphs.get(next).map_or(end, |paragraph| paragraph.start);
        if weigh(&lines[paragraphs[mark + 1].start..stop], true) {
            for paragraph in &mut paragraphs[mark + 1..next] {
                paragraph.kind = Kind::Legal;
            }
        }
    }
}

/// What stands beside a legal paragraph goes with it.
fn spread(paragraphs: &mut [Paragraph]) {
    for at in 1..paragraphs.len() {
        if paragraphs[at - 1].kind == Kind::Legal && matches!(paragraphs[at].kind, Kind::Rule | Kind::Beside) {
            paragraphs[at].kind = Kind::Legal;
        }
    }
    for at in (1..paragraphs.len()).rev() {
        if paragraphs[at].kind == Kind::Legal && matches!(paragraphs[at - 1].kind, Kind::Rule | Kind::Beside) {
            paragraphs[at - 1].kind = Kind::Legal;
        }
    }
}

/// Whether lines are legal by their words; between rules fewer of them are enough.
fn weigh(lines: &[&str], ruled: bool) -> bool {
    if lines.len() > LONGEST || lines.iter().map(|line| line.len()).sum::<usize>() > LARGEST {
        return false;
    }
    let text = lower(lines);
    if is_personal(&text) || lines.iter().any(|line| asks(line)) {
        return false;
    }
    let (addressee, error) = (has_any(&text, ADDRESSEE), has_any(&text, ERROR));
    let (prohibited, scanned) = (has_any(&text, PROHIBITION), has_any(&text, SCANNED));
    let matters = [has_any(&text, CONFIDENTIAL), addressee, error, has_any(&text, ACTION), prohibited, scanned];
    let count = matters.into_iter().filter(|&there| there).count();
    if ruled {
        return count >= 2 && (addressee || error || scanned);
    }
    let to_anybody = prohibited || has_any(&text, CONDITIONS);
    // What calls itself a message is one matter more.
    count + usize::from(has_any(&text, MESSAGE)) >= 4 && (addressee || error) && to_anybody
}

/// Whether a line can be a footer's first.
fn begins(line: &str) -> bool {
    let line = lower(&[line]);
    has_any(&line, MESSAGE)
        || is_heading(&line)
        || CONDITIONS.iter().any(|words| line.starts_with(words))
        || has_any(&line, CONFIDENTIAL)
        || has_any(&line, ADDRESSEE)
}

/// Whether somebody speaks of themselves.
fn is_personal(text: &str) -> bool {
    let is_english = || text.contains(" the ") || text.contains(" you ") || text.contains(" is ");
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    words.any(|word| {
        FIRST_PERSON.contains(&word) || (matches!(word, "i" | "i'm" | "i've" | "i'd" | "i'll" | "me") && is_english())
    }) || has_any(text, FIRST_PERSON_PARTS)
}

fn asks(line: &str) -> bool {
    line.contains(['?', '？', '؟'])
}

fn is_heading(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.len() < 60 && HEADINGS.iter().any(|heading| text.starts_with(heading))
}

/// A line of nothing but stars, dashes and the like.
pub(super) fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next().filter(|c| "*-_=#~+—–•".contains(*c)) else { return false };
    let mut count = 1;
    marks.all(|mark| {
        count += 1;
        mark == first
    }) && count >= 3
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|words| text.contains(words))
}

/// Lines as one, lower case, with one kind of apostrophe.
fn lower(lines: &[&str]) -> String {
    let mut text = String::new();
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.to_lowercase().replace('’', "'"));
    }
    text
}

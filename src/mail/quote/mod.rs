//! What of a mail's text is new: quotes and signature are folded into one line each.
//!
//! Answers between quoted lines stay, and so does everything that was forwarded. If nothing new is
//! left, the text stays as it is: a mail that only quotes says something by it.

mod attribution;
mod devices;
mod legal;
mod legal_words;
mod notes;
mod signature;
mod words;

use self::attribution::{attribution, header_block, is_forwarded, is_original, is_title};
use crate::desk::intake::incoming::Fresh;

/// A quote of at most so many lines stays if it stands between a mail's own words: it is what they answer.
const SHORT: usize = 8;

/// How many lines are looked at; what stands below stays with the last of them.
const LINES: usize = 20_000;
/// How many lines show whether initials before them mark a quote.
const SAMPLE: usize = 50;

/// How long a quoted line is that was wrapped, at least, and where it is wrapped at the earliest; most are at 72 to 78.
const WRAPPED_FROM: usize = 60;
const WRAPPED_AT: usize = 72;

/// Beginnings of a subject that say that the mail is forwarded or answered.
const FORWARDS: &[&str] = &["fwd", "fw", "wg", "tr", "rv", "i", "enc", "doorst", "vs", "vb", "pd", "továbbítás", "il"];
const REPLIES: &[&str] = &["re", "aw", "sv", "antw", "odp", "r", "rif", "res", "ynt", "vá", "antwort", "réf"];

/// Folds quotes and signature of a text with that subject.
#[must_use]
pub fn fresh(subject: &str, text: &str) -> Fresh {
    let lines: Vec<&str> = text.lines().collect();
    match folds(subject, &lines) {
        Some(folds) => assemble(&lines, &folds),
        None => Fresh { text: text.trim().to_owned(), own: text.trim().to_owned(), html: None, folded: 0 },
    }
}

/// What becomes of each line; `None`: nothing would be left, so everything stays.
pub(super) fn folds(subject: &str, lines: &[&str]) -> Option<Vec<Fold>> {
    let Quotes { mut folds, forward } = quotes(subject, lines);
    signature::find(&lines[..forward], &mut folds);
    close_gaps(lines, &mut folds);
    let new = (0..lines.len()).any(|at| folds[at] == Fold::Keep && !lines[at].trim().is_empty());
    (new || !says_something(lines)).then_some(folds)
}

/// Whether any line is more than the introduction of a quote.
fn says_something(lines: &[&str]) -> bool {
    lines.iter().any(|line| {
        let words = line.trim_matches(['>', ' ', '\t']);
        !words.is_empty() && attribution(&[words], 0).is_none()
    })
}

/// Blank lines between two folded runs of a kind are folded with them.
fn close_gaps(lines: &[&str], folds: &mut [Fold]) {
    let mut last: Option<usize> = None;
    for at in 0..folds.len() {
        if folds[at] == Fold::Keep {
            if !lines[at].trim().is_empty() {
                last = None;
            }
            continue;
        }
        if let Some(last) = last.filter(|&last| folds[last] == folds[at]) {
            let kind = folds[at];
            folds[last..at].fill(kind);
        }
        last = Some(at);
    }
}

/// Whether a subject says that the mail was forwarded.
pub(super) fn is_forward(subject: &str) -> bool {
    begins_with_one_of(subject, FORWARDS)
}

/// The line that stands for a signature or a footer.
pub(super) const SIGNATURE: &str = "… signature";

/// The line that stands for so many folded ones.
pub(super) fn quoted_line(lines: usize) -> String {
    if lines == 1 { "… 1 line quoted".to_owned() } else { format!("… {lines} lines quoted") }
}

/// Whether a line is what an answering program writes above a quote.
pub(super) fn is_attribution(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| !line.trim().is_empty());
    last.is_some_and(|last| attribution(&lines, last) == lines.iter().position(|line| !line.trim().is_empty()))
}

/// Whether a text begins with such a line.
pub(super) fn begins_with_attribution(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
    (0..lines.len()).any(|at| attribution(&lines, at) == Some(0))
}

/// Whether a text is nothing but the rule above a quoted mail.
pub(super) fn is_rule(text: &str) -> bool {
    text.trim().lines().count() == 1 && is_original(text)
}

/// Whether a text begins with the header of a quoted mail.
pub(super) fn begins_with_header(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    !lines.is_empty() && (header_block(&lines, 0) || is_original(lines[0]))
}

fn begins_with_one_of(subject: &str, words: &[&str]) -> bool {
    let subject = subject.trim_start().to_lowercase();
    words.iter().any(|word| subject.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with([':', '：'])))
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Keep,
    Quote,
    Signature,
}

/// A run of lines with `>` before them, and what introduces it.
struct Block {
    /// Where it or its introduction begins.
    start: usize,
    /// Its first line with `>`.
    first: usize,
    /// Behind its last line.
    end: usize,
}

/// What of a text is quoted.
struct Quotes {
    folds: Vec<Fold>,
    /// Where what was forwarded begins; the number of lines if nothing was.
    forward: usize,
}

fn quotes(subject: &str, lines: &[&str]) -> Quotes {
    let mut folds = vec![Fold::Keep; lines.len()];
    let forward = is_forward(subject);
    let mut blocks: Vec<Block> = Vec::new();
    let mut introduced = begins_with_one_of(subject, REPLIES);
    let mut limit = lines.len();
    let mut forward_from = lines.len();
    let mut at = 0;
    while at < lines.len().min(LINES) {
        if is_forwarded(lines[at]) || (forward && is_header(lines, at)) {
            (limit, forward_from) = (at, at);
            break;
        }
        if is_quoted(lines[at]) {
            let end = end_of_quote(lines, at, blocks.is_empty() && stands_above(lines, at));
            introduced |= introduces_itself(&lines[at..end]);
            blocks.push(Block { start: at, first: at, end });
            at = end;
            continue;
        }
        if let Some(end) = quoted_by_initials(lines, at) {
            blocks.push(Block { start: at, first: at, end });
            at = end;
            continue;
        }
        if is_header(lines, at) {
            limit = fold_rest(lines, &mut folds, at);
            break;
        }
        let Some(start) = attribution(lines, at) else {
            at += 1;
            continue;
        };
        let Some(next) = (at + 1..lines.len()).find(|&next| !lines[next].trim().is_empty()) else { break };
        if !is_quoted(lines[next]) && lines[..start].iter().all(|line| line.trim().is_empty()) {
            // Nothing stands above it: what stands below is the answer, or all there is.
            folds[start..=at].fill(Fold::Quote);
            at += 1;
            continue;
        }
        if !is_quoted(lines[next]) {
            limit = fold_rest(lines, &mut folds, start);
            break;
        }
        introduced = true;
        let end = end_of_quote(lines, next, blocks.is_empty() && stands_above(lines, start));
        blocks.push(Block { start, first: next, end });
        at = end;
    }
    fold_blocks(lines, &blocks, introduced || limit < lines.len(), limit, &mut folds);
    Quotes { folds, forward: forward_from }
}

/// Whether anything stands above a line.
fn stands_above(lines: &[&str], at: usize) -> bool {
    lines[..at].iter().any(|line| !line.trim().is_empty())
}

/// Whether the header of a quoted mail, or a rule above one, stands here.
fn is_header(lines: &[&str], at: usize) -> bool {
    is_original(lines[at]) || header_block(lines, at) || notes::header(lines, at).is_some()
}

/// Folds to the end what a header at `start` stands above, with the rule, the words and the blank lines above it.
/// Tells from which line on.
fn fold_rest(lines: &[&str], folds: &mut [Fold], start: usize) -> usize {
    let start = notes::header(lines, start).unwrap_or(start);
    let goes_with_it =
        |line: &str| line.trim().chars().all(|c| "_-*=".contains(c)) || is_title(line) || notes::is_summary(line);
    let start = (0..start).rev().find(|&above| !goes_with_it(lines[above])).map_or(0, |above| above + 1);
    folds[start..].fill(Fold::Quote);
    start
}

fn fold_blocks(lines: &[&str], blocks: &[Block], introduced: bool, limit: usize, folds: &mut [Fold]) {
    // A signature below a quote is no answer to it.
    let mut others = folds.to_vec();
    for block in blocks {
        others[block.start..block.end].fill(Fold::Quote);
    }
    signature::find(&lines[..limit], &mut others[..limit]);
    let answered =
        |from: usize, to: usize| (from..to).any(|at| others[at] != Fold::Signature && !lines[at].trim().is_empty());
    let next_start = |number: usize| blocks.get(number + 1).map_or(limit, |next| next.start);
    let is_answered: Vec<bool> =
        blocks.iter().enumerate().map(|(number, block)| answered(block.end, next_start(number))).collect();
    let by_points = is_answered.iter().filter(|&&answered| answered).count() >= 2;
    let mut below = 0;
    for (block, &is_answered) in blocks.iter().zip(&is_answered) {
        let has_introduction = block.start < block.first;
        let is_between = (below..block.start).any(|at| folds[at] == Fold::Keep && answered(at, at + 1)) || below > 0;
        below = block.end;
        // A quote that nobody introduced, above new text, may be anything: a prompt, a citation.
        if is_answered && !has_introduction && !introduced {
            continue;
        }
        if is_answered && (is_between || by_points) && block.end - block.first <= SHORT {
            folds[block.start..block.first].fill(Fold::Quote);
            continue;
        }
        folds[block.start..block.end].fill(Fold::Quote);
    }
}

/// Whether a line has `>` before it. The end of an attribution that was broken may look like it.
fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('>') && !attribution::is_broken_end(line)
}

/// Some programs quote with the author's initials: `JD> `. So do shells with their prompts, so there
/// need to be several lines, and one of them with nothing behind the mark.
fn quoted_by_initials(lines: &[&str], at: usize) -> Option<usize> {
    let mark = |line: &str| {
        let (initials, rest) = line.trim_start().split_once('>')?;
        let sound = (1..=2).contains(&initials.len()) && initials.bytes().all(|byte| byte.is_ascii_uppercase());
        sound.then(|| (initials.to_owned(), rest.trim().is_empty()))
    };
    let (initials, _) = mark(lines[at])?;
    let has_mark = |line: &&&str| mark(line).is_some_and(|(others, _)| others == initials);
    let sample: Vec<&&str> = lines[at..].iter().take(SAMPLE).take_while(has_mark).collect();
    let is_quote = sample.len() >= 3 && sample.iter().any(|line| mark(line).is_some_and(|(_, is_empty)| is_empty));
    is_quote.then(|| at + lines[at..].iter().take_while(has_mark).count())
}

/// Whether an attribution stands at the top of a quote, quoted itself.
fn introduces_itself(quote: &[&str]) -> bool {
    let inner: Vec<&str> = quote.iter().take(4).map(|line| line.trim_start().trim_start_matches(['>', ' '])).collect();
    (0..inner.len()).any(|at| attribution(&inner, at) == Some(0))
}

/// Behind the last of the quoted lines that follow each other, blank lines between them included, and ends of
/// quoted lines that were wrapped. `is_below`: the mail's own words stand above.
fn end_of_quote(lines: &[&str], start: usize, is_below: bool) -> usize {
    let mut end = start;
    let mut is_wrapped = false;
    for (at, line) in lines.iter().enumerate().skip(start) {
        if is_quoted(line) {
            end = at + 1;
        } else if at == end && is_wrapped_end(lines, at, is_wrapped, is_below) {
            is_wrapped = true;
            end = at + 1;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    end
}

/// Whether a line without a mark is the end of the quoted line above it: that is full, stops in the middle of a
/// sentence, and the quote goes on below. `is_wrapped`: that was so before in this quote, so this may be its last line
/// or begin with a capital. `is_below`: the answer stands above, so a few last words that end the sentence are no answer.
fn is_wrapped_end(lines: &[&str], at: usize, is_wrapped: bool, is_below: bool) -> bool {
    let (above, line) = (lines[at - 1].trim_end(), lines[at].trim());
    let Some(first) = line.split_whitespace().next() else { return false };
    let length = above.chars().count();
    let is_full = (WRAPPED_FROM..=WRAPPED_AT + 18).contains(&length) && length + 1 + first.chars().count() > WRAPPED_AT;
    let stops = !above.ends_with(['.', '?', '!', ':', ';', '。', '？', '！']);
    if !is_quoted(above) || !is_full || !stops || line.chars().count() >= length {
        return false;
    }
    let goes_on = lines.get(at + 1).is_some_and(|next| is_quoted(next));
    let is_last = lines.get(at + 1).is_none_or(|next| next.trim().is_empty());
    let is_short = is_below && line.ends_with(['.', '?', '!']) && line.split_whitespace().count() <= 4;
    let continues = line.starts_with(|c: char| c.is_alphabetic() && (is_wrapped || !c.is_uppercase()));
    continues && (goes_on || (is_last && (is_wrapped || is_short)))
}

/// The lines that stay, and one for each run of folded ones.
fn assemble(lines: &[&str], folds: &[Fold]) -> Fresh {
    let (mut text, mut own) = (String::new(), String::new());
    let mut folded = 0;
    let mut at = 0;
    while at < lines.len() {
        let fold = folds[at];
        let end = (at..lines.len()).find(|&next| folds[next] != fold).unwrap_or(lines.len());
        let count = lines[at..end].iter().filter(|line| !line.trim().is_empty()).count();
        match fold {
            Fold::Keep => {
                let kept = lines[at..end].join("\n");
                let kept = kept.trim_matches('\n').trim_end();
                push_paragraph(&mut text, kept);
                push_paragraph(&mut own, kept);
            }
            Fold::Quote if count > 0 => push_paragraph(&mut text, &quoted_line(count)),
            Fold::Signature if count > 0 => push_paragraph(&mut text, SIGNATURE),
            Fold::Quote | Fold::Signature => {}
        }
        if fold != Fold::Keep {
            folded += count;
        }
        at = end;
    }
    Fresh { text, own, html: None, folded }
}

fn push_paragraph(text: &mut String, more: &str) {
    if more.trim().is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests;

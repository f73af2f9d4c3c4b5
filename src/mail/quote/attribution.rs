//! What mail programs write above a quote: "On … wrote:", a header, "Original Message".

use super::words::{FORWARDED, FROM, OPENERS, ORIGINALS, OTHERS, VERBS};

/// The longest attribution in bytes, and in lines.
const LONGEST: usize = 400;
const MOST_LINES: usize = 6;

/// A line without the decoration that Markdown and HTML conversions leave.
fn bare(line: &str) -> String {
    line.trim().trim_matches(['*', '_', ' ']).to_lowercase()
}

/// Whether a line says that what follows is the mail that is answered.
pub(super) fn is_original(line: &str) -> bool {
    between_dashes(line, ORIGINALS)
}

/// Whether a line says that what follows was forwarded; Apple's program quotes what it forwards.
pub(super) fn is_forwarded(line: &str) -> bool {
    let line = line.trim_start_matches(['>', ' ']);
    let plain = bare(line);
    between_dashes(line, FORWARDED)
        || (plain.ends_with(':')
            && plain.len() < 80
            && FORWARDED[FORWARDED.len() - 10..].iter().any(|words| plain.starts_with(words)))
}

fn between_dashes(line: &str, phrases: &[&str]) -> bool {
    let plain = bare(line);
    let dashes = plain.starts_with("--") || plain.starts_with("__") || plain.starts_with("——");
    dashes && plain.len() < 160 && phrases.iter().any(|words| plain.contains(words))
}

/// Whether a header of a quoted mail begins here: a line that says from whom, and two others of its
/// kind close below; or, as some write it, the other way round.
pub(super) fn header_block(lines: &[&str], at: usize) -> bool {
    let Some(first) = header_name(lines[at]) else { return false };
    if !FROM.contains(&first.as_str()) && !OTHERS.contains(&first.as_str()) {
        return false;
    }
    let names: Vec<String> = lines[at..].iter().take(8).filter_map(|line| header_name(line)).collect();
    let from = names.iter().any(|name| FROM.contains(&name.as_str()));
    let mut others: Vec<&String> = names.iter().filter(|name| OTHERS.contains(&name.as_str())).collect();
    others.dedup();
    from && others.len() >= 2
}

/// The name of a `Name: value` line, lower case, decoration taken off.
fn header_name(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches(['*', '_', ' ', '|']);
    let (name, rest) = line.split_once([':', '：'])?;
    let name = name.trim_matches(['*', '_', ' ', '\u{a0}']).to_lowercase();
    (name.chars().count() <= 20 && !name.is_empty() && !rest.starts_with("//")).then_some(name)
}

/// If an attribution ends at this line: where it begins. They are broken over several lines, even in
/// the middle of an address.
pub(super) fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let last = lines[at].trim();
    let plain_date = begins_with_date(last);
    if !closes(last) && !plain_date {
        return None;
    }
    let next = lines[at + 1..].iter().find(|line| !line.trim().is_empty());
    let before_quote = next.is_some_and(|next| next.trim_start().starts_with('>'));
    let mut whole = String::new();
    let mut complete = None;
    for start in (at.saturating_sub(MOST_LINES)..=at).rev() {
        let line = lines[start].trim();
        if line.is_empty() {
            // A blank line is inside only of what was broken badly.
            if start + 1 == at && complete.is_none() && !is_broken_end(last) {
                return None;
            }
            if complete.is_none() && whole.matches('<').count() >= whole.matches('>').count() {
                return None;
            }
            continue;
        }
        whole = if whole.is_empty() { line.to_owned() } else { format!("{line} {whole}") };
        if whole.len() > LONGEST {
            break;
        }
        if is_complete(&whole, before_quote) {
            let gap = complete.is_some_and(|known: usize| (start + 1..known).any(|at| lines[at].trim().is_empty()));
            if opens(line) && has_digit(line) {
                return Some(start);
            }
            if complete.is_none() {
                complete = Some(start);
            } else if gap {
                break;
            }
        }
    }
    complete
}

/// Whether a line can be an attribution's last.
fn closes(line: &str) -> bool {
    let plain = line.trim_end_matches(['*', '_', ' ', '-', '\u{a0}']);
    line.len() <= LONGEST
        && (plain.ends_with([':', '：'])
            || (line.ends_with("----") && VERBS.iter().any(|verb| plain.to_lowercase().ends_with(verb))))
}

/// Whether a line is the end of an attribution whose address was broken before its bracket.
pub(super) fn is_broken_end(line: &str) -> bool {
    let Some(rest) = line.trim().strip_prefix('>') else { return false };
    let rest = rest.trim();
    let Some(words) = rest.strip_suffix([':', '：']) else { return false };
    let words = words.trim().to_lowercase();
    words.is_empty() || VERBS.contains(&words.as_str()) || words == "a écrit"
}

fn is_complete(whole: &str, before_quote: bool) -> bool {
    let lower = whole.to_lowercase();
    let balanced = whole.matches('<').count() == whole.matches('>').count();
    let named = || VERBS.iter().any(|verb| has_word(&lower, verb));
    let dated = is_dated(whole) && (opens(whole) || has_clock(whole));
    let evidence = whole.contains('@') || dated || (before_quote && has_digit(whole));
    // Russian and Japanese programs leave the verb out.
    let addressed = whole.contains('@') && has_clock(whole) && whole.trim_end().ends_with([':', '：']);
    let wordless = addressed && (before_quote || (is_dated(whole) && whole.contains('<')));
    balanced && ((evidence && named()) || wordless || begins_with_date(whole))
}

/// Whether a year, or a day's three numbers, are in a text.
fn is_dated(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let (mut count, mut year) = (0, false);
    for number in numbers {
        count += 1;
        year |= number.len() == 4;
    }
    year || count >= 3
}

/// Whether a word stands in a text, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let ascii = word.is_ascii();
        !ascii || !(before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric))
    })
}

fn opens(line: &str) -> bool {
    let lower = line.trim_start_matches(['*', '_', '>', ' ']).to_lowercase();
    lower.starts_with(|c: char| c.is_ascii_digit()) || OPENERS.iter().any(|opener| lower.starts_with(opener))
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a time of day such as `11:53` or `11.53` is in a text.
fn has_clock(text: &str) -> bool {
    text.as_bytes().windows(4).any(|window| {
        window[0].is_ascii_digit()
            && matches!(window[1], b':' | b'.')
            && window[2].is_ascii_digit()
            && window[3].is_ascii_digit()
    })
}

/// Old Gmail: `2016-03-03 17:21 GMT+01:00 Some One <…>:`, `2013/7/20 sam <…>`.
fn begins_with_date(line: &str) -> bool {
    let bytes = line.as_bytes();
    let year = bytes.len() > 10 && bytes[..4].iter().all(u8::is_ascii_digit) && matches!(bytes[4], b'-' | b'/');
    year && bytes[5].is_ascii_digit()
        && line.len() <= LONGEST
        && (line.contains(" GMT")
            || (line.contains('<') && line.contains('@') && line.trim_end().ends_with(['>', ':'])))
}

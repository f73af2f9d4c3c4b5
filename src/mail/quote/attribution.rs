//! What mail programs write above a quote: "On … wrote:", a header, "Original Message".

use super::words::{COMMON, FORWARDED, FROM, OPENERS, ORIGINALS, OTHERS, VERBS};

/// The longest attribution in bytes, and in lines.
const LONGEST: usize = 400;
const MOST_LINES: usize = 6;

/// A line without the decoration that Markdown and HTML conversions leave.
fn bare(line: &str) -> String {
    line.trim().trim_matches(['*', '_', ' ']).to_lowercase().replace('’', "'")
}

/// Whether a line says without any dashes that a mail follows, as some write above its header: the words alone, or
/// with a date.
pub(super) fn is_title(line: &str) -> bool {
    let plain = bare(line);
    let words = plain.trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    words.len() < 80
        && ORIGINALS.iter().any(|title| {
            words
                .strip_prefix(title)
                .is_some_and(|rest| rest.trim().is_empty() || (rest.starts_with(' ') && has_digit(rest)))
        })
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
    let line = line.trim();
    if line.len() >= 160 {
        return false;
    }
    let mut marks = line.chars().take_while(|c| "-_=*~—–[".contains(*c));
    let dashes = match marks.next() {
        Some('[') => line.ends_with(']'),
        // One or two stars make bold words of Markdown, which anybody may write.
        Some('*') => marks.count() >= 2,
        Some(_) => line.trim_matches('*').starts_with(['—', '–']) || marks.next().is_some(),
        None => false,
    };
    let dashes = dashes || bare(line).starts_with("--");
    dashes && {
        let plain = bare(line);
        phrases.iter().any(|words| plain.contains(words))
    }
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
    // "From: Hamburg, To: Bremen, Date: Tuesday" is an order.
    let is_mails = || {
        others.iter().any(|name| !COMMON.contains(&name.as_str()))
            || lines[at..].iter().take(8).any(|line| line.contains('@'))
    };
    from && others.len() >= 2 && is_mails()
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
    if names_first(last) && ends_above(lines, at) {
        return Some(at);
    }
    let is_open = !closes(last) && !plain_date;
    if is_open && !(ends_without_colon(last) && ends_above(lines, at)) {
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
        if is_open && !(opens(line) && is_whole_without_colon(&whole, before_quote)) {
            continue;
        }
        if is_complete(&whole, before_quote) {
            let gap = complete.is_some_and(|known: usize| (start + 1..known).any(|at| lines[at].trim().is_empty()));
            if opens(line) && has_digit(line) {
                return Some(first_of(lines, start));
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

/// Where an attribution begins whose time stands on a line of its own, as "at 10:14," does below its date.
fn first_of(lines: &[&str], start: usize) -> usize {
    let goes_on = lines[start].trim_start().starts_with(char::is_lowercase);
    let is_date = |line: &str| line.len() <= 60 && opens(line) && has_digit(line) && is_dated(line);
    if goes_on && start > 0 && is_date(lines[start - 1].trim()) { start - 1 } else { start }
}

/// Whether a line can be an attribution's last.
fn closes(line: &str) -> bool {
    let plain = line.trim_end_matches(['*', '_', ' ', '-', '\u{a0}']);
    line.len() <= LONGEST
        && (plain.ends_with([':', '：'])
            || (line.ends_with("----") && VERBS.iter().any(|verb| plain.to_lowercase().ends_with(verb))))
}

/// Whether a line can be an attribution's last though its colon is missing.
fn ends_without_colon(line: &str) -> bool {
    if line.len() > LONGEST {
        return false;
    }
    let plain = line.trim_end_matches(['*', '_', ' ', '\u{a0}']);
    plain.ends_with('>') || {
        let lower = plain.to_lowercase();
        VERBS.iter().any(|verb| lower.ends_with(verb))
    }
}

/// Whether nothing right below a line goes on with it.
fn ends_above(lines: &[&str], at: usize) -> bool {
    lines.get(at + 1).is_none_or(|below| below.trim().is_empty() || below.trim_start().starts_with('>'))
}

/// `Desk <desk@x.test> wrote on 24/11/2026 10:00`: name, address, verb, and when, without a colon.
fn names_first(line: &str) -> bool {
    if line.len() > LONGEST || !line.contains('<') {
        return false;
    }
    let Some((name, rest)) = line.split_once('>') else { return false };
    let rest = rest.trim_start().to_lowercase();
    name.split_once('<').is_some_and(|(_, address)| address.contains('@'))
        && VERBS.iter().any(|verb| rest.starts_with(verb))
        && is_dated(&rest)
        && has_clock(&rest)
        && rest.split_whitespace().count() <= 12
        && !rest.ends_with(['.', '!', '?'])
}

/// Without a colon everything else must be there: day, time, the address in its brackets. Before a quote with marks the address may be missing, and where the time has its
/// seconds, which no person writes.
fn is_whole_without_colon(whole: &str, before_quote: bool) -> bool {
    let is_addressed = whole.split_once('<').is_some_and(|(_, rest)| rest.contains('@'));
    is_dated(whole) && has_clock(whole) && (is_addressed || before_quote || has_seconds(whole))
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
pub(super) fn is_dated(text: &str) -> bool {
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
    // A short word before a number is a weekday.
    let is_weekday = lower.split_once(' ').is_some_and(|(word, rest)| {
        (2..=5).contains(&word.chars().count()) && rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
    });
    is_weekday
        || lower.starts_with(|c: char| c.is_ascii_digit())
        || OPENERS.iter().any(|opener| lower.starts_with(opener))
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a time of day such as `11:53` or `11.53` is in a text.
pub(super) fn has_clock(text: &str) -> bool {
    text.as_bytes().windows(4).any(|window| {
        window[0].is_ascii_digit()
            && matches!(window[1], b':' | b'.')
            && window[2].is_ascii_digit()
            && window[3].is_ascii_digit()
    })
}

/// Whether a time such as `10:14:43` is in a text.
fn has_seconds(text: &str) -> bool {
    text.as_bytes().windows(6).any(|window| {
        let is_time = |(at, byte): (usize, &u8)| if at % 3 == 2 { *byte == b':' } else { byte.is_ascii_digit() };
        window.iter().enumerate().all(is_time)
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

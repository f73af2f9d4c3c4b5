//! Ticket numbers and the tags that carry them through subjects.
//!
//! The number is OTRS' `DateChecksum`: `YYYYMMDD`, two digits of system id, a counter of the day with
//! five digits, and a check digit. The tag is `[Ticket#NUMBER]`; all the ways in which OTRS and its
//! heirs write it are recognised.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A ticket's number: 16 digits, more once a day has had 99,999 tickets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(String);

impl Number {
    /// The number of the day's `counter`-th ticket. `system_id` has two digits and tells desks apart
    /// that write to each other.
    #[must_use]
    pub fn new(day: NaiveDate, system_id: u8, counter: i64) -> Self {
        let digits = format!("{}{:02}{counter:05}", day.format("%Y%m%d"), system_id % 100);
        let check = check_digit(&digits);
        Self(format!("{digits}{check}"))
    }

    /// Reads a number as a person or a subject writes it: digits only, 14 to 40 of them (older and
    /// other generators write shorter or longer ones). The check digit is not verified, as in OTRS:
    /// what is not in the record is no number anyway.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("Ticket#").or_else(|| text.strip_prefix('#')).unwrap_or(text);
        let sound = (14..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `[Ticket#NUMBER]`.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("[Ticket#{}]", self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Digits weighted 1, 2, 1, 2 … from the left, without cross sums; ten less the sum's last digit;
/// a ten becomes one (OTRS' rule, so 0 and 9 share a digit).
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits.bytes().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 1 } else { 2 }).sum();
    match 10 - sum % 10 {
        10 => 1,
        digit => digit,
    }
}

/// Every number that a subject's tags name, in their order: `[Ticket#N]`, `Ticket#N`, `Ticket#: N`,
/// `[Ticket: N]` and the like, in any case. Whether it is one of ours, only the record knows.
#[must_use]
pub fn tags(subject: &str) -> Vec<Number> {
    let mut found = Vec::new();
    let mut rest = subject;
    while let Some((_, after)) = split_hook(rest) {
        let (digits, tail) = leading_number(after);
        if let Some(number) = Number::parse(digits) {
            found.push(number);
        }
        rest = tail;
    }
    found
}

/// The subject without our tags and without leading reply and forward words, as it stands on the
/// card and behind the tag of an answer. `ours` are those of its [`tags`] that name tickets of this desk: what another
/// desk wrote there stays, since without it that desk takes each of our answers for a new matter. System id and check
/// digit can't tell them apart, most desks having OTRS' own id.
#[must_use]
pub fn clean_subject(subject: &str, ours: &[Number]) -> String {
    // What stood around a tag or a word that was taken off may be another one.
    let mut text = subject.to_owned();
    loop {
        let shown = without_tags(&text, ours);
        let shown = strip_reply_word(shown.trim_start()).split_whitespace().collect::<Vec<_>>().join(" ");
        if shown == text {
            return shorten(&text, 200);
        }
        text = shown;
    }
}

/// The text cut to at most `most` characters, with `…` where something was cut.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

const HOOK: &str = "ticket";

/// Finds the next `Ticket#` or `Ticket:` and returns what stands before it (without an opening
/// bracket) and what follows the hook's punctuation.
fn split_hook(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let at = from + find_ignoring_case(&text[from..], HOOK)?;
        let after = &text[at + HOOK.len()..];
        let digits = after.trim_start_matches('#').trim_start_matches(':').trim_start_matches(' ');
        let punctuation = after.len() - digits.len();
        if punctuation > 0 && digits.starts_with(|c: char| c.is_ascii_digit()) && !after.starts_with(' ') {
            let before = text[..at].trim_end_matches(' ');
            return Some((before.strip_suffix('[').unwrap_or(before), digits));
        }
        from = at + HOOK.len();
    }
}

fn leading_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn without_tags(subject: &str, ours: &[Number]) -> String {
    let mut clean = String::new();
    let mut rest = subject;
    while let Some((before, after)) = split_hook(rest) {
        let (digits, tail) = leading_number(after);
        if Number::parse(digits).is_some_and(|number| ours.contains(&number)) {
            clean.push_str(before);
            clean.push(' ');
            let tail = tail.trim_start_matches(' ');
            rest = tail.strip_prefix(']').unwrap_or(tail);
        } else {
            clean.push_str(&rest[..rest.len() - tail.len()]);
            rest = tail;
        }
    }
    clean.push_str(rest);
    clean
}

/// What mail programs put in front of a subject, in the languages that they speak.
const REPLY_WORDS: [&str; 26] = [
    "re", "aw", "antw", "antwort", "sv", "vs", "vl", "odp", "res", "rif", "r", "bls", "ynt", "atb", "ref", "回复",
    "答复", "fwd", "fw", "wg", "tr", "rv", "enc", "doorst", "i", "转发",
];

fn strip_reply_word(text: &str) -> &str {
    let Some(colon) = text.find([':', '：']) else { return text };
    let word = text[..colon].trim_end();
    // `Re[4]:` and `Re(2):` count, too.
    let word = word.split_once(['[', '(']).map_or(word, |(word, _)| word).trim_end();
    let is_word = REPLY_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    // One letter and a colon may as well be somebody's subject ("I: want my money back").
    if !is_word || (word.len() == 1 && !text[..colon].starts_with(char::is_uppercase)) {
        return text;
    }
    let skip = text[colon..].chars().next().map_or(1, char::len_utf8);
    &text[colon + skip..]
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .find(|at| text[*at..].get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_number_is_otrs_date_checksum() {
        // 2016-01-01, system 10, counter 1: 201601011000001 has the check digit 9.
        assert_eq!(Number::new(day("2016-01-01"), 10, 1).as_str(), "2016010110000019");
        assert_eq!(Number::new(day("2026-11-23"), 10, 123_456).as_str().len(), 17);
    }

    #[test]
    fn tags_are_found_in_every_form() {
        let number = "2026112310000013";
        for subject in [
            "[Ticket#2026112310000013] It smokes",
            "Re: [Ticket#2026112310000013] It smokes",
            "AW: Ticket#2026112310000013 It smokes",
            "ticket#: 2026112310000013",
            "[ Ticket#:2026112310000013 ] x",
            "[TICKET: 2026112310000013] x",
            "[ticket:2026112310000013]",
        ] {
            assert_eq!(tags(subject).iter().map(Number::as_str).collect::<Vec<_>>(), [number], "{subject}");
        }
        for subject in ["2026112310000013", "ticket 2026112310000013", "Ticket#123", "tickets for 2026", "Ticket#", ""]
        {
            assert!(tags(subject).is_empty(), "{subject}");
        }
    }

    #[test]
    fn a_subject_is_cleaned_of_what_mail_programs_add() {
        for (subject, clean) in [
            ("Re: [Ticket#2026112310000013] It smokes", "It smokes"),
            ("AW: WG: Re[4]: It  smokes", "It smokes"),
            ("[Ticket#2026112310000013] Re: AW: It smokes", "It smokes"),
            ("Question: what now?", "Question: what now?"),
            ("回复：打印机", "打印机"),
            ("Re: Re:", ""),
            ("Ticket#123 is a band", "Ticket#123 is a band"),
            ("about [Ticket#2026112310000013], again", "about , again"),
            ("[Ticket#[Ticket#2026112310000013]2026112310000013] again", "again"),
        ] {
            assert_eq!(clean_subject(subject, &tags(subject)), clean, "{subject}");
        }
    }

    #[test]
    fn another_desks_tag_stays() {
        let ours = [Number::parse("2026112310000013").expect("a number")];
        for (subject, clean) in [
            ("[Ticket#2020010110000019] Offer", "[Ticket#2020010110000019] Offer"),
            ("Re: [Ticket#2026112310000013] [Ticket#2020010110000019] Offer", "[Ticket#2020010110000019] Offer"),
            ("Re: [Ticket#: 2020010110000019] AW: Offer", "[Ticket#: 2020010110000019] AW: Offer"),
            ("AW: Ticket#2020010110000019, [Ticket#2026112310000013]", "Ticket#2020010110000019,"),
            ("[ACME #2026112310000013] Offer", "[ACME #2026112310000013] Offer"),
        ] {
            assert_eq!(clean_subject(subject, &ours), clean, "{subject}");
        }
    }

    proptest! {
        #[test]
        fn any_subject_can_be_cleaned(subject in "\\PC{0,300}") {
            let ours = tags(&subject);
            let clean = clean_subject(&subject, &ours);
            prop_assert!(clean.chars().count() <= 200);
            // What is cut in the middle of a number may look like another one.
            prop_assert!(clean.ends_with('…') || clean_subject(&clean, &ours) == clean);
        }

        #[test]
        fn a_tag_is_found_again_and_taken_off(before in "[a-z ]{0,10}", after in "[a-z ]{0,10}", counter in 1i64..99_999) {
            let number = Number::new(day("2026-11-23"), 10, counter);
            let subject = format!("{before} {} {after}", number.tag());
            prop_assert_eq!(tags(&subject), vec![number]);
            prop_assert!(!clean_subject(&subject, &tags(&subject)).contains('#'));
        }
    }
}

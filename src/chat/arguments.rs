//! What commands take: typed as soon as it is read, so that no command sees what can't be right.

use std::str::FromStr;

use crate::desk::conversation::participants::Participation;
use crate::domain::id::EmailAddress;
use crate::domain::moment::When;
use crate::domain::number::Number;
use crate::domain::ticket::{State, Tag};

/// The states that can be set by hand; pending ones with a moment.
const SETTABLE: [State; 7] = [
    State::New,
    State::Open,
    State::PendingReminder,
    State::PendingAutoClosePlus,
    State::PendingAutoCloseMinus,
    State::ClosedSuccessful,
    State::ClosedUnsuccessful,
];

/// A text as it was typed, every blank and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() { Err("the text is empty") } else { Ok(Self(text.to_owned())) }
    }
}

/// Reads a state, or names those that it may be.
pub(crate) fn state(text: &str) -> Result<State, String> {
    State::parse(text).map_err(|fits| {
        let fits: Vec<State> = fits.into_iter().filter(|state| SETTABLE.contains(state)).collect();
        let is_none = fits.is_empty() || fits.len() == SETTABLE.len();
        let shown = if is_none { SETTABLE.to_vec() } else { fits };
        let names = shown.iter().map(|state| state.name()).collect::<Vec<_>>().join(", ");
        if is_none {
            format!("there is no state {text} that can be set; there are {names}")
        } else {
            format!("{text} may be {names}")
        }
    })
}

/// The last page of a list that can be asked for; whoever looks for more asks otherwise.
pub(crate) const LAST_PAGE: i64 = 100;

/// Reads the number of a list's page.
pub(crate) fn page(text: &str) -> Result<i64, String> {
    let page = text.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page));
    page.ok_or_else(|| format!("{text} is no page's number, from 1 to {LAST_PAGE}"))
}

/// Reads a mail address, also in angle brackets.
pub(crate) fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text.trim_matches(['<', '>', ' ']))
        .ok_or_else(|| format!("{text} is no mail address, such as carol@example.org"))
}

/// Reads a ticket's number, with or without `Ticket#` and brackets.
pub(crate) fn number(text: &str) -> Result<Number, String> {
    Number::parse(text.trim_matches(['[', ']'])).ok_or_else(|| format!("there is no ticket {text}"))
}

/// Reads a moment to come.
pub(crate) fn when(text: &str) -> Result<When, String> {
    When::parse(text).ok_or_else(|| format!("{text} is no time; there are {}", When::FORMS))
}

/// Reads a tag.
pub(crate) fn tag(text: &str) -> Result<Tag, String> {
    Tag::parse(text).ok_or_else(|| format!("{text} is no tag: letters, digits, -, _, . and /, at most 40"))
}

/// A tag that is put on or taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagChange {
    /// Whether it is put on.
    pub(crate) is_on: bool,
    /// Which.
    pub(crate) tag: Tag,
}

/// Reads `+TAG`, `TAG` or `-TAG`.
pub(crate) fn tag_change(text: &str) -> Result<TagChange, String> {
    let (is_on, rest) = match text.strip_prefix('-') {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix('+').unwrap_or(text)),
    };
    Ok(TagChange { is_on, tag: tag(rest)? })
}

/// Reads `+ADDRESS` or `-ADDRESS`.
pub(crate) fn participation(text: &str) -> Result<Participation, String> {
    let (joins, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(format!("{text} says neither + nor -")),
    };
    Ok(Participation { joins, address: address(rest)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_copy_it() {
        let carol = EmailAddress::parse("carol@example.org");
        assert_eq!(address("<carol@example.org>").ok(), carol);
        assert_eq!(
            participation("+carol@example.org").map(|change| (change.joins, Some(change.address))),
            Ok((true, carol.clone()))
        );
        assert_eq!(
            participation("-carol@example.org").map(|change| (change.joins, Some(change.address))),
            Ok((false, carol))
        );
        assert!(participation("carol@example.org").is_err_and(|why| why.contains("neither + nor -")));
        assert!(address("carol").is_err_and(|why| why.starts_with("carol is no mail address")));
    }

    #[test]
    fn a_number_is_read_as_people_copy_it() {
        for text in ["2026112310000013", "#2026112310000013", "Ticket#2026112310000013", "[Ticket#2026112310000013]"] {
            assert_eq!(number(text).map(|number| number.to_string()).as_deref(), Ok("2026112310000013"), "{text}");
        }
        assert_eq!(number("123"), Err("there is no ticket 123".to_owned()));
    }

    #[test]
    fn a_state_that_is_none_names_those_that_can_be_set() {
        assert_eq!(state("unsuccessful"), Ok(State::ClosedUnsuccessful));
        let all = "there are new, open, pending reminder, pending auto close+, pending auto close-, closed successful, \
                   closed unsuccessful";
        assert!(state("done").is_err_and(|why| why.ends_with(all)));
        let pending = "pending may be pending reminder, pending auto close+, pending auto close-";
        assert_eq!(state("pending"), Err(pending.to_owned()));
    }
}

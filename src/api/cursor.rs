//! Where the next page begins, as a word that nobody need understand.

use chrono::DateTime;
use data_encoding::BASE64URL_NOPAD;

use crate::domain::id::{ArticleId, TicketId};
use crate::store::readouts::Spot;

/// The latest moment that a cursor names, in microseconds: the year 3000.
const LATEST: i64 = 32_503_680_000_000_000;
/// How many hits of a search are looked at.
const MOST_HITS: i64 = 2_000;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// Behind a ticket.
    Ticket(Spot),
    /// Behind an article.
    Article(ArticleId),
    /// Behind so many hits of a search.
    Hits(i64),
}

impl Cursor {
    /// The word.
    pub(super) fn word(self) -> String {
        let text = match self {
            Self::Ticket(spot) => format!("t{}.{}", spot.created_at.timestamp_micros(), spot.ticket),
            Self::Article(article) => format!("a{article}"),
            Self::Hits(hits) => format!("h{hits}"),
        };
        BASE64URL_NOPAD.encode(text.as_bytes())
    }

    /// Reads one.
    pub(super) fn read(word: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64URL_NOPAD.decode(word.as_bytes()).ok()?).ok()?;
        let id = |text: &str| text.parse::<i64>().ok().filter(|id| *id >= 0);
        if let Some(text) = text.strip_prefix('t') {
            let (micros, ticket) = text.split_once('.')?;
            let created_at = DateTime::from_timestamp_micros(id(micros).filter(|micros| *micros < LATEST)?)?;
            return Some(Self::Ticket(Spot { created_at, ticket: TicketId(id(ticket)?) }));
        }
        if let Some(text) = text.strip_prefix('a') {
            return Some(Self::Article(ArticleId(id(text)?)));
        }
        Some(Self::Hits(id(text.strip_prefix('h')?).filter(|hits| *hits <= MOST_HITS)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back() {
        let created_at = DateTime::from_timestamp_micros(1_795_424_400_123_456).expect("a moment");
        let spot = Spot { created_at, ticket: TicketId(77) };
        for cursor in [Cursor::Ticket(spot), Cursor::Article(ArticleId(9)), Cursor::Hits(400)] {
            assert_eq!(Cursor::read(&cursor.word()), Some(cursor));
        }
    }

    #[test]
    fn what_is_no_cursor_is_none() {
        let word = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        for text in ["", "t", "t1", "t1.", "t-1.1", "t99999999999999999.1", "a-1", "ax", "h2001", "x1"] {
            assert_eq!(Cursor::read(&word(text)), None, "{text}");
        }
        assert_eq!(Cursor::read("not base64!"), None);
    }
}

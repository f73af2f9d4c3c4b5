//! What a list that answers a command shows, for programs.

use serde::{Deserialize, Serialize};

use super::number::Number;

/// What a list shows: `org.ticketloom.list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What it is a list of: `queue`, `mine`, `search`, `quarantine`, `queues` or `templates`.
    pub kind: String,
    /// The tickets, in the order shown; empty for a list of something else.
    pub tickets: Vec<Number>,
    /// How many there are, on all pages.
    pub total: i64,
    /// Which page it is, from 1.
    pub page: i64,
    /// How many pages there are, at least 1.
    pub pages: i64,
}

impl Listing {
    /// The first page of a list.
    #[must_use]
    pub fn first(kind: &str, tickets: Vec<Number>, total: i64, page_length: i64) -> Self {
        Self::page(kind, tickets, total, (1, page_length))
    }

    /// A page of a list, by its number from 1 and the length of a whole one.
    #[must_use]
    pub fn page(kind: &str, tickets: Vec<Number>, total: i64, (page, page_length): (i64, i64)) -> Self {
        Self { kind: kind.to_owned(), tickets, total, page, pages: pages(total, page_length) }
    }
}

/// How many pages a list has, at least 1.
#[must_use]
pub fn pages(total: i64, page_length: i64) -> i64 {
    let total = total.max(1);
    total.div_euclid(page_length) + i64::from(total % page_length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_as_people_do() {
        for (total, pages) in [(0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (41, 3)] {
            assert_eq!(Listing::first("mine", vec![], total, 20).pages, pages, "{total}");
        }
    }
}

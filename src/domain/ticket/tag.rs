//! Tags: by what tickets are found again.

use serde::{Deserialize, Serialize};

/// A tag: lower-case letters and digits of any script, `-`, `_`, `.` and `/`, at most 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// How many a ticket may have.
    pub const MOST: usize = 20;

    /// Reads a tag in any case, with or without `#` before it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tag = text.strip_prefix('#').unwrap_or(text).to_lowercase();
        let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let is_tag = tag.starts_with(char::is_alphanumeric) && tag.chars().all(is_inside) && tag.chars().count() <= 40;
        is_tag.then_some(Self(tag))
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_word() {
        for (typed, tag) in [("Printer", "printer"), ("#v2.1", "v2.1"), ("größe", "größe"), ("a/b-c_d", "a/b-c_d")]
        {
            assert_eq!(Tag::parse(typed).as_ref().map(Tag::as_str), Some(tag));
        }
        for typed in ["", "#", "a b", "-a", "+a", "a,b", "<b>", &"x".repeat(41)] {
            assert_eq!(Tag::parse(typed), None, "{typed}");
        }
    }
}

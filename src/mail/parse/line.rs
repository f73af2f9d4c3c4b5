//! Lines of bytes.

/// Where the line that begins at `at` ends, its line feed included.
pub(super) fn end_of_line(raw: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_behind_its_line_feed_or_where_all_ends() {
        for (raw, at, wanted) in [
            ("", 0, 0),
            ("a", 0, 1),
            ("a\n", 0, 2),
            ("a\r\nb", 0, 3),
            ("a\nb\n", 2, 4),
            ("a\n\nb", 2, 3),
            ("a\n", 2, 2),
        ] {
            assert_eq!(end_of_line(raw.as_bytes(), at), wanted, "{raw:?} from {at}");
        }
    }
}

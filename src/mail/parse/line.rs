//! Lines of bytes.

/// Where the line that begins at `at` ends, its line feed included.
pub(super) fn end_of_line(raw: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1)
}

//! What every foreign text passes before anybody else sees it: no control characters, no bidi tricks.

/// Whether a character may not be in any text of ours: C0, DEL and C1 controls, the embedding,
/// override and isolate characters that turn text around (Unicode UAX #9 §2), byte order marks.
fn is_unwanted(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A text of many lines: ended by line feeds, without control characters but line feed and tab.
pub(super) fn text(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut rest = raw.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                if rest.peek() != Some(&'\n') {
                    clean.push('\n');
                }
            }
            '\n' | '\t' => clean.push(c),
            '\u{2028}' | '\u{2029}' | '\u{c}' | '\u{b}' | '\u{85}' => clean.push('\n'),
            c if is_unwanted(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// A text of one line: every run of blanks and line ends is one blank, nothing at its ends.
pub(super) fn line(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut gap = false;
    for c in raw.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_unwanted(c) {
            if gap && !clean.is_empty() {
                clean.push(' ');
            }
            gap = false;
            clean.push(c);
        }
    }
    clean
}

/// The beginning of a text that fits into so many bytes, cut between characters.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_lines_and_tabs_only() {
        assert_eq!(text("a\r\nb\rc\td\0e\u{1b}[1m\u{202e}x\u{85}y"), "a\nb\nc\tde[1mx\ny");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("  Carol\r\n Bcc: x@y\0 \u{202e}evil\u{a0}  "), "Carol Bcc: x@y evil");
        assert_eq!(line("\r\n"), "");
    }

    #[test]
    fn a_cut_respects_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}

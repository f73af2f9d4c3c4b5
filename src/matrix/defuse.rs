//! Foreign text that mentions nobody and is no markup.

/// Foreign text that calls nobody: `@room` is broken up, for clients and rules that still look for it, and so are
/// links to Matrix, of which clients make mentions.
pub(super) fn defuse(text: &str) -> String {
    let text = text.replace("@room", "@\u{2060}room");
    ["matrix.to", "matrix:u/", "matrix:r"].iter().fold(text, |text, link| broken(&text, link, 6).unwrap_or(text))
}

/// Breaks words that are ASCII, however they are capitalised, before their byte `at`. `None` if the text has none.
fn broken(text: &str, word: &str, at: usize) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut found = lower.match_indices(word).map(|(start, _)| start + at).peekable();
    found.peek()?;
    let mut out = String::with_capacity(text.len() + 3);
    let mut from = 0;
    for to in found {
        out.push_str(&text[from..to]);
        out.push('\u{2060}');
        from = to;
    }
    out.push_str(&text[from..]);
    Some(out)
}

/// Text that can stand in HTML, in attributes, too.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_calls_nobody_and_can_still_be_read() {
        assert!(!defuse("hello @room").contains("@room"));
        for link in [
            "https://matrix.to/#/@a:b",
            "HTTPS://Matrix.To/#/%40a:b",
            "matrix:u/a:b",
            "matrix:r/x:b",
            "matrix:roomid/x:b",
        ] {
            let text = defuse(&format!("see ({link}) and {link}"));
            assert!(!text.to_lowercase().contains("matrix.to") && !text.to_lowercase().contains("matrix:"), "{text}");
            assert_eq!(text.replace('\u{2060}', ""), format!("see ({link}) and {link}"), "it can still be read");
        }
        assert_eq!(defuse("Matrix: a film, matrix.tournament"), "Matrix: a film, matrix\u{2060}.tournament");
    }
}

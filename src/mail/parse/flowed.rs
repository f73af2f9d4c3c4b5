//! Paragraphs that were broken into lines for the way (RFC 3676, `format=flowed`).

/// Joins the lines of a flowed text into paragraphs. `delsp`: the blank at a line's end was put there
/// by the breaking alone.
pub(super) fn joined(text: &str, delsp: bool) -> String {
    let mut whole = String::with_capacity(text.len());
    // The quote depth of the paragraph that the next line goes on with.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let words = line.trim_start_matches('>');
        let depth = line.len() - words.len();
        let words = words.strip_prefix(' ').unwrap_or(words);
        let is_signature_mark = words == "-- ";
        if open != Some(depth) || is_signature_mark {
            if !whole.is_empty() || open.is_some() {
                whole.push('\n');
            }
            whole.extend(std::iter::repeat_n('>', depth));
            // What is no quote but looks like one was stuffed with a blank; it keeps it.
            if (depth > 0 && !words.is_empty()) || words.starts_with('>') {
                whole.push(' ');
            }
        }
        let flows = words.ends_with(' ') && !is_signature_mark;
        whole.push_str(if flows && delsp { &words[..words.len() - 1] } else { words });
        open = Some(if flows { depth } else { usize::MAX });
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_paragraph_are_joined() {
        assert_eq!(joined("One \ntwo\nthree\n\nfour ", false), "One two\nthree\n\nfour ");
        assert_eq!(joined("日本 \n語", true), "日本語");
        assert_eq!(joined("> a \n> b\nc \n-- \nme\n", false), "> a b\nc \n-- \nme");
        assert_eq!(joined(">> a \n> b", false), ">> a \n> b");
        assert_eq!(joined(" From here\n >no quote", false), "From here\n >no quote");
        assert_eq!(joined("\n\na", false), "\n\na");
    }
}

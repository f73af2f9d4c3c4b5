//! Markdown as a person would have typed it into a mail: without its marks, and every blank and line as it was.
//!
//! The marks are cut out of what was typed, rather than a text made of what was understood: so lists, tables and whatever
//! nobody meant as Markdown stay as they were.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

/// Markdown without its marks; a link's address stands in brackets behind its words.
pub(super) fn unmarked(markdown: &str) -> String {
    let mut cuts = Cuts { markdown, made: Vec::new(), links: Vec::new(), is_code: false };
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        cuts.see(&event, range);
    }
    cuts.applied()
}

/// What is cut out, and what stands there instead.
struct Cuts<'m> {
    markdown: &'m str,
    made: Vec<(Range<usize>, String)>,
    /// The links that are open: where their words begin, and end so far.
    links: Vec<(usize, usize)>,
    is_code: bool,
}

impl Cuts<'_> {
    fn see(&mut self, event: &Event<'_>, range: Range<usize>) {
        if let Some((_, end)) = self.links.last_mut()
            && !matches!(event, Event::End(TagEnd::Link | TagEnd::Image))
        {
            *end = (*end).max(range.end);
        }
        match event {
            Event::Start(Tag::Emphasis) => self.around(&range, 1),
            Event::Start(Tag::Strong) => self.around(&range, 2),
            Event::Start(Tag::Strikethrough) => self.around(&range, self.run(range.start, b'~')),
            Event::Code(_) => self.around(&range, self.run(range.start, b'`')),
            Event::Start(Tag::Heading { .. }) => self.heading(&range),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.is_code = true;
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.fences(&range);
                }
            }
            Event::End(TagEnd::CodeBlock) => self.is_code = false,
            Event::Start(Tag::Link { link_type, .. } | Tag::Image { link_type, .. }) => {
                let begins = range.start + self.run(range.start, b'!') + 1;
                let is_inline = *link_type == LinkType::Inline;
                self.links.push((if is_inline { begins } else { range.start }, begins));
                if matches!(link_type, LinkType::Autolink | LinkType::Email) {
                    self.around(&range, 1);
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.end_of_link(&range),
            Event::Text(_) if !self.is_code => self.escape(&range),
            _ => {}
        }
    }

    fn cut(&mut self, range: Range<usize>, with: String) {
        if range.start <= range.end && self.markdown.get(range.clone()).is_some() {
            self.made.push((range, with));
        }
    }

    fn around(&mut self, range: &Range<usize>, width: usize) {
        if range.len() >= 2 * width {
            self.cut(range.start..range.start + width, String::new());
            self.cut(range.end - width..range.end, String::new());
        }
    }

    /// How often a character stands there.
    fn run(&self, at: usize, mark: u8) -> usize {
        self.markdown.as_bytes()[at..].iter().take_while(|byte| **byte == mark).count()
    }

    /// `## Words`: of what is underlined nothing is cut, since it reads well.
    fn heading(&mut self, range: &Range<usize>) {
        let marks = self.run(range.start, b'#');
        if marks > 0 {
            let blanks = self.run(range.start + marks, b' ');
            self.cut(range.start..range.start + marks + blanks, String::new());
        }
    }

    /// The first and the last line of a fenced block.
    fn fences(&mut self, range: &Range<usize>) {
        let block = &self.markdown[range.clone()];
        let Some(first) = block.find('\n') else { return };
        self.cut(range.start..range.start + first + 1, String::new());
        let body = block.trim_end_matches('\n');
        let last = body.rfind('\n').map_or(0, |at| at + 1);
        if last > first && body[last..].trim_start().starts_with(['`', '~']) {
            self.cut(range.start + last - 1..range.start + body.len(), String::new());
        }
    }

    /// `[words](address)` → `words (address)`, or the address alone where the words are it.
    fn end_of_link(&mut self, range: &Range<usize>) {
        let Some((begins, ends)) = self.links.pop() else { return };
        let typed = self.markdown.get(ends..range.end).unwrap_or_default();
        let address = typed.strip_prefix("](").and_then(|rest| rest.strip_suffix(')'));
        let (Some(address), true) = (address, begins > range.start) else { return };
        let words = &self.markdown[begins..ends.max(begins)];
        let shown = if words == address || words.is_empty() { String::new() } else { format!(" ({address})") };
        self.cut(range.start..begins, String::new());
        let shown = if words.is_empty() { address.to_owned() } else { shown };
        self.cut(ends..range.end, shown);
    }

    /// A backslash that makes a mark a letter.
    fn escape(&mut self, range: &Range<usize>) {
        let before = range.start.checked_sub(1).map(|at| self.markdown.as_bytes()[at]);
        let is_mark = self.markdown.as_bytes().get(range.start).is_some_and(u8::is_ascii_punctuation);
        if before == Some(b'\\') && is_mark {
            self.cut(range.start - 1..range.start, String::new());
        }
    }

    fn applied(mut self) -> String {
        self.made.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut text, mut at) = (String::with_capacity(self.markdown.len()), 0);
        for (range, with) in &self.made {
            if range.start >= at {
                text.push_str(&self.markdown[at..range.start]);
                text.push_str(with);
                at = range.end;
            }
        }
        text.push_str(&self.markdown[at..]);
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_gone_and_all_else_is_as_it_was_typed() {
        let table = [
            ("please **unplug** it", "please unplug it"),
            ("*a* _b_ ***c*** ~~d~~ `e`", "a b c d e"),
            ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
            ("Dear  Carol,\n\n\n  thank you.", "Dear  Carol,\n\n\n  thank you."),
            ("- one\n- **two**\n\n1. three", "- one\n- two\n\n1. three"),
            ("# Steps\n\nUnplug it.", "Steps\n\nUnplug it."),
            ("see [the page](https://x.test/a_b)", "see the page (https://x.test/a_b)"),
            ("[https://x.test](https://x.test)", "https://x.test"),
            ("<https://x.test> and <carol@x.test>", "https://x.test and carol@x.test"),
            ("https://x.test/a_b_c", "https://x.test/a_b_c"),
            ("![](https://x.test/p.png)", "https://x.test/p.png"),
            ("```sh\nls **\n```\nso", "ls **\nso"),
            ("    code **as it is**", "    code **as it is**"),
            ("not \\*bold\\*", "not *bold*"),
            ("C:\\dir", "C:\\dir"),
            ("> quoted\n\n| a | b |", "> quoted\n\n| a | b |"),
            ("[**bold**](https://x.test)", "bold (https://x.test)"),
            ("", ""),
        ];
        for (typed, read) in table {
            assert_eq!(unmarked(typed), read, "{typed:?}");
        }
    }

    proptest! {
        /// No letter is lost, whatever is typed.
        #[test]
        fn only_marks_are_cut(typed in "([a-zü0-9 ]|\\*|_|`|~|\n|#|\\[|\\]|\\(|\\)|<|>|!|\\\\|-|\\|){0,80}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic() && *c != 'x').collect::<String>();
            let kept = letters(&unmarked(&typed));
            // The word behind a fence (its language) is no word of the text, and a link whose words are its address says it once.
            prop_assert!(["```", "~~~", "]("].iter().any(|mark| typed.contains(mark)) || kept == letters(&typed), "{kept:?}");
        }
    }
}

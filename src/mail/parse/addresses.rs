//! The mailboxes in an address field (RFC 5322 §3.4), as far as any can be made out.
//!
//! mail-parser reads what keeps to the grammar; but a name with a comma, a semicolon or a colon loses its beginning
//! there, and an address without brackets among words is none.

use super::encoded_word;
use crate::desk::intake::incoming::Mailbox;
use crate::domain::id::EmailAddress;
use crate::mail::clean;

/// How many addresses of a field are looked at.
pub(super) const ADDRESSES: usize = 1000;
/// The longest display name in bytes.
const NAME: usize = 200;
/// How far an address is followed from its `@`, in bytes: further than an [`EmailAddress`] may go, so that one which is too
/// long is none, and not the mailbox of somebody whose name it ends with.
const LOCAL: usize = 300;
const DOMAIN: usize = 300;

/// The mailboxes of a field in which every run of encoded-words is one word in UTF-8, groups opened.
pub(super) fn mailboxes(field: &str) -> Vec<Mailbox> {
    let mut reader = Reader {
        field,
        at: 0,
        last_semicolon: field.rfind(';'),
        no_quote: false,
        no_bracket: false,
        no_comment: false,
    };
    let mut found = Vec::new();
    // The beginning of a name that has a comma or a semicolon in it.
    let mut beginning = String::new();
    while found.len() < ADDRESSES {
        let Some(entry) = reader.entry() else { break };
        let separator = entry.separator;
        if let Some(mailbox) = entry.mailbox(&beginning) {
            beginning.clear();
            found.push(mailbox);
        } else if entry.is_no_name() || beginning.len() > NAME {
            beginning.clear();
        } else {
            beginning = format!("{beginning}{}{separator} ", entry.words.trim());
        }
    }
    found
}

/// The first thing in a text that is an address, and where it begins.
pub(super) fn first_address(text: &str) -> Option<(EmailAddress, usize)> {
    text.match_indices('@').take(ADDRESSES).find_map(|(at, _)| {
        let start = local_start(&text[..at])?;
        let rest = &text[at + 1..];
        // The one in `"a@b"@x.test` is the quoted local part's.
        let closing = rest.bytes().take(LOCAL).position(|byte| byte == b'"');
        if text[..start].ends_with('"') && closing.is_some_and(|end| rest[end + 1..].starts_with('@')) {
            return None;
        }
        let length = if rest.starts_with('[') {
            rest.bytes().take(DOMAIN).position(|byte| byte == b']')? + 1
        } else {
            let is_inside = |c: &char| c.is_alphanumeric() || "-._".contains(*c);
            rest.chars().take_while(is_inside).map(char::len_utf8).take(DOMAIN).sum()
        };
        let domain = rest[..length].trim_end_matches(['.', '-', '_']);
        EmailAddress::parse(&format!("{}@{domain}", &text[start..at])).map(|address| (address, start))
    })
}

/// Where the local part that ends there begins.
fn local_start(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_suffix('"') {
        let from = inside.len() - clean_end(inside, LOCAL).len();
        let open = inside[from..].rfind('"').map(|open| from + open)?;
        return Some(open);
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\"\\@".contains(c);
    let tail = clean_end(text, LOCAL);
    let start = text.len() - tail.len()
        + tail.rfind(odd).map_or(0, |odd| odd + tail[odd..].chars().next().map_or(1, char::len_utf8));
    let local = text[start..].trim_start_matches('\'');
    (!local.is_empty()).then_some(text.len() - local.len())
}

/// The last bytes of a text, from a character on.
fn clean_end(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// What stands between two separators.
#[derive(Default)]
struct Entry<'a> {
    /// The words outside of brackets, quotes taken off.
    words: String,
    /// The same as it stands there, for an address that has no brackets.
    bare: String,
    bracketed: Option<&'a str>,
    /// Whether an `@` stands in the words, and in the brackets.
    at_in_words: bool,
    at_in_brackets: bool,
    comment: &'a str,
    separator: char,
}

impl Entry<'_> {
    fn mailbox(&self, beginning: &str) -> Option<Mailbox> {
        let (address, words) = if let Some((address, _)) = self.bracketed.and_then(first_address) {
            (address, self.words.as_str())
        } else {
            let (address, start) = first_address(&self.bare)?;
            let words = self.bare[..start].trim_end_matches(|c: char| c.is_whitespace() || "<[:'\"".contains(c));
            let words = words.trim_start_matches('"');
            (address, if words.eq_ignore_ascii_case("mailto") { "" } else { words })
        };
        let name = cleaned(&format!("{beginning}{words}"));
        // What begins so is a route of old (RFC 5322 §4.4).
        let name = if name.is_empty() || name.starts_with('@') { cleaned(self.comment) } else { name };
        Some(Mailbox { name: clean::cut(&name, NAME).trim_end().to_owned(), address })
    }

    /// Whether it can't be the beginning of a name: it is empty, a group's end, or a broken address.
    fn is_no_name(&self) -> bool {
        let words = self.words.trim();
        words.is_empty() || words.ends_with(':') || self.bracketed.is_some() || self.bare.contains('@')
    }
}

fn cleaned(words: &str) -> String {
    clean::line(&encoded_word::decoded(words.as_bytes()))
}

/// Reads a field entry by entry. Each search that failed once is not made again.
struct Reader<'a> {
    field: &'a str,
    at: usize,
    last_semicolon: Option<usize>,
    no_quote: bool,
    no_bracket: bool,
    no_comment: bool,
}

impl<'a> Reader<'a> {
    /// The next entry; `None` at the end.
    fn entry(&mut self) -> Option<Entry<'a>> {
        if self.at >= self.field.len() {
            return None;
        }
        let mut entry = Entry { separator: ',', ..Entry::default() };
        while let Some(c) = self.field[self.at..].chars().next() {
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                ',' | ';' => {
                    entry.separator = c;
                    break;
                }
                '"' => {
                    if let Some(inside) = self.quoted() {
                        entry.words.push_str(&unescaped(inside));
                        entry.at_in_words |= inside.contains('@');
                        entry.bare.push_str(&self.field[start..self.at]);
                    }
                }
                '(' => match self.comment() {
                    Some(inside) => entry.comment = inside,
                    None => entry.words.push(c),
                },
                '<' => {
                    let inside = self.bracketed();
                    if !entry.at_in_brackets {
                        entry.at_in_brackets = inside.contains('@');
                        entry.bracketed = Some(inside);
                    }
                }
                // A group's name; but a colon may as well be in a name.
                ':' if self.last_semicolon.is_some_and(|last| last > start) && !entry.at_in_words => {
                    entry.words.clear();
                    entry.bare.clear();
                }
                _ => {
                    entry.at_in_words |= c == '@';
                    entry.words.push(c);
                    entry.bare.push(c);
                }
            }
        }
        Some(entry)
    }

    /// What stands up to the closing quote.
    fn quoted(&mut self) -> Option<&'a str> {
        if self.no_quote {
            return None;
        }
        let rest = &self.field[self.at..];
        let mut is_escaped = false;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        self.no_quote = end.is_none();
        self.at += end? + 1;
        Some(&rest[..end?])
    }

    /// What stands up to the closing parenthesis; comments nest.
    fn comment(&mut self) -> Option<&'a str> {
        if self.no_comment {
            return None;
        }
        let rest = &self.field[self.at..];
        let mut depth = 1_usize;
        let end = rest.bytes().position(|byte| {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        self.no_comment = end.is_none();
        self.at += end? + 1;
        Some(&rest[..end?])
    }

    /// What stands up to the closing bracket, or up to the next separator if there is none.
    fn bracketed(&mut self) -> &'a str {
        let rest = &self.field[self.at..];
        let end = if self.no_bracket { None } else { rest.find('>') };
        self.no_bracket = end.is_none();
        let end = end.or_else(|| rest.find([',', ';'])).unwrap_or(rest.len());
        self.at += end;
        // The bracket itself is passed over, and others behind it; a separator ends the entry.
        self.at += rest[end..].bytes().take_while(|&byte| byte == b'>').count();
        &rest[..end]
    }
}

/// A quoted text without its backslashes.
fn unescaped(quoted: &str) -> String {
    let mut plain = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => plain.extend(rest.next()),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str) -> Vec<String> {
        mailboxes(&encoded_word::rewritten(field.as_bytes()))
            .iter()
            .map(|mailbox| format!("{}|{}", mailbox.name, mailbox.address))
            .collect()
    }

    #[test]
    fn what_keeps_to_the_grammar_is_read() {
        for (field, expected) in [
            ("a@x.test", &["|a@x.test"][..]),
            ("Ann Lee <a@x.test>, \"Lee, Bob\" <b@x.test>", &["Ann Lee|a@x.test", "Lee, Bob|b@x.test"]),
            ("\"Ann \\\"A\\\" Lee\" <a@x.test>", &["Ann \"A\" Lee|a@x.test"]),
            ("a@x.test (Ann (Sales) Lee)", &["Ann (Sales) Lee|a@x.test"]),
            ("friends: a@x.test, B <b@x.test>;", &["|a@x.test", "B|b@x.test"]),
            ("undisclosed-recipients:;", &[]),
            ("undisclosed-recipients:;, a@x.test", &["|a@x.test"]),
            ("=?utf-8?Q?Lee=2C_J=C3=BCrgen?= <a@x.test>", &["Lee, Jürgen|a@x.test"]),
            ("\"=?utf-8?Q?J=C3=BCrgen?=\" <a@x.test>", &["Jürgen|a@x.test"]),
            ("'C' via Support <a@x.test>", &["'C' via Support|a@x.test"]),
            ("a@x.test <a@x.test>", &["a@x.test|a@x.test"]),
            ("@relay.test:a@x.test", &["|a@x.test"]),
            ("<@relay.test:a@x.test>", &["|a@x.test"]),
        ] {
            assert_eq!(read(field), expected, "{field}");
        }
    }

    #[test]
    fn names_are_not_cut_at_their_commas_and_colons() {
        for (field, expected) in [
            ("Lee, Ann <a@x.test>", &["Lee, Ann|a@x.test"][..]),
            ("Lee, Ann, Dr. <a@x.test>, Bob <b@x.test>", &["Lee, Ann, Dr.|a@x.test", "Bob|b@x.test"]),
            ("Lee & Sons; Office <a@x.test>", &["Lee & Sons; Office|a@x.test"]),
            ("Web: Orders <a@x.test>", &["Web: Orders|a@x.test"]),
            ("Ann <a@x.test>; Bob <b@x.test>", &["Ann|a@x.test", "Bob|b@x.test"]),
            ("a@x.test; b@x.test", &["|a@x.test", "|b@x.test"]),
        ] {
            assert_eq!(read(field), expected, "{field}");
        }
    }

    #[test]
    fn an_address_is_read_whole_or_not_at_all() {
        for (local, domain) in
            [(64, 10), (65, 10), (80, 10), (81, 10), (200, 100), (255, 250), (256, 10), (301, 10), (5000, 10)]
        {
            let address = format!("{}@{}.test", "n".repeat(local), "x.".repeat(domain / 2 - 1) + "x");
            let is_one = local <= 255;
            for field in [address.clone(), format!("Ann <{address}>"), format!("Ann {address}")] {
                let read = read(&field);
                assert_eq!(read.iter().any(|mailbox| mailbox.ends_with(&format!("|{address}"))), is_one, "{field}");
                assert_eq!(read.len(), usize::from(is_one), "{field}");
            }
        }
        let long = format!("ann@{}test", "x.".repeat(200));
        assert_eq!(read(&long), Vec::<String>::new());
    }

    #[test]
    fn an_address_is_found_among_words() {
        for (field, expected) in [
            ("Printer on floor 3 p3@x.test", "Printer on floor 3|p3@x.test"),
            ("Ann Lee a@x.test>", "Ann Lee|a@x.test"),
            ("Ann Lee <a@x.test", "Ann Lee|a@x.test"),
            ("Ann <<a@x.test>>", "Ann|a@x.test"),
            ("Ann <mailto:a@x.test>", "Ann|a@x.test"),
            ("mailto:a@x.test", "|a@x.test"),
            ("'a@x.test'", "|a@x.test"),
            ("Ann [a@x.test]", "Ann|a@x.test"),
            ("\"Ann\" a@x.test", "Ann|a@x.test"),
            ("\"Ann <a@x.test>", "Ann|a@x.test"),
            ("Ann (Sales <a@x.test>", "Ann (Sales|a@x.test"),
            ("Ann <a@x.test.>", "Ann|a@x.test"),
            ("Ann <a@x.test> <b@x.test>", "Ann|a@x.test"),
            ("Ann <no address> <b@x.test>", "Ann|b@x.test"),
            ("Ann < a@x.test >", "Ann|a@x.test"),
            ("Root <root@my_host.test>", "Root|root@my_host.test"),
            ("Root <root@[192.0.2.7]>", "Root|root@[192.0.2.7]"),
            ("Taro <taro.@x.test>", "Taro|taro.@x.test"),
            ("ta..ro@x.test", "|ta..ro@x.test"),
            ("<\"ann lee\"@x.test>", "|\"ann lee\"@x.test"),
            ("\"ann lee\"@x.test", "|\"ann lee\"@x.test"),
            ("<\"a@b\"@x.test>", "|\"a@b\"@x.test"),
            ("\"ann\"@x.test", "|ann@x.test"),
        ] {
            assert_eq!(read(field), [expected], "{field}");
        }
        for nobody in ["", "[??]", "\"Web form\" <>", "MAILER-DAEMON", "Ann @ home", "a@", ":;,<>()\"", "a@b@"] {
            assert_eq!(read(nobody).len(), usize::from(nobody == "a@b@"), "{nobody}");
        }
    }
}

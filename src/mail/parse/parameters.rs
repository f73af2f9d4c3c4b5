//! A field with parameters (RFC 2045 §5.1, RFC 2183), as programs write it: without semicolons, with raw bytes, with
//! encoded-words where RFC 2047 forbids them, in sections that split characters (RFC 2231).
//!
//! mail-parser reads these too, but decodes each section and each encoded-word by itself, and takes the second half of
//! a character for one of another charset.

use std::collections::BTreeMap;

use super::{charset, encoded_word};

/// How many parameters of a field, and how many sections of one, are looked at.
const PARAMETERS: usize = 1000;

/// What a field says, and its parameters by their names in lower case.
#[derive(Debug, Default)]
pub(in crate::mail) struct Parameters {
    /// What stands before the parameters, lower case and without blanks: `text/plain`, `attachment`.
    pub(in crate::mail) value: String,
    parameters: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads a field that is one line.
    pub(super) fn read(field: &[u8]) -> Self {
        let mut rest = Rest(field);
        let value = rest.value();
        let mut found: BTreeMap<String, Sections> = BTreeMap::new();
        for _ in 0..PARAMETERS {
            let Some((name, value)) = rest.parameter() else { break };
            let (name, section, is_extended) = section_of(&name);
            let sections = found.entry(name.to_owned()).or_default();
            sections.0.entry(section).or_insert((is_extended, value));
        }
        let parameters = found.into_iter().map(|(name, sections)| (name, sections.decoded())).collect();
        Self { value, parameters }
    }

    /// A parameter's value, decoded.
    pub(in crate::mail) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

/// `name*1*` is section 1 of `name`, extended. What has no number goes before what has one: `name*` is whole, as some
/// write it beside sections for programs that don't know these.
fn section_of(name: &str) -> (&str, Option<u32>, bool) {
    let (name, is_extended) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
    let numbered = name.rsplit_once('*').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    match numbered {
        Some((name, number)) => (name, Some(number), is_extended),
        None => (name, is_extended.then_some(u32::MAX), is_extended),
    }
}

/// What stands in the sections of one parameter. `None`: in the plain one; `u32::MAX`: in the one extended one.
#[derive(Default)]
struct Sections(BTreeMap<Option<u32>, (bool, Vec<u8>)>);

impl Sections {
    /// The extended value, else the sections put together, else the plain one.
    fn decoded(mut self) -> String {
        let plain = self.0.remove(&None).map(|(_, value)| value);
        if let Some((_, whole)) = self.0.remove(&Some(u32::MAX)) {
            return extended(&[(true, whole)]);
        }
        if !self.0.is_empty() {
            return extended(&self.0.into_values().collect::<Vec<_>>());
        }
        let plain = plain.unwrap_or_default();
        // Some forget the asterisk.
        if claims_charset(&plain) { extended(&[(true, plain)]) } else { encoded_word::decoded(&plain) }
    }
}

/// Sections of one charset, which the first one names: `utf-8'de'…`. They are joined before they are decoded.
fn extended(sections: &[(bool, Vec<u8>)]) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    let mut label = None;
    let mut is_any_extended = false;
    for (at, (is_extended, value)) in sections.iter().enumerate() {
        is_any_extended |= is_extended;
        if !is_extended {
            bytes.extend(value);
            continue;
        }
        let mut pieces = value.splitn(3, |&byte| byte == b'\'');
        let text = match (at, pieces.next(), pieces.next(), pieces.next()) {
            (0, Some(charset), Some(_), Some(text)) => {
                label = String::from_utf8(charset.to_vec()).ok();
                text
            }
            _ => value.as_slice(),
        };
        bytes.extend(percent_encoding::percent_decode(text));
    }
    if is_any_extended && !bytes.windows(2).any(|window| window == b"=?") {
        charset::decode(&bytes, label.as_deref())
    } else {
        encoded_word::decoded(&bytes)
    }
}

/// Whether a plain value has the form of an extended one: `utf-8''Pr%C3%BCfung`.
fn claims_charset(value: &[u8]) -> bool {
    let mut pieces = value.splitn(3, |&byte| byte == b'\'');
    let known = |name: &[u8]| encoding_rs::Encoding::for_label(name).is_some();
    pieces.next().is_some_and(known)
        && pieces.next().is_some()
        && pieces.next().is_some_and(|text| text.contains(&b'%'))
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// What stands before the parameters. Blanks may stand around its slash, and a parameter right behind it.
    fn value(&mut self) -> String {
        let mut value = String::new();
        self.pass_over(|byte| byte.is_ascii_whitespace() || byte == b'"');
        let start = self.0;
        while let Some((&byte, rest)) = self.0.split_first() {
            match byte {
                b';' | b',' | b'(' => break,
                b'=' => {
                    // There is none: it begins with a parameter.
                    value.clear();
                    self.0 = start;
                    break;
                }
                _ if byte.is_ascii_whitespace() => {
                    let next = rest.trim_ascii_start();
                    if !value.ends_with('/') && !next.starts_with(b"/") {
                        break;
                    }
                    // All of them at once: there may be many.
                    self.0 = next;
                    continue;
                }
                b'"' => {}
                _ => value.push(char::from(byte.to_ascii_lowercase())),
            }
            self.0 = rest;
        }
        value
    }

    /// The next parameter's name in lower case, and its value.
    fn parameter(&mut self) -> Option<(String, Vec<u8>)> {
        loop {
            self.pass_over(|byte| byte.is_ascii_whitespace() || b";,\"".contains(&byte));
            if self.0.starts_with(b"(") {
                let end = memchr::memchr(b')', self.0).map_or(self.0.len(), |end| end + 1);
                self.0 = &self.0[end..];
                continue;
            }
            if self.0.is_empty() {
                return None;
            }
            let length = self.0.iter().position(|&byte| byte.is_ascii_whitespace() || b"=;,(".contains(&byte));
            let (name, rest) = self.0.split_at(length.unwrap_or(self.0.len()));
            self.0 = rest.trim_ascii_start();
            let Some(rest) = self.0.strip_prefix(b"=") else {
                // A word that is no parameter.
                continue;
            };
            self.0 = rest.trim_ascii_start();
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            let value = match self.0.strip_prefix(b"\"") {
                Some(rest) => {
                    self.0 = rest;
                    self.quoted()
                }
                None => self.bare(name.contains("name")),
            };
            return Some((name, value));
        }
    }

    /// Up to the quote that ends it. Others stand in it, unescaped, as in `"the "new" door.txt"`. A backslash is one
    /// but for before a quote or another one: paths of Windows have them.
    fn quoted(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            match (byte, rest.first()) {
                (b'\\', Some(&next @ (b'"' | b'\\'))) => {
                    value.push(next);
                    self.0 = &rest[1..];
                }
                (b'"', _) if ends_here(rest) => return value,
                _ => value.push(byte),
            }
        }
        value
    }

    /// Up to a semicolon or another parameter. Only file names have blanks and brackets in them.
    fn bare(&mut self, is_name: bool) -> Vec<u8> {
        let mut value = Vec::new();
        while let Some((&byte, rest)) = self.0.split_first() {
            if byte == b';' || (byte.is_ascii_whitespace() && (!is_name || begins_parameter(rest))) {
                break;
            }
            if !is_name && b",(".contains(&byte) {
                break;
            }
            value.push(byte);
            self.0 = rest;
        }
        value.truncate(value.trim_ascii_end().len());
        value
    }

    fn pass_over(&mut self, test: impl Fn(u8) -> bool) {
        let count = self.0.iter().take_while(|&&byte| test(byte)).count();
        self.0 = &self.0[count..];
    }
}

/// Whether a quoted value can end before this.
fn ends_here(rest: &[u8]) -> bool {
    let next = rest[..rest.len().min(100)].trim_ascii_start();
    next.is_empty() || b";,(".contains(&next[0]) || begins_parameter(next)
}

/// Whether `name=` stands there, and no encoded-word.
fn begins_parameter(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(60)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-*".contains(byte)).count();
    length > 0 && rest[length..].starts_with(b"=") && !rest[length..].starts_with(b"=?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(field: &[u8]) -> String {
        Parameters::read(field).get("filename").unwrap_or("-").to_owned()
    }

    #[test]
    fn a_value_and_its_parameters_are_told_apart_without_semicolons_too() {
        for field in [
            "multipart/mixed; boundary=\"b 1\"; charset=utf-8",
            "Multipart/Mixed boundary=\"b 1\" charset=utf-8",
            "multipart / mixed;boundary=\"b 1\";charset=\"utf-8\";",
            "multipart/mixed (a comment; with one) ; boundary = \"b 1\" , charset = utf-8 (really)",
            "\"multipart/mixed\"; ; boundary=\"b 1\";; nothing; charset=utf-8",
            "multipart/mixed, boundary=\"b 1\" charset=utf-8 format",
        ] {
            let read = Parameters::read(field.as_bytes());
            let got = (read.value.as_str(), read.get("boundary"), read.get("charset"));
            assert_eq!(got, ("multipart/mixed", Some("b 1"), Some("utf-8")), "{field}");
        }
        let read = Parameters::read(b"boundary=b; charset=x");
        assert_eq!((read.value.as_str(), read.get("boundary"), read.get("charset")), ("", Some("b"), Some("x")));
        assert_eq!(Parameters::read(b"text/plain; a=1; A=2").get("a"), Some("1"));
        assert_eq!(Parameters::read(b"text").value, "text");
    }

    #[test]
    fn names_are_read_in_every_form_that_programs_give_them() {
        for (field, expected) in [
            (
                "attachment; filename=\"=?utf-8?B?QmVyaWNodCBOci4g?= =?utf-8?B?MTI6IE3DpHJ6LnBkZg==?=\"",
                "Bericht Nr. 12: März.pdf",
            ),
            ("attachment; filename=\"=?ISO-8859-1?Q?T=FCr_und?= =?ISO-8859-1?Q?_T=F6r.pdf?=\"", "Tür und Tör.pdf"),
            ("attachment; filename=\"=?UTF-8?B?TcOk?= =?UTF-8?Q?rz_12?= =?UTF-8?B?LnBkZg==?=\"", "März 12.pdf"),
            ("attachment; filename=\"=?UTF-8?Q?My M=C3=A4rz list.pdf?=\"", "My März list.pdf"),
            ("attachment; filename==?utf-8?Q?M=C3=A4rz.pdf?=", "März.pdf"),
            ("attachment; filename==?utf-8?Q?M=C3=A4rz?= =?utf-8?Q?_12.pdf?=; size=5", "März 12.pdf"),
            ("attachment; filename*=utf-8'de'M%C3%A4rz%2012.pdf", "März 12.pdf"),
            ("attachment; filename*=\"utf-8''M%C3%A4rz.pdf\"; filename=Marz.pdf", "März.pdf"),
            ("attachment; filename=Marz.pdf; filename*=utf-8''M%C3%A4rz.pdf", "März.pdf"),
            ("attachment; filename*1*=%A4rz.pdf; filename*0*=utf-8''M%C3", "März.pdf"),
            (
                "attachment; filename*0*=ISO-8859-15''M%E4rz%20; filename*1*=f%FCr%20; filename*2=\"alle.pdf\"",
                "März für alle.pdf",
            ),
            ("attachment; filename*0*=shift_jis'ja'%90%BF%8B; filename*1*=%81%8F%91.pdf", "請求書.pdf"),
            ("attachment; filename*0=\"a very long \"; filename*1=\"name.pdf\"", "a very long name.pdf"),
            ("attachment; filename*0=\"=?utf-8?Q?M=C3=A4rz_\"; filename*1=\"12.pdf?=\"", "März 12.pdf"),
            ("attachment; filename=utf-8''M%C3%A4rz.pdf", "März.pdf"),
            ("attachment; filename=my file (2).pdf; size=5", "my file (2).pdf"),
            ("attachment; filename=my file.pdf size=5", "my file.pdf"),
            ("attachment filename=\"it's; new.pdf\" size=5", "it's; new.pdf"),
            ("attachment; filename=\"the \"new\" door.pdf\"; size=5", "the \"new\" door.pdf"),
            ("attachment; filename=\"C:\\Files\\a \\\"b\\\".pdf\"", "C:\\Files\\a \"b\".pdf"),
            ("attachment; filename=\"never closed.pdf", "never closed.pdf"),
            ("attachment; filename=\"100%25 sure.pdf\"", "100%25 sure.pdf"),
            ("attachment; filename=\"\"", ""),
            ("attachment; filename", "-"),
        ] {
            assert_eq!(name(field.as_bytes()), expected, "{field}");
        }
        for raw in [
            &b"attachment; filename=\"Gr\xfcnes T\xfcrblatt.pdf\""[..],
            b"attachment; filename=Gr\xfcnes T\xfcrblatt.pdf",
            "x; filename=Grünes Türblatt.pdf".as_bytes(),
        ] {
            assert_eq!(name(raw), "Grünes Türblatt.pdf");
        }
    }
}

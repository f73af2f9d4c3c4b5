//! Content-Transfer-Encodings (RFC 2045 §6), as far as they were kept to.

use mail_parser::decoders::base64::base64_decode_stream;

use super::line::end_of_line;

/// The length from which on a line of nothing but base64 is taken for one of a longer text's.
const LONG_LINE: usize = 60;
/// A byte that is in no base64.
const NEVER: u8 = 0xff;

/// Base64 as mails have it: line ends and foreign characters are passed over, padding may be missing
/// or stand in the middle, and the alphabet of URLs is read too.
pub(super) fn base64(encoded: &[u8]) -> Vec<u8> {
    let known = encoded.iter().filter_map(|byte| match byte {
        b'-' => Some(&b'+'),
        b'_' => Some(&b'/'),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => Some(byte),
        _ => None,
    });
    base64_decode_stream(known, encoded.len(), NEVER).unwrap_or_default()
}

/// Where the base64 in a body ends and a plain footer begins, which list servers and gateways glue behind it without
/// asking how it is encoded. What comes behind single spoilt lines goes on.
pub(super) fn end_of_base64(body: &[u8]) -> usize {
    let mut end = body.len();
    let mut is_padded = false;
    let mut at = 0;
    while at < body.len() {
        let line_end = end_of_line(body, at);
        let line = body[at..line_end].trim_ascii();
        let goes_on = is_base64(line) && (!is_padded || line.len().is_multiple_of(4));
        if goes_on && line.len() >= LONG_LINE {
            end = body.len();
        } else if !line.is_empty() && !goes_on {
            end = end.min(at);
        }
        is_padded |= goes_on && line.ends_with(b"=");
        at = line_end;
    }
    end
}

/// Whether a line can be base64: of its letters only, and no mere rule.
fn is_base64(line: &[u8]) -> bool {
    line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte))
        && line.iter().any(u8::is_ascii_alphanumeric)
}

/// Quoted-printable (RFC 2045 §6.7); what is no escape stays as it is. mail-parser's decoder gives up where something is
/// wrong, and takes blanks from the ends of lines, which `-- ` and flowed text are known by.
pub(super) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        let byte = encoded[at];
        at += 1;
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| encoded.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        if let (Some(high), Some(low)) = (digit(at), digit(at + 1)) {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 2;
            continue;
        }
        // A soft line break, blanks before its line end or not.
        let blanks = encoded[at..].iter().take_while(|byte| b" \t\r".contains(byte)).count();
        match encoded.get(at + blanks) {
            Some(b'\n') => at += blanks + 1,
            None => at = encoded.len(),
            Some(_) => bytes.push(b'='),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_however_it_is_broken() {
        for encoded in ["R3LDvG4=", "R3LD vG4", "R3\r\nLDvG4=\r\n", "R3LD!vG4", "R3LDvG4===="] {
            assert_eq!(base64(encoded.as_bytes()), "Grün".as_bytes(), "{encoded}");
        }
        assert_eq!(base64(b"Zg==Zg=="), b"ff");
        assert_eq!(base64(b"-_-_"), base64(b"+/+/"));
        assert!(base64(b"").is_empty() && base64(b"Z").is_empty());
    }

    #[test]
    fn base64_ends_where_a_footer_begins() {
        let line = "QUJD".repeat(19);
        for (body, footer) in [
            (format!("{line}\nR3LDvG4=\n"), "_____\nhouse list\nhouse@lists.test\n"),
            (format!("{line}\nR3LDvG4=\n\n"), "Unsubscribe\n"),
            (format!("{line}\nQUJD\n"), "-- \nhouse list\n"),
            (format!("{line}\n! spoilt !\n{line}\nR3LDvG4=\n"), ""),
            ("R3LDvG4=\nR3LDvG4=\n".to_owned(), ""),
            (String::new(), "Not encoded at all.\nNothing of it.\n"),
        ] {
            let whole = body.clone() + footer;
            assert_eq!(&whole[end_of_base64(whole.as_bytes())..], footer, "{body}");
        }
    }

    #[test]
    fn quoted_printable_that_is_none_stays() {
        assert_eq!(quoted_printable(b"a=20b= \r\nc=3dd=zz -- \n= e="), b"a bc=d=zz -- \n= e");
    }
}

//! What the delivering server wrote into a mail.

use super::header::Headers;
use crate::domain::id::EmailAddress;
use crate::mail::clean;

/// What the delivering server wrote into a mail.
pub(in crate::mail) struct Trace {
    /// Delivered-To, X-Original-To, Envelope-To.
    pub(in crate::mail) delivered_to: Vec<EmailAddress>,
    /// Return-Path: empty for the null sender, `None` if there is none.
    pub(in crate::mail) return_path: Option<String>,
}

/// The envelope's sender as the delivering server wrote it down: empty for the null sender.
#[must_use]
pub fn return_path(raw: &[u8]) -> Option<String> {
    trace(raw).return_path
}

/// Reads of a mail only what the delivering server wrote.
pub(in crate::mail) fn trace(raw: &[u8]) -> Trace {
    trace_of(&Headers::read(raw).0)
}

/// The same of a header.
pub(in crate::mail) fn trace_of(headers: &Headers<'_>) -> Trace {
    let mut delivered_to: Vec<EmailAddress> = Vec::new();
    for name in ["Delivered-To", "X-Original-To", "Envelope-To"] {
        for field in headers.all(name).take(20) {
            let text = String::from_utf8_lossy(field);
            for word in text.split([',', ' ', '\t', '\r', '\n']).take(20) {
                let word = word.trim_matches(['<', '>']);
                if let Some(address) = EmailAddress::parse(word)
                    && !delivered_to.contains(&address)
                {
                    delivered_to.push(address);
                }
            }
        }
    }
    let return_path = headers.first("Return-Path").map(|field| {
        let text = clean::line(&String::from_utf8_lossy(field));
        text.trim_start_matches('<').trim_end_matches('>').to_owned()
    });
    Trace { delivered_to, return_path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_read_as_servers_write_it() {
        for (header, return_path, delivered_to) in [
            ("Subject: x", None, &[][..]),
            ("Return-Path: <>", Some(""), &[]),
            ("Return-Path: <carol@x.test>", Some("carol@x.test"), &[]),
            ("Return-Path:  carol@x.test ", Some("carol@x.test"), &[]),
            ("Return-Path: <first@x.test>\nReturn-Path: <second@x.test>", Some("first@x.test"), &[]),
            ("Delivered-To: support@desk.test", None, &["support@desk.test"]),
            ("X-Original-To: <support@desk.test>", None, &["support@desk.test"]),
            ("Envelope-To: a@desk.test, b@desk.test", None, &["a@desk.test", "b@desk.test"]),
            // In the order of the fields, and once each.
            ("Envelope-To: a@desk.test\nDelivered-To: b@desk.test", None, &["b@desk.test", "a@desk.test"]),
            ("Delivered-To: a@desk.test\nX-Original-To: a@desk.test", None, &["a@desk.test"]),
            ("Delivered-To: no address", None, &[]),
        ] {
            let found = trace(format!("{header}\n\nhello\n").as_bytes());
            assert_eq!(found.return_path.as_deref(), return_path, "{header}");
            assert_eq!(
                found.delivered_to.iter().map(EmailAddress::as_str).collect::<Vec<_>>(),
                delivered_to,
                "{header}"
            );
        }
    }
}

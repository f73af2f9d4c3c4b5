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

//! Reads a mail: total, bounded, and free of everything that a store would refuse.
//!
//! The tree of parts, the headers and the charsets are read here; mail-parser reads dates, base64 and
//! rare charsets. It is not asked for more, because it takes the last of duplicate headers, splits
//! characters at encoded-words and sections, cuts names at their commas, decodes text files lossily,
//! and descends into attached mails without end.

mod addresses;
mod armour;
mod body;
mod calendar;
mod charset;
mod encoded_word;
mod file_name;
mod flowed;
mod header;
mod html;
mod mime;
mod parameters;
mod smime;
mod stub;
mod transfer;
mod uuencode;
mod verdicts;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(in crate::mail) use self::calendar::answer as calendar_answer;
pub(in crate::mail) use self::header::Headers;
pub(in crate::mail) use self::mime::Part;
use super::{clean, nature, quote, reaction};
use crate::desk::intake::incoming::{Fresh, IncomingMail, Mailbox};
use crate::domain::id::EmailAddress;

/// The longest subject in bytes.
const SUBJECT: usize = 2000;
/// The longest text in bytes that is looked at line by line; what is longer is cut, the raw mail has all.
const TEXT: usize = 4 << 20;
/// How many ids of the conversation are kept, the newest.
const REFERENCES: usize = 50;

/// A mail that shows nothing: it is kept as a file for people to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{why}")]
pub struct Unreadable {
    /// Why, for the agents.
    pub why: String,
}

impl Unreadable {
    fn because(why: &str) -> Self {
        Self { why: why.to_owned() }
    }
}

/// Reads a mail.
///
/// # Errors
/// If there is nothing to show.
pub fn read(raw: &[u8]) -> Result<IncomingMail, Unreadable> {
    let mut troubles = Vec::new();
    let root = Part::read(raw, &mut troubles);
    let headers = &root.headers;
    let content = body::collect(&root, &mut troubles);
    let subject = clean::cut(&headers.text("Subject"), SUBJECT).to_owned();
    if headers.is_empty() && content.text.trim().is_empty() && content.files.is_empty() {
        return Err(Unreadable::because("it has no header and no text"));
    }
    let mut references = headers.ids("References");
    references.drain(..references.len().saturating_sub(REFERENCES));
    let (from, is_certain) = sender(headers, &mut troubles);
    let trace = trace_of(headers);
    let text = clean::cut(&content.text, TEXT).to_owned();
    if text.len() < content.text.len() {
        troubles.push("Its text is cut; the raw mail has all of it.".to_owned());
    }
    let fresh = freshen(&subject, &text, content.html.as_deref(), &content.images);
    let is_reaction = content.files.is_empty() && reaction::is_reaction(&root, &fresh.own);
    let mut mail = IncomingMail {
        writer: from.as_ref().and_then(|from| nature::writer(headers, from)),
        from,
        reply_to: headers.mailboxes("Reply-To").into_iter().next(),
        to: headers.mailboxes("To"),
        cc: headers.mailboxes("Cc"),
        delivered_to: trace.delivered_to,
        subject,
        message_id: headers.ids("Message-ID").into_iter().next(),
        in_reply_to: headers.ids("In-Reply-To").into_iter().take(REFERENCES).collect(),
        references,
        date: headers.date(),
        text,
        fresh,
        attachments: content.files,
        nature: nature::of(&root),
        is_reaction,
        hops: headers.all("Received").count(),
        fingerprint: [0; 32],
        // Servers judge the domain in From; of another field they have found nothing.
        authentication: if is_certain { verdicts::authentication(headers) } else { Vec::new() },
        spam: verdicts::spam(headers),
        troubles,
    };
    mail.fingerprint = fingerprint(headers, &mail);
    Ok(mail)
}

/// Who wrote a mail: the first address in From, else in another From, in Reply-To, in Sender; and whether it is that
/// of the From that everybody else sees. Where it is not, the agents are told.
fn sender(headers: &Headers<'_>, troubles: &mut Vec<String>) -> (Option<Mailbox>, bool) {
    if let Some(from) = headers.mailboxes("From").into_iter().next() {
        return (Some(from), true);
    }
    let found = ["From", "Reply-To", "Sender"].into_iter().find_map(|name| Some((headers.mailbox(name)?, name)));
    let Some((mailbox, name)) = found else {
        troubles.push("It does not say who wrote it.".to_owned());
        return (None, true);
    };
    let place = if name == "From" { "a second From" } else { name };
    troubles.push(format!("Its From has no address: {} stands in {place}.", mailbox.address));
    (Some(mailbox), false)
}

/// What is new, as text and, if that says more, as HTML.
fn freshen(subject: &str, text: &str, html: Option<&str>, images: &html::Images) -> Fresh {
    let mut fresh = quote::fresh(subject, text);
    if let Some(html) = html {
        fresh.html = html::fresh(subject, html, images, &fresh.text);
    }
    fresh
}

/// HTML as text, for those who only look for words in it.
pub(in crate::mail) fn html_text(html: &str) -> String {
    html::to_text(html, &html::Images::default())
}

/// The same for the same mail by two routes, which differ in their trace headers only.
fn fingerprint(headers: &Headers<'_>, mail: &IncomingMail) -> [u8; 32] {
    let from = mail.from.as_ref().map(|from| from.address.key()).unwrap_or_default();
    let mut hash = Sha256::new();
    for field in [&from, &headers.text("Date"), &mail.subject, &mail.text] {
        hash.update(field.trim().as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

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

fn trace_of(headers: &Headers<'_>) -> Trace {
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
pub(in crate::mail) use self::tests::assert_clean;
#[cfg(test)]
mod tests;

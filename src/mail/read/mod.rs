//! Reads a mail: total, bounded, and free of everything that a store would refuse.
//!
//! [`parse`] takes the bytes apart, [`nature`] says who or what wrote it, [`quote`] what is new in its text.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::parse::{Headers, Images, Part, TEXT, authentication, collect, fresh_html, spam, trace_of};
use super::{clean, nature, quote, reaction};
use crate::desk::intake::incoming::{Fresh, IncomingMail, Mailbox};

/// The longest subject in bytes.
const SUBJECT: usize = 2000;
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
    let content = collect(&root, raw, &mut troubles);
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
        text_file: OnceLock::new(),
        nature: nature::of(&root),
        is_reaction,
        hops: headers.all("Received").count(),
        fingerprint: [0; 32],
        // Servers judge the domain in From; of another field they have found nothing.
        authentication: if is_certain { authentication(headers) } else { Vec::new() },
        spam: spam(headers),
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
fn freshen(subject: &str, text: &str, html: Option<&str>, images: &Images) -> Fresh {
    let mut fresh = quote::fresh(subject, text);
    if let Some(html) = html {
        fresh.html = fresh_html(subject, html, images, &fresh.text);
    }
    fresh
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

#[cfg(test)]
pub(in crate::mail) use self::tests::assert_clean;
#[cfg(test)]
mod tests;

//! Mails that a page makes: a reply as the mail that it becomes, and one with a link to a list.

use chrono::{DateTime, Utc};

use crate::domain::id::{EmailAddress, MessageId};

/// A file that was sent from the page.
#[derive(Clone, Debug)]
pub struct ReplyFile {
    /// Its name, foreign text.
    pub name: String,
    /// Its media type, as the browser says.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The same as a mail by the customer to the signed address of the letter whose link they followed: it proves as much.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The customer's name; may be empty. Foreign text.
    pub from_name: String,
    /// The customer.
    pub from: EmailAddress,
    /// The signed address.
    pub to: EmailAddress,
    /// The whole subject, with `Re:` and tag.
    pub subject: String,
    /// Its own id.
    pub message_id: MessageId,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// What was typed.
    pub text: String,
    /// The files.
    pub files: Vec<ReplyFile>,
}

/// A mail that leads a customer to a list of their tickets.
#[derive(Clone, Debug)]
pub struct LinkMail {
    /// The queue's name.
    pub from_name: String,
    /// The queue's address.
    pub from: EmailAddress,
    /// The customer's address.
    pub to: EmailAddress,
    /// The subject.
    pub subject: String,
    /// Its own id.
    pub message_id: MessageId,
    /// When it was written.
    pub date: DateTime<Utc>,
    /// The text, with the link.
    pub text: String,
}

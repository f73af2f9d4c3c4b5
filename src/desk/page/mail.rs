//! A reply from the page, as the mail that it becomes.

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

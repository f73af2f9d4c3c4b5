//! A mail to one recipient, before it is bytes.
//!
//! A [`Letter`] can be made of an [`Answer`] or of the desk's own [`Automatic`] words, and of nothing
//! else. That is the type's half of the promise that nothing internal leaves the house; the
//! database's half is a foreign key.
//!
//! An answer can be sent:
//!
//! ```
//! use ticketloom::desk::letter::{Letter, LetterHead};
//! use ticketloom::domain::article::Answer;
//!
//! fn send(head: LetterHead, answer: &Answer) -> Letter {
//!     Letter::answer(head, answer, "")
//! }
//! ```
//!
//! A note can't; the only difference is its type:
//!
//! ```compile_fail
//! use ticketloom::desk::letter::{Letter, LetterHead};
//! use ticketloom::domain::article::Note;
//!
//! fn send(head: LetterHead, answer: &Note) -> Letter {
//!     Letter::answer(head, answer, "")
//! }
//! ```
//!
//! Nor can a letter be put together by hand:
//!
//! ```compile_fail
//! use ticketloom::desk::letter::{Letter, LetterHead};
//!
//! fn send(head: LetterHead) -> Letter {
//!     Letter { head, markdown: String::new(), signature: String::new(), automatic: false }
//! }
//! ```

use chrono::{DateTime, Utc};

use crate::domain::article::{Answer, Automatic};
use crate::domain::id::{EmailAddress, MessageId};

/// A mail to one recipient.
#[derive(Clone, Debug)]
pub struct Letter {
    head: LetterHead,
    markdown: String,
    signature: String,
    automatic: bool,
}

/// What stands above the text.
#[derive(Clone, Debug)]
pub struct LetterHead {
    /// The queue's name and address.
    pub from_name: String,
    /// The queue's address.
    pub from: EmailAddress,
    /// The recipient's name; may be empty. Foreign text: control characters and all.
    pub to_name: String,
    /// The recipient.
    pub to: EmailAddress,
    /// The signed address that brings the answer back to this ticket.
    pub reply_to: EmailAddress,
    /// The whole subject, with `Re:` and tag.
    pub subject: String,
    /// Our own id for this mail.
    pub message_id: MessageId,
    /// The mail that this one answers.
    pub in_reply_to: Option<MessageId>,
    /// The conversation, oldest first.
    pub references: Vec<MessageId>,
    /// When it was written.
    pub date: DateTime<Utc>,
}

impl Letter {
    /// An agent's answer, with the queue's signature below (may be empty).
    #[must_use]
    pub fn answer(head: LetterHead, answer: &Answer, signature: &str) -> Self {
        Self { head, markdown: answer.markdown.clone(), signature: signature.to_owned(), automatic: false }
    }

    /// The desk's own words: marked as automatic (RFC 3834), so that no machine answers them.
    #[must_use]
    pub fn automatic(head: LetterHead, words: &Automatic, signature: &str) -> Self {
        Self { head, markdown: words.text.clone(), signature: signature.to_owned(), automatic: true }
    }

    /// What stands above the text.
    #[must_use]
    pub fn head(&self) -> &LetterHead {
        &self.head
    }

    /// The text, in Markdown.
    #[must_use]
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// The signature, plain text, without its `-- ` line; empty for none.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// Whether a machine wrote it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }
}

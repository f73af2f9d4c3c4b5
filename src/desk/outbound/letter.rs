//! A mail to one recipient, before it is bytes.
//!
//! A [`Letter`] can be made of an [`Answer`], of a [`Forward`] or of the desk's own [`Automatic`] words, and of nothing
//! else. That is the type's half of the promise that nothing internal leaves the house; the
//! database's half is a foreign key.
//!
//! An answer can be sent:
//!
//! ```
//! use ticketloom::desk::outbound::letter::{Frame, Letter, LetterHead};
//! use ticketloom::domain::article::Answer;
//!
//! fn send(head: LetterHead, answer: &Answer) -> Letter {
//!     Letter::answer(head, answer, Frame::default())
//! }
//! ```
//!
//! A note can't; the only difference is its type:
//!
//! ```compile_fail
//! use ticketloom::desk::outbound::letter::{Frame, Letter, LetterHead};
//! use ticketloom::domain::article::Note;
//!
//! fn send(head: LetterHead, answer: &Note) -> Letter {
//!     Letter::answer(head, answer, Frame::default())
//! }
//! ```
//!
//! Nor can one be forwarded:
//!
//! ```compile_fail
//! use ticketloom::desk::outbound::letter::{Frame, Letter, LetterHead};
//! use ticketloom::domain::article::Note;
//!
//! fn send(head: LetterHead, note: &Note) -> Letter {
//!     Letter::forward(head, note, Frame::default())
//! }
//! ```
//!
//! What can be forwarded is a type of its own:
//!
//! ```
//! use ticketloom::desk::outbound::letter::{Frame, Letter, LetterHead};
//! use ticketloom::domain::article::Forward;
//!
//! fn send(head: LetterHead, forward: &Forward) -> Letter {
//!     Letter::forward(head, forward, Frame::default())
//! }
//! ```
//!
//! Nor can a letter be put together by hand:
//!
//! ```compile_fail
//! use ticketloom::desk::outbound::letter::{Letter, LetterHead};
//!
//! fn send(head: LetterHead) -> Letter {
//!     Letter { head, markdown: String::new(), frame: Default::default(), automatic: false }
//! }
//! ```

use chrono::{DateTime, Utc};

use crate::domain::article::{Answer, Automatic, Forward};
use crate::domain::blob::Digest;
use crate::domain::id::{EmailAddress, MessageId};
use crate::domain::language::Language;

/// A mail to one recipient.
#[derive(Clone, Debug)]
pub struct Letter {
    head: LetterHead,
    markdown: String,
    frame: Frame,
    automatic: bool,
}

/// What stands around an answer's text.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Above it, one paragraph of plain text; empty for none.
    pub salutation: String,
    /// Below it, plain text without its `-- ` line; empty for none.
    pub signature: String,
    /// What stands below it: the recipient's own mail that it answers, or all that is forwarded.
    pub quotes: Vec<Quote>,
    /// The answer's own files.
    pub files: Vec<LetterFile>,
}

/// What somebody wrote, to be quoted: the recipient's own mail, or a part of what is forwarded.
#[derive(Clone, Debug)]
pub struct Quote {
    /// Who wrote it.
    pub from: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In what language that is said above it.
    pub language: Language,
    /// What was new in it.
    pub text: String,
}

/// A file of an answer.
#[derive(Clone, Debug)]
pub struct LetterFile {
    /// Its cleaned name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// What its bytes are known by: they are put into the mail when it is sent.
    pub digest: Digest,
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
    /// Whom the answer is for: the customer, also in the copies that go to others.
    pub to: EmailAddress,
    /// Who else gets it, as everybody who gets it can see.
    pub cc: Vec<(String, EmailAddress)>,
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
    /// The link to the ticket's page for whom it is for, and in what language that is said; `None`: none.
    pub page: Option<(String, Language)>,
}

impl Letter {
    /// An agent's answer, in what its queue puts around answers.
    #[must_use]
    pub fn answer(head: LetterHead, answer: &Answer, frame: Frame) -> Self {
        Self { head, markdown: answer.markdown.clone(), frame, automatic: false }
    }

    /// What an agent forwards; what the customer may see of the ticket stands in the frame.
    #[must_use]
    pub fn forward(head: LetterHead, forward: &Forward, frame: Frame) -> Self {
        Self { head, markdown: forward.markdown.clone(), frame, automatic: false }
    }

    /// The desk's own words: marked as automatic (RFC 3834), so that no machine answers them.
    #[must_use]
    pub fn automatic(head: LetterHead, words: &Automatic) -> Self {
        Self { head, markdown: words.text.clone(), frame: Frame::default(), automatic: true }
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

    /// What stands around the text.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Whether a machine wrote it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }
}

//! A mail as the desk sees it: read, decoded, and free of everything that a store would refuse.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::blob::Digest;
use crate::domain::id::{EmailAddress, MessageId};
use crate::domain::response::Response;
use crate::domain::transfer::Place;

/// Over how many servers a mail may come; after more it goes round in circles (RFC 5321 §6.3 wants at least 100 to be
/// allowed for; mail servers of our time give up at 25 to 50).
pub const MOST_HOPS: usize = 50;

/// A mail that came in. Every text in it is UTF-8 without NUL and other control characters (but for
/// line feeds and tabs), with lines ended by a line feed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IncomingMail {
    /// Who wrote it, as it says (From, first mailbox). `None`: missing, empty or unreadable.
    pub from: Option<Mailbox>,
    /// Who wrote it, if its list put itself into From (`'Carol' via Support <support@…>`).
    pub writer: Option<Writer>,
    /// Where an answer is wanted, if the mail says so.
    pub reply_to: Option<Mailbox>,
    /// The other people it went to, as it says.
    pub to: Vec<Mailbox>,
    /// Likewise.
    pub cc: Vec<Mailbox>,
    /// Addresses that the delivering server wrote into the mail (Delivered-To, X-Original-To,
    /// Envelope-To): for mailboxes read by IMAP the only trace of the envelope's recipient.
    pub delivered_to: Vec<EmailAddress>,
    /// The subject, decoded, one line; empty if there is none.
    pub subject: String,
    /// Its id.
    pub message_id: Option<MessageId>,
    /// What it answers.
    pub in_reply_to: Vec<MessageId>,
    /// The conversation that it stands in, oldest first, at most 50.
    pub references: Vec<MessageId>,
    /// When its sender says that it was written.
    pub date: Option<DateTime<Utc>>,
    /// The whole text, as text.
    pub text: String,
    /// What is new in it.
    pub fresh: Fresh,
    /// Its files.
    pub attachments: Vec<IncomingFile>,
    /// Its whole text as a file, once somebody has asked for it: made, and hashed, once.
    #[serde(skip)]
    pub(crate) text_file: OnceLock<IncomingFile>,
    /// Who or what wrote it.
    pub nature: Nature,
    /// Whether it is nothing but a reaction to a mail, such as 👍, as Gmail and Outlook send it.
    pub is_reaction: bool,
    /// Over how many servers it came: its Received headers.
    pub hops: usize,
    /// SHA-256 over From, Date, Subject and the text: the same for the same mail by two routes.
    pub fingerprint: [u8; 32],
    /// What servers that may have been the house's own found of the sender's domain (RFC 8601), topmost first.
    pub authentication: Vec<Authentication>,
    /// The header by which a filter before us calls it spam.
    pub spam: Option<String>,
    /// What could not be read as it should, one sentence each, for the agents.
    pub troubles: Vec<String>,
}

/// One Authentication-Results header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The authserv-id, lower case: who says so.
    pub by: String,
    /// What it says.
    pub findings: Vec<Finding>,
}

/// One method's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `dmarc`, `dkim`, `spf`, …, lower case.
    pub method: String,
    /// `pass`, `fail`, `none`, …, lower case.
    pub result: String,
    /// The domain that it speaks of, lower case; empty if it names none.
    pub domain: String,
}

impl IncomingMail {
    /// Forgets the bytes of files that stand in the mail anyway.
    pub fn leave_files_in_place(&mut self) {
        for file in self.attachments.iter_mut().filter(|file| file.place.is_some()) {
            file.bytes = Vec::new();
        }
    }

    /// Moves the places of its files to where they are without what was written above the mail before it was read.
    #[must_use]
    pub fn without_above(mut self, bytes: usize) -> Self {
        for place in self.attachments.iter_mut().filter_map(|file| file.place.as_mut()) {
            place.at = place.at.saturating_sub(bytes as u64);
        }
        self
    }

    /// Whether the server of that name found that the mail comes from the domain it says it comes from.
    /// `None`: it found nothing, or nobody is to be believed. DMARC decides; without it an aligned DKIM
    /// or SPF pass (RFC 7489 §3.1, relaxed).
    #[must_use]
    pub fn authenticated(&self, by: Option<&str>) -> Option<bool> {
        let from = self.from.as_ref()?.address.domain().to_lowercase();
        let by = by?.to_lowercase();
        let found: Vec<&Finding> = self
            .authentication
            .iter()
            .filter(|results| results.by == by)
            .flat_map(|results| &results.findings)
            .collect();
        let of =
            |method: &str| found.iter().find(|finding| finding.method == method).map(|finding| finding.result.as_str());
        match of("dmarc") {
            Some("pass") => return Some(true),
            Some("fail" | "permerror") => return Some(false),
            _ => {}
        }
        let aligned = |domain: &str| {
            !domain.is_empty()
                && (domain == from || from.ends_with(&format!(".{domain}")) || domain.ends_with(&format!(".{from}")))
        };
        let tried = found.iter().filter(|finding| matches!(finding.method.as_str(), "dkim" | "spf"));
        let mut tried =
            tried.filter(|finding| !matches!(finding.result.as_str(), "none" | "neutral" | "temperror")).peekable();
        tried.peek()?;
        Some(tried.any(|finding| finding.result == "pass" && aligned(&finding.domain)))
    }
}

/// A name and an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, one line; may be empty.
    pub name: String,
    /// The address.
    pub address: EmailAddress,
}

/// Who wrote a mail that says that a list did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writer {
    /// Who.
    pub mailbox: Mailbox,
    /// Whether the mail shows that From is the list. If not, it only looks so, and counts where From is the desk itself.
    pub is_certain: bool,
}

/// A mail's text without what its reader has seen before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fresh {
    /// The new text, with a line such as "… 34 lines quoted" where something was folded.
    pub text: String,
    /// The new text alone, without such lines: what its writer says by it.
    pub own: String,
    /// What `text` has, as safe HTML of Matrix' subset, at most 20 KiB, if the mail's HTML says more than its
    /// text. A picture that came with the mail stands there as `<img src="cid:ID" alt="WORDS">`, ID being
    /// the `content_id` of one of the files; the renderer puts the uploaded picture in
    /// its place. There is no other `img`.
    pub html: Option<String>,
    /// How many lines were folded away: quotes and signature.
    pub folded: usize,
}

/// A file of a mail, decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingFile {
    /// The name, cleaned: no path, no control characters, at most 200 bytes, never empty.
    pub name: String,
    /// The media type, lower case, such as `image/png`.
    pub mime: String,
    /// The bytes as they were before they were encoded for the mail; empty once [`IncomingMail::leave_files_in_place`] left
    /// them in the raw mail.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// What they are known by.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
    /// Where they stand in the bytes that were read, if they can be cut out there at any time; else they must be kept apart.
    pub place: Option<Place>,
    /// The Content-ID, if the mail's HTML can show it in place.
    pub content_id: Option<String>,
}

impl IncomingFile {
    /// A file that has to be kept apart.
    #[must_use]
    pub fn new(name: String, mime: String, bytes: Vec<u8>) -> Self {
        let (digest, size) = (Digest::of(&bytes), bytes.len() as u64);
        Self { name, mime, bytes, digest, size, place: None, content_id: None }
    }
}

/// Who or what wrote a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nature {
    /// A person, as far as one can tell.
    #[default]
    Human,
    /// A person, by a way that forbids answering by itself: over a list, from another desk, with the null sender.
    Relayed {
        /// The header that forbids it.
        sign: String,
    },
    /// A machine that begins something: monitoring, a shop, a form on a web page, a newsletter.
    Machine {
        /// The header or shape that gave it away.
        sign: String,
    },
    /// A mail that only answers another one: an absence note, a receipt, an answer to an invitation.
    Response {
        /// What it says.
        what: Response,
        /// The header or shape that gave it away.
        sign: String,
    },
    /// A report about a mail's delivery (RFC 3464, or the shapes that older servers send).
    Bounce(Bounce),
}

impl Nature {
    /// Whether a person wrote it: only then does it take part in a ticket and open it again.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(self, Self::Human | Self::Relayed { .. })
    }

    /// What gave away that it must not be answered automatically; `None`: it may.
    #[must_use]
    pub fn sign(&self) -> Option<&str> {
        match self {
            Self::Human => None,
            Self::Relayed { sign } | Self::Machine { sign } | Self::Response { sign, .. } => Some(sign),
            Self::Bounce(_) => Some("a delivery report"),
        }
    }
}

/// What a delivery report says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// Whether it failed for good, was delayed, or was delivered.
    pub verdict: Verdict,
    /// The status code (RFC 3463), such as `5.1.1`, if it has one.
    pub status: Option<String>,
    /// The other server's words, one line, at most 500 characters.
    pub diagnostic: String,
    /// The id of the mail that it is about, if it says so.
    pub original: Option<MessageId>,
}

/// What a report says became of the mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It will not be delivered.
    #[default]
    Failed,
    /// The other side is still trying.
    Delayed,
    /// It was delivered or handed on.
    Delivered,
    /// The report says nothing of it that could be understood.
    Unclear,
}

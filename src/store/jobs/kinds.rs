//! The kinds of jobs, as they stand in the record.

use serde::{Deserialize, Serialize};

use crate::domain::id::{
    ArticleId, AttachmentId, EventId, EventRowId, LetterId, MailId, QuarantineId, RoomId, TicketId, UserId,
};

/// What is to be done. Payloads are ids: what is said is composed when it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Job {
    /// Read a mail that came in.
    ReadMail {
        /// The mail.
        mail: MailId,
    },
    /// Read an event that came in.
    ReadEvent {
        /// The event.
        event: EventRowId,
    },
    /// Make rooms, members and power levels as the record says.
    Rooms,
    /// Post a ticket's card, or edit it to what the ticket is now.
    Card {
        /// The ticket.
        ticket: TicketId,
    },
    /// Post an article into its ticket's thread.
    Article {
        /// The article.
        article: ArticleId,
    },
    /// Post a file of an article.
    File {
        /// The file.
        file: AttachmentId,
    },
    /// Post a notice: to somebody's command, or about a ticket.
    Notice {
        /// The room.
        room: RoomId,
        /// The ticket whose thread it belongs into, if any.
        ticket: Option<TicketId>,
        /// The event it answers, if any.
        to: Option<EventId>,
        /// What it says. A notice is the one thing that is not composed late, since it answers a moment.
        notice: NoticeText,
    },
    /// Put a mark on somebody's message.
    Mark {
        /// The room.
        room: RoomId,
        /// The message.
        to: EventId,
        /// The reaction.
        mark: String,
    },
    /// Post or edit a quarantine entry.
    Quarantine {
        /// The entry.
        entry: QuarantineId,
    },
    /// Upload a mail as it came in, as a reply to who asked for it.
    Raw {
        /// The mail.
        mail: MailId,
        /// The ticket in whose thread it was asked for.
        ticket: TicketId,
        /// The room.
        room: RoomId,
        /// The message that asked.
        to: EventId,
    },
    /// Fetch the file of an agent's message, to keep it.
    Fetch {
        /// The message.
        event: EventId,
        /// Where it is: `{"url": …}` or `{"file": …}`.
        media: serde_json::Value,
        /// Its size in bytes as the client says.
        size: u64,
    },
    /// Hand an outgoing mail to the mail server.
    Letter {
        /// The mail.
        letter: LetterId,
    },
}

impl Job {
    /// Its kind, in the record and in metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ReadMail { .. } => "ReadMail",
            Self::ReadEvent { .. } => "ReadEvent",
            Self::Rooms => "Rooms",
            Self::Card { .. } => "Card",
            Self::Article { .. } => "Article",
            Self::File { .. } => "File",
            Self::Notice { .. } => "Notice",
            Self::Mark { .. } => "Mark",
            Self::Quarantine { .. } => "Quarantine",
            Self::Raw { .. } => "Raw",
            Self::Fetch { .. } => "Fetch",
            Self::Letter { .. } => "Letter",
        }
    }

    /// Who works on it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::ReadMail { .. } | Self::ReadEvent { .. } => Class::Desk,
            Self::Rooms
            | Self::Card { .. }
            | Self::Article { .. }
            | Self::File { .. }
            | Self::Notice { .. }
            | Self::Mark { .. }
            | Self::Quarantine { .. }
            | Self::Raw { .. }
            | Self::Fetch { .. } => Class::Chat,
            Self::Letter { .. } => Class::Mail,
        }
    }
}

/// A notice's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeText {
    /// Plain text.
    pub text: String,
    /// Safe HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Whom it calls. If anybody, it is an `m.text`, since notices never notify.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
}

/// Who works on it. Each class has workers of its own, so a stuck server holds up only its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// PostgreSQL only.
    Desk,
    /// Matrix; worked on by the one instance that holds the Matrix side.
    Chat,
    /// SMTP.
    Mail,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Desk, Self::Chat, Self::Mail];

    /// The word in the record and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Chat => "chat",
            Self::Mail => "mail",
        }
    }
}

/// A job as its two columns.
pub(super) fn encode(job: &Job) -> (String, serde_json::Value) {
    let mut payload = serde_json::to_value(job).expect("jobs are plain data");
    let kind = payload.as_object_mut().and_then(|fields| fields.remove("kind"));
    (kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default(), payload)
}

/// A kind that this binary does not know is buried, never skipped: a newer one may have left it.
pub(super) fn decode(kind: &str, payload: &serde_json::Value) -> Result<Job, String> {
    let mut whole = payload.clone();
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("kind".to_owned(), kind.into());
    }
    serde_json::from_value(whole).map_err(|error| format!("this version does not know the job: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in a database must still be read by the next version.
    #[test]
    fn every_job_keeps_its_shape() {
        let room = RoomId::parse("!r").expect("a room");
        let event = EventId::parse("$e").expect("an event");
        let notice = NoticeText { text: "no".to_owned(), html: None, mentions: Vec::new() };
        let shapes = [
            (Job::ReadMail { mail: MailId(1) }, "ReadMail", r#"{"mail":1}"#),
            (Job::ReadEvent { event: EventRowId(1) }, "ReadEvent", r#"{"event":1}"#),
            (Job::Rooms, "Rooms", "{}"),
            (Job::Card { ticket: TicketId(1) }, "Card", r#"{"ticket":1}"#),
            (Job::Article { article: ArticleId(1) }, "Article", r#"{"article":1}"#),
            (Job::File { file: AttachmentId(1) }, "File", r#"{"file":1}"#),
            (
                Job::Notice { room: room.clone(), ticket: Some(TicketId(1)), to: Some(event.clone()), notice },
                "Notice",
                r#"{"notice":{"text":"no"},"room":"!r","ticket":1,"to":"$e"}"#,
            ),
            (Job::Mark { room, to: event, mark: "✅".to_owned() }, "Mark", r#"{"mark":"✅","room":"!r","to":"$e"}"#),
            (Job::Quarantine { entry: QuarantineId(1) }, "Quarantine", r#"{"entry":1}"#),
            (Job::Letter { letter: LetterId(1) }, "Letter", r#"{"letter":1}"#),
        ];
        for (job, kind, payload) in shapes {
            assert_eq!(job.kind(), kind);
            assert_eq!(encode(&job), (kind.to_owned(), serde_json::from_str(payload).expect("JSON")));
            assert_eq!(decode(kind, &serde_json::from_str(payload).expect("JSON")), Ok(job));
        }
        assert!(decode("Unheard", &serde_json::json!({})).is_err());
    }
}

//! What happens to tickets: the one vocabulary of the audit trail, the card, the history, and of whatever else wants to
//! know that something happened.
//!
//! An event is a fact, in the past tense and with typed data; nobody reads a state from the sentence that shows it.
//! Its name and fields are stored for good, so a variant may gain optional fields and never lose or rename one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{State, Tag};
use crate::domain::due::Target;
use crate::domain::id::{AgentId, ArticleId, EmailAddress, EventId, QueueId};
use crate::domain::number::Number;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An agent, by a message or reaction of theirs if it came from a room.
    Agent(AgentId, Option<EventId>),
    /// A customer.
    Customer,
    /// The desk.
    System,
}

impl Actor {
    /// The agent, if it was one.
    #[must_use]
    pub fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent(agent, _) => Some(*agent),
            Self::Customer | Self::System => None,
        }
    }
}

/// One thing that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TicketEvent {
    /// It was made.
    Created {
        /// The ticket that the mail had been held in, if it was split off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        split_from: Option<Number>,
    },
    /// It was locked, unlocked, or given to somebody else.
    OwnerChanged {
        /// Before; `None`: unlocked.
        from: Option<AgentId>,
        /// After; `None`: unlocked.
        to: Option<AgentId>,
    },
    /// Its state changed, or the customer was told of a closing that they had not been told of.
    StateChanged {
        /// Before.
        from: State,
        /// After.
        to: State,
        /// Whether the customer knew of the closing before.
        was_informed: Option<bool>,
        /// Whether the customer is told of the closing.
        informed: Option<bool>,
        /// Until when it was pending before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was_until: Option<DateTime<Utc>>,
        /// Until when it is pending.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// The moment was there until which it was pending, and its owner was called.
    Reminded,
    /// Whoever is responsible was told how late it is: that most of the time is over, or all of it.
    TimeTold {
        /// For what.
        target: Target,
        /// Whether all of the time was over.
        is_overdue: bool,
        /// The moment of which that was told.
        moment: DateTime<Utc>,
    },
    /// Its lock was taken back since its owner did nothing.
    LockTakenBack,
    /// It is more, or less, urgent.
    PriorityChanged {
        /// Before.
        from: i16,
        /// After.
        to: i16,
    },
    /// It is called otherwise.
    SubjectChanged {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// A tag was put on it.
    TagAdded {
        /// Which.
        tag: Tag,
    },
    /// A tag was taken off.
    TagRemoved {
        /// Which.
        tag: Tag,
    },
    /// It is in another queue.
    QueueChanged {
        /// Before.
        from: QueueId,
        /// After.
        to: QueueId,
        /// What the former was called then.
        from_name: String,
        /// What the latter was called then.
        to_name: String,
    },
    /// The links to its page that customers had were taken back.
    PageRevoked,
    /// An agent wants to be called for its mail.
    Watched,
    /// An agent does not want to be called any more.
    Unwatched,
    /// It was tied to another one.
    Linked {
        /// The other one.
        other: Number,
    },
    /// It was untied from another one.
    Unlinked {
        /// The other one.
        other: Number,
    },
    /// An article of it became a ticket of its own.
    SplitOff {
        /// The article.
        article: ArticleId,
        /// The new ticket.
        into: Number,
    },
    /// What a message had done was taken back.
    Undone {
        /// The message.
        of: EventId,
    },
    /// It is for somebody else now.
    CustomerChanged {
        /// Before.
        from: EmailAddress,
        /// After.
        to: EmailAddress,
    },
    /// Somebody takes part by mail.
    ParticipantAdded {
        /// Who.
        address: EmailAddress,
    },
    /// Somebody takes part no more.
    ParticipantRemoved {
        /// Who.
        address: EmailAddress,
    },
    /// A mail came in.
    MailReceived {
        /// Its article.
        article: ArticleId,
        /// Who wrote it.
        from: EmailAddress,
    },
    /// A stranger's mail came in and waits for an agent's decision.
    MailHeld {
        /// Its article.
        article: ArticleId,
        /// Who wrote it.
        from: EmailAddress,
    },
    /// A held mail joined, and so did its writer.
    HeldMailJoined {
        /// Its article.
        article: ArticleId,
    },
    /// A held mail was discarded.
    HeldMailDiscarded {
        /// Its article.
        article: ArticleId,
    },
    /// A held mail became a ticket of its own.
    HeldMailSplit {
        /// Its article.
        article: ArticleId,
        /// The new ticket.
        into: Number,
    },
    /// The customer said thank you shortly after the close; it stays closed.
    Thanked,
    /// The customer put a reaction on a mail (Gmail, Outlook); nothing follows from it.
    Reacted,
    /// An agent wrote a note.
    NoteWritten {
        /// The note.
        article: ArticleId,
    },
    /// A note was taken back.
    NoteDeleted {
        /// The note.
        article: ArticleId,
    },
    /// An agent wrote to the customer; the mail is held first.
    AnswerWritten {
        /// The answer.
        article: ArticleId,
        /// What the ticket is with it.
        next: State,
    },
    /// An agent wrote an answer that goes out at a moment, or changed it.
    AnswerScheduled {
        /// When.
        at: DateTime<Utc>,
    },
    /// A scheduled answer was taken back, or stopped when its moment was there.
    ScheduleEnded {
        /// Whether it was taken back.
        is_cancelled: bool,
    },
    /// An agent forwarded it to somebody who takes no part in it; the mail is held first.
    Forwarded {
        /// What they wrote with it.
        article: ArticleId,
        /// To whom.
        to: EmailAddress,
    },
    /// A mail came in that answers what was forwarded.
    ForwardAnswered {
        /// Its article.
        article: ArticleId,
        /// Who wrote it.
        from: EmailAddress,
    },
    /// An answer, or what was forwarded, was taken back while it was held.
    AnswerUndone {
        /// The answer.
        article: ArticleId,
    },
    /// The next mail server took a mail.
    MailSent {
        /// To whom.
        to: EmailAddress,
    },
    /// Nobody can tell whether a mail was sent.
    MailPerhapsSent {
        /// To whom.
        to: EmailAddress,
    },
    /// A mail did not arrive, or never will.
    MailFailed {
        /// To whom.
        to: EmailAddress,
    },
    /// The desk wrote a mail by itself.
    AutomaticWritten {
        /// What for.
        what: AutomaticKind,
    },
    /// The desk would have written a mail by itself and did not.
    AutomaticWithheld {
        /// What for.
        what: AutomaticKind,
        /// Why not.
        why: WithheldReason,
    },
    /// It goes on from a closed ticket.
    Follows {
        /// The closed one.
        older: Number,
    },
    /// Its customer wrote again after the close, and that is another ticket.
    ContinuedAs {
        /// The new one.
        newer: Number,
    },
    /// It became part of another one.
    MergedInto {
        /// The other one.
        target: Number,
    },
    /// Another one became part of it.
    Absorbed {
        /// The other one.
        part: Number,
    },
    /// It was taken out of the one that it had been part of.
    Unmerged {
        /// The other one.
        target: Number,
    },
    /// What had been part of it was taken out.
    PartTakenOut {
        /// The other one.
        part: Number,
    },
    /// Other alerts fire than before.
    AlertsChanged {
        /// What says so.
        article: ArticleId,
        /// How many fire.
        firing: usize,
        /// How many do no more.
        ended: usize,
    },
    /// It was spam, and its writer is blocked.
    MarkedAsSpam {
        /// Who is blocked.
        blocked: EmailAddress,
    },
}

/// What the desk writes to customers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutomaticKind {
    /// That a ticket was made.
    Acknowledgement,
    /// That a closed ticket takes no further mail.
    Rejection,
}

/// Why the desk does not write a mail by itself (R50-R54).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// Nobody knows who wrote.
    NoAddress,
    /// It would go to the desk itself.
    OwnAddress,
    /// The whole desk has written its share of this hour.
    HourSpent,
    /// That address has had its share of the day.
    DaySpent,
    /// The mail is an archive's, and from long ago.
    Imported,
    /// It can't be put into a mail.
    NotComposable {
        /// What can't.
        what: String,
    },
}

impl TicketEvent {
    /// The moment until which the ticket waits from then on.
    #[must_use]
    pub fn waits_until(&self) -> Option<DateTime<Utc>> {
        if let Self::StateChanged { until, .. } = self { *until } else { None }
    }

    /// Whether something of the ticket may be due at another time after it.
    #[must_use]
    pub fn moves_time(&self) -> bool {
        matches!(
            self,
            Self::Created { .. }
                | Self::OwnerChanged { .. }
                | Self::StateChanged { .. }
                | Self::QueueChanged { .. }
                | Self::PriorityChanged { .. }
                | Self::MailReceived { .. }
                | Self::HeldMailJoined { .. }
                | Self::AnswerWritten { .. }
                | Self::AnswerUndone { .. }
                | Self::Absorbed { .. }
                | Self::PartTakenOut { .. }
                | Self::TimeTold { .. }
        )
    }

    /// Whether the card shows something else after it.
    #[must_use]
    pub fn is_on_card(&self) -> bool {
        matches!(
            self,
            Self::Created { .. }
                | Self::OwnerChanged { .. }
                | Self::StateChanged { .. }
                | Self::CustomerChanged { .. }
                | Self::MailReceived { .. }
                | Self::AlertsChanged { .. }
                | Self::MailHeld { .. }
                | Self::HeldMailJoined { .. }
                | Self::HeldMailDiscarded { .. }
                | Self::HeldMailSplit { .. }
                | Self::AnswerWritten { .. }
                | Self::AnswerUndone { .. }
                | Self::AnswerScheduled { .. }
                | Self::ScheduleEnded { .. }
                | Self::MergedInto { .. }
                | Self::Unmerged { .. }
                | Self::PriorityChanged { .. }
                | Self::SubjectChanged { .. }
                | Self::TagAdded { .. }
                | Self::TagRemoved { .. }
                | Self::QueueChanged { .. }
        )
    }
}

//! What is done to tickets, and why it may not be.

use chrono::{DateTime, Utc};

use super::{AnswerEffect, State, Tag};
use crate::domain::id::{AgentId, QueueId};

/// What somebody, or a mail, does to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take it.
    Lock,
    /// Hand it back. Admins may hand back what is not theirs.
    Unlock {
        /// Whether the agent is an admin.
        admin: bool,
    },
    /// Give it to somebody, whoever holds it.
    Give {
        /// To whom.
        to: AgentId,
    },
    /// Write to the customer.
    Answer {
        /// What the ticket is afterwards.
        next: State,
        /// Until when, if it is pending then.
        until: Option<DateTime<Utc>>,
    },
    /// Let it wait for a moment.
    Wait {
        /// In which of the pending states.
        state: State,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The moment that it waited for is there.
    WaitIsOver {
        /// Until when it was to wait.
        until: DateTime<Utc>,
    },
    /// Say how urgent it is.
    Prioritise {
        /// 1 to 5.
        priority: i16,
    },
    /// Say what it is about.
    Rename {
        /// The new subject.
        subject: String,
    },
    /// Put tags on it and take others off.
    Tag {
        /// What is put on.
        on: Vec<Tag>,
        /// What is taken off.
        off: Vec<Tag>,
    },
    /// Bring it into another queue, where nobody has locked it.
    Move {
        /// Which.
        to: QueueId,
        /// What that one is called.
        to_name: String,
        /// What its own is called.
        from_name: String,
    },
    /// End it with an internal note.
    Close {
        /// How.
        state: State,
    },
    /// Take it up again.
    Reopen,
    /// Make it part of another one.
    Merge,
    /// Take it out of the one that it is part of.
    Unmerge,
    /// Set any state.
    Set {
        /// Which.
        state: State,
    },
    /// The customer wrote.
    FollowUp {
        /// Whether the owner is there to read it: an active agent, not away.
        owner_is_here: bool,
    },
    /// The customer says that it is solved.
    Solve,
    /// None of the alerts that it is about fires any more, and its queue wants it closed then.
    EndAlerts,
    /// Take an answer back before it is sent, and with it what it made of the ticket, if that still is so.
    UndoAnswer {
        /// What it made of the ticket.
        effect: AnswerEffect,
    },
    /// An answer that may have closed it did not arrive.
    AnswerFailed {
        /// What it made of the ticket.
        effect: AnswerEffect,
    },
}

/// Why an action is not done. What to say of it stands in `desk::words`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody else holds the lock.
    #[error("locked by somebody else")]
    HeldBy(AgentId),
    /// There is no lock to hand back.
    #[error("not locked")]
    NotLocked,
    /// The ticket is closed: nothing of it can be locked.
    #[error("closed")]
    Over(State),
    /// It is in that state already.
    #[error("already so")]
    Already(State),
    /// That state can't be set by hand.
    #[error("can't be set")]
    NotByHand(State),
    /// That moment is past.
    #[error("past")]
    Past(DateTime<Utc>),
    /// A pending state needs a moment, and another state takes none.
    #[error("a moment too few or too many")]
    Until(State),
    /// It has more tags than it may have.
    #[error("too many tags")]
    TooManyTags,
    /// Nothing would change.
    #[error("as it is")]
    AsItIs,
    /// Somebody has changed since then what is to be taken back.
    #[error("changed since")]
    ChangedSince,
}

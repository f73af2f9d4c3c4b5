//! Why something is not done.

use super::answer::AnswerRefusal;
use super::blocks::BlockRefusal;
use super::context::NotAllowed;
use super::merge::MergeRefusal;
use super::owner::OwnerRefusal;
use super::participants::ParticipantRefusal;
use super::quarantine::QuarantineRefusal;
use super::rewrite::EditRefusal;
use super::undo::UndoRefusal;
use crate::domain::id::{EmailAddress, EventId, RoomId, UserId};
use crate::domain::number::Number;
use crate::domain::ticket::State;
use crate::store::StoreError;

/// What a use-case returns.
pub type Outcome<T> = Result<T, Stop>;

/// Why a use-case came to no end.
#[derive(Debug)]
pub enum Stop {
    /// A rule refuses: the agent is told why. What was written before is to be rolled back.
    Refused(Refusal),
    /// The record failed: nothing may be committed, and the same is tried again.
    Store(StoreError),
}

impl<T: Into<Refusal>> From<T> for Stop {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why something is not done, with what there is to say of it. Which words say so is the caller's: a room's, a
/// page's or a program's.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Who asks may not.
    NotAllowed(NotAllowed),
    /// The ticket is not as it would have to be.
    Ticket(TicketRefusal),
    /// There is no ticket of that number that the agent may see.
    NoSuchTicket(Number),
    /// An address is one of the desk's own: what is mailed there comes back as a ticket.
    OwnAddress(EmailAddress),
    /// It did not come by mail, so there is nothing to show of it.
    NotByMail,
    /// About an answer that is to be written.
    Answer(AnswerRefusal),
    /// About one that is to be taken back.
    Undo(UndoRefusal),
    /// About one that is to be changed.
    Edit(EditRefusal),
    /// About whose ticket it is to be.
    Owner(OwnerRefusal),
    /// About who takes part.
    Participant(ParticipantRefusal),
    /// About what is to be merged.
    Merge(MergeRefusal),
    /// About a quarantined mail.
    Quarantine(QuarantineRefusal),
    /// About a block.
    Block(BlockRefusal),
}

/// How a ticket is not as it would have to be.
#[derive(Clone, Debug, PartialEq)]
pub enum TicketRefusal {
    /// Somebody else has locked it.
    HeldBy(UserId),
    /// Nobody has locked it.
    NotLocked,
    /// It is closed, or gone.
    Over(State),
    /// It is in that state already.
    Already(State),
    /// That state is not set by hand.
    NotByHand(State),
    /// That is no state to close with.
    NotClosing(State),
    /// A mail of its customer is on its way into the thread, unread (R67).
    CustomerWrote,
    /// It is part of another one.
    PartOf {
        /// The other one.
        number: Number,
        /// Where that one's card stands, if it is posted.
        card: Option<(RoomId, EventId)>,
    },
    /// It is not part of another one.
    NotMerged,
}

macro_rules! gathers {
    ($($group:ident($refusal:ty),)*) => {
        $(impl From<$refusal> for Refusal {
            fn from(refusal: $refusal) -> Self {
                Self::$group(refusal)
            }
        })*
    };
}

gathers! {
    NotAllowed(NotAllowed),
    Ticket(TicketRefusal),
    Answer(AnswerRefusal),
    Undo(UndoRefusal),
    Edit(EditRefusal),
    Owner(OwnerRefusal),
    Participant(ParticipantRefusal),
    Merge(MergeRefusal),
    Quarantine(QuarantineRefusal),
    Block(BlockRefusal),
}

//! Why something is not done.

use super::notify::NotifyRefusal;
use chrono::NaiveDateTime;

use crate::desk::outbound::Unwritten;
use crate::domain::id::{EmailAddress, EventId, RoomId, UserId};
use crate::domain::number::Number;
use crate::domain::placeholder;
use crate::domain::queue::{Agent, Role};
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

impl From<Unwritten> for Stop {
    fn from(why: Unwritten) -> Self {
        match why {
            Unwritten::NotComposable(what) => AnswerRefusal::NotComposable(what).into(),
            Unwritten::Store(error) => Self::Store(error),
        }
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
    NoneToSee(Number),
    /// There is no ticket of that number that the agent may write to.
    NoneToWrite(Number),
    /// An address is one of the desk's own: what is mailed there comes back as a ticket.
    OwnAddress(EmailAddress),
    /// It did not come by mail, so there is nothing to show of it.
    NotByMail,
    /// About an answer that is to be written.
    Answer(AnswerRefusal),
    /// About a template.
    Template(TemplateRefusal),
    /// About what is to be forwarded.
    Forward(ForwardRefusal),
    /// About an answer that is to be taken back.
    Undo(UndoRefusal),
    /// About one that is to be sent at once.
    Send(SendRefusal),
    /// About one that is to be changed.
    Edit(EditRefusal),
    /// About whose ticket it is to be.
    Owner(OwnerRefusal),
    /// About who takes part.
    Participant(ParticipantRefusal),
    /// Of being told by mail.
    Notify(NotifyRefusal),
    /// About what is to be merged.
    Merge(MergeRefusal),
    /// About where a ticket is to go.
    Move(MoveRefusal),
    /// About what is to be a ticket of its own.
    Split(SplitRefusal),
    /// About what is looked for.
    Search(SearchRefusal),
    /// About a quarantined mail.
    Quarantine(QuarantineRefusal),
    /// About a block.
    Block(BlockRefusal),
    /// About the desk itself: what an admin wanted of it, and what would be right.
    Admin(String),
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
    /// A pending state needs a moment, and another state takes none.
    Until(State),
    /// That moment is past, by the clock of the ticket's queue.
    Past(NaiveDateTime),
    /// That moment is beyond the calendar.
    TooFar,
    /// It would have more tags than it may have.
    TooManyTags,
    /// Nothing would change.
    AsItIs,
    /// Somebody has changed since then what is to be taken back.
    ChangedSince,
    /// That is no state to close with.
    NotClosing(State),
    /// A mail of its customer is on its way into the thread, unread (R67).
    CustomerWrote,
    /// It is part of another one.
    PartOf {
        /// The other one.
        number: Number,
        /// Where that one's thread ends, if its card is posted.
        end: Option<(RoomId, EventId)>,
    },
    /// It is not part of another one.
    NotMerged,
}

/// Why somebody may not do something, whatever it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// They are no agent of this desk (any more).
    Stranger,
    /// They may only read.
    Observer,
    /// They are confined to other queues.
    OtherQueues,
    /// It is for admins.
    AdminsOnly,
}

impl NotAllowed {
    /// Why an agent may not work in a queue.
    #[must_use]
    pub fn of(agent: &Agent) -> Self {
        if agent.role == Role::Observer { Self::Observer } else { Self::OtherQueues }
    }
}

/// Why nothing is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerRefusal {
    /// Nobody knows who wrote the ticket's mail.
    NobodyKnown,
    /// The ticket is for an address of the desk itself.
    ToDesk(EmailAddress),
    /// Nobody reads what comes to the customer's address.
    Unattended {
        /// The address.
        address: EmailAddress,
        /// Where its mail wants answers, if it says so.
        wanted: Option<EmailAddress>,
    },
    /// It says what stands in a note of the ticket; whoever is sure may send it.
    StandsInNote(String),
    /// It has a link into Matrix, which the customer can't follow; whoever is sure may send it.
    LeadsIntoMatrix(String),
    /// So many others would get it.
    TooManyRecipients(usize),
    /// There are not as many files.
    TooFewFiles {
        /// How many the agent has put into the thread.
        there: usize,
        /// How many were asked for.
        wanted: u8,
    },
    /// The file that came with it could not be fetched, and why, if that is known.
    FileNotFetched(Option<String>),
    /// The files have so many bytes together.
    FilesTooLarge(u64),
    /// It can't be put into a mail.
    NotComposable(String),
}

/// Why a template can't be used.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateRefusal {
    /// The ticket's queue has none of that name.
    NoSuchTemplate {
        /// What was said.
        name: String,
        /// What it has.
        names: Vec<String>,
    },
    /// It has something in braces that nobody fills in.
    Unknown {
        /// The template.
        name: String,
        /// What of it.
        unknown: placeholder::Unknown,
    },
}

/// Why nothing is forwarded.
#[derive(Clone, Debug, PartialEq)]
pub enum ForwardRefusal {
    /// They take part in the ticket, or it is for them.
    TakesPart(EmailAddress),
    /// Nobody reads what comes there; whoever is sure may.
    Unattended(EmailAddress),
    /// The files of what is forwarded have so many bytes together.
    FilesTooLarge(u64),
}

/// Why no answer is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoRefusal {
    /// The ticket has none, and the agent has changed nothing.
    NoAnswer,
    /// What that message did is not taken back so.
    NotThis,
    /// It was taken back before.
    Undone,
    /// It is on its way, or was sent.
    TooLate,
}

/// Why nothing is sent at once.
#[derive(Clone, Debug, PartialEq)]
pub enum SendRefusal {
    /// Nothing is held, and nothing waits for its moment.
    Nothing,
    /// Somebody else wrote it.
    NotYours(UserId),
    /// It goes to all who take part, and these are others than its writer was shown.
    OthersTakePart(Vec<EmailAddress>),
}

/// Why an answer is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditRefusal {
    /// It is on its way, was sent, or was taken back.
    TooLate,
    /// The desk does not know what it made of the ticket.
    NotKnown,
    /// An edit can't change what the ticket is afterwards.
    State,
    /// An edit can't change who gets it.
    Recipients,
    /// An edit can't change which files go with it.
    Files,
    /// An edit can't let what is held wait for a moment.
    Moment,
}

/// Why nobody gets a ticket.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnerRefusal {
    /// Nobody here is called so.
    NoSuchAgent {
        /// What was said.
        name: String,
        /// Who there is.
        agents: Vec<UserId>,
    },
    /// They don't work in the ticket's queue.
    WorksElsewhere(UserId),
}

/// Why nothing is changed about who takes part.
#[derive(Clone, Debug, PartialEq)]
pub enum ParticipantRefusal {
    /// They don't take part.
    TakesNoPart(EmailAddress),
    /// The ticket is for them.
    IsCustomer(EmailAddress),
}

/// Why two tickets are not merged, or not by who is not sure.
#[derive(Clone, Debug, PartialEq)]
pub enum MergeRefusal {
    /// It is the ticket itself, or was merged into it.
    Itself(Number),
    /// A held mail waits in it for a decision.
    HeldMail,
    /// It is for another customer; whoever is sure may.
    OtherCustomer {
        /// Whom the ticket is for.
        mine: EmailAddress,
        /// The other ticket.
        into: Number,
        /// Whom that one is for.
        other: EmailAddress,
    },
    /// The other ticket is over, and this one would be open for nobody any more; whoever is sure may.
    Vanishes {
        /// The other ticket.
        into: Number,
        /// Its state.
        state: State,
    },
}

/// Why a mail becomes no ticket of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitRefusal {
    /// No article of the ticket is meant.
    NoArticle,
    /// What is meant is no mail of a customer's.
    NoMail,
    /// It is the ticket's first.
    First,
    /// It is one already.
    Again,
}

/// Why nothing is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchRefusal {
    /// Nothing is asked for.
    Nothing,
    /// There is no such queue that the agent sees.
    NoSuchQueue(String),
    /// A filter has a value that it can't have.
    NotRight {
        /// The filter.
        filter: String,
        /// The value.
        value: String,
    },
}

/// Why a ticket stays in its queue.
#[derive(Clone, Debug, PartialEq)]
pub enum MoveRefusal {
    /// There is no such queue, or none in which the agent works.
    NoSuchQueue {
        /// What was said.
        name: String,
        /// Where the agent works.
        queues: Vec<String>,
    },
}

/// Why a quarantined mail stays where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum QuarantineRefusal {
    /// No quarantined mail is meant.
    NoEntry,
    /// It was decided about before.
    Decided(String),
    /// It would be so many tickets at once.
    TooManyTickets(usize),
    /// It has no sender who could be blocked.
    NoSender,
    /// No queue is meant.
    NoQueue,
}

/// Why nobody is blocked, or no block is taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockRefusal {
    /// It is an address of the desk itself.
    OwnAddress,
    /// It is not blocked.
    NotBlocked(EmailAddress),
    /// Only admins block an address by naming it.
    AdminsName,
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
    Template(TemplateRefusal),
    Forward(ForwardRefusal),
    Undo(UndoRefusal),
    Send(SendRefusal),
    Edit(EditRefusal),
    Owner(OwnerRefusal),
    Participant(ParticipantRefusal),
    Notify(NotifyRefusal),
    Merge(MergeRefusal),
    Move(MoveRefusal),
    Split(SplitRefusal),
    Search(SearchRefusal),
    Quarantine(QuarantineRefusal),
    Block(BlockRefusal),
}

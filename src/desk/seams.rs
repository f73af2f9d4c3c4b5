//! The seams to the outside: what the desk asks of Matrix and of the mail server.
//!
//! Each has two things behind it: the real adapter, and what the tests put beside it for answers
//! that the real one can't be made to give on demand.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use super::agent_mail::AgentMail;
use super::outbound::letter::Letter;
use super::page::{LinkMail, Reply};
use super::post::{Media, Place, Post};
pub use crate::domain::article::Sealed;
use crate::domain::blob::{Blob, Digest};
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::printed::Printed;

/// Why an effect did not happen, with the decision that follows: the adapter makes it from typed
/// codes, nobody else ever looks at an error's text.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// Worth trying again: network, 429, 5xx of a homeserver, an unknown outcome whose repetition
    /// is harmless because the key repeats.
    #[error("{why}")]
    Later {
        /// How long the other side asked us to wait, if it did.
        after: Option<Duration>,
        /// What went wrong, for the log and the job's row. No bodies, no addresses, no secrets.
        why: String,
    },
    /// Never going to work as it is: forbidden, too large, malformed.
    #[error("{why}")]
    Never {
        /// What went wrong, for the log and the agents. No bodies, no addresses, no secrets.
        why: String,
    },
}

impl Fault {
    /// A fault that is worth another try after the worker's own back-off.
    pub fn later(why: impl Into<String>) -> Self {
        Self::Later { after: None, why: why.into() }
    }

    /// A fault that no repetition mends.
    pub fn never(why: impl Into<String>) -> Self {
        Self::Never { why: why.into() }
    }
}

/// The Matrix side. `key` is the job's: the same key with the same room is the same event, however
/// often it is sent (Synapse remembers it for 24 hours per device).
///
/// Its futures are spelled out: `async_trait` gives each method bounds of its own, under which the compiler proved for each
/// anew that everything inside the SDK's client may move between threads, and that was most of all building time.
pub trait Chat: Send + Sync {
    /// Sends a message, or an edit of one (see [`Place::Replacing`]), and returns its event id.
    fn send<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        place: &'a Place,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<EventId, Fault>>;

    /// The event that an earlier attempt with this key made, if it is found. Asked before a job of `since`
    /// is repeated: that attempt may have been another instance's, whose device had keys of its own. A Matrix
    /// side that never forgets a key has nothing to look for.
    fn sent_before<'a>(
        &'a self,
        _room: &'a RoomId,
        _key: Uuid,
        _since: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<EventId>, Fault>> {
        Box::pin(async move { Ok(None) })
    }

    /// Puts a reaction on an event. One that stands there already is success, with no event id.
    fn react<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        to: &'a EventId,
        mark: &'a str,
    ) -> BoxFuture<'a, Result<Option<EventId>, Fault>>;

    /// Takes back one of our own events.
    fn redact<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        event: &'a EventId,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), Fault>>;

    /// A page of what was said in a room, by whomever, the newest first: what comes before `from`, which an earlier page named.
    fn history<'a>(&'a self, room: &'a RoomId, from: Option<&'a str>) -> BoxFuture<'a, Result<PastPage, Fault>>;

    /// What is pinned in a room, whoever did it, in its order: asked of the homeserver, since what the SDK knows of it is old
    /// until the next sync.
    fn pinned<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<EventId>, Fault>>;

    /// Pins these events in a room, in this order, and no others. Needs the power to.
    fn pin<'a>(&'a self, room: &'a RoomId, events: &'a [EventId]) -> BoxFuture<'a, Result<(), Fault>>;

    /// Who is in a room or invited to it, the bot too.
    fn present<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<UserId>, Fault>>;

    /// Uploads a file and returns what a message refers to it by. Not idempotent: record the answer
    /// before anything is sent. `encrypted` rooms get an encrypted file.
    fn upload<'a>(
        &'a self,
        room: &'a RoomId,
        name: &'a str,
        mime: &'a str,
        bytes: Vec<u8>,
    ) -> BoxFuture<'a, Result<Media, Fault>>;

    /// Fetches a file that somebody sent, decrypted.
    fn download<'a>(&'a self, media: &'a Media) -> BoxFuture<'a, Result<Vec<u8>, Fault>>;

    /// Makes a room as the plan says, or brings an existing one to it, and returns its id.
    fn ensure_room<'a>(&'a self, plan: &'a RoomPlan) -> BoxFuture<'a, Result<RoomId, Fault>>;

    /// Names every way in which a room differs from its plan; empty if it is as it should be.
    fn drift<'a>(&'a self, plan: &'a RoomPlan) -> BoxFuture<'a, Result<Vec<String>, Fault>>;

    /// Leaves and forgets a room, such as one that a stranger invited the bot to.
    fn leave<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<(), Fault>>;
}

/// A page of a room's past, the newest first.
#[derive(Clone, Debug, Default)]
pub struct PastPage {
    /// What was said; neither state nor what was taken back.
    pub events: Vec<PastEvent>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

/// Something that was said in a room.
#[derive(Clone, Debug)]
pub struct PastEvent {
    /// The event.
    pub id: EventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the bot said it.
    pub is_ours: bool,
    /// Its content, as JSON, decrypted.
    pub content: Value,
}

/// What a room of the desk looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomPlan {
    /// The room's id if it was made before. `None`: look the alias up, else make it.
    pub known: Option<RoomId>,
    /// Rooms that the alias may lead to and that are not to be taken for this one.
    pub former: Vec<RoomId>,
    /// The alias' local part, such as `queue-support`.
    pub alias: String,
    /// The room's name.
    pub name: String,
    /// The room's topic; empty for none.
    pub topic: String,
    /// What kind of room.
    pub kind: RoomKind,
    /// Members who may write: agents (power level 10) and admins (100).
    pub writers: Vec<(UserId, i64)>,
    /// Everybody to be invited if neither joined, invited nor left by themselves (who left, stays left).
    pub invited: Vec<UserId>,
    /// Agents of the desk who have no business there: removed, or confined to other queues.
    pub barred: Vec<UserId>,
    /// Whether the room may be joined from other servers (`m.federate`).
    pub federated: bool,
}

impl RoomPlan {
    /// Whether the room is to be end-to-end encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        matches!(self.kind, RoomKind::Queue { encrypted: true, .. })
    }
}

/// The kinds of rooms a desk has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// The Space that holds all queues.
    Space,
    /// A queue: restricted to the Space's members, history shared, `writers` alone may post unless
    /// `everybody_posts`.
    Queue {
        /// The Space it belongs to.
        space: RoomId,
        /// Whether members who are no agents may write, too (they still have no rights).
        everybody_posts: bool,
        /// Whether the room is end-to-end encrypted. Can't be taken back.
        encrypted: bool,
    },
    /// An agent's direct room with the bot: by invitation, and both write.
    Home,
    /// The admins' room: by invitation, and `writers` write.
    Admins,
}

/// Makes the bytes of a mail. Pure, so it may be called inside a transaction.
pub trait Composer: Send + Sync {
    /// The mail as it will be sent, every time it is sent.
    ///
    /// # Errors
    /// A sentence that names what can't be put into a mail.
    fn compose(&self, letter: &Letter) -> Result<Printed<Digest>, String>;

    /// What a customer wrote on a page, as the mail that they would have written.
    ///
    /// # Errors
    /// A sentence that names what can't be put into a mail.
    fn compose_reply(&self, reply: &Reply) -> Result<Vec<u8>, String>;

    /// A mail to an agent, marked as automatic.
    ///
    /// # Errors
    /// A sentence that names what can't be put into a mail.
    fn compose_agent_mail(&self, mail: &AgentMail) -> Result<Vec<u8>, String>;

    /// A mail with a link to a customer's tickets, marked as automatic.
    ///
    /// # Errors
    /// A sentence that names what can't be put into a mail.
    fn compose_link_mail(&self, mail: &LinkMail) -> Result<Vec<u8>, String>;

    /// An answer's Markdown as its mail's HTML shows it, without what stands around it: nothing in it is run or loaded.
    fn shown(&self, markdown: &str) -> String;
}

/// The mail server that takes our outgoing mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail to the next server, through the account of that queue. `before_dot` is called, and must have succeeded, after the
    /// server accepted the recipient and the DATA command and before the final dot is written: from
    /// then on nobody can say that the mail was not sent (RFC 1047).
    async fn send(&self, queue: &str, mail: &Sealed<Blob>, before_dot: &dyn BeforeDot) -> Delivery;
}

/// Calls the receivers of webhooks.
#[async_trait]
pub trait Caller: Send + Sync {
    /// Posts a message, signed, and returns the status of the answer, of which nothing else is read. Only addresses are called
    /// that may be.
    ///
    /// # Errors
    /// Why there is no answer.
    async fn call(&self, call: &Call<'_>) -> Result<u16, Fault>;
}

/// One call of a receiver.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// What is called.
    pub url: &'a str,
    /// What the signature is made with.
    pub secret: &'a str,
    /// The message's id: the same at every attempt.
    pub message: &'a str,
    /// When it is called.
    pub at: DateTime<Utc>,
    /// The bytes.
    pub body: &'a str,
}

/// Called between DATA and the final dot.
#[async_trait]
pub trait BeforeDot: Send + Sync {
    /// Records that the fate of the mail is about to be out of our hands. An error stops the sending.
    async fn mark(&self) -> Result<(), Fault>;
}

/// What became of one attempt to hand over a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The next server answered the final dot with 250: it is responsible now.
    Accepted {
        /// Its whole answer; providers put the id that they gave the mail into it.
        reply: String,
    },
    /// Nothing was sent; try again: a 4xx, no connection, a time-out before the final dot.
    Deferred {
        /// The server's answer or what kept us from it.
        why: String,
    },
    /// Nothing was sent and nothing ever will be: a 5xx.
    Refused {
        /// The server's answer.
        why: String,
    },
    /// The connection died between the final dot and its answer: sent or not, nobody can tell.
    Unknown {
        /// What happened.
        why: String,
    },
}

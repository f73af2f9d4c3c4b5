//! What agents do to tickets and ask about them: one file a use-case.
//!
//! A use-case is a function of a [`Context`] (transaction, desk, agent), mostly a ticket whose row is locked
//! ([`open`]), and typed arguments. It returns what there is to tell, or [`Stop`]: a [`Refusal`] with its data, or the
//! record's failure. It knows nothing of chat: a room, a page and a program's API call the same ones, and each has
//! words of its own for what comes of it.

mod addresses;
pub mod answer;
mod article;
pub mod away;
pub mod begin;
pub mod blocks;
mod care;
mod context;
pub mod customer;
mod draft;
pub mod find;
pub mod forward;
pub mod held_mail;
pub mod link;
pub mod lists;
pub mod lock;
pub mod marks;
pub mod merge;
pub mod moving;
pub mod newcomer;
pub mod note;
pub mod notify;
pub mod origin;
pub mod owner;
pub mod page;
pub mod participants;
pub mod pending;
pub mod quarantine;
pub mod recipients;
pub mod refusal;
pub mod rewrite;
pub mod schedule;
pub mod search;
pub mod split;
pub mod state;
pub mod template;
pub mod undo;
pub mod watch;

pub use self::context::{Cause, Context, Locks, open};
pub use self::draft::Draft;
pub use self::refusal::{NotAllowed, Outcome, Refusal, Stop};

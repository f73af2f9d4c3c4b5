//! A mail in: what it is, where it belongs, and what follows.
//!
//! Read downwards: [`mail_in::receive`] is one transaction. `class::classify` says what a mail is; what may belong to a
//! ticket is led there by `route::route`, both pure; then one function a way writes: [`open`] a ticket, [`follow_up`] or
//! [`held`] in one that is there, [`bounced`], [`archive`], [`quarantine`]. All of them end in [`filing`], where a mail
//! becomes an article.

mod across;
mod archive;
mod arrival;
mod bounced;
mod burst;
mod class;
mod clue;
mod context;
mod filing;
mod follow_up;
mod held;
pub mod incoming;
pub mod mail_in;
mod open;
mod quarantine;
mod related;
pub mod reparse;
mod repeated;
mod route;
mod sender;
mod shown;
mod subject;
mod to_agent;
mod verdict;

pub use self::mail_in::receive;

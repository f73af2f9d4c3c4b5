//! A mail in: what it is, where it belongs, and what follows.

mod across;
mod archive;
mod bounced;
mod burst;
mod filing;
mod follow_up;
pub mod incoming;
pub mod mail_in;
pub(in crate::desk) mod quarantine;
mod related;
pub mod reparse;
mod repeated;

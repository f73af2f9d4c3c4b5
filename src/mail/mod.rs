//! The only place that knows lettre, mail-parser, smtp-proto and async-imap.
//!
//! In: [`lmtp`] (one's own mail server), [`imap`] (a mailbox) and [`deliver`] (a pipe) commit raw bytes
//! and read nothing of them. Later a job lets a [`reader`] [`read`](read::read) the bytes: [`parse`] takes them apart,
//! [`quote`] tells what is new in the text, [`nature`] who or what wrote it. An [`archive`] is mails in files; [`survey`] says what they are like.
//!
//! Out: [`compose`] makes a letter's bytes once; [`smtp`] hands them to the next server and says
//! precisely what became of them.
//!
//! `clean` is what every foreign text passes, `wire` how both clients connect, [`login`] how they log in, with
//! `oauth2` for those who want access tokens.

pub mod archive;
mod clean;
pub mod compose;
pub mod deliver;
pub mod imap;
pub mod lmtp;
pub mod login;
pub mod nature;
mod oauth2;
pub mod parse;
pub mod quote;
mod reaction;
pub mod read;
pub mod reader;
pub mod smtp;
pub mod survey;
mod unmarked;
mod wire;

pub use self::read::read;

#[cfg(test)]
mod tests;

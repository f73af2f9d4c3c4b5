//! Replies from pages, without the pages.

#[path = "../../../src/desk/page/mail.rs"]
mod mail;

pub use self::mail::{LinkMail, Reply, ReplyFile};

//! The mail side without its servers and clients.

#[path = "../../src/mail/clean.rs"]
mod clean;
#[path = "../../src/mail/compose/mod.rs"]
pub mod compose;
#[path = "../../src/mail/unmarked.rs"]
mod unmarked;
#[path = "../../src/mail/nature/mod.rs"]
pub mod nature;
#[path = "../../src/mail/parse/mod.rs"]
pub mod parse;
#[path = "../../src/mail/quote/mod.rs"]
pub mod quote;
#[path = "../../src/mail/reaction.rs"]
mod reaction;
#[path = "../../src/mail/read/mod.rs"]
pub mod read;

pub use self::read::read;

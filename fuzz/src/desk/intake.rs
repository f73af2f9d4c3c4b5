//! What comes of reading a mail.

#[path = "../../../src/desk/intake/incoming.rs"]
pub mod incoming;

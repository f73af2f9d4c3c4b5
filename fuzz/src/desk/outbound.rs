//! What a mail is written from.

#[path = "../../../src/desk/outbound/letter.rs"]
pub mod letter;
#[path = "../../../src/desk/outbound/phrases.rs"]
pub mod phrases;

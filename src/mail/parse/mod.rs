//! Takes a mail apart: total, bounded, and free of everything that a store would refuse.
//!
//! The tree of parts, the headers and the charsets are read here; mail-parser reads dates, base64 and
//! rare charsets. It is not asked for more, because it takes the last of duplicate headers, splits
//! characters at encoded-words and sections, cuts names at their commas, decodes text files lossily,
//! and descends into attached mails without end.

mod addresses;
mod armour;
mod body;
mod calendar;
mod charset;
mod encoded_word;
mod file_name;
mod flowed;
mod header;
mod html;
mod line;
mod mime;
mod parameters;
mod smime;
mod stub;
pub(in crate::mail) mod trace;
mod transfer;
mod uuencode;
mod verdicts;

pub(in crate::mail) use self::body::{REACTION, TEXT, collect};
pub(in crate::mail) use self::calendar::answer as calendar_answer;
pub(in crate::mail) use self::header::Headers;
pub(in crate::mail) use self::html::{Images, fresh as fresh_html, html_text};
pub(in crate::mail) use self::mime::Part;
pub use self::trace::return_path;
pub(in crate::mail) use self::trace::trace_of;
pub(in crate::mail) use self::verdicts::{authentication, spam};

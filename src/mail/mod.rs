//! The only place that knows lettre, mail-parser and async-imap.

//! The help desk's rules as plain values: tickets, articles, queues, numbers and time.
//!
//! Nothing here is async, does I/O, reads a clock, or knows Matrix, mail or SQL. Whatever the rules
//! need from outside comes in as an argument, and what they decide goes out as a value.

pub mod alert;
pub mod api_token;
pub mod article;
pub mod blob;
pub mod due;
pub mod id;
pub mod language;
pub mod listing;
pub mod moment;
pub mod notify;
pub mod number;
pub mod placeholder;
pub mod printed;
pub mod quarantined;
pub mod queue;
pub mod response;
pub mod room;
pub mod said;
pub mod search;
pub mod size;
pub mod stats;
pub mod thanks;
pub mod ticket;
pub mod time;
pub mod token;
pub mod transfer;
pub mod unattended;
pub mod wall_clock;
pub mod working_time;

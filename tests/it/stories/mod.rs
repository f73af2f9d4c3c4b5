//! The desk itself, in this process: a real PostgreSQL, fakes for Matrix and the mail server, the clock in hand.

mod answers;
mod bounces;
mod bursts;
mod closed;
mod duplicates;
mod elsewhere;
mod faults;
mod follow_ups;
mod hostile;
mod imports;
mod letters;
mod lists;
mod locks;
mod merges;
mod new_tickets;
mod notes;
mod origin;
mod pictures;
mod quarantine;
mod recipients;
mod reparses;
mod rights;
mod store;
mod strangers;
mod undo;
mod world;

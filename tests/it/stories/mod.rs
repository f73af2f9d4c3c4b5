//! The desk itself, in this process: a real PostgreSQL, fakes for Matrix and the mail server, the clock in hand.

mod new_tickets;
mod world;

//! The one integration binary: stories on a real PostgreSQL, the compiled program against real
//! Synapse, Postfix and Dovecot, and what the house promises of itself.
//!
//! `dev/test` starts the servers and names them in `TICKETLOOM_TEST_WORLD`.
#![recursion_limit = "256"] // matrix-sdk's futures nest deeper than the default of 128

mod process;
mod receiver;
mod soak;
mod stories;
mod tidy;

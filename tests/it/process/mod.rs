//! The compiled program against the real servers: what `dev/test` starts, named by `TICKETLOOM_TEST_WORLD`.
//!
//! Each test has a [`house::House`] of its own on them: database, bot, agents, queues, ports.

mod accounts;
mod api;
mod burst;
mod cli;
mod corpora;
mod crash;
mod day;
mod encrypted;
mod entries;
mod erasing;
mod exporting;
mod flood;
mod hostile;
pub(crate) mod house;
mod imap;
mod imports;
mod instances;
mod lmtp;
mod loops;
mod matrix;
mod objects;
mod outage;
mod packaging;
mod pages;
mod pooler;
mod readers;
mod remirror;
mod restored;
mod schema;
mod webhooks;

//! Ticketloom: a help desk that lives in Matrix.
//!
//! Each queue is a room, each ticket a thread; customers write e-mail; PostgreSQL holds the record.
//!
//! The modules in order of dependency:
//!
//! - [`domain`]: the rules, pure;
//! - [`store`]: the only SQL;
//! - [`desk`]: the help desk: its use-cases and its seams to the outside;
//! - [`chat`]: the chat door: what agents write in rooms, as commands;
//! - [`api`]: the door of programs, by HTTP;
//! - [`matrix`], [`mail`] and [`webhook`]: the outside, each the only place that knows its libraries;
//! - `dispatch`, `worker`, `service`, `import`: what runs it all.
//!
//! `docs/architecture.md` tells the way of a mail and of a command through the house.
#![recursion_limit = "256"] // matrix-sdk's futures nest deeper than the default of 128

#[macro_use]
pub mod mutant;

pub mod admin;
pub mod api;
pub mod chat;
pub mod config;
pub mod crash;
pub mod desk;
pub mod dispatch;
pub mod domain;
pub mod gate;
pub mod import;
pub mod listen;
pub mod mail;
pub mod matrix;
pub mod objects;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod webhook;
pub mod worker;

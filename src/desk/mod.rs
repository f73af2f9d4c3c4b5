//! The help desk: what happens when a mail, a message or a moment comes in.
//!
//! One method is one transaction. The desk owns the seams to the outside ([`seams`]) and names
//! neither Matrix' nor mail's libraries; whoever holds a transaction here holds no seam that talks.

pub mod event;
pub mod incoming;
pub mod letter;
pub mod post;
pub mod seams;

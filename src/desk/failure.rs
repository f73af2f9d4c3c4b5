//! One job out: compose what it says now, call the seam, record the result.
//!
//! Deliveries call out first and record afterwards, so they happen at least once; the repeated key
//! makes that one event in Matrix, and the mark before the final dot says when it may be two mails.

use super::seams::Fault;
use crate::store::StoreError;

/// Why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The record failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it needs is not there yet; nothing was said to the other side.
    #[error("{0}")]
    TooEarly(String),
    /// The other side failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a delivery returns.
pub type Outcome<T = ()> = Result<T, Failure>;

//! What writing a mail takes.

use crate::desk::Settings;
use crate::desk::seams::Composer;
use crate::store::{StoreError, Tx};

/// A transaction, and what makes bytes of a mail.
pub(in crate::desk) struct Context<'t> {
    pub(in crate::desk) tx: &'t mut Tx,
    pub(in crate::desk) settings: &'t Settings,
    pub(in crate::desk) composer: &'t dyn Composer,
}

/// Why a mail was not written.
#[derive(Debug)]
pub(in crate::desk) enum Unwritten {
    /// It can't be put into a mail, and what of it: whoever wrote it is told.
    NotComposable(String),
    /// The record failed: nothing may be committed.
    Store(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

//! Who or what wrote a mail.

use super::parse::Part;
use crate::desk::incoming::Nature;

/// Tells a person's mail from a machine's.
pub(in crate::mail) fn of(_mail: &Part<'_>) -> Nature {
    Nature::Human
}

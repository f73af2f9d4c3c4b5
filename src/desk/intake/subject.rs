//! A mail's subject as its ticket has it.

use crate::domain::number::{clean_subject, tags};
use crate::store::{Result, Tx};

/// How many numbers of a subject are looked up.
const MOST_TAGS: usize = 20;

/// A subject without what mail programs and this desk put before it. A tag is ours if its number exists.
pub(super) async fn cleaned(tx: &mut Tx, subject: &str) -> Result<String> {
    let mut ours = Vec::new();
    for number in tags(subject).into_iter().take(MOST_TAGS) {
        if tx.tickets().numbered(&number).await?.is_some() {
            ours.push(number);
        }
    }
    Ok(clean_subject(subject, &ours))
}

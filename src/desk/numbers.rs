//! The numbers of new tickets.

use crate::domain::number::Number;
use crate::store::{Result, Store, Tx};

/// Makes the numbers of new tickets.
#[derive(Clone)]
pub struct Numbers {
    store: Store,
    system_id: u8,
}

impl Numbers {
    /// Those of a desk, which has two digits of its own in every number.
    #[must_use]
    pub fn of(store: Store, system_id: u8) -> Self {
        Self { store, system_id }
    }

    /// The next one. Asked for inside a transaction, but answered on another connection and at once, so that new
    /// tickets don't wait for each other's commits; a transaction that fails afterwards leaves a gap.
    pub async fn next(&self, tx: &Tx) -> Result<Number> {
        let today = tx.now().date_naive();
        Ok(Number::new(today, self.system_id, self.store.next_counter(today).await?))
    }
}

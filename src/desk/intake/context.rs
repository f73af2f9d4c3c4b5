//! What taking up a mail takes.

use crate::desk::numbers::Numbers;
use crate::desk::seams::Composer;
use crate::desk::{Desk, Settings, outbound};
use crate::domain::id::{EmailAddress, QueueId};
use crate::domain::queue::Queue;
use crate::store::{Result, Tx};

/// A transaction, and what of the desk a mail's way needs.
pub(super) struct Context<'t> {
    pub(super) tx: &'t mut Tx,
    pub(super) settings: &'t Settings,
    pub(super) numbers: &'t Numbers,
    pub(super) composer: &'t dyn Composer,
    /// All queues: an address of any of them is the desk's own.
    pub(super) queues: Vec<Queue>,
}

impl<'t> Context<'t> {
    /// A mail is taken up in a transaction of a desk.
    pub(super) async fn of(desk: &'t Desk, tx: &'t mut Tx) -> Result<Self> {
        let queues = tx.queues().all().await?;
        Ok(Self { tx, settings: &desk.settings, numbers: &desk.numbers, composer: &*desk.composer, queues })
    }

    /// What writing to customers takes of it.
    pub(super) fn outbound(&mut self) -> outbound::Context<'_> {
        outbound::Context { tx: self.tx, settings: self.settings, composer: self.composer }
    }

    /// A queue.
    pub(super) async fn queue(&mut self, id: QueueId) -> Result<Queue> {
        match self.queues.iter().find(|queue| queue.id == id) {
            Some(queue) => Ok(queue.clone()),
            None => self.tx.queues().get(id).await,
        }
    }

    /// Whether an address is one of the desk's own.
    pub(super) fn is_ours(&self, address: &EmailAddress) -> bool {
        owns(&self.queues, address)
    }
}

/// Whether an address is one of these queues' own.
pub(super) fn owns(queues: &[Queue], address: &EmailAddress) -> bool {
    queues.iter().any(|queue| queue.owns(address))
}

//! What a worker asks of the queue: the record, or a made-up one whose clock a test has in hand.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::store::jobs::{Class, Lane, Leased, PutBack};
use crate::store::{Result, Store};

/// A queue of jobs in lanes. See [`Store`]'s functions of the same names.
#[async_trait]
#[expect(missing_docs, reason = "the record says what they do")]
pub trait JobQueue: Send + Sync + 'static {
    async fn lease(&self, class: Class, most: usize) -> Result<Vec<Leased>>;
    async fn lease_lane(&self, lane: &Lane) -> Result<Option<Leased>>;
    async fn next(&self, ended: &Leased, goes_on: bool) -> Result<Option<Leased>>;
    async fn renew(&self, leased: &Leased) -> Result<()>;
    async fn put_back(&self, leased: &Leased, back: &PutBack) -> Result<()>;
    async fn bury(&self, leased: &Leased, why: &str) -> Result<()>;
    async fn next_due(&self) -> Result<[Option<Duration>; Class::ALL.len()]>;
    fn bell(&self, class: Class) -> &Notify;
    fn is_taking_a_burst(&self) -> bool;
}

#[async_trait]
impl JobQueue for Store {
    async fn lease(&self, class: Class, most: usize) -> Result<Vec<Leased>> {
        Self::lease(self, class, most).await
    }

    async fn lease_lane(&self, lane: &Lane) -> Result<Option<Leased>> {
        Self::lease_lane(self, lane).await
    }

    async fn next(&self, ended: &Leased, goes_on: bool) -> Result<Option<Leased>> {
        Self::next(self, ended, goes_on).await
    }

    async fn renew(&self, leased: &Leased) -> Result<()> {
        Self::renew(self, leased).await
    }

    async fn put_back(&self, leased: &Leased, back: &PutBack) -> Result<()> {
        Self::put_back(self, leased, back).await
    }

    async fn bury(&self, leased: &Leased, why: &str) -> Result<()> {
        Self::bury(self, leased, why).await
    }

    async fn next_due(&self) -> Result<[Option<Duration>; Class::ALL.len()]> {
        Self::next_due(self).await
    }

    fn bell(&self, class: Class) -> &Notify {
        Self::bell(self, class)
    }

    fn is_taking_a_burst(&self) -> bool {
        Self::is_taking_a_burst(self)
    }
}

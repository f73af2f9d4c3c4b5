//! Reads mails where their cost has an end.
//!
//! A thread can't be stopped, and what it allocates is the whole program's. So the program reads mails
//! in processes of its own ([`serve`]), few and long-living, each within limits that the kernel holds:
//! a mail that needs more ends its reader and nothing else. They have no way out but their pipes, no
//! environment, and end when the pipe from the program does, however the program ended.

mod child;
mod process;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

pub use self::child::serve;
use self::process::{End, Process};
use super::read::{Unreadable, read};
use crate::desk::intake::incoming::IncomingMail;

/// The hidden subcommand by which the program becomes a reader.
pub const SUBCOMMAND: &str = "read-mails";
/// How many mails are read at a time.
const READERS: usize = 4;
/// After how many mails a reader is replaced: by then its memory may be in crumbs.
const MAILS: u32 = 1000;
/// How often a mail is tried whose reader ended for no fault of it.
const TRIES: usize = 3;
/// How long a mail may take on a busy machine; its work is bounded by itself.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why a mail was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It shows nothing, or reading it failed.
    #[error("{0}")]
    Unreadable(String),
    /// Reading it went over the bounds, and would again.
    #[error("{0}")]
    TooExpensive(&'static str),
    /// No reader can be started. The mail is not to blame.
    #[error("no reader of mails can be started: {0}")]
    NoReader(std::io::Error),
}

/// What reading one mail may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory beyond what a reader has before it reads anything; a mail of more than a tenth of
    /// it may use ten times its size.
    pub memory: u64,
    /// Seconds of work; the kernel counts whole ones, so it may be up to one less.
    pub work: u64,
}

impl Default for Limits {
    /// 256 MiB and 2 s; without optimisation everything takes several times as long.
    fn default() -> Self {
        Self { memory: 256 << 20, work: if cfg!(debug_assertions) { 20 } else { 2 } }
    }
}

/// Reads mails.
#[derive(Clone, Debug)]
pub struct Reader(Option<Arc<Pool>>);

impl Reader {
    /// Reads in this process: without limits, for those who know where their mails come from.
    #[must_use]
    pub fn in_process() -> Self {
        Self(None)
    }

    /// Reads in processes of this program. By this name it is found even after a package manager
    /// has put another version in its place.
    #[must_use]
    pub fn apart() -> Self {
        Self::program(Path::new("/proc/self/exe"), Limits::default())
    }

    /// Reads in processes of that program, which has to know [`SUBCOMMAND`].
    #[must_use]
    pub fn program(path: &Path, limits: Limits) -> Self {
        let (idle, seats) = (Mutex::default(), Semaphore::new(READERS));
        Self(Some(Arc::new(Pool { program: path.to_owned(), limits, idle, seats })))
    }

    /// Reads a mail.
    ///
    /// # Errors
    /// If there is nothing to show, or it is too expensive: both are for good.
    pub async fn read(&self, raw: Vec<u8>) -> Result<IncomingMail, ReadError> {
        match &self.0 {
            None => {
                let read = tokio::task::spawn_blocking(move || caught(&raw)).await;
                read.unwrap_or_else(|_| Err(failed())).map_err(|unreadable| ReadError::Unreadable(unreadable.why))
            }
            Some(pool) => pool.read(Arc::new(raw)).await,
        }
    }
}

/// Reads a mail where a panic ends nothing but the reading.
fn caught(raw: &[u8]) -> Result<IncomingMail, Unreadable> {
    let mut read = std::panic::catch_unwind(|| read(raw)).unwrap_or_else(|_| Err(failed()))?;
    // Whoever asked has the mail, and so has them.
    read.leave_files_in_place();
    Ok(read)
}

fn failed() -> Unreadable {
    Unreadable { why: "reading it failed".to_owned() }
}

#[derive(Debug)]
struct Pool {
    program: PathBuf,
    limits: Limits,
    idle: Mutex<Vec<Process>>,
    seats: Semaphore,
}

impl Pool {
    async fn read(self: &Arc<Self>, raw: Arc<Vec<u8>>) -> Result<IncomingMail, ReadError> {
        let _seat = self.seats.acquire().await;
        for _ in 0..TRIES {
            let mut process = self.take().map_err(ReadError::NoReader)?;
            let handle = process.handle();
            let (pool, mail) = (Arc::clone(self), Arc::clone(&raw));
            // The process goes back by itself: whoever waits for it may stop to.
            let asking = tokio::task::spawn_blocking(move || {
                let answer = process.ask(&mail);
                if answer.is_ok() && process.mails() < MAILS {
                    pool.idle().push(process);
                }
                answer
            });
            match tokio::time::timeout(PATIENCE, asking).await {
                Ok(Ok(Ok(outcome))) => return outcome.map_err(|unreadable| ReadError::Unreadable(unreadable.why)),
                Ok(Ok(Err(End::Work))) => return Err(ReadError::TooExpensive("reading it takes too much time")),
                Ok(Ok(Err(End::Memory))) => return Err(ReadError::TooExpensive("reading it takes too much memory")),
                // Somebody ended it: the stop of a service does, and what waits is read by another.
                Ok(Ok(Err(End::Other)) | Err(_)) => {}
                Err(_) => {
                    handle.kill();
                    return Err(ReadError::TooExpensive("reading it takes too long"));
                }
            }
        }
        Err(ReadError::Unreadable("its reader ended again and again".to_owned()))
    }

    fn take(&self) -> std::io::Result<Process> {
        let idle = self.idle().pop();
        idle.map_or_else(|| Process::start(&self.program, self.limits), Ok)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

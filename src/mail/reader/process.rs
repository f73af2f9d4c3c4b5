//! A reader, as the program sees it.

use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::Signal;

use super::{Limits, SUBCOMMAND};
use crate::desk::intake::incoming::IncomingMail;
use crate::mail::read::Unreadable;

/// How a reader ended while it read a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It worked for too long.
    Work,
    /// It got no more memory: Rust aborts then.
    Memory,
    /// Somebody ended it, or it could not be understood.
    Other,
}

/// What ends a process, and reaps it. Both by the child that std knows: a number might be another's by then.
#[derive(Clone, Debug)]
pub(super) struct Handle(Arc<Mutex<Child>>);

impl Handle {
    /// Ends it, if it still runs.
    pub(super) fn kill(&self) {
        let _ = self.child().kill();
    }

    fn reap(&self) -> Option<ExitStatus> {
        self.child().wait().ok()
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running reader. Dropped, it is ended and leaves no zombie.
#[derive(Debug)]
pub(super) struct Process {
    handle: Handle,
    input: Option<ChildStdin>,
    output: ChildStdout,
    mails: u32,
}

impl Process {
    /// Starts a reader: with empty hands, but for its pipes and the log.
    pub(super) fn start(program: &Path, limits: Limits) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg0("ticketloom")
            .args([SUBCOMMAND, &limits.memory.to_string(), &limits.work.to_string()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let handle = Handle(Arc::new(Mutex::new(child)));
        if let (input @ Some(_), Some(output)) = pipes {
            return Ok(Self { handle, input, output, mails: 0 });
        }
        handle.kill();
        handle.reap();
        Err(io::Error::other("it has no pipes"))
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// How many mails it has read.
    pub(super) fn mails(&self) -> u32 {
        self.mails
    }

    /// Hands a mail over, and waits for what became of it.
    pub(super) fn ask(&mut self, raw: &[u8]) -> Result<Result<IncomingMail, Unreadable>, End> {
        self.mails += 1;
        self.exchange(raw).map_err(|_| self.end())
    }

    fn exchange(&mut self, raw: &[u8]) -> io::Result<Result<IncomingMail, Unreadable>> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        send(input, raw)?;
        let answer = receive(&mut self.output)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        rmp_serde::from_slice(&answer).map_err(io::Error::other)
    }

    fn end(&mut self) -> End {
        // It has closed its pipes, so it ends or has ended; by what, only waiting tells.
        self.input = None;
        let signal = self.handle.reap().and_then(|status| status.signal());
        match signal {
            Some(signal) if signal == Signal::XCPU.as_raw() => End::Work,
            Some(signal) if signal == Signal::ABORT.as_raw() => End::Memory,
            _ => End::Other,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input = None;
        self.handle.kill();
        self.handle.reap();
    }
}

/// Writes bytes with their length before them.
pub(super) fn send(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads what [`send`] wrote; `None` at the end.
pub(super) fn receive(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u64::from_le_bytes(length);
    let mut bytes = Vec::new();
    if from.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

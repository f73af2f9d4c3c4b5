//! A reader, as it sees itself: a mail comes in, what it says goes out, and so on until the pipe ends.

use std::io::{self, Read as _, Write as _};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::process::{receive, send};
use super::{Limits, caught};

/// A mail may use so many times its size, if that is more than the limit.
const SHARE: u64 = 10;

/// Reads mails from standard input until it ends, within limits, and writes what they say to standard
/// output. The process must have no other thread, whose work would count too.
///
/// # Errors
/// If the kernel knows no limits, or whoever asks is gone.
pub fn serve(limits: Limits) -> io::Result<()> {
    // What a mail says is nobody's who finds a core.
    limit(Resource::Core, 0)?;
    // If the machine itself has no more memory, this goes and not the desk.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let own = memory()?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        limit(Resource::As, own + limits.memory)?;
        let mut length = [0; 8];
        match input.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let size = u64::from_le_bytes(length);
        limit(Resource::As, own + limits.memory.max(size.saturating_mul(SHARE)))?;
        limit(Resource::Cpu, work()? + limits.work)?;
        let Some(raw) = receive(&mut length.as_slice().chain(&mut input))? else { return Ok(()) };
        let outcome = caught(&raw);
        drop(raw);
        let answer = rmp_serde::to_vec(&outcome).map_err(io::Error::other)?;
        drop(outcome);
        send(&mut output, &answer)?;
        output.flush()?;
    }
}

/// Sets a limit, within what is allowed.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(most, |maximum| maximum.min(most)));
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}

/// The bytes that the process has mapped.
fn memory() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kibibytes: Option<u64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.map(|size| size * 1024).ok_or_else(|| io::Error::other("no account of memory"))
}

/// The whole seconds that the process has worked.
fn work() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: Option<u64> = text.split_whitespace().next().and_then(|number| number.parse().ok());
    nanoseconds.map(|number| number / 1_000_000_000).ok_or_else(|| io::Error::other("no account of work"))
}

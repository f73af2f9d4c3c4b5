//! How many files the process may have open: every connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// The Matrix side: 16 requests at a time, the sync, two SQLite stores with their pools and journals.
const MATRIX: usize = 128;
/// Connections to mail servers: 8 letters at a time.
const LETTERS: usize = 16;
/// Libraries, logs, the runtime, certificates that are read again, and what nobody thought of.
const SPARE: usize = 128;

/// How many a desk with that configuration may need at once.
#[must_use]
pub fn needed(config: &Config) -> u64 {
    let listeners = config.lmtp.as_ref().map_or(0, |lmtp| lmtp.connections)
        + config.http.as_ref().map_or(0, |http| http.connections)
        + config.web.as_ref().map_or(0, |web| web.connections);
    // Half as many again for bookkeeping, one for the leadership and one for the presence.
    let database = config.database.connections as usize * 3 / 2 + 2;
    let needed = listeners + database + 2 * config.imap.len() + MATRIX + LETTERS + SPARE;
    u64::try_from(needed).unwrap_or(u64::MAX)
}

/// Whether that many are allowed, be it only when asked for.
///
/// # Errors
/// A sentence with the mend.
pub fn check(config: &Config) -> Result<(), String> {
    enough(getrlimit(Resource::Nofile).maximum, needed(config))
}

/// Asks for as many as are needed. What a process gets without asking is often 1,024, for the sake of old programs.
///
/// # Errors
/// A sentence with the mend, if they are not allowed.
pub fn ask_for(config: &Config) -> Result<(), String> {
    let (limit, needed) = (getrlimit(Resource::Nofile), needed(config));
    enough(limit.maximum, needed)?;
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let wanted = Rlimit { current: Some(needed), maximum: limit.maximum };
    setrlimit(Resource::Nofile, wanted).map_err(|error| format!("{needed} open files can't be asked for: {error}"))
}

fn enough(allowed: Option<u64>, needed: u64) -> Result<(), String> {
    match allowed {
        Some(allowed) if allowed < needed => Err(format!(
            "{allowed} are allowed, and with so many connections {needed} may be needed; right is LimitNOFILE={needed} or \
             more in the unit (or ulimit -n), or fewer in lmtp.connections, http.connections and web.connections"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::enough;

    #[test]
    fn too_few_files_are_told_of_with_what_is_needed() {
        assert_eq!(enough(None, 1_000_000), Ok(()));
        assert_eq!(enough(Some(600), 600), Ok(()));
        let told = enough(Some(256), 600).expect_err("too few");
        assert!(told.starts_with("256 are allowed") && told.contains("LimitNOFILE=600"), "{told}");
    }
}

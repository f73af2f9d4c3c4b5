//! Named points at which a test lets the process die as by `kill -9`.
//!
//! `TICKETLOOM_CRASH=mail.after_commit` kills at the first pass, `mail.after_commit:3` at the third.
//! Builds without debug assertions, as operators run them, have no such points.

/// The points on the ways of a mail, a command, an erasing and what a webhook is told, in their order.
pub const POINTS: &[&str] = &[
    "lmtp.before_commit",
    "lmtp.after_commit",
    "lmtp.after_reply",
    "imap.before_commit",
    "imap.after_commit",
    "imap.after_move",
    "sync.before_commit",
    "sync.after_commit",
    "mail.before_commit",
    "mail.after_commit",
    "command.before_commit",
    "command.after_commit",
    "chat.before_send",
    "chat.after_send",
    "chat.after_record",
    "chat.after_upload",
    "smtp.before_mark",
    "smtp.after_mark",
    "smtp.after_dot",
    "smtp.before_record",
    "smtp.after_record",
    "erase.before_commit",
    "erase.after_commit",
    "sweep.after_redact",
    "webhook.before_call",
    "webhook.after_call",
];

/// Dies here if the environment says so.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    debug_assert!(POINTS.contains(&name), "{name} is not in the list of crash points");
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("TICKETLOOM_CRASH").ok()?;
        let (name, pass) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), pass.parse().unwrap_or(1)))
    });
    let Some((point, pass)) = wanted else { return };
    if point == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *pass {
        // Nothing is flushed, dropped or unwound, as when the kernel kills it.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}

/// Nothing, in a build for operators.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}

//! Named points at which a test lets the process die as by `kill -9`, or freeze as by `kill -STOP`.
//!
//! `TICKETLOOM_CRASH=mail.after_commit` kills at the first pass, `mail.after_commit:3` at the third; `TICKETLOOM_FREEZE` stops.
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
    "remirror.before_commit",
    "remirror.after_commit",
    "erase.before_commit",
    "erase.after_commit",
    "sweep.after_redact",
    "webhook.before_call",
    "webhook.after_call",
];

/// A point that the environment names, and the pass at which it counts.
#[cfg(debug_assertions)]
fn named_by(variable: &str) -> Option<(String, u64)> {
    let text = std::env::var(variable).ok()?;
    let (name, pass) = text.split_once(':').unwrap_or((&text, "1"));
    Some((name.to_owned(), pass.parse().unwrap_or(1)))
}

/// Dies or freezes here if the environment says so.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    type Wanted = OnceLock<Option<(String, u64)>>;
    static WANTED: [Wanted; 2] = [const { OnceLock::new() }; 2];
    static PASSED: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    debug_assert!(POINTS.contains(&name), "{name} is not in the list of crash points");
    // Nothing is flushed, dropped or unwound, as when the kernel kills it.
    for (which, (variable, signal)) in
        [("TICKETLOOM_CRASH", Signal::KILL), ("TICKETLOOM_FREEZE", Signal::STOP)].into_iter().enumerate()
    {
        let Some((point, pass)) = WANTED[which].get_or_init(|| named_by(variable)) else { continue };
        if point == name && PASSED[which].fetch_add(1, Ordering::SeqCst) + 1 == *pass {
            let _ = kill_process(getpid(), signal);
        }
    }
}

/// Nothing, in a build for operators.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}

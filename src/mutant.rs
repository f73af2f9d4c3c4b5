//! Deliberate bugs, by which `dev/mutants` shows that `dev/soak` would find real ones.
//!
//! Each stands in one place as `if mutant!("name")`. They are there only with the feature `mutants`, which no build for
//! operators has (else the condition is `false`, and what stands behind it is not compiled), and then only the one that
//! `TICKETLOOM_MUTANT` names.

/// All of them, each with the invariant that finds it.
pub const MUTANTS: &[(&str, &str)] = &[
    ("acknowledged_before_commit", "I1"),
    ("moved_before_commit", "I1"),
    ("new_key_at_each_try", "I2"),
    ("dot_without_lease", "I4"),
    ("new_message_id", "I4"),
    ("note_is_mailed", "I6"),
    ("copies_are_answered", "I7"),
    ("lock_read_then_written", "I9"),
    ("events_come_again", "I11"),
    ("edits_run_again", "I11"),
];

/// Whether the mutant of that name is to be had.
macro_rules! mutant {
    ($name:literal) => {
        cfg!(feature = "mutants") && $crate::mutant::is($name)
    };
}

/// Whether the environment names it.
pub(crate) fn is(name: &str) -> bool {
    debug_assert!(MUTANTS.iter().any(|(known, _)| *known == name), "{name} is not in the list of mutants");
    std::env::var("TICKETLOOM_MUTANT").is_ok_and(|chosen| chosen == name)
}

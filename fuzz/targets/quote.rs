//! Any text, its first line as the subject.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::mail::quote;

fuzz_target!(|text: &str| {
    let (subject, text) = text.split_once('\n').unwrap_or(("", text));
    let fresh = quote::fresh(subject, text);
    let shown = |line: &&str| !line.trim().is_empty();
    assert!(fresh.folded <= text.lines().filter(shown).count());
    for line in fresh.text.lines().filter(shown).filter(|line| !line.starts_with("… ")) {
        assert!(text.contains(line.trim()), "{line}");
    }
});

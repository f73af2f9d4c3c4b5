//! Any bytes as a mail.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::{assert_sound, mail::read};

fuzz_target!(|raw: &[u8]| {
    if let Ok(mail) = read(raw) {
        assert_sound(&mail);
    }
});

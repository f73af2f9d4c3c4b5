//! Any bytes as a mail server's report, as the fields of a report, and as a person's mail.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::desk::intake::incoming::Nature;
use ticketloom_fuzz::{assert_clean, assert_sound, mail::read};

fuzz_target!(|raw: &[u8]| {
    let heads: [&[u8]; 3] = [
        b"From: MAILER-DAEMON\nReturn-Path: <>\n",
        b"From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n",
        b"From: carol@x.test\nSubject: Undelivered mail\n",
    ];
    for head in heads {
        let Ok(mail) = read(&[head, raw].concat()) else { continue };
        assert_sound(&mail);
        if let Nature::Bounce(bounce) = &mail.nature {
            assert_clean(&bounce.diagnostic);
            assert!(bounce.diagnostic.len() <= 500);
            let is_code = |c: char| c.is_ascii_digit() || c == '.';
            assert!(bounce.status.as_ref().is_none_or(|status| status.len() <= 11 && status.chars().all(is_code)));
        }
    }
});

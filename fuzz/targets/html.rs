//! Any HTML, with a picture that came with the mail.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::{assert_sound, mail::read};

fuzz_target!(|html: &[u8]| {
    let head = b"From: a@x.test\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: image/png\n\
        Content-ID: <a@x>\n\nx\n--b\nContent-Type: text/html; charset=utf-8\n\n<b>x</b>";
    let mail = read(&[head, html].concat()).expect("it has a header");
    assert_sound(&mail);
});

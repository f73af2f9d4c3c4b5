//! The reading half of the desk, and the press, for the fuzzer.
//!
//! Built from the project's own files, but without the Matrix SDK, PostgreSQL and TLS, which would
//! take half an hour to build with a sanitizer and are not what is tried here.
//!
//! `cargo +nightly fuzz run parse -- -max_total_time=600` and so on: `parse`, `quote`, `html`, `bounce`,
//! `address`, `letter`. Real mails make good seeds: put some into `corpus/parse`. `cost` needs no fuzzer: see there.
#![allow(dead_code)]

pub mod cost;
pub mod desk;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/mail/read/tests/expensive.rs"]
pub mod expensive;
pub mod mail;

use desk::intake::incoming::IncomingMail;

/// Fails if anything is in a text that a store would refuse, or that turns it around.
pub fn assert_clean(text: &str) {
    let bad = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(bad), "{text:?}");
}

/// Fails if anything is in a mail that may not be.
pub fn assert_sound(mail: &IncomingMail) {
    for text in [&mail.subject, &mail.text, &mail.fresh.text] {
        assert_clean(text);
    }
    assert!(!mail.subject.contains('\n'));
    for person in mail.from.iter().chain(&mail.reply_to).chain(&mail.to).chain(&mail.cc) {
        assert_clean(&person.name);
        assert!(!person.name.contains('\n'));
    }
    for file in &mail.attachments {
        assert_clean(&file.name);
        assert!(!file.name.is_empty() && file.name.len() <= 200 && !file.name.contains(['/', '\\', '\n']));
    }
    assert!(mail.attachments.len() <= 1100 && mail.references.len() <= 50 && mail.to.len() <= 1000);
    if let Some(html) = &mail.fresh.html {
        assert_clean(html);
        assert_harmless(html);
    }
}

/// Fails if HTML could do or fetch anything.
fn assert_harmless(html: &str) {
    assert!(html.len() <= 20 * 1024);
    let mut rest = html;
    while let Some((_, tag_on)) = rest.split_once('<') {
        let mut quoted = false;
        let end = tag_on.find(|c: char| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let (tag, after) = tag_on.split_at(end.expect("every tag has an end"));
        rest = after;
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        assert!(
            "del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead tbody tr \
             th td caption pre span img"
                .split(' ')
                .any(|known| known == name),
            "{name}"
        );
        assert!(!tag.contains(" on") || tag.contains("alt=\"") || tag.contains("href=\""), "{tag}");
        if name == "img" {
            assert!(tag.starts_with("img src=\"cid:"), "{tag}");
        }
        if let Some((_, href)) = tag.split_once("href=\"") {
            let lower = href.to_ascii_lowercase();
            assert!(["http:", "https:", "mailto:", "ftp:"].iter().any(|scheme| lower.starts_with(scheme)), "{tag}");
        }
    }
}

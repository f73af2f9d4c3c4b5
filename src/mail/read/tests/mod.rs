use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::desk::intake::incoming::Nature;
use crate::domain::id::EmailAddress;

mod bombs;
mod cost;
#[expect(unreachable_pub, reason = "the fuzzer makes its mails with it too")]
mod expensive;
mod kinds;
mod places;

fn is_clean(text: &str) -> bool {
    !text.chars().any(|c| {
        (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Fails if anything is in a mail that a store would refuse, or more than there may be.
pub(in crate::mail) fn assert_clean(mail: &IncomingMail) {
    for line in [&mail.subject, &mail.from.as_ref().map(|from| from.name.clone()).unwrap_or_default()] {
        assert!(is_clean(line) && !line.contains('\n'), "{line:?}");
    }
    for text in [&mail.text, &mail.fresh.text, mail.fresh.html.as_ref().unwrap_or(&String::new())] {
        assert!(is_clean(text), "{text:?}");
    }
    for file in &mail.attachments {
        assert!(is_clean(&file.name) && !file.name.is_empty() && file.name.len() <= 200, "{:?}", file.name);
        assert!(!file.name.contains(['/', '\\', '\n']), "{:?}", file.name);
    }
    assert!(mail.references.len() <= 50 && mail.to.len() <= 1000 && mail.attachments.len() <= 1000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing that comes can make it panic, or bring in what a store would refuse.
    #[test]
    fn anything_can_be_read(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(mail) = read(&raw) {
            assert_clean(&mail);
        }
    }

    /// Nor anything that looks like a mail.
    #[test]
    fn anything_like_a_mail_can_be_read(pieces in proptest::collection::vec(prop_oneof![
        Just("From: "), Just("Subject: "), Just("\r\n"), Just("\n"), Just("\r\n\r\n"), Just(" "), Just("=?utf-8?Q?"), Just("?="),
        Just("=?iso-2022-jp?B?GyRC"), Just("=C3"), Just("Content-Type: multipart/mixed; boundary=b\r\n"), Just("--b\r\n"),
        Just("--b--\r\n"), Just("Content-Type: text/html; charset=utf-7\r\n"), Just("Content-Type: message/rfc822\r\n"),
        Just("Content-Transfer-Encoding: base64\r\n"), Just("Content-Transfer-Encoding: quoted-printable\r\n"),
        Just("Content-Disposition: attachment; filename*0*=utf-8''%2e%2e/; filename*1=x\r\n"), Just("<b>"), Just("</div>"),
        Just("<blockquote type=cite>"), Just("On 1 May 2020 10:11, x <y@z> wrote:\n"), Just("> "), Just("-- \n"), Just("<a href=\"x\">"),
        Just("&#0;"), Just("&#x202e;"), Just("\u{202e}"), Just("\0"), Just("(((("), Just("\"\\"), Just("Date: Mon, 99 Foo 0 99:99 +9999\r\n"),
        Just("References: <a@b> <"), Just("Action: failed\n\n"), Just("message/delivery-status"), Just("a"), Just("😀"),
    ], 0..60)) {
        if let Ok(mail) = read(pieces.concat().as_bytes()) {
            assert_clean(&mail);
        }
    }
}

#[test]
fn files_are_kept_byte_by_byte() {
    let bytes: Vec<u8> = (0..=255).collect();
    let mail = format!(
        "From: a@x.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/plain; charset=utf-8; name=a.txt\n\
         Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{}\n--b\nContent-Type: message/rfc822\n\nSubject: in/ner\n\nx\n--b--\n",
        data_encoding::BASE64.encode(&bytes)
    );
    let mail = read(mail.as_bytes()).expect("readable");
    assert_eq!(mail.attachments[0].bytes, bytes);
    assert_eq!(mail.attachments[0].name, "a.txt");
    assert_eq!(mail.attachments[1].name, "in-ner.eml");
    assert_eq!(mail.attachments[1].bytes, b"Subject: in/ner\n\nx");
    assert_eq!(mail.text, "hi");
}

#[test]
fn a_file_written_into_the_text_is_a_file() {
    let mail = read(b"From: a@x.test\n\nSee:\nbegin 644 ../cat.txt\n#0V%T\n`\nend\nBye\n").expect("readable");
    assert_eq!(mail.text, "See:\nBye");
    assert_eq!((mail.attachments[0].name.as_str(), mail.attachments[0].bytes.as_slice()), ("cat.txt", &b"Cat"[..]));
}

#[test]
fn a_flowed_text_has_paragraphs() {
    let head = "From: a@x.test\nContent-Type: text/plain; charset=utf-8; format=flowed";
    let mail = read(format!("{head}\n\nIt does \nnot work.\n\n> a \n> b\n").as_bytes()).expect("readable");
    assert_eq!(mail.text, "It does not work.\n\n> a b");
    let mail = read(format!("{head}; delsp=yes\n\n動か \nない。\n").as_bytes()).expect("readable");
    assert_eq!(mail.text, "動かない。");
}

#[test]
fn an_invitation_is_a_line_and_a_file() {
    let entry = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Plan\nDTSTART:20261124T090000Z\nEND:VEVENT\nEND:VCALENDAR\n";
    let mail = format!(
        "From: a@x.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nPlease come.\n--b\nContent-Type: text/html\n\n\
         <p>Please <b>come</b>.</p>\n--b\nContent-Type: text/calendar; method=REQUEST\n\n{entry}\n--b--\n"
    );
    let mail = read(mail.as_bytes()).expect("readable");
    assert_eq!(mail.fresh.text, "Invitation: Plan · 2026-11-24 09:00 (UTC)\n\nPlease come.");
    assert!(mail.fresh.html.expect("says more").contains("Invitation: Plan"));
    assert_eq!(
        (mail.attachments[0].name.as_str(), mail.attachments[0].bytes.as_slice()),
        ("file.ics", entry.as_bytes())
    );
}

#[test]
fn outlooks_package_is_kept_and_named() {
    for kind in ["application/ms-tnef", "application/octet-stream; name=WINMAIL.DAT"] {
        let mail = format!("From: a@x.test\nContent-Type: {kind}\nContent-Transfer-Encoding: base64\n\neJ8+Ig==\n");
        let mail = read(mail.as_bytes()).expect("readable");
        assert_eq!(mail.attachments[0].bytes, b"\x78\x9f\x3e\x22");
        assert!(mail.troubles.iter().any(|trouble| trouble.contains("winmail.dat")), "{:?}", mail.troubles);
    }
}

#[test]
fn what_pgp_adds_is_no_file_and_no_text() {
    let mail = "From: a@x.test\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n\
        --b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\nxyz\n--b--\n";
    let mail = read(mail.as_bytes()).expect("readable");
    let names: Vec<&str> = mail.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["encrypted.asc"]);
    let signed = "From: a@x.test\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nIt is dark.\n\n- -- \nCarol\n\
        -----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n";
    assert_eq!(read(signed.as_bytes()).expect("readable").fresh.text, "It is dark.\n\n… signature");
}

#[test]
fn a_forwarded_mail_is_a_file_and_no_quote() {
    let inner = "From: b@x.test\nSubject: old\n\nOn 1 May 2020 at 10:11, x <y@z.test> wrote:\n> hi\n";
    let mail = format!(
        "From: a@x.test\nSubject: Re: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\n\
         Content-Type: message/rfc822\n\n{inner}\n--b--\n"
    );
    let mail = read(mail.as_bytes()).expect("readable");
    assert_eq!((mail.fresh.text.as_str(), mail.fresh.folded), ("Look.", 0));
    assert_eq!(
        (mail.attachments[0].name.as_str(), mail.attachments[0].bytes.as_slice()),
        ("old.eml", inner.as_bytes())
    );
}

#[test]
fn headers_are_decoded_whatever_they_are_in() {
    for (field, subject) in [
        (&b"=?iso-2022-jp?B?GyRCJDMkcw==?= =?iso-2022-jp?B?JEskQSRPGyhC?="[..], "こんにちは"),
        (b"=?utf-7?Q?Gr+APwA3w-e?=", "Grüße"),
        (b"=?unicode-1-1-utf-7?Q?Gr+APwA3w-e?=", "Grüße"),
        (b"Gr\xfc\xdfe aus K\xf6ln", "Grüße aus Köln"),
        (b"\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x81\x81\x5b\x83\x8b\x82\xc5\x82\xb7\x81\x42", "日本語のメールです。"),
        (b"=?latin1?Q?=80uro?=", "€uro"),
        (b"=?ks_c_5601-1987?B?x9GxubTr?=", "한국대"),
        (b"=?x-sjis?B?k/qWew==?=", "日本"),
        (b"=?gb2312?B?zLmx1w==?=", "坦弊"),
        (b"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        (b"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    ] {
        let mail = [b"From: a@x.test\nSubject: ", field, b"\nSubject: second\n\nx"].concat();
        assert_eq!(read(&mail).expect("readable").subject, subject, "{}", String::from_utf8_lossy(field));
    }
}

#[test]
fn one_mail_by_two_routes_is_one() {
    let mail = "From: a@x.test\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nSubject: s\n\nx\n";
    let one = read(format!("Received: by a\n{mail}").as_bytes()).expect("readable");
    let two = read(format!("Received: by b\nX-Spam: no\n{}", mail.replace('\n', "\r\n")).as_bytes()).expect("readable");
    let other = read(mail.replace("\nx", "\ny").as_bytes()).expect("readable");
    assert_eq!(one.fingerprint, two.fingerprint);
    assert_ne!(one.fingerprint, other.fingerprint);
}

#[test]
fn nothing_to_show_is_said() {
    assert!(read(b"").is_err());
    assert!(read(b"\r\n\r\n \r\n").is_err());
    assert!(read(b"From: a@x.test\r\n\r\n").is_ok());
}

/// Our own corpus: each `NAME.eml` with what is to be read in it in `NAME.json`.
#[test]
fn our_corpus_reads_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "eml") {
            continue;
        }
        count += 1;
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(path.with_extension("json")).expect("its expectations");
        let expected: serde_json::Value = serde_json::from_str(&expected).expect("JSON");
        let mail = read(&std::fs::read(&path).expect("a mail")).expect("readable");
        assert_clean(&mail);
        for (field, value) in expected.as_object().expect("an object") {
            let got = field_of(&mail, field);
            assert_eq!(&got, value, "{name}: {field}");
        }
    }
    assert!(count >= 10, "only {count} mails in the corpus");
}

fn field_of(mail: &IncomingMail, field: &str) -> serde_json::Value {
    use serde_json::json;
    match field {
        "from" => json!(mail.from.as_ref().map(|from| format!("{} <{}>", from.name, from.address))),
        "subject" => json!(mail.subject),
        "text" => json!(mail.text),
        "fresh" => json!(mail.fresh.text),
        "html" => json!(mail.fresh.html),
        "folded" => json!(mail.fresh.folded),
        "files" => {
            json!(mail.attachments.iter().map(|file| format!("{} {}", file.name, file.mime)).collect::<Vec<_>>())
        }
        "in_reply_to" => json!(mail.in_reply_to.iter().map(crate::domain::id::MessageId::as_str).collect::<Vec<_>>()),
        "delivered_to" => json!(mail.delivered_to.iter().map(EmailAddress::as_str).collect::<Vec<_>>()),
        "date" => json!(mail.date.map(|date| date.to_rfc3339())),
        "nature" => match &mail.nature {
            Nature::Human => json!("human"),
            Nature::Relayed { sign } => json!(format!("relayed: {sign}")),
            Nature::Machine { sign } => json!(format!("machine: {sign}")),
            Nature::Response { what, sign } => json!(format!("{}: {sign}", what.name())),
            Nature::Bounce(bounce) => json!(format!(
                "{:?} {} {} {}",
                bounce.verdict,
                bounce.status.as_deref().unwrap_or("-"),
                bounce.original.as_ref().map_or("-", |id| id.as_str()),
                bounce.diagnostic
            )),
        },
        other => panic!("no such field: {other}"),
    }
}

//! Which files can be cut out of the raw mail at any time.

use super::*;
use crate::domain::blob::Digest;
use crate::domain::transfer::Encoding;

/// A mail of these parts: header and body of each.
fn mail(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<String> = parts.iter().map(|(head, body)| format!("--b\r\n{head}\r\n\r\n{body}\r\n")).collect();
    let parts = parts.concat();
    let head = "From: carol@customer.test\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    format!("{head}\r\n--b\r\n\r\nText\r\n{parts}--b--\r\n").into_bytes()
}

/// How each file stands in a mail, and that it stands there.
fn places(raw: &[u8]) -> Vec<Option<Encoding>> {
    let mail = read(raw).expect("readable");
    for file in &mail.attachments {
        assert_eq!((file.digest, file.size), (Digest::of(&file.bytes), file.bytes.len() as u64), "{}", file.name);
        let Some(place) = file.place else { continue };
        let at = usize::try_from(place.at).expect("in memory");
        let there = &raw[at..at + usize::try_from(place.length).expect("in memory")];
        assert_eq!(place.encoding.decode(there.to_vec()).as_ref(), Some(&file.bytes), "{}", file.name);
    }
    mail.attachments.iter().map(|file| file.place.map(|place| place.encoding)).collect()
}

const BASE64: &str = "Content-Type: image/png; name=a\r\nContent-Transfer-Encoding: base64";

#[test]
fn what_stands_there_without_fault_has_a_place() {
    let (base64, identity) = (Some(Encoding::Base64), Some(Encoding::Identity));
    let line = "QUJD".repeat(19);
    let glued = format!("{line}\r\nQUI=\r\n-- \r\nhouse list, unsubscribe");
    let spoilt = format!("{line}\r\n! spoilt !\r\n{line}\r\nQUI=");
    for (head, body, place) in [
        (BASE64, "iVBORw0KGgo=", base64),
        (BASE64, "iVBORw0K\r\nGgo=", base64),
        (BASE64, "iVBORw0K\nGgo=\n\n\n", base64),
        (BASE64, &glued, base64),
        (BASE64, "", identity),
        (BASE64, "iVBORw0KGgo", None),
        (BASE64, &spoilt, None),
        ("Content-Type: image/png; name=a\r\nContent-Transfer-Encoding: 8bit", "as it is", identity),
        ("Content-Type: image/png; name=a", "as\nit\ris", identity),
        ("Content-Type: image/png; name=a\r\nContent-Transfer-Encoding: quoted-printable", "not=20so", None),
        ("Content-Type: image/png; name=a\r\nContent-Transfer-Encoding: quoted-printable", "but so", identity),
        ("Content-Type: message/rfc822", "Subject: inside\r\n\r\nText", identity),
    ] {
        assert_eq!(places(&mail(&[(head, body)])), [place], "{head}: {body:?}");
    }
}

#[test]
fn files_in_texts_and_in_other_files_are_apart() {
    let uuencoded = "begin 644 cat.txt\n#0V%T\n`\nend";
    assert_eq!(places(&mail(&[("Content-Type: text/plain", uuencoded)])), [None]);
    let deep = "Content-Type: multipart/related; boundary=c";
    let inner = format!("--c\r\n{BASE64}\r\n\r\niVBORw0KGgo=\r\n--c--");
    assert_eq!(places(&mail(&[(deep, &inner), (BASE64, "TWFu")])), [Some(Encoding::Base64); 2]);
}

#[test]
fn the_places_hold_without_what_was_written_above() {
    let raw = mail(&[(BASE64, "TWFu")]);
    let above = b"Return-Path: <>\r\n";
    let mut shifted = read(&[&above[..], &raw].concat()).expect("readable").without_above(above.len());
    assert_eq!(shifted.attachments[0].place, read(&raw).expect("readable").attachments[0].place);
    shifted.leave_files_in_place();
    assert_eq!((shifted.attachments[0].bytes.len(), shifted.attachments[0].size), (0, 3));
}

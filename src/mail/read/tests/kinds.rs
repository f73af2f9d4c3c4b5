//! Mails that programs, gateways and lists have spoilt, one test for each kind of fault, and what is to be read in them.

use std::io::Read as _;

use super::assert_clean;
use crate::desk::intake::incoming::IncomingMail;
use crate::mail::read;

/// A mail of those header lines and that body.
fn mail(header: &str, body: &[u8]) -> IncomingMail {
    let raw = [header.as_bytes(), b"\r\n", body].concat();
    let mail = read(&raw).expect("readable");
    assert_clean(&mail);
    mail
}

fn from(mail: &IncomingMail) -> String {
    mail.from.as_ref().map(|from| format!("{} <{}>", from.name, from.address)).unwrap_or_default()
}

fn names(mail: &IncomingMail) -> Vec<&str> {
    mail.attachments.iter().map(|file| file.name.as_str()).collect()
}

const ANN: &str = "From: Ann <ann@x.test>\r\n";

#[test]
fn the_sender_is_who_can_be_made_out() {
    for (header, expected, trouble) in [
        ("From: Ann <ann@x.test>\r\nReply-To: b@x.test\r\n", "Ann <ann@x.test>", None),
        ("From: (unknown)\r\nFrom: Ann <ann@x.test>\r\n", "Ann <ann@x.test>", Some("a second From")),
        ("From: Shop <>\r\nReply-To: Ann <ann@x.test>\r\nSender: s@x.test\r\n", "Ann <ann@x.test>", Some("Reply-To")),
        ("From:\r\nReply-To: nobody\r\nSender: Ann <ann@x.test>\r\n", "Ann <ann@x.test>", Some("Sender")),
        ("Sender: Ann <ann@x.test>\r\n", "Ann <ann@x.test>", Some("Sender")),
        ("From: copier 4 (hall) copier4@x.test\r\n", "copier 4 <copier4@x.test>", None),
    ] {
        let mail = mail(header, b"x");
        assert_eq!(from(&mail), expected, "{header}");
        let told = mail.troubles.iter().any(|it| it.contains(trouble.unwrap_or("Its From")));
        assert_eq!(told, trouble.is_some(), "{header} {:?}", mail.troubles);
    }
    let nobody = mail("From: Shop <>\r\nReply-To: <>\r\n", b"x");
    assert_eq!((from(&nobody), nobody.troubles.len()), (String::new(), 1));
}

/// A server that found From genuine has found nothing about who stands in for it.
#[test]
fn who_stands_in_for_from_is_not_authenticated() {
    let found = "Authentication-Results: mx.desk.test; dmarc=pass header.from=x.test\r\n";
    assert_eq!(mail(&format!("{found}{ANN}"), b"x").authenticated(Some("mx.desk.test")), Some(true));
    let stand_in = format!("{found}From: nobody\r\nReply-To: ann@x.test\r\n");
    assert_eq!(mail(&stand_in, b"x").authenticated(Some("mx.desk.test")), None);
}

#[test]
fn all_who_got_a_mail_are_counted() {
    let many: Vec<String> = (0..400).map(|n| format!("Person {n} <p{n}@x.test>")).collect();
    assert_eq!(mail(&format!("{ANN}Cc: {}\r\n", many.join(",\r\n ")), b"x").cc.len(), 400);
}

#[test]
fn a_part_keeps_its_file_whatever_its_header_has_been_through() {
    for odd in [
        format!("X-{}: 1\r\n", "Scan-".repeat(60)),
        "X-Scan: looked\r\nat by the house\r\n".to_owned(),
        "X-Scan: none\r\n \r\n".to_owned(),
        "X Scan: none\r\n".to_owned(),
    ] {
        let part =
            format!("Content-Type: image/png; name=a.png\r\n{odd}Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n");
        let body = format!("--b\r\n\r\nhi\r\n--b\r\n{part}--b--\r\n");
        let mail = mail(&format!("{ANN}Content-Type: multipart/mixed; boundary=b\r\n"), body.as_bytes());
        assert_eq!((names(&mail), mail.attachments[0].bytes.as_slice()), (vec!["a.png"], &[0, 1, 2][..]), "{odd}");
    }
}

#[test]
fn parts_are_found_whatever_their_boundary_is_written_like() {
    let body = "--b\r\n\r\nhi\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\nx\r\n--b--\r\n";
    for field in [
        "multipart/mixed; boundary=\"b \"",
        "multipart/mixed boundary=b",
        "multipart/mixed\r\n\tboundary=\"b\"",
        "multipart/mixed;\r\nboundary=b",
        "multipart/mixed; charset=utf-8 boundary=b",
        "multipart/mixed; boundary=b; type=x",
        "multipart/mixed, boundary=b",
        "multipart/mixed; boundary=b (the boundary)",
    ] {
        let mail = mail(&format!("{ANN}Content-Type: {field}\r\n"), body.as_bytes());
        assert_eq!((mail.text.as_str(), names(&mail)), ("hi", vec!["a.csv"]), "{field}");
    }
    // Without any, the first line that can be one is taken.
    let body = body.replacen("\r\n\r\nhi", "\r\nContent-Type: text/plain\r\n\r\nhi", 1);
    for field in ["multipart/mixed", "multipart/mixed; boundary=c"] {
        let mail = mail(&format!("{ANN}Content-Type: {field}\r\n"), body.as_bytes());
        assert_eq!((mail.text.as_str(), names(&mail)), ("hi", vec!["a.csv"]), "{field}");
    }
}

#[test]
fn what_the_header_says_of_the_body_is_read_below_a_blank_line() {
    let odd = "Authentication-Results: mx.x.test; spf=none;\r\n \t\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n";
    assert_eq!(mail(&format!("{ANN}{odd}"), b"VGhlIGxpZnQgaXMgc3R1Y2su\r\n").text, "The lift is stuck.");
}

#[test]
fn a_footer_behind_base64_is_read_as_it_is() {
    let header = format!("{ANN}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n");
    for footer in [
        "______________\r\nhouse list\r\n",
        "-- \r\nTo leave: https://lists.test/house\r\n",
        "\r\nSent to house@lists.test\r\n",
    ] {
        let mail = mail(&header, format!("RGVyIExpZnQgc3RlaHQsIGdyw7zDn2U=\r\n{footer}").as_bytes());
        assert!(
            mail.text.starts_with("Der Lift steht, grüße\n")
                && mail.text.ends_with(footer.replace("\r\n", "\n").trim()),
            "{}",
            mail.text
        );
    }
    assert_eq!(mail(&header, "Der Lift steht, grüße\r\n".as_bytes()).text, "Der Lift steht, grüße");
}

#[test]
fn raw_headers_are_read_but_for_the_character_that_is_spoilt() {
    let subject = |bytes: &[u8]| {
        read(&[&b"From: a@x.test\r\nSubject: "[..], bytes, b"\r\n\r\nx"].concat()).expect("readable").subject
    };
    assert_eq!(subject("Schöne Grüße 🔥".as_bytes()), "Schöne Grüße 🔥");
    assert_eq!(subject(&["Schöne Grüße ".as_bytes(), b"\xf0\x9f\x94"].concat()), "Schöne Grüße \u{fffd}");
    assert_eq!(subject(b"Sch\xc3\r\n \xb6ne Gr\xc3\xbc\xc3\x9fe"), "Schöne Grüße");
    assert_eq!(subject(b"=?iso-8859-1?Q?Gr\xfc=DFe?= und mehr"), "Grüße und mehr");
    // 見積書 in Shift_JIS.
    assert_eq!(subject(b"=?ISO-2022-JP?B?jKmQz4+R?="), "見積書");
}

#[test]
fn bodies_in_odd_charsets_are_read() {
    for (label, bytes, text) in [
        ("hz-gb-2312", &b"Bill 12: ~{7\"F1~} ok"[..], "Bill 12: 发票 ok"),
        ("iso-2022-kr", b"\x1b$)CNo. 7: \x0eGQ1[\x0f ok", "No. 7: 한글 ok"),
        ("utf-16le", b"The lift is stuck.", "The lift is stuck."),
        ("windows-1252", "Schöne Grüße".as_bytes(), "Schöne Grüße"),
        ("cp437", b"Gr\x81\xe1e", "Grüße"),
        ("x-nobody-knows", b"Gr\xfc\xdfe aus K\xf6ln", "Grüße aus Köln"),
    ] {
        assert_eq!(mail(&format!("{ANN}Content-Type: text/plain; charset={label}\r\n"), bytes).text, text, "{label}");
    }
    let page =
        b"<html><head><meta charset=\"windows-1250\"></head><body>P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd</body></html>";
    assert_eq!(mail(&format!("{ANN}Content-Type: text/html\r\n"), page).text, "Příliš žluťoučký");
}

#[test]
fn a_stub_gives_way_to_what_it_stands_for() {
    let page = format!("<p>{}</p>", "The lift in house 4 stops between the floors. ".repeat(12));
    let both = |text: &str| {
        let body = format!("--b\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n{page}\r\n--b--\r\n");
        mail(&format!("{ANN}Content-Type: multipart/alternative; boundary=b\r\n"), body.as_bytes()).fresh.text
    };
    assert!(both("This mail is in HTML.").starts_with("The lift in house 4"));
    assert!(both(" ").starts_with("The lift in house 4"));
    assert_eq!(both(&"The lift in house 4 stops between the floors. ".repeat(12)).matches("house 4").count(), 12);
}

/// Values of DER, as `openssl cms` writes them; `parts` are what stands in the value.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u16::try_from(value.len()).expect("short").to_be_bytes();
    [&[tag, 0x82][..], &length, &value].concat()
}

/// The same without a length, as programs write it that don't know it yet (X.690 §8.1.3.6).
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[tag, 0x80][..], &parts.concat(), &[0, 0]].concat()
}

const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";

fn cms(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let inside = der(0x30, &[DATA, &der(0xa0, &[content])]);
    let data = der(0x30, &[b"\x02\x01\x01", b"\x31\x00", &inside, b"\x31\x00"]);
    der(0x30, &[&der(0x06, &[kind]), &der(0xa0, &[&data])])
}

fn streamed(kind: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let octets: Vec<Vec<u8>> = pieces.iter().map(|piece| der(0x04, &[piece])).collect();
    let octets = ber(0x24, &octets.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let inside = ber(0x30, &[DATA, &ber(0xa0, &[&octets])]);
    let data = ber(0x30, &[b"\x02\x01\x01", b"\x31\x00", &inside, b"\x31\x00"]);
    ber(0x30, &[&der(0x06, &[kind]), &ber(0xa0, &[&data])])
}

const SIGNED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ENVELOPED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
const COMPRESSED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09";

/// A part, compressed.
pub(super) fn compressed(part: &[u8]) -> Vec<u8> {
    let mut zlib = Vec::new();
    let outcome = flate2::read::ZlibEncoder::new(part, flate2::Compression::best()).read_to_end(&mut zlib);
    outcome.expect("compressed");
    cms(COMPRESSED, &der(0x04, &[&zlib]))
}

fn smime(kind: &str, container: &[u8]) -> IncomingMail {
    let header = format!("{ANN}Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n");
    mail(&header, data_encoding::BASE64_MIME.encode(container).as_bytes())
}

#[test]
fn what_is_signed_as_a_whole_is_read() {
    let part =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
                Der Lift steht, grüße\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\nx\r\n--b--\r\n"
            .as_bytes();
    let once = cms(SIGNED, &der(0x04, &[part]));
    let (head, tail) = part.split_at(70);
    let twice_part = [
        &b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"[..],
        data_encoding::BASE64_MIME.encode(&once).as_bytes(),
    ]
    .concat();
    for (kind, container) in [
        ("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", once.clone()),
        ("application/x-pkcs7-mime; name=smime.p7m", once.clone()),
        ("application/octet-stream; name=\"smime.p7m\"", once.clone()),
        ("application/pkcs7-mime; smime-type=signed-data", streamed(SIGNED, &[head, tail])),
        ("application/pkcs7-mime; smime-type=signed-data", cms(SIGNED, &der(0x04, &[&twice_part]))),
    ] {
        let mail = smime(kind, &container);
        assert_eq!((mail.text.as_str(), names(&mail)), ("Der Lift steht, grüße", vec!["a.csv"]), "{kind}");
        assert_eq!(mail.troubles, ["It is signed (S/MIME), and the signature was not verified."], "{kind}");
    }
    // A gateway that unpacked it has left its type as it was.
    let mail = smime("application/pkcs7-mime; smime-type=enveloped-data", part);
    assert_eq!((mail.text.as_str(), mail.troubles.len()), ("Der Lift steht, grüße", 0));
}

#[test]
fn a_mail_that_was_signed_with_its_header_is_read() {
    let part = |forwarded: &str| {
        format!(
            "Content-Type: message/rfc822; forwarded={forwarded}\r\n\r\n{ANN}Subject: Keys\r\nContent-Type: text/plain\r\n\r\n\
             The lift is stuck.\r\n"
        )
    };
    let opaque =
        smime("application/pkcs7-mime; smime-type=signed-data", &cms(SIGNED, &der(0x04, &[part("no").as_bytes()])));
    assert_eq!((opaque.text.as_str(), names(&opaque)), ("The lift is stuck.", vec![]));
    let clear = |forwarded: &str| {
        let body = format!(
            "--b\r\n{}\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n",
            part(forwarded)
        );
        mail(&format!("{ANN}Content-Type: multipart/signed; boundary=b\r\n"), body.as_bytes())
    };
    assert_eq!((clear("NO").text.as_str(), names(&clear("NO"))), ("The lift is stuck.", vec![]));
    assert_eq!((clear("yes").text.as_str(), names(&clear("yes"))), ("", vec!["Keys.eml"]), "somebody passed it on");
}

#[test]
fn one_mail_in_the_other_is_opened_a_few_times() {
    let mut part = b"Content-Type: text/plain\r\n\r\nThe lift is stuck.\r\n".to_vec();
    for _ in 0..2000 {
        part = [&b"Content-Type: message/rfc822; forwarded=no\r\n\r\n"[..], &part].concat();
    }
    let raw = [ANN.as_bytes(), &part].concat();
    assert_eq!(names(&read(&raw).expect("readable")), ["message.eml"]);
}

#[test]
fn what_is_compressed_is_read() {
    let container = compressed(b"Content-Type: text/plain\r\n\r\nThe lift is stuck.\r\n");
    let mail = smime("application/pkcs7-mime; smime-type=compressed-data", &container);
    assert_eq!((mail.text.as_str(), mail.troubles.len(), mail.attachments.len()), ("The lift is stuck.", 0, 0));
}

#[test]
fn what_can_not_be_read_is_said_to_be_what_it_is() {
    for (container, word) in [
        (cms(ENVELOPED, b"\x80\x01x"), "encrypted"),
        (
            der(
                0x30,
                &[&der(0x06, &[SIGNED]), &der(0xa0, &[&der(0x30, &[b"\x02\x01\x01\x31\x00", &der(0x30, &[DATA])])])],
            ),
            "certificates",
        ),
        (b"no container".to_vec(), "not known"),
        (ber(0x30, &[b"\x30\x80".repeat(100_000).as_slice()]), "not known"),
        ([&der(0x06, &[SIGNED])[..], &b"\xa0\x80\x24\x80".repeat(1000)].concat(), "not known"),
    ] {
        let mail = smime("application/pkcs7-mime; name=smime.p7m", &container);
        assert_eq!(names(&mail), ["smime.p7m"], "{word}");
        assert!(mail.troubles.iter().any(|trouble| trouble.contains(word)), "{word}: {:?}", mail.troubles);
    }
    let pgp = "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n";
    let mail = mail(&format!("{ANN}Content-Type: multipart/encrypted; boundary=b\r\n"), pgp.as_bytes());
    assert_eq!(names(&mail), ["encrypted.asc"]);
    assert!(mail.troubles.iter().any(|trouble| trouble.contains("encrypted")));
}

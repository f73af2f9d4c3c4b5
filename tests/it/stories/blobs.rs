//! What files cost: each is kept once, whichever way it came and however often it is sent.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use data_encoding::BASE64_MIME;
use serde_json::{Value, json};
use ticketloom::domain::blob::Digest;
use ticketloom::domain::id::{EmailAddress, LetterId};
use ticketloom::store::intake::{Accepted, DeliveryKey, NewMail, Route};

use super::world::{ALICE, CAROL, Case, DAVE, Eml, HOLD, World, text};

const MIB: usize = 1 << 20;

/// Bytes that no compression makes fewer, others for each seed.
pub(super) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(length);
    bytes
}

/// A mail with these files, in base64.
pub(super) fn mail_with(subject: &str, files: &[(&str, &[u8])]) -> Eml {
    let encoded: Vec<String> = files.iter().map(|(_, bytes)| BASE64_MIME.encode(bytes)).collect();
    let files: Vec<(&str, &str, &str)> =
        files.iter().zip(&encoded).map(|((name, _), base64)| (*name, "application/x-noise", base64.as_str())).collect();
    Eml::new(CAROL, subject, "Here is the file.").files(&files)
}

/// A mail with a file that only reading it makes: written into its text (uuencode).
fn uuencoded(subject: &str, files: &[(&str, &[u8])]) -> Eml {
    let mut body = "Here they are.\r\n\r\n".to_owned();
    for (name, bytes) in files {
        let _ = write!(body, "begin 644 {name}\r\n");
        for line in bytes.chunks(45) {
            let letter = |six: u8| char::from(if six == 0 { b'`' } else { b' ' + six });
            body.push(letter(u8::try_from(line.len()).expect("a line")));
            for three in line.chunks(3) {
                let at = |n: usize| three.get(n).copied().unwrap_or_default();
                let sixes = [at(0) >> 2, (at(0) << 4 | at(1) >> 4) & 63, (at(1) << 2 | at(2) >> 6) & 63, at(2) & 63];
                body.extend(sixes.map(letter));
            }
            body.push_str("\r\n");
        }
        body.push_str("`\r\nend\r\n\r\n");
    }
    Eml::new(CAROL, subject, &body)
}

/// How many bytes all tables, their indexes and what is stored beside them have on disk.
async fn on_disk(w: &World) -> usize {
    let bytes = w
        .count("select sum(pg_total_relation_size(oid))::bigint from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        .await;
    usize::try_from(bytes).expect("a size")
}

/// A file in a ticket's thread, with a caption or without.
pub(super) fn file(case: &Case, name: &str, size: usize, caption: Option<&str>) -> Value {
    let mut content = text(caption.unwrap_or(name), Some(&case.root));
    content["msgtype"] = json!("m.file");
    content["filename"] = json!(name);
    content["url"] = json!(format!("mxc://desk.test/{name}"));
    content["info"] = json!({ "mimetype": "application/pdf", "size": size });
    content
}

/// Fails if `grown` is more than that share of `once`.
fn at_most(tenths: usize, grown: usize, once: usize) {
    assert!(grown * 10 <= once * tenths, "{grown} bytes for {once}: more than {tenths} tenths");
}

#[tokio::test]
async fn a_mail_with_a_file_costs_little_more_than_its_bytes() {
    let w = World::new().await;
    w.ticket("The first one").await;
    let bytes = noise(1, 3 * MIB);
    let mail = mail_with("A large one", &[("noise.bin", &bytes), ("again.bin", &bytes)]);
    let (before, raw) = (on_disk(&w).await, mail.bytes());
    w.deliver(&mail).await;
    at_most(13, on_disk(&w).await - before, raw.len());
    assert_eq!(w.count("select count(*) from blob").await, 0, "the files stand in the mail");
    let uploads = w.chat.uploads();
    assert_eq!(uploads.len(), 1, "the same file of a ticket is uploaded once");
    assert!(uploads[0].2 == bytes, "and is what it was");
    w.finish().await;
}

#[tokio::test]
async fn a_follow_up_with_the_same_file_uploads_and_keeps_nothing_again() {
    let w = World::new().await;
    let bytes = noise(2, MIB);
    let case = w.case_of(w.deliver(&mail_with("It smokes", &[("a.bin", &bytes)])).await).await;
    let again = mail_with(&format!("Re: [Ticket#{}] It smokes", case.number), &[("a.bin", &bytes)]);
    w.deliver(&again).await;
    assert_eq!(w.chat.uploads().len(), 1);
    assert_eq!(w.rows("select count(distinct digest) || ' ' || count(*) from attachment").await, ["1 2"]);
    w.finish().await;
}

#[tokio::test]
async fn files_of_every_kind_come_out_as_they_were() {
    let w = World::new().await;
    let long = "It smokes and smells, and I can't sleep.\r\n".repeat(1000);
    let (a, b) = (noise(3, 70_000), noise(4, 1));
    let unpadded = BASE64_MIME.encode(&a).trim_end_matches(['=', '\r', '\n']).to_owned();
    let files =
        [("odd.bin", "application/x", unpadded.as_str()), ("one.bin", "application/x", &BASE64_MIME.encode(&b))];
    let mails = [
        mail_with("In base64", &[("a.bin", &a), ("b.bin", &b), ("empty.bin", b"")]),
        uuencoded("In its text", &[("a.bin", &a)]),
        Eml::new(CAROL, "A long one", &long),
        Eml::new(CAROL, "Without padding", "There.").files(&files),
        // The null sender is written above it before it is read.
        mail_with("From a machine", &[("a.bin", &a)]).envelope_from("").header("From", DAVE),
    ];
    for mail in &mails {
        w.deliver(mail).await;
    }
    let rows = w
        .rows("select name || ' ' || encode(digest, 'hex') || ' ' || size from attachment order by attachment_id")
        .await;
    let mut uploads: HashMap<String, usize> = HashMap::new();
    for (name, _, bytes) in w.chat.uploads() {
        *uploads.entry(format!("{name} {} {}", Digest::of(&bytes), bytes.len())).or_default() += 1;
    }
    for row in &rows {
        assert!(uploads.contains_key(row), "{row} was uploaded otherwise: {uploads:?}");
    }
    let digests: Vec<String> = [&a, &b].iter().map(|bytes| Digest::of(bytes).to_string()).collect();
    assert!(digests.iter().all(|digest| rows.iter().any(|row| row.contains(digest))), "{rows:?}");
    let apart = w.rows("select name from attachment where blob is not null order by attachment_id").await;
    assert_eq!(apart, ["a.bin", "whole-text.txt", "odd.bin"], "what can't be cut out of its mail");
    w.finish().await;
}

#[tokio::test]
async fn a_mail_to_two_queues_is_kept_once_and_brought_out_as_it_came() {
    let w = World::new().await;
    w.ticket("The first one").await;
    let raw = mail_with("To both", &[("noise.bin", &noise(5, 2 * MIB))]).bytes();
    let before = on_disk(&w).await;
    let mut mails = Vec::new();
    for recipient in ["support@desk.test", "billing@desk.test"] {
        let address = EmailAddress::parse(recipient).expect("an address");
        let queue = w.store.queue_for_address(&address).await.expect("an answer").expect("a queue");
        let key = DeliveryKey::of_bytes(recipient, &raw);
        let (recipient, envelope_from) = (recipient.to_owned(), Some(CAROL.to_owned()));
        let raw = raw.clone().into();
        mails.push(NewMail { queue, route: Route::Lmtp, recipient, envelope_from, raw, left_behind: None, key });
    }
    let accepted = w.store.accept_mails(mails.clone()).await.expect("accepted");
    assert_eq!(w.store.accept_mails(mails).await.expect("accepted"), [Accepted::Again; 2]);
    w.settle().await;
    at_most(13, on_disk(&w).await - before, raw.len());
    assert_eq!(w.count("select count(*) from blob").await, 1);
    for accepted in accepted {
        let Accepted::New(mail) = accepted else { panic!("it was here before") };
        let case = w.case_of(mail).await;
        w.say(ALICE, &case, "!raw").await.done();
        assert!(w.chat.uploads().last().expect("a file").2 == raw, "byte for byte");
    }
    w.finish().await;
}

#[tokio::test]
async fn mails_with_the_same_files_in_another_order_get_past_each_other() {
    let w = World::new().await;
    let files: Vec<Vec<u8>> = (0..6).map(|seed| noise(100 + seed, 20_000)).collect();
    let names: Vec<String> = (0..files.len()).map(|n| format!("{n}.bin")).collect();
    for number in 0..24 {
        let mut parts: Vec<(&str, &[u8])> =
            names.iter().map(String::as_str).zip(files.iter().map(Vec::as_slice)).collect();
        parts.rotate_left(number % files.len());
        if number % 2 == 1 {
            parts.reverse();
        }
        // Each of another sender, so that they are read at the same time.
        let mail = uuencoded(&format!("Mail {number}"), &parts).from(&format!("n{number}@customer.test"));
        let key = DeliveryKey::of_bytes(&mail.recipient, &mail.bytes());
        w.accept(&mail.bytes(), &mail.recipient, &mail.envelope_from, key).await.expect("a new mail");
    }
    w.settle().await;
    assert_eq!(w.rows("select count(distinct article_id) || ' ' || count(*) from attachment").await, ["24 144"]);
    assert_eq!(w.count("select count(*) from blob").await, 6);
    assert_eq!(w.count("select count(*) from blob where digest <> sha256(bytes)").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn bytes_that_many_bring_at_once_are_there_for_all_of_them() {
    let w = World::new().await;
    for round in 0..20 {
        let bytes = noise(1000 + round, 50_000);
        let keep = || async {
            let kept = w.store.blobs().keep(bytes.clone()).await.expect("kept");
            let there = w.store.blobs().get(kept.digest).await.expect("there");
            assert!(there.as_ref() == bytes, "whoever was told that they are kept finds them");
        };
        tokio::join!(keep(), keep(), keep());
    }
    assert_eq!(w.count("select count(*) from blob").await, 20);
    let missing = w.store.blobs().get(Digest::of(b"never seen")).await;
    assert!(missing.is_err_and(|error| !error.is_passing()), "what is not there never comes");
    w.finish().await;
}

#[tokio::test]
async fn an_answers_file_is_sent_and_recorded_the_same_at_every_attempt() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let bytes = noise(6, 200_000);
    w.chat.has_file("mxc://desk.test/manual.pdf", bytes.clone());
    let said =
        w.message(ALICE, &case.room, file(&case, "manual.pdf", bytes.len(), Some("!answer See the manual."))).await;
    // It waits for its file.
    w.pass(Duration::from_secs(5)).await;
    w.edit(ALICE, &said, "!answer See page 7 of the manual.").await;
    let deferred = ticketloom::desk::seams::Delivery::Deferred { why: "451 later".to_owned() };
    w.mailer.will(deferred);
    w.pass(HOLD).await;
    w.pass(Duration::from_mins(5)).await;
    let attempts = w.mailer.attempts().split_off(1);
    assert_eq!((attempts.len(), attempts[0].mail.bytes() == attempts[1].mail.bytes()), (2, true));
    let letter = w.count("select max(letter_id) from letter").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let recorded = tx.letters().lock(LetterId(letter)).await.expect("the letter").sealed;
    drop(tx);
    let recorded = w.store.filled(LetterId(letter), &recorded).await.expect("its files");
    assert!(recorded.mail.bytes() == attempts[0].mail.bytes(), "the record shows what was sent");
    let sent = w.newest_mail();
    assert!(sent.text.contains("page 7"), "{}", sent.text);
    let encoded = BASE64_MIME.encode(&bytes);
    assert!(sent.source.contains(encoded.trim_end()), "and has the file");
    assert_eq!(w.count("select count(*) from blob").await, 1, "fetched, noted and sent, it is kept once");
    w.finish().await;
}

/// 18 MB to 20 people: as much as one answer may be.
#[test]
fn a_large_answer_to_twenty_costs_its_bytes_once_on_disk_and_in_memory() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (w, case, bytes, before) = runtime.block_on(async {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        let bytes = noise(7, 18 * MIB - 1);
        let before = on_disk(&w).await;
        w.chat.has_file("mxc://desk.test/film.bin", bytes.clone());
        w.message(ALICE, &case.room, file(&case, "film.bin", bytes.len(), None)).await;
        // It waits for its file: what is written before that is there waits behind it.
        w.pass(Duration::from_secs(5)).await;
        (w, case, bytes, before)
    });
    let cc: Vec<String> = (1..20).map(|number| format!("--cc n{number}@customer.test")).collect();
    let measured = allocation_counter::measure(|| {
        runtime.block_on(async {
            let said = w.say(ALICE, &case, &format!("!answer {} --attach 1 Here is the film.", cc.join(" "))).await;
            w.pass(HOLD).await;
            assert_eq!(said.marks(), "✉️", "{}", said.answer());
        });
    });
    let most = usize::try_from(measured.bytes_max).expect("a size");
    assert!(most >= bytes.len(), "the file was in memory: {most}");
    at_most(12, most, bytes.len());
    runtime.block_on(async {
        at_most(12, on_disk(&w).await - before, bytes.len());
        let attempts = w.mailer.attempts().split_off(1);
        assert_eq!(attempts.len(), 20);
        let first = attempts[0].mail.files()[0].1.as_ref();
        assert!(first == bytes);
        for attempt in &attempts {
            assert!(std::ptr::eq(attempt.mail.files()[0].1.as_ref(), first), "one for all");
        }
        w.finish().await;
    });
}

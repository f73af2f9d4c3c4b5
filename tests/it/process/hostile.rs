//! Bytes that stores refuse (R59): whatever comes, PostgreSQL and Synapse take what the desk makes of it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::house::{House, Plan, until};
use super::lmtp::Lmtp;

/// How many mails come.
const MAILS: i64 = 120;

/// What a mail is made of here: halves of structures, wrong bytes, and characters that do something.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::sample::select(vec![
            &b"Subject: "[..],
            b"Subject: =?utf-16?B?2ADcAA==?= =?utf-8?Q?=00=ED=A0=80=C0=AF?=\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n",
            b"Content-Type: text/html; charset=utf-7\r\n",
            b"Content-Type: text/plain; charset=iso-2022-jp\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n",
            b"Content-Disposition: attachment; filename*0*=utf-8''..%2f%00%e2%80%ae; filename*1=x\r\n",
            b"\r\n",
            b"\r\n\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"\0",
            b"\x1b$B",
            b"\xed\xa0\x80",
            b"\xc0\xaf",
            b"\xff\xfe",
            b"\x85\x9f",
            b"=00=1B=ED=A0=80",
            b"+2AA-",
            b"&#0;&#xd800;&#x202e;",
            b"<table><tr><td>",
            b"<blockquote><svg><math><style>",
            b"@room @alice:desk.test https://matrix.to/#/@alice:desk.test ",
            b"> quoted\r\n",
        ])
        .prop_map(<[u8]>::to_vec),
        3 => prop::sample::select(vec!["\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "e\u{301}\u{301}", "\u{10ffff}", "😀"])
            .prop_map(|text| text.repeat(50).into_bytes()),
        3 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(vec![b'x'; 50_000]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_bytes_come_the_record_and_the_room_take_what_becomes_of_them() {
    let house = House::opened(Plan { more: "burst = 1000", ..Plan::default() }).await;
    let mut runner = TestRunner::deterministic();
    let pieces = prop::collection::vec(piece(), 0..30);
    let mut lmtp = Lmtp::open(&house).await;
    for number in 0..MAILS {
        let body = pieces.new_tree(&mut runner).expect("pieces").current().concat();
        let head = format!("From: \u{202e}n{number}\u{85} <hostile{number}@customer.test>\r\n");
        lmtp.deliver("hostile@customer.test", house.address(), &[head.as_bytes(), &body].concat()).await;
    }
    let done = async || {
        let jobs = house.jobs().await;
        assert!(!jobs.iter().any(|job| job.contains(" dead ")), "given up: {jobs:?}");
        jobs.is_empty().then_some(())
    };
    until("everything is shown", 120, done).await;
    let entries: i64 = sqlx::query_scalar("select coalesce(sum(count), 0)::bigint from quarantine")
        .fetch_one(&house.record)
        .await
        .expect("a number");
    assert_eq!(house.count("article where mail_id is not null").await + entries, MAILS, "each is something");
    assert_eq!(house.count("article where mail_id is not null and event_id is null").await, 0, "and is shown");
    assert_eq!(
        house
            .count("attachment where attachment_id not in (select subject_id from projection where purpose = 'file')")
            .await,
        0
    );
    assert_eq!(house.count("ticket where subject ~ '[[:cntrl:]]'").await, 0);
}

//! An archive comes in, and nothing goes out.

use std::sync::Arc;

use ticketloom::desk::Desk;
use ticketloom::desk::post::Tone;
use ticketloom::domain::queue::Queue;
use ticketloom::import::{Report, import};
use ticketloom::mail::archive::Archive;
use ticketloom::mail::compose::MailComposer;
use ticketloom::mail::reader::Reader;
use ticketloom::store::Store;
use ticketloom::store::intake::{DeliveryKey, NewMail, Route};
use ticketloom::store::jobs::{Class, Job, PutBack};

use super::world::{ALICE, BURST, CAROL, DAVE, Eml, HOLD, World};

const OWN: &str = "Anna <support@desk.test>";

fn mbox(mails: &[Vec<u8>]) -> tempfile::NamedTempFile {
    let mut bytes = Vec::new();
    for mail in mails {
        bytes.extend_from_slice(b"From somebody@customer.test Mon Nov 23 09:00:00 2026\n");
        bytes.extend_from_slice(mail);
        bytes.extend_from_slice(b"\n");
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    file
}

async fn support(w: &World) -> Queue {
    let queues = w.store.begin().await.expect("a transaction").queues().all().await.expect("the queues");
    queues.into_iter().find(|queue| queue.name == "support").expect("a queue")
}

async fn take(w: &World, mails: &[Vec<u8>]) -> Report {
    let file = mbox(mails);
    let archive = Archive::open(file.path()).expect("an mbox");
    import(&w.desk, &Reader::in_process(), &support(w).await, archive, |_| ()).await.expect("an import")
}

async fn rehearse(w: &World, mails: &[Vec<u8>]) -> Report {
    let stage = Store::rehearsal(&w.database.url).await.expect("a rehearsal");
    let desk = Desk::new(stage, Arc::new(MailComposer), w.desk.settings().clone());
    let file = mbox(mails);
    let archive = Archive::open(file.path()).expect("an mbox");
    import(&desk, &Reader::in_process(), &support(w).await, archive, |_| ()).await.expect("a rehearsal")
}

/// A delivery report, about one of our mails or about none.
fn report(id: &str, about: &str) -> Vec<u8> {
    let original = if about.is_empty() {
        String::new()
    } else {
        format!("--=r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{about}>\r\nSubject: x\r\n\r\n")
    };
    let text = format!(
        "--=r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n\
         Final-Recipient: rfc822; {CAROL}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n{original}--=r--\r\n"
    );
    Eml::new("MAILER-DAEMON@mx.test", "Undelivered", &text)
        .message_id(id)
        .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"=r\"")
        .bytes()
}

fn reply(from: &str, id: &str, to: &str, text: &str) -> Eml {
    Eml::new(from, "Re: It smokes", text).message_id(id).header("In-Reply-To", &format!("<{to}>"))
}

/// A conversation and all that stands around one in a real archive.
fn archive() -> Vec<Vec<u8>> {
    let first = Eml::new("Carol <carol@customer.test>", "It smokes", "It smokes.\n>From the lid.");
    let first = first.message_id("a1@customer.test").bytes();
    let received = b"Received: from elsewhere.test by mx.test; Mon, 23 Nov 2026 09:00:01 +0000\r\n";
    vec![
        first.clone(),
        reply(OWN, "a0@desk.test", "a1@customer.test", "Fixed words.").header("Auto-Submitted", "auto-replied").bytes(),
        reply(OWN, "a2@desk.test", "a1@customer.test", "Pull the plug.").bytes(),
        reply(CAROL, "a3@customer.test", "a2@desk.test", "I did.").bytes(),
        reply(DAVE, "a4@customer.test", "a2@desk.test", "Mine, too.").bytes(),
        [received, &first[..]].concat(),
        Eml::new("list@elsewhere.test", "News", "Buy!")
            .header("List-Unsubscribe", "<mailto:leave@elsewhere.test>")
            .bytes(),
        Eml::new(OWN, "Hello?", "An answer to nothing.").bytes(),
        report("a7@mx.test", "a2@desk.test"),
        report("a8@mx.test", ""),
        b"Subject: whose?\r\n\r\nnobody's\r\n".to_vec(),
    ]
}

/// What becomes of [`archive`].
fn assert_archive(report: &Report) {
    let counts = [report.new_tickets, report.follow_ups, report.own, report.held, report.duplicates, report.unread];
    assert_eq!(counts, [1, 1, 2, 1, 1, 0], "{report}");
    let reasons: Vec<(&str, usize)> = report.quarantined.iter().map(|(why, count)| (why.as_str(), *count)).collect();
    assert_eq!(
        reasons,
        [
            ("a delivery report about no mail of this desk", 1),
            ("a mail of this desk's own that answers no mail here", 1),
            ("automatic mail that belongs to no ticket (List-Unsubscribe: …)", 1),
            ("it has no readable sender", 1),
        ]
    );
    // All of the conversation and its bounce; Carol's mail would have been acknowledged, the list's would not.
    assert_eq!((report.mails, report.longest_thread(), report.withheld, report.went_out), (11, 6, 1, 0), "{report}");
    assert_eq!((report.automatic, report.bounces), (2, 2), "{report}");
    assert_eq!(report.charsets.get("utf-8"), Some(&8), "{report}");
    assert_eq!(report.troubles.values().sum::<usize>(), 1, "{report}");
}

#[tokio::test]
async fn an_archive_becomes_threads_and_nothing_goes_out() {
    let w = World::new().await;
    let report = take(&w, &archive()).await;
    w.settle().await;
    assert_archive(&report);
    assert_eq!((w.count("select count(*) from letter").await, w.outbox().len()), (0, 0));
    assert_eq!(w.count("select count(*) from automatic_mail").await, 0, "nobody's share of the day is used up");
    let posts = w.chat.posts(&w.room("support"));
    assert!(posts.len() > 6, "{}", w.transcript(&w.room("support")));
    for (_, post) in &posts {
        // Of a file Matrix knows no quiet kind.
        assert!((post.tone == Tone::Notice || post.file.is_some()) && post.mentions.is_empty(), "{post:?}");
    }
    let conversation = w
        .rows(
            "select sender || ' ' || kind || ' ' || visibility || ' ' || written_at::date from article
        where ticket_id = (select min(ticket_id) from ticket) order by seq",
        )
        .await;
    let at = "2026-11-23";
    assert_eq!(
        conversation[..5],
        [
            format!("customer mail customer {at}"),
            format!("system mail customer {at}"),
            format!("agent mail customer {at}"),
            format!("customer mail customer {at}"),
            format!("customer mail held {at}"),
        ]
    );
    let transcript = w.transcript(&w.room("support"));
    assert!(transcript.contains("written 23 Nov 09:00") && transcript.contains("Anna"), "{transcript}");
    assert!(transcript.contains("From the lid.") && !transcript.contains(">From"), "{transcript}");
    w.finish().await;
}

#[tokio::test]
async fn an_archive_taken_twice_is_there_once() {
    let w = World::new().await;
    let mails = archive();
    take(&w, &mails).await;
    w.settle().await;
    let tables = ["ticket", "article", "mail_in", "quarantine", "ticket_event"];
    let count = async || {
        let mut counts = Vec::new();
        for table in tables {
            counts.push(w.count(&format!("select count(*) from {table}")).await);
        }
        (counts, w.chat.posts(&w.room("support")).len())
    };
    let before = count().await;
    let again = take(&w, &mails).await;
    w.settle().await;
    assert_eq!(count().await, before);
    assert_eq!((again.mails, again.duplicates, again.new_tickets), (11, 11, 0), "{again}");
    w.finish().await;
}

#[tokio::test]
async fn what_would_become_of_an_archive_is_told_and_not_done() {
    let w = World::new().await;
    let case = w.ticket("It is here already").await;
    let known = w.rows("select message_id from message_ref order by article_id").await[0].clone();
    let mut mails = archive();
    mails.push(reply(CAROL, "b1@customer.test", &known, "And again.").bytes());
    let state = "select md5(string_agg(it::text, '|' order by it::text)) from (
        select to_jsonb(ticket) as it from ticket union all select to_jsonb(article) from article
        union all select to_jsonb(mail_in) from mail_in union all select to_jsonb(job) from job
        union all select to_jsonb(lane) from lane
        union all select to_jsonb(customer) from customer union all select to_jsonb(ticket_counter) from ticket_counter
        union all select to_jsonb(mail_seen) from mail_seen union all select to_jsonb(ticket_event) from ticket_event
        union all select to_jsonb(quarantine) from quarantine union all select to_jsonb(letter) from letter) as everything";
    let before = w.rows(state).await;
    let told = rehearse(&w, &mails).await;
    assert_eq!(w.rows(state).await, before, "a rehearsal changes nothing");
    assert_eq!((told.mails, told.new_tickets, told.follow_ups), (12, 1, 2), "{told}");
    let done = take(&w, &mails).await;
    assert_eq!(done.to_string(), told.to_string(), "what was told is what is done");
    assert_eq!(w.count(&format!("select count(*) from article where ticket_id = {}", case.id)).await, 3);
    w.settle().await;
    w.finish().await;
}

/// A mail is stored by an import, and nothing more happens.
async fn store(w: &World, raw: &[u8]) {
    let queue = support(w).await;
    let recipient = queue.address.as_str();
    let key = DeliveryKey::of_bytes(recipient, raw);
    let new = NewMail {
        queue: queue.id,
        route: Route::Import,
        recipient: recipient.to_owned(),
        envelope_from: Some(CAROL.to_owned()),
        raw: raw.to_vec().into(),
        left_behind: None,
        key,
    };
    w.store.accept_mails(vec![new]).await.expect("accepted");
}

#[tokio::test]
async fn whoever_reads_an_imported_mail_nothing_goes_out() {
    let w = World::new().await;
    store(&w, &Eml::new(CAROL, "It smokes", "It smokes.").bytes()).await;
    // The desk that runs, not the import.
    w.settle().await;
    w.only_case().await;
    assert_eq!((w.outbox().len(), w.count("select count(*) from letter").await), (0, 0));
    w.mail(DAVE, "Mine", "Mine, too.").await;
    assert_eq!(w.outbox().len(), 1, "a mail that comes in is acknowledged");
    w.finish().await;
}

#[tokio::test]
async fn an_import_that_was_stopped_is_ended_by_the_next_one() {
    let w = World::new().await;
    let mails = [Eml::new(CAROL, "It smokes", "It smokes.").bytes(), Eml::new(DAVE, "Mine", "Mine, too.").bytes()];
    store(&w, &mails[0]).await;
    let report = take(&w, &mails).await;
    assert_eq!((report.new_tickets, report.duplicates, report.unread), (1, 1, 0), "{report}");
    assert_eq!(w.count("select count(*) from ticket").await, 2);
    w.settle().await;
    assert_eq!(w.outbox().len(), 0);
    w.finish().await;
}

#[tokio::test]
async fn an_old_mail_opens_nothing_again_and_calls_nobody() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.pass(HOLD).await;
    let (card, mails) = (w.card(&case), w.outbox().len());
    let answer = w.newest_mail();
    take(&w, &[reply(CAROL, "c1@customer.test", &answer.message_id, "Thank you.").bytes()]).await;
    w.settle().await;
    assert_eq!((w.card(&case), w.outbox().len()), (card, mails));
    let (_, post) = w.newest_post(&case);
    assert!(post.text.contains("Thank you.") && post.mentions.is_empty() && post.tone == Tone::Notice, "{post:?}");
    w.finish().await;
}

#[tokio::test]
async fn what_an_archive_brings_stands_in_the_feed_and_is_told_to_no_webhook() {
    let w = World::new().await;
    w.sql(
        "insert into webhook (url, secret, events, queues, has_bodies, created_at)
         values ('https://hooks.example.org/', 'whsec_', '{}', '{}', true, now())",
    )
    .await;
    take(&w, &[Eml::new(CAROL, "Old", "Old.").bytes()]).await;
    w.settle().await;
    assert!(w.desk.tell_events().await.expect("numbers") > 0);
    assert_eq!(w.count("select count(*) from webhook_delivery").await, 0);
    assert!(w.count("select count(*) from feed_event").await > 0);
    w.finish().await;
}

#[tokio::test]
async fn whoever_writes_now_comes_before_an_archive() {
    let w = World::new().await;
    let mut mails: Vec<Vec<u8>> = Vec::new();
    // So many that they would be a burst, had they come just now.
    for number in 0..=BURST {
        mails.push(Eml::new(CAROL, &format!("Old {number}"), "Old.").bytes());
    }
    let report = take(&w, &mails).await;
    assert_eq!(report.new_tickets, mails.len());
    w.accept(
        &Eml::new(CAROL, "New", "New.").bytes(),
        "support@desk.test",
        CAROL,
        DeliveryKey::of_bytes("support@desk.test", b"new"),
    )
    .await
    .expect("a new mail");
    w.settle_desk().await;
    let newest = w.count("select ticket_id from ticket where subject = 'New'").await;
    let first = w.store.lease(Class::Chat, 1).await.expect("a job");
    assert!(matches!(&first[0].job, Job::Card(card) if card.ticket.0 == newest), "{:?}", first[0].job);
    let held = first.into_iter().next().expect("a job");
    let back = PutBack { wait: std::time::Duration::ZERO, why: "only looked".to_owned(), begun: false, counts: false };
    w.store.put_back(&held, &back).await.expect("put back");
    w.settle().await;
    w.finish().await;
}

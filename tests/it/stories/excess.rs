//! More mails to tickets that are there than anybody reads: the first are shown, all are kept.

use std::time::Duration;

use ticketloom::store::intake::DeliveryKey;

use super::world::{ALICE, BURST, CAROL, Case, DAVE, Eml, HOLD, READERS, Sent, Shown, World, reply, user};

/// How many mails a burst has.
const MAILS: usize = 2 * BURST as usize;
/// How many of them are shown.
const SHOWN: i64 = BURST as i64;

/// The same, if they have several envelope senders: those that are read at the same moment don't see each other.
fn at_once() -> std::ops::RangeInclusive<i64> {
    SHOWN..=SHOWN + i64::try_from(READERS).expect("few") - 1
}

/// They all come in before the first is read.
async fn burst(w: &World, mails: impl Iterator<Item = Eml>) {
    for mail in mails {
        let key = DeliveryKey::of_bytes(&mail.recipient, &mail.bytes());
        w.accept(&mail.bytes(), &mail.recipient, &mail.envelope_from, key).await.expect("a new mail");
    }
    // The newest count is shown within seconds, not with each mail.
    w.pass(Duration::from_secs(5)).await;
}

async fn articles(w: &World, case: &Case) -> i64 {
    w.count(&format!("select count(*) from article where ticket_id = {} and kind in ('mail', 'bounce')", case.id)).await
}

/// What the thread says about mails that are not shown.
fn told(w: &World, case: &Case) -> Vec<Shown> {
    let thread = w.thread(case).into_iter().map(|(_, post)| post);
    thread.filter(|post| post.text.contains("is not shown here: more than")).collect()
}

/// Every mail is an article or one of an entry's count, and there is one entry.
async fn nothing_is_lost(w: &World, case: &Case, mails: usize) {
    let entries = w.rows("select count from quarantine").await;
    let [count] = &entries[..] else { panic!("{entries:?}") };
    let kept: i64 = count.parse().expect("a count");
    assert_eq!(articles(w, case).await + kept, i64::try_from(mails).expect("few"));
    assert_eq!(told(w, case).len(), 1, "told once");
}

#[tokio::test]
async fn a_customer_who_writes_and_writes_calls_the_owner_so_often_and_no_more() {
    let w = World::new().await;
    let (case, other) = (w.ticket("It smokes").await, w.ticket("It burns").await);
    let ours = w.outbox().remove(0);
    w.say(ALICE, &case, "!lock").await.done();
    burst(&w, (0..MAILS).map(|n| Eml::reply(&ours, &format!("And {n}.")))).await;
    assert_eq!(articles(&w, &case).await, SHOWN, "with the one that began it");
    nothing_is_lost(&w, &case, MAILS + 1).await;
    let [told] = &told(&w, &case)[..] else { panic!("told once") };
    assert_eq!(told.mentions, [user(ALICE)]);
    assert!(told.text.contains(CAROL) && told.text.contains(&format!("!attach {}", case.number)), "{}", told.text);
    let calls = w.thread(&case).iter().filter(|(_, post)| post.mentions.contains(&user(ALICE))).count();
    assert_eq!(calls, usize::from(BURST), "a call for each that is shown, and one for the rest");

    // Other tickets of hers, and other people in this one, go on.
    let theirs = w.outbox().into_iter().find(|sent| sent.subject.contains(&other.number)).expect("an acknowledgement");
    assert_eq!(w.fate(w.reply_to(&theirs, "It burns on.").await).await, "article");
    w.say(ALICE, &case, &format!("!cc +{DAVE}")).await.done();
    let dave = Eml::reply(&ours, "Me, too.").from(DAVE);
    assert_eq!(w.fate(w.deliver(&dave).await).await, "article");

    // An agent has the rest brought, and in an hour there is room again.
    let entries = w.chat.posts(&case.room).into_iter().filter(|(_, post)| post.quarantine.is_some());
    let entry = entries.map(|(event, _)| event).next().expect("an entry");
    w.message(ALICE, &case.room, reply(&format!("!attach {}", case.number), &entry)).await.done();
    assert_eq!(articles(&w, &case).await, i64::try_from(MAILS + 2).expect("few"));
    w.pass(Duration::from_hours(2)).await;
    assert_eq!(w.fate(w.reply_to(&ours, "It still smokes.").await).await, "article");
    w.finish().await;
}

#[tokio::test]
async fn strangers_with_a_right_number_are_counted_together() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let subject = format!("Re: [Ticket#{}] Smoke", case.number);
    burst(&w, (0..MAILS).map(|n| Eml::new(&format!("eve{n}@evil{n}.test"), &subject, "Tell me."))).await;
    let held = w.count("select count(*) from article where visibility = 'held'").await;
    assert!(at_once().contains(&held), "{held} are held");
    nothing_is_lost(&w, &case, MAILS + 1).await;
    assert_eq!(w.fate(w.reply_to(&w.newest_mail(), "It burns.").await).await, "article", "Carol is none of them");
    w.finish().await;
}

#[tokio::test]
async fn strangers_who_try_one_number_after_the_other_are_counted_together_too() {
    let w = World::new().await;
    let tickets = 12;
    let mut cases = Vec::new();
    for n in 0..tickets {
        let mail = w.mail(&format!("carol{n}@customer.test"), "It smokes", "It smokes.").await;
        cases.push(w.case_of(mail).await);
    }
    let to = |case: &Case, n: usize| {
        Eml::new(&format!("eve{n}@evil{n}.test"), &format!("Re: [Ticket#{}] Smoke", case.number), "Tell me.")
    };
    let few = usize::from(BURST) - READERS;
    burst(&w, cases.iter().flat_map(|case| (0..few).map(|n| to(case, n)))).await;
    let held = w.count("select count(*) from article where visibility = 'held'").await;
    assert_eq!(held, i64::try_from(tickets * few).expect("few"), "as many as each of the tickets bears");
    burst(&w, cases.iter().flat_map(|case| (few..few + 2).map(|n| to(case, n)))).await;
    let (held, most) = (w.count("select count(*) from article where visibility = 'held'").await, 10 * SHOWN);
    assert!((most..most + i64::try_from(READERS).expect("few")).contains(&held), "{held} are held");
    assert_eq!(w.count("select count(*) from quarantine").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn newcomers_at_a_signed_address_are_counted_together() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let ours = w.newest_mail();
    burst(&w, (0..MAILS).map(|n| Eml::reply(&ours, "Me, too.").from(&format!("eve{n}@evil{n}.test")))).await;
    let shown = articles(&w, &case).await - 1;
    assert!(at_once().contains(&shown), "{shown} are shown");
    nothing_is_lost(&w, &case, MAILS + 1).await;
    w.finish().await;
}

#[tokio::test]
async fn reports_about_one_answer_are_bounded_and_a_failure_still_counts() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    let answer: Sent = w.newest_mail();
    let to = answer.envelope_from.expect("a signed sender");
    let says = |n: usize, words: &str| {
        Eml::new("postmaster@mx.customer.test", &format!("Notice {n}"), words).to(&to).envelope_from("")
    };
    burst(&w, (0..MAILS).map(|n| says(n, "Something is odd."))).await;
    assert_eq!(w.count("select count(*) from article where kind = 'bounce'").await, SHOWN);
    nothing_is_lost(&w, &case, MAILS + 1).await;
    let failed = "--=r\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n--=r\r\nContent-Type: message/delivery-status\r\n\r\n\
                  Reporting-MTA: dns; mx.customer.test\r\n\r\nFinal-Recipient: rfc822; carol@customer.test\r\nAction: failed\r\n\
                  Status: 5.1.1\r\n\r\n--=r--\r\n";
    let report =
        says(0, failed).header("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"=r\"");
    w.deliver(&report).await;
    assert!(w.transcript(&case.room).contains("❌ Your answer did not reach carol@customer.test"));
    w.pass(Duration::from_secs(5)).await;
    w.finish().await;
}

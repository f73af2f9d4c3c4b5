//! Many mails of one sender, and two desks that write to each other.

use std::time::Duration;

use super::world::{BURST, CAROL, DAVE, Eml, Sent, World};

/// How many mails the burst has.
const MAILS: usize = 3 * BURST as usize;
/// How many automatic mails an address gets on a day.
const ACKNOWLEDGEMENTS: usize = 5;

async fn burst(w: &World, from: usize) {
    for number in from..from + MAILS {
        let mail = Eml::new(CAROL, &format!("It smokes {number}"), "It smokes.");
        let key = ticketloom::store::intake::DeliveryKey::of_bytes(&mail.recipient, &mail.bytes());
        w.accept(&mail.bytes(), &mail.recipient, CAROL, key).await.expect("a new mail");
    }
}

#[tokio::test]
async fn a_burst_is_some_tickets_and_one_entry_with_a_count() {
    let w = World::new().await;
    burst(&w, 0).await;
    w.mail(DAVE, "Mine", "Mine, too.").await;
    // The newest count is shown within seconds, not with each mail.
    w.pass(Duration::from_secs(5)).await;
    let few = i64::from(BURST);
    let more = i64::try_from(MAILS).expect("a number") - few;
    assert_eq!(w.count("select count(*) from ticket").await, few + 1);
    assert_eq!(w.rows("select count from quarantine").await, [more.to_string()]);
    assert_eq!(w.count("select count(*) from mail_in where quarantine_id is not null").await, more);
    let entries = w.chat.posts(&w.room("support")).into_iter().filter(|(_, post)| post.quarantine.is_some());
    let entries: Vec<_> = entries.collect();
    assert_eq!(entries.iter().filter(|(_, post)| post.replaces.is_none()).count(), 1);
    let newest = entries.last().expect("an entry").1.quarantine.clone().expect("its mark");
    assert_eq!(newest.count, more);
    assert!(newest.reason.contains(CAROL), "{}", newest.reason);
    assert!(entries.len() <= 12, "one edit for many mails, not {}", entries.len());
    assert_eq!(w.outbox().iter().filter(|sent| sent.to == CAROL).count(), ACKNOWLEDGEMENTS);
    assert_eq!(w.outbox().iter().filter(|sent| sent.to == DAVE).count(), 1);

    let reply = w.outbox().into_iter().find(|sent| sent.to == CAROL).expect("an acknowledgement");
    let reply = w.reply_to(&reply, "It still smokes.").await;
    assert_eq!(w.fate(reply).await, "article", "what belongs to a ticket is no burst");
    w.pass(Duration::from_hours(2)).await;
    assert_eq!(w.fate(w.mail(CAROL, "Later", "It smokes.").await).await, "article", "an hour is over");
    w.finish().await;
}

/// Headers that say that a machine wrote a mail.
const SIGNS: &[&str] = &["auto-submitted", "x-auto-response-suppress", "precedence", "x-loop", "x-ticketloom"];
/// Headers that say what it belongs to.
const THREADING: &[&str] = &["in-reply-to", "references", "subject"];

/// The mail as the other desk gets it: without those headers.
fn stripped(sent: &Sent, signs: &[&str]) -> Vec<u8> {
    let (head, body) = sent.source.split_once("\r\n\r\n").expect("a header");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let is_sign = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().to_lowercase();
        signs.iter().any(|sign| name.starts_with(sign))
    };
    let head: Vec<&str> = head.split("\r\n").filter(|line| !is_sign(line)).collect();
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}

/// Two desks write to each other until neither has anything more to say; all mails between them. The
/// envelope is lost on the way, too: each mail seems to come from a person.
async fn exchange(signs: &[&str]) -> usize {
    let (a, b) = (World::new().await, World::new().await);
    b.sql("update queue set address = 'help@other.test' where name = 'support'").await;
    let desks = [(&a, "support@desk.test"), (&b, "help@other.test")];
    a.mail("help@other.test", "It smokes", "It smokes.").await;
    let mut taken = [0, 0];
    let mut mails = 1;
    loop {
        let before = mails;
        for (from, to) in [(0, 1), (1, 0)] {
            let sent = desks[from].0.outbox();
            for mail in &sent[taken[from]..] {
                assert_eq!(mail.to, desks[to].1);
                desks[to].0.mail_raw(&stripped(mail, signs), desks[to].1, desks[from].1).await.expect("a new mail");
                mails += 1;
            }
            taken[from] = sent.len();
        }
        if mails == before {
            break;
        }
    }
    a.finish().await;
    b.finish().await;
    mails
}

#[tokio::test]
async fn two_desks_that_acknowledge_each_other_fall_silent() {
    assert_eq!(exchange(SIGNS).await, 3, "a mail and two acknowledgements");
}

#[tokio::test]
async fn what_a_gateway_makes_of_two_desks_ends_with_the_days_share() {
    let most = 1 + 2 * ACKNOWLEDGEMENTS;
    let mails = exchange(&[SIGNS, THREADING].concat()).await;
    assert!(mails <= most, "{mails} mails");
}

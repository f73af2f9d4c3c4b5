//! One mail is one article, however often and by whatever way it comes.

use ticketloom::store::intake::DeliveryKey;

use super::world::{CAROL, Eml, World};

#[tokio::test]
async fn a_redelivered_mail_is_taken_and_does_nothing() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "It smokes.");
    w.deliver(&mail).await;
    assert!(w.mail_raw(&mail.bytes(), &mail.recipient, CAROL).await.is_none());
    assert!(w.mail_raw(&mail.bytes(), "SUPPORT@desk.test", CAROL).await.is_none());
    assert_eq!((w.count("select count(*) from article where kind = 'mail'").await, w.outbox().len()), (1, 1));
    w.finish().await;
}

#[tokio::test]
async fn the_same_mail_by_two_ways_is_one_article() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "It smokes.");
    w.deliver(&mail).await;
    let traced =
        [b"Received: from elsewhere.test by mx.test; Mon, 23 Nov 2026 09:00:01 +0000\r\n", &mail.bytes()[..]].concat();
    let second = w.mail_raw(&traced, &mail.recipient, CAROL).await.expect("other bytes");
    assert_eq!(w.fate(second).await, "duplicate");
    let key = DeliveryKey::of_place("support@desk.test:993", "INBOX", 1, 7);
    let third = w.accept(&mail.bytes(), &mail.recipient, CAROL, key).await.expect("another key");
    w.settle().await;
    assert_eq!(w.fate(third).await, "duplicate");
    assert_eq!((w.count("select count(*) from article where kind = 'mail'").await, w.outbox().len()), (1, 1));
    w.finish().await;
}

#[tokio::test]
async fn another_mail_under_the_same_id_is_another_ticket() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "It smokes.");
    w.deliver(&mail).await;
    let forged = Eml::new("eve@elsewhere.test", "Other", "Something else.").message_id(&mail.message_id);
    let forged = w.deliver(&forged).await;
    assert_eq!(w.fate(forged).await, "article");
    let same = Eml::new(CAROL, "It smokes", "It burns!").message_id(&mail.message_id);
    assert_eq!(w.case_of(w.deliver(&same).await).await.room, w.room("support"));
    assert_eq!(w.count("select count(*) from ticket").await, 3);
    w.finish().await;
}

#[tokio::test]
async fn a_mail_to_two_queues_is_a_ticket_in_each() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "And costs.");
    w.deliver(&mail).await;
    w.mail_raw(&mail.bytes(), "billing@desk.test", CAROL).await.expect("another recipient");
    assert_eq!(w.count("select count(distinct queue_id) from ticket").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn an_id_that_was_used_again_takes_nobodys_answers_away() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let ours = w.newest_mail().message_id;
    let thief = w.deliver(&Eml::new("mallory@evil.test", "Hello", "Mine now.").message_id(&ours)).await;
    assert_ne!(w.case_of(thief).await.id, case.id);
    let reply = Eml::new(CAROL, "Re: hm", "Me again.").header("In-Reply-To", &format!("<{ours}>"));
    assert_eq!(w.case_of(w.deliver(&reply).await).await.id, case.id);
    assert_eq!(w.count("select count(*) from article where visibility = 'held'").await, 0);
    w.finish().await;
}

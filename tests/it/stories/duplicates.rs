//! One mail is one article, however often and by whatever way it comes.

use ticketloom::store::intake::DeliveryKey;

use super::world::{ALICE, CAROL, DAVE, Eml, World};

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
    let trace = b"Received: from elsewhere.test by mx.test; Mon, 23 Nov 2026 09:00:01 +0000\r\n";
    let traced = [&trace[..], &mail.bytes()[..]].concat();
    let second = w.mail_raw(&traced, &mail.recipient, CAROL).await.expect("other bytes");
    assert_eq!(w.fate(second).await, "duplicate");
    let key = DeliveryKey::of_place("support@desk.test:993", "INBOX", 1, 7);
    let third = w.accept(&mail.bytes(), &mail.recipient, CAROL, key).await.expect("another key");
    w.settle().await;
    assert_eq!(w.fate(third).await, "duplicate");
    assert_eq!((w.count("select count(*) from article where kind = 'mail'").await, w.outbox().len()), (1, 1));
    let why = w.say(ALICE, &w.only_case().await, "!why").await.done().answer();
    assert!(why.contains("the same mail came again 2 times"), "{why}");
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

const A: (&str, &str, &str) = ("a.png", "image/png", "iVBORw0KGgo=");
const B: (&str, &str, &str) = ("b.png", "image/png", "iVBORw0KGgs=");

#[tokio::test]
async fn another_file_under_the_same_id_and_text_is_shown_where_the_first_one_is() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "See the picture.");
    let case = w.case_of(w.deliver(&mail.clone().files(&[A])).await).await;
    let second = mail.clone().files(&[A, B]);
    assert_eq!(w.case_of(w.deliver(&second).await).await.id, case.id);
    let told = w.transcript(&case.room);
    assert!(told.contains("(The same mail as one before, with a file that it had not.)"), "{told}");
    let names: Vec<String> = w.chat.uploads().into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["a.png", "b.png"], "what was there before is not shown again");
    let traced =
        [b"Received: from elsewhere.test by mx.test; Mon, 23 Nov 2026 09:00:01 +0000\r\n", &second.bytes()[..]];
    let third = w.mail_raw(&traced.concat(), &second.recipient, CAROL).await.expect("other bytes");
    assert_eq!(w.fate(third).await, "duplicate");
    let why = w.say(ALICE, &case, "!why").await.done().answer();
    assert!(why.contains("with other files or HTML") && why.contains("the same mail came again once"), "{why}");
    let without = w.deliver(&mail).await;
    assert_eq!(w.case_of(without).await.id, case.id);
    assert!(w.transcript(&case.room).contains("without a file that it had."));
    assert_eq!((w.count("select count(*) from ticket").await, w.outbox().len()), (1, 1));
    w.finish().await;
}

#[tokio::test]
async fn other_html_under_the_same_id_and_text_is_shown() {
    let w = World::new().await;
    let page = |link: &str| {
        format!(
            "--=a\r\nContent-Type: text/plain\r\n\r\nPay here.\r\n--=a\r\nContent-Type: text/html\r\n\r\n\
             <p><b>Pay</b> <a href=\"https://{link}\">here</a>.</p>\r\n--=a--\r\n"
        )
    };
    let mail = |link: &str| {
        let kind = "multipart/alternative; boundary=\"=a\"";
        Eml::new(CAROL, "My bill", &page(link)).message_id("bill@customer.test").header("Content-Type", kind)
    };
    let case = w.case_of(w.deliver(&mail("bank.test/pay")).await).await;
    w.deliver(&mail("evil.test/pay")).await;
    let (_, post) = w.newest_post(&case);
    let html = post.html.expect("HTML");
    assert!(html.contains("https://evil.test/pay") && html.contains("with other HTML"), "{html}");
    assert_eq!((w.count("select count(*) from ticket").await, w.outbox().len()), (1, 1));
    w.finish().await;
}

#[tokio::test]
async fn what_came_again_with_something_else_is_believed_no_more_than_the_first() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mail = Eml::new(DAVE, &format!("[Ticket#{}]", case.number), "Let me in.");
    w.deliver(&mail.clone().files(&[A])).await;
    w.deliver(&mail.files(&[B])).await;
    assert_eq!(w.count("select count(*) from article where visibility = 'held'").await, 2);
    let machine = Eml::new("cron@machine.test", "Done", "Done.").header("Auto-Submitted", "auto-generated");
    for file in [A, B] {
        let mail = w.deliver(&machine.clone().files(&[file])).await;
        assert_eq!(w.fate(mail).await, "quarantined", "it is seen where the first one is");
    }
    w.finish().await;
}

//! A mail comes in and becomes a ticket.

use std::collections::HashSet;
use std::time::Duration;

use ticketloom::desk::post::Tone;

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, HOLD, World, user};

#[tokio::test]
async fn a_mail_becomes_a_card_that_shows_it() {
    let w = World::new().await;
    w.deliver(&Eml::new("Carol Customer <carol@customer.test>", "Fwd: It smokes", "The printer smokes.")).await;
    assert_eq!(
        w.transcript(&w.room("support")),
        "bot: 🆕 It smokes —\n  Carol Customer · carol@customer.test\n  new · nobody's · #NUMBER\n  \n  The printer smokes."
    );
    w.finish().await;
}

#[tokio::test]
async fn a_new_ticket_is_acknowledged_without_an_echo() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let [ack] = &w.outbox()[..] else { panic!("one mail") };
    assert_eq!((ack.to.as_str(), ack.envelope_from.as_deref()), (CAROL, None));
    assert_eq!(ack.subject, format!("[Ticket#{}] We have received your message", case.number));
    assert_eq!(ack.header("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert!(ack.text.contains(&case.number) && !ack.text.contains("smokes"), "{}", ack.text);
    w.finish().await;
}

#[tokio::test]
async fn an_acknowledgement_echoes_neither_subject_nor_name() {
    let w = World::new().await;
    w.deliver(&Eml::new("Buy pills <carol@customer.test>", "Cheap pills at pills.test", "Buy now.")).await;
    let ack = w.newest_mail();
    assert!(!ack.source.to_lowercase().contains("pills"), "{}", ack.source);
    w.finish().await;
}

#[tokio::test]
async fn an_address_gets_five_automatic_mails_a_day() {
    let w = World::new().await;
    for n in 0..7 {
        w.mail(CAROL, &format!("Mail {n}"), "It smokes.").await;
    }
    assert_eq!(w.outbox().len(), 5);
    w.mail("CAROL@customer.test", "Loud", "It smokes.").await;
    assert_eq!(w.outbox().len(), 5, "the same address in capitals");
    w.mail(DAVE, "Mine, too", "It smokes.").await;
    assert_eq!(w.outbox().len(), 6);
    w.pass(Duration::from_hours(24)).await;
    w.mail(CAROL, "The next day", "It smokes.").await;
    assert_eq!(w.outbox().len(), 7);
    assert_eq!(w.count("select count(*) from ticket").await, 10, "all of them are tickets");
    w.finish().await;
}

#[tokio::test]
async fn nobody_is_acknowledged_who_wrote_from_nowhere_or_to_a_queue_that_does_not() {
    let w = World::new().await;
    let mail = w.deliver(&Eml::new(CAROL, "From the null sender", "It smokes.").envelope_from("")).await;
    assert_eq!(w.fate(mail).await, "article", "a forwarder may have taken the sender off");
    assert!(w.outbox().is_empty());
    w.sql("update queue set acknowledge = false where name = 'support'").await;
    w.mail(CAROL, "It smokes", "It smokes.").await;
    assert!(w.outbox().is_empty());
    assert_eq!(w.count("select count(*) from ticket").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn a_long_mail_begins_on_the_card_and_stands_in_the_thread() {
    let w = World::new().await;
    let long = "It smokes, and smokes, and smokes.\n".repeat(40);
    let mail = w.mail(CAROL, "Long", &long).await;
    let case = w.case_of(mail).await;
    let card = w.card_post(&case);
    assert!(card.text.contains("the whole mail is in the thread") && card.article.is_none(), "{}", card.text);
    let [(_, article)] = &w.thread(&case)[..] else { panic!("one article") };
    assert!(article.text.contains(long.trim()));
    assert!(article.article.as_ref().is_some_and(|mark| mark.sender == "customer" && mark.visibility == "customer"));
    w.finish().await;
}

#[tokio::test]
async fn each_queue_has_its_own_room_numbers_and_sender() {
    let w = World::new().await;
    let mail = w.deliver(&Eml::new(CAROL, "An invoice", "Too high.").to("billing@desk.test")).await;
    let case = w.case_of(mail).await;
    assert_eq!(case.room, w.room("billing"));
    assert!(w.transcript(&w.room("support")).is_empty());
    assert!(case.number.starts_with("20261123") && case.number.len() == 16, "{}", case.number);
    assert_eq!(w.newest_mail().header("From").as_deref(), Some("Billing <billing@desk.test>"));
    w.finish().await;
}

#[tokio::test]
async fn whom_a_new_ticket_calls_is_the_queues_to_say() {
    let w = World::new().await;
    w.sql("update queue set notify_new = 'none' where name = 'support'").await;
    let case = w.ticket("Quiet").await;
    assert_eq!(w.card_post(&case).tone, Tone::Notice);
    w.sql("update queue set notify_new = 'list', notify_list = array['@bob:desk.test'] where name = 'support'").await;
    let case = w.ticket("For Bob").await;
    let card = w.card_post(&case);
    assert_eq!((card.tone, card.mentions), (Tone::Text, vec![user(BOB)]));
    w.finish().await;
}

#[tokio::test]
async fn files_follow_in_the_thread() {
    let w = World::new().await;
    let files = [("photo.png", "image/png", "iVBORw0KGgo="), ("notes.txt", "text/plain", "c21va2U=")];
    let mail = w.deliver(&Eml::new(CAROL, "With files", "See there.").files(&files)).await;
    let case = w.case_of(mail).await;
    let shown: Vec<String> = w
        .thread(&case)
        .into_iter()
        .filter_map(|(_, post)| Some(format!("{} {}", post.file?.name, post.text)))
        .collect();
    assert_eq!(shown, ["photo.png photo.png", "notes.txt notes.txt"]);
    assert_eq!(w.chat.uploads()[1], ("notes.txt".to_owned(), "text/plain".to_owned(), b"smoke".to_vec()));
    w.finish().await;
}

#[tokio::test]
async fn who_else_got_a_mail_is_shown_and_takes_no_part() {
    let w = World::new().await;
    let copied = |subject: &str| {
        Eml::new(CAROL, subject, "Please help.")
            .header("Cc", "Dan <dan@customer.test>, support+x@desk.test, dave@customer.test, carol@customer.test")
    };
    let case = w.case_of(w.deliver(&copied("It smokes")).await).await;
    let line = "also to dan@customer.test, dave@customer.test";
    assert!(w.card_post(&case).text.contains(line), "{}", w.card_post(&case).text);
    assert_eq!(w.count("select count(*) from participant").await, 1);
    let told = w.say(ALICE, &case, "!answer --all Hello all").await;
    assert!(told.answer().contains("Nobody else takes part"), "{}", told.answer());
    w.pass(HOLD).await;
    assert!(w.outbox().iter().all(|mail| mail.to == CAROL));
    w.deliver(&copied(&format!("[Ticket#{}]", case.number))).await;
    assert!(w.newest_post(&case).1.text.contains(line));
    w.finish().await;
}

/// RFC 5321 §4.5.3.1.1 allows 64 bytes before the `@`, and more where one can; marketplaces have more.
#[tokio::test]
async fn who_has_a_long_address_is_answered_like_anybody() {
    let w = World::new().await;
    let long = format!("order-{}@market.test", "4711".repeat(40));
    let case = w.case_of(w.mail(&long, "My lamp", "It is dark.").await).await;
    let card = w.card_post(&case).text;
    assert!(card.contains(&long), "{card}");
    assert_eq!(w.newest_mail().to, long, "acknowledged");
    let other = format!("desk-{}@market.test", "0815".repeat(40));
    w.say(ALICE, &case, &format!("!answer --cc {other} --cc {DAVE} Turn it on.")).await;
    w.pass(HOLD).await;
    let answers = w.outbox().split_off(1);
    let to: HashSet<&str> = answers.iter().map(|answer| answer.to.as_str()).collect();
    assert_eq!(to, HashSet::from([long.as_str(), other.as_str(), DAVE]));
    let answer = answers.into_iter().find(|answer| answer.to == long).expect("one to the customer");
    let copies = answer.header("Cc").expect("who else got it");
    assert!(copies.contains(&other) && copies.contains(DAVE), "{copies}");
    assert_eq!(w.case_of(w.reply_to(&answer, "It works.").await).await.id, case.id);
    w.finish().await;
}

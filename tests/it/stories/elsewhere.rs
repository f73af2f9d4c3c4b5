//! A mail that wants its answer somewhere else (Reply-To).

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, HOLD, WALTER, World};

const BOSS: &str = "boss@elsewhere.test";

fn asking(subject: &str, text: &str) -> Eml {
    Eml::new(CAROL, subject, text).header("Reply-To", &format!("The Boss <{BOSS}>"))
}

#[tokio::test]
async fn it_is_shown_on_the_card_and_answers_go_where_they_always_go() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&asking("It smokes", "Please hurry.")).await).await;
    let card = w.card_post(&case).text;
    assert!(card.contains(&format!("Asks for answers to {BOSS} (Reply-To); they go to {CAROL}.")), "{card}");
    assert_eq!(w.newest_mail().to, CAROL, "nothing automatic follows it");
    w.say(ALICE, &case, "!answer We hurry.").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, CAROL);
    w.finish().await;
}

#[tokio::test]
async fn a_tick_on_the_card_sends_answers_there() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&asking("It smokes", "Please hurry.")).await).await;
    w.react(WALTER, &case.room, &case.root, "✅").await;
    assert!(w.card_post(&case).text.contains("Asks for answers"), "who is no agent decides nothing");
    w.react(ALICE, &case.room, &case.root, "✅").await;
    let card = w.card_post(&case).text;
    assert!(card.contains(&format!("—\n{BOSS}\n")) && !card.contains("Asks for answers"), "{card}");
    w.say(ALICE, &case, "!answer We hurry.").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, BOSS);
    let again = w.deliver(&asking(&format!("Re: [Ticket#{}]", case.number), "And now?")).await;
    assert_eq!(w.case_of(again).await.id, case.id, "Carol takes part as before");
    assert!(!w.newest_post(&case).1.text.contains("Asks for answers"), "it is as she asked");
    w.finish().await;
}

#[tokio::test]
async fn a_follow_up_asks_in_the_thread() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.deliver(&asking(&format!("Re: [Ticket#{}]", case.number), "Tell my boss.")).await;
    let (event, post) = w.newest_post(&case);
    assert!(
        post.text.contains(&format!("Asks for answers to {BOSS}")) && post.text.contains("Tell my boss."),
        "{post:?}"
    );
    w.react(ALICE, &case.room, &event, "👍").await;
    assert!(w.card_post(&case).text.contains(&format!("—\n{CAROL}\n")));
    w.react(ALICE, &case.room, &event, "✅").await;
    assert!(w.card_post(&case).text.contains(&format!("—\n{BOSS}\n")));
    w.finish().await;
}

#[tokio::test]
async fn nothing_is_asked_where_nothing_would_change() {
    let w = World::new().await;
    for (header, why) in [
        (CAROL.to_uppercase(), "the sender"),
        ("support@desk.test".to_owned(), "the desk itself"),
        ("support+r1abc@desk.test".to_owned(), "an address of the desk"),
        ("nonsense".to_owned(), "no address"),
    ] {
        let mail = Eml::new(CAROL, why, "Hello.").header("Reply-To", &header);
        let case = w.case_of(w.deliver(&mail).await).await;
        assert!(!w.card_post(&case).text.contains("Asks for answers"), "{why}");
        w.react(ALICE, &case.room, &case.root, "✅").await;
        assert!(w.card_post(&case).text.contains(&format!("—\n{CAROL}\n")), "{why}");
    }
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, &format!("!cc +{DAVE}")).await.done();
    let beside = Eml::new(DAVE, &format!("[Ticket#{}]", case.number), "Me too.").header("Reply-To", BOSS);
    w.deliver(&beside).await;
    assert!(!w.newest_post(&case).1.text.contains("Asks for answers"), "answers don't go to Dave anyway");
    w.finish().await;
}

#[tokio::test]
async fn a_stranger_is_let_in_first_and_asked_about_then() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mail = Eml::new(DAVE, &format!("Re: [Ticket#{}]", case.number), "Write to my boss.").header("Reply-To", BOSS);
    w.deliver(&mail).await;
    let (event, post) = w.newest_post(&case);
    assert!(post.text.contains("📥 let in") && !post.text.contains("Asks for answers"), "{post:?}");
    w.react(ALICE, &case.room, &event, "🆕").await;
    let own = w.rows("select max(ticket_id) from ticket").await;
    assert_ne!(own, [case.id.to_string()]);
    let cards = w.chat.posts(&case.room);
    let own = cards.iter().rev().find(|(_, post)| post.ticket.is_some() && post.replaces.is_none()).expect("its card");
    assert!(own.1.text.contains(&format!("Asks for answers to {BOSS}")), "{:?}", own.1.text);
    w.finish().await;
}

#[tokio::test]
async fn who_lets_a_held_mail_join_does_not_follow_it_elsewhere() {
    let w = World::believing(Some("mx.desk.test")).await;
    let case = w.ticket("It smokes").await;
    let forged = asking(&format!("Re: [Ticket#{}]", case.number), "It is me.")
        .header("Authentication-Results", "mx.desk.test; dmarc=fail header.from=customer.test");
    w.deliver(&forged).await;
    let (event, post) = w.newest_post(&case);
    assert!(post.text.contains("📥 let in"), "{post:?}");
    for who in [ALICE, BOB] {
        w.react(who, &case.room, &event, "✅").await;
    }
    assert!(w.card_post(&case).text.contains(&format!("—\n{CAROL}\n")), "two who agree to one thing");
    w.say(ALICE, &case, "!answer Hello Carol").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, CAROL);
    w.finish().await;
}

#[tokio::test]
async fn spam_blocks_who_wrote_it_and_not_whom_it_names() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&asking("Cheap", "Buy!")).await).await;
    w.react(ALICE, &case.room, &case.root, "✅").await;
    let told = w.say(ALICE, &case, "!spam").await;
    assert!(told.done().answer().contains(&format!("Mail of {CAROL} goes into quarantine")), "{}", told.answer());
    assert_eq!(w.rows("select address_key from blocked_sender").await, [CAROL]);
    w.finish().await;
}

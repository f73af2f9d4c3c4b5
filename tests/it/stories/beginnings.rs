//! Tickets that begin with a mail of ours.

use super::world::{ALICE, BOB, CAROL, HOLD, World, reply};

#[tokio::test]
async fn a_ticket_begins_with_our_mail_and_goes_on_in_its_thread() {
    let w = World::new().await;
    let room = w.room("support");
    let said = w.say_in(ALICE, &room, &format!("!new {CAROL} --subject \"Your printer\" We *fixed* it.\nBye")).await;
    assert_eq!(said.marks(), "⏳");
    let case = w.only_case().await;
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    let card = w.card_post(&case);
    assert!(card.text.contains("Your printer") && card.text.contains(&format!("to {CAROL}")), "{}", card.text);
    let (_, first) = w.thread(&case).remove(0);
    assert!(first.text.contains("Answer by") && first.text.contains("We *fixed* it.\nBye"), "{}", first.text);
    w.pass(HOLD).await;
    assert_eq!(said.marks(), "✉️");
    let [mail] = &w.outbox()[..] else { panic!("one mail, and no acknowledgement") };
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        (CAROL, format!("[Ticket#{}] Your printer", case.number).as_str())
    );
    let answer = w.reply_to(mail, "Thanks, but no.").await;
    assert_eq!(w.case_of(answer).await.id, case.id);
    w.say(ALICE, &case, "!answer Oh").await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().subject.starts_with("Re: [Ticket#"), "{}", w.newest_mail().subject);
    w.finish().await;
}

#[tokio::test]
async fn it_can_be_stopped_and_is_refused_where_it_has_no_place() {
    let w = World::new().await;
    let room = w.room("support");
    for (words, because) in [
        ("!new carol --subject S Hello", "no mail address"),
        ("!new support@desk.test --subject S Hello", "address of this desk itself"),
        ("!new noreply@customer.test --subject S Hello", "nobody reads"),
        ("!new carol@customer.test Hello", "!new ADDRESS --subject SUBJECT"),
        ("!new carol@customer.test --subject S", "!new ADDRESS --subject SUBJECT"),
    ] {
        w.say_in(ALICE, &room, words).await.refused(because);
    }
    w.say_in(ALICE, &w.dm(ALICE), &format!("!new {CAROL} --subject S Hello"))
        .await
        .refused("belongs into a queue's room");
    assert_eq!(w.count("select count(*) from ticket").await, 0, "nothing is left of what is refused");
    let said = w.say_in(ALICE, &room, &format!("!new {CAROL} --subject S Hello")).await;
    w.message(BOB, &room, reply("!undo", &said.event)).await.done();
    w.pass(HOLD).await;
    assert!(w.outbox().is_empty());
    w.finish().await;
}

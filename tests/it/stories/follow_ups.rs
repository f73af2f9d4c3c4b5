//! A customer writes again.

use ticketloom::desk::agents::remove_agent;

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, World, user};

#[tokio::test]
async fn a_reply_to_the_signed_address_joins_and_needs_no_other_proof() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mail = w.reply_to(&w.newest_mail(), "Still smoking.").await;
    assert_eq!(w.case_of(mail).await.id, case.id);
    assert_eq!(
        w.transcript(&case.room),
        "bot: 🆕 It smokes —\n  carol@customer.test\n  new · nobody's · #NUMBER\n  \
         customer wrote last, 23 Nov 09:00\n  \n  It smokes.\n  \
         bot: 📨 carol@customer.test wrote\n    \n    Still smoking."
    );
    let from_dave = Eml::reply(&w.newest_mail(), "I sit beside Carol.").from(DAVE).subject("Smoke");
    assert_eq!(w.case_of(w.deliver(&from_dave).await).await.id, case.id, "whoever has a mail of it");
    assert_eq!(w.outbox().len(), 1, "only the first mail is acknowledged");
    w.finish().await;
}

#[tokio::test]
async fn references_bring_back_who_takes_part() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let ours = w.newest_mail().message_id;
    let reply = Eml::new(CAROL, "AW: smoke", "Still.").header("In-Reply-To", &format!("<{ours}>"));
    assert_eq!(w.case_of(w.deliver(&reply).await).await.id, case.id);
    let own = format!("<gone@x.test>\r\n <{}>", reply.message_id);
    let again = Eml::new(CAROL, "And", "More.").header("References", &own);
    assert_eq!(w.case_of(w.deliver(&again).await).await.id, case.id, "a reply to their own mail");
    w.finish().await;
}

#[tokio::test]
async fn a_tag_brings_back_who_takes_part_however_it_is_written() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let number = &case.number;
    for subject in [format!("Re: [Ticket#{number}] x"), format!("AW: Ticket# {number}"), format!("[ticket#: {number}]")]
    {
        let mail = w.mail(CAROL, &subject, "Still.").await;
        assert_eq!(w.case_of(mail).await.id, case.id, "{subject}");
    }
    w.finish().await;
}

#[tokio::test]
async fn an_unknown_number_is_a_new_ticket() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let other = w.mail(CAROL, "Re: [Ticket#2019010110000017] Old", "From another desk.").await;
    assert_ne!(w.case_of(other).await.id, case.id);
    w.finish().await;
}

#[tokio::test]
async fn what_was_merged_away_takes_no_more_mail() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let ack = w.newest_mail();
    w.sql("update ticket set state = 'merged'").await;
    let by_tag = w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello?").await;
    assert_ne!(w.case_of(by_tag).await.id, case.id);
    let by_address = w.reply_to(&ack, "Anybody?").await;
    assert_ne!(w.case_of(by_address).await.id, case.id);
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn pending_and_closed_tickets_open_and_new_ones_stay_new() {
    let w = World::new().await;
    for (before, after) in [
        ("new", "new"),
        ("open", "open"),
        ("pending reminder", "open"),
        ("pending auto close+", "open"),
        ("closed successful", "open"),
        ("closed unsuccessful", "open"),
    ] {
        let case = w.ticket("It smokes").await;
        let until = if before.starts_with("pending") { "now()" } else { "null" };
        w.sql(&format!("update ticket set state = '{before}', pending_until = {until} where ticket_id = {}", case.id))
            .await;
        w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "Again.").await;
        assert_eq!(
            w.rows(&format!("select state from ticket where ticket_id = {}", case.id)).await,
            [after],
            "{before}"
        );
        if before != after {
            assert_eq!(w.card(&case), format!("{after} · nobody's"), "{before}");
        }
    }
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn a_follow_up_calls_the_owner_and_leaves_the_lock() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "Nobody has it.").await;
    assert!(w.newest_post(&case).1.mentions.is_empty());
    w.say(ALICE, &case, "!lock").await.done();
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "Alice has it.").await;
    assert_eq!(w.newest_post(&case).1.mentions, [user(ALICE)]);
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.finish().await;
}

#[tokio::test]
async fn who_is_no_agent_any_more_holds_nothing() {
    let w = World::new().await;
    let (one, two) = (w.ticket("One").await, w.ticket("Two").await);
    w.say(ALICE, &one, "!lock").await.done();
    w.say(BOB, &two, "!lock").await.done();
    let mut tx = w.store.begin().await.expect("a transaction");
    let alice = tx.agents().by_user(&user(ALICE)).await.expect("an answer").expect("Alice");
    assert_eq!(remove_agent(&mut tx, &alice).await.expect("removed"), 1);
    tx.commit().await.expect("a commit");
    w.settle().await;
    assert_eq!((w.card(&one), w.card(&two)), ("new · nobody's".to_owned(), format!("new · 🔒 {BOB}")));
    w.sql("update agent set active = false where user_id = '@bob:desk.test'").await;
    w.mail(CAROL, &format!("[Ticket#{}]", two.number), "Bob?").await;
    assert_eq!(w.card(&two), "new · nobody's", "the lock of who left goes with the next mail");
    w.finish().await;
}

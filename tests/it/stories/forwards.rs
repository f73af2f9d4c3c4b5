//! What is forwarded to somebody outside, and what they answer: never before the customer's eyes.

use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, Sent, World, user};

const VENDOR: &str = "help@vendor.test";

/// Alice forwards a ticket, and the holding time is over.
async fn forwarded(w: &World, case: &Case, words: &str) -> Sent {
    let said = w.say(ALICE, case, words).await;
    w.pass(HOLD).await;
    assert_eq!(said.marks(), "✉️", "{}", said.answer());
    w.newest_mail()
}

/// A ticket with a mail, an answer, a note and a file.
async fn conversation(w: &World) -> Case {
    let first = Eml::new(CAROL, "It smokes", "It smokes since Monday.").files(&[("router.log", "text/plain", "kaput")]);
    let case = w.case_of(w.deliver(&first).await).await;
    w.say(ALICE, &case, "!answer Which one?").await;
    w.pass(HOLD).await;
    w.say(ALICE, &case, "She never pays in time, mind you.").await;
    w.reply_to(&w.newest_mail(), "The blue one.").await;
    case
}

#[tokio::test]
async fn somebody_else_gets_what_the_customer_may_see_with_its_files_and_no_note() {
    let w = World::new().await;
    let case = conversation(&w).await;
    w.say(ALICE, &case, "!unlock").await.done();
    let before = w.outbox().len();
    let said = w.say(ALICE, &case, "!forward help@vendor.test Do you *know* this?").await;
    assert!(
        said.answer().contains("This goes to help@vendor.test, with 3 mails and router.log (3 B)."),
        "{}",
        said.answer()
    );
    assert_eq!(w.card(&case), "open · 🔒 @alice:desk.test", "it is taken, and nothing else changes");
    w.pass(HOLD).await;
    let sent = w.outbox().split_off(before);
    assert_eq!(sent.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), [VENDOR]);
    let source = &sent[0].source;
    for there in
        ["Do you know this?", "> It smokes since Monday.", "> Which one?", "> The blue one.", "router.log", CAROL]
    {
        assert!(source.contains(there), "{there}: {source}");
    }
    assert!(!source.contains("never pays") && !source.contains("alice"), "{source}");
    let subject = sent[0].header("Subject").expect("a subject");
    assert_eq!(subject, "Fwd: It smokes", "no tag: it would bring an answer before the customer's eyes");
    assert!(sent[0].header("In-Reply-To").is_none() && sent[0].header("References").is_none());
    w.finish().await;
}

#[tokio::test]
async fn its_files_stay_where_they_are_until_it_is_sent() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "See there.").files(&[("router.log", "text/plain", "a2FwdXQ=")]);
    let case = w.case_of(w.deliver(&mail).await).await;
    let blobs = w.count("select count(*) from blob").await;
    w.say(ALICE, &case, "!forward help@vendor.test").await;
    let places =
        "select count(*) from letter_file join attachment using (attachment_id) where attachment.mail_id is not null";
    assert_eq!((w.count(places).await, w.count("select count(*) from blob").await), (1, blobs), "nothing was copied");
    w.pass(HOLD).await;
    let sent = w.newest_mail();
    assert!(sent.to == VENDOR && sent.source.contains("router.log"), "{}", sent.source);
    let file = data_encoding::BASE64.encode(b"kaput");
    assert!(sent.source.contains(&file), "{}", sent.source);
    assert_eq!(w.count("select count(*) from blob").await, blobs);
    w.finish().await;
}

#[tokio::test]
async fn what_they_answer_is_internal_whatever_shows_where_it_belongs() {
    let w = World::new().await;
    let case = conversation(&w).await;
    let sent = forwarded(&w, &case, "!forward help@vendor.test Do you know this?").await;
    let signed = Eml::reply(&sent, "Unplug it, that fool.").from(VENDOR);
    let by_reference = Eml::new("second@vendor.test", "Re: Fwd: It smokes", "I agree, that fool.")
        .header("In-Reply-To", &format!("<{}>", sent.message_id));
    let second = "<2@vendor.test>";
    let of_customer = Eml::new(CAROL, "Re: Fwd: It smokes", "Who is a fool?").header("In-Reply-To", second);
    for (mail, who) in
        [(signed, VENDOR), (by_reference.message_id("2@vendor.test"), "second@vendor.test"), (of_customer, CAROL)]
    {
        let same = w.case_of(w.deliver(&mail).await).await;
        assert_eq!(same.id, case.id, "{who}");
        let (_, post) = w.newest_post(&case);
        let marker = post.article.expect("an article");
        assert_eq!((marker.sender, marker.visibility), ("customer", "internal"), "{who}");
        assert!(post.text.starts_with("↩️ Answer to what was forwarded") && post.text.contains(who), "{}", post.text);
        assert_eq!(post.mentions, [user(ALICE)], "who asked is called");
    }
    // None of them takes part by it, and the customer gets nothing of it.
    let before = w.outbox().len();
    w.say(ALICE, &case, "!answer --all Please unplug it.").await;
    w.pass(HOLD).await;
    let sent = w.outbox().split_off(before);
    assert_eq!(sent.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), [CAROL]);
    assert!(!sent[0].source.contains("fool") && !sent[0].source.contains("vendor"), "{}", sent[0].source);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_of_theirs_changes_no_state_and_finds_who_asked_when_it_is_closed() {
    let w = World::new().await;
    let case = conversation(&w).await;
    let sent = forwarded(&w, &case, "!forward help@vendor.test").await;
    w.say(ALICE, &case, "!close Solved").await.done();
    w.deliver(&Eml::reply(&sent, "Unplug it.").from(VENDOR)).await;
    assert_eq!(w.card(&case), "closed successful, customer not told");
    assert_eq!(w.newest_post(&case).1.mentions, [user(ALICE)]);
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("forwarded help@vendor.test"), "{history}");
    assert!(history.contains("answer to what was forwarded help@vendor.test"), "{history}");
    w.finish().await;
}

#[tokio::test]
async fn a_mark_on_their_answer_lets_nobody_in() {
    let w = World::new().await;
    let case = conversation(&w).await;
    let sent = forwarded(&w, &case, "!forward help@vendor.test").await;
    w.deliver(&Eml::reply(&sent, "Unplug it.").from(VENDOR).header("Reply-To", "boss@vendor.test")).await;
    let (event, post) = w.newest_post(&case);
    assert!(!post.text.contains("boss"), "{}", post.text);
    for mark in ["✅", "🆕"] {
        w.react(ALICE, &case.room, &event, mark).await;
    }
    assert_eq!(w.rows("select address from participant join customer using (customer_id)").await, [CAROL]);
    assert_eq!(w.rows("select address from ticket join customer using (customer_id)").await, [CAROL]);
    w.finish().await;
}

#[tokio::test]
async fn what_is_held_can_be_stopped() {
    let w = World::new().await;
    let case = conversation(&w).await;
    let before = w.outbox().len();
    w.say(ALICE, &case, "!forward help@vendor.test Look").await;
    w.say(ALICE, &case, "!undo").await.done();
    let held = w.say(ALICE, &case, "!forward help@vendor.test Look").await;
    w.redact(ALICE, &held).await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), before);
    w.finish().await;
}

#[tokio::test]
async fn what_does_not_arrive_is_said_to_who_sent_it() {
    let w = World::new().await;
    let case = conversation(&w).await;
    let said = w.say(ALICE, &case, "!forward help@vendor.test Look").await;
    w.mailer.will(Delivery::Refused { why: "550 5.1.1 no such user".to_owned() });
    w.pass(HOLD).await;
    assert_eq!(said.marks(), "❌");
    let (_, told) = w.newest_post(&case);
    assert_eq!(
        told.text,
        "❌ What you forwarded did not reach help@vendor.test: 550 5.1.1 no such user. !forward ADDRESS sends it elsewhere."
    );
    assert!(!w.card(&case).contains("NOT delivered"), "no answer failed: {}", w.card(&case));
    w.finish().await;
}

#[tokio::test]
async fn what_would_be_a_mistake_is_refused_and_nothing_is_sent() {
    let w = World::new().await;
    let case = conversation(&w).await;
    w.say(ALICE, &case, "!cc +dave@customer.test").await.done();
    let before = w.outbox().len();
    w.say(ALICE, &case, "!forward carol@customer.test Look").await.refused("!answer --cc carol@customer.test");
    w.say(ALICE, &case, &format!("!forward {DAVE} Look")).await.refused("takes part in this ticket");
    w.say(ALICE, &case, "!forward support@desk.test Look").await.refused("this desk itself");
    w.say(ALICE, &case, "!forward noreply@vendor.test Look").await.refused("!forward --yes noreply@vendor.test");
    w.say(ALICE, &case, "!forward help@vendor.test She never pays in time, mind you.")
        .await
        .refused("stands in a note");
    w.say(ALICE, &case, "!forward").await.refused("ADDRESS");
    w.say(BOB, &case, "!forward help@vendor.test Look").await.refused("has locked this ticket");
    w.say(ALICE, &case, "!close").await.done();
    w.say(ALICE, &case, "!forward help@vendor.test Look").await.refused("!reopen");
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), before);
    w.finish().await;
}

#[tokio::test]
async fn postgresql_itself_lets_no_note_be_forwarded() {
    let w = World::new().await;
    let case = conversation(&w).await;
    forwarded(&w, &case, "!forward help@vendor.test Look").await;
    for forward in ["'forward'", "null"] {
        let letter = format!(
            "insert into letter (article_id, visibility, forward, ticket_id, recipient, automatic, message_id, bytes, state, queue_id)
             select article_id, visibility, {forward}, ticket_id, 'a@b.test', false, 'x@y', '', 'queued', 1
             from article where kind = 'note'"
        );
        let refused = w.try_sql(&letter).await.expect_err("refused").to_string();
        assert!(
            refused.contains("letter_forwards_a_forward") || refused.contains("letter_visibility_check"),
            "{refused}"
        );
    }
    assert!(w.try_sql("update article set kind = 'forward' where kind = 'answer'").await.is_err());
    w.finish().await;
}

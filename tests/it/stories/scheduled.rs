//! Answers that go out at a moment.

use std::time::Duration;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, Told, World, user};

const HOUR: Duration = Duration::from_hours(1);

/// How many mails have gone to Carol that are no acknowledgements.
fn answers(w: &World) -> Vec<String> {
    w.outbox().into_iter().filter(|sent| sent.to == CAROL).skip(1).map(|sent| sent.source).collect()
}

async fn scheduled<'w>(w: &'w World, case: &Case, words: &str) -> Told<'w> {
    let said = w.say(ALICE, case, words).await;
    assert_eq!(said.marks(), "⏳", "{}", said.answer());
    said
}

#[tokio::test]
async fn an_answer_goes_out_at_its_moment_and_not_before() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = scheduled(&w, &case, "!answer --at 4h --state closed Unplug it.").await;
    assert!(
        said.answer().contains("This goes out 23 Nov 13:00 UTC · to carol@customer.test · then closed successful"),
        "{}",
        said.answer()
    );
    assert_eq!(w.card(&case), "new · 🔒 @alice:desk.test", "it is taken, and nothing was answered");
    assert!(w.card_post(&case).text.contains("⏳ an answer goes out 23 Nov 13:00, by @alice"), "the card says so");
    w.pass(HOUR * 3).await;
    assert!(answers(&w).is_empty());
    w.pass(HOUR).await;
    w.pass(Duration::from_secs(1)).await;
    assert!(answers(&w)[0].contains("Unplug it."));
    assert_eq!((said.marks().as_str(), w.card(&case).as_str()), ("✉️", "closed successful, customer told"));
    assert_eq!(answers(&w).len(), 1);
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("answer goes out 13:00"), "{history}");
    w.finish().await;
}

#[tokio::test]
async fn what_happens_meanwhile_stops_it_with_a_word() {
    for (what, because) in [
        ("mail", "the customer has written since"),
        ("!owner @bob", "@bob:desk.test has locked this ticket since"),
        ("!unlock", "this ticket is not locked any more"),
        ("!close", "this ticket is closed successful"),
    ] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        let said = scheduled(&w, &case, "!answer --at 4h Unplug it.").await;
        if what == "mail" {
            w.reply_to(&w.newest_mail(), "It is out.").await;
        } else {
            w.say(ALICE, &case, what).await.done();
        }
        w.pass(HOUR * 5).await;
        assert!(answers(&w).is_empty(), "{what}");
        assert_eq!(said.marks(), "⚠️", "{what}");
        let told = w.thread(&case).into_iter().find(|(_, post)| post.text.contains("was not sent")).expect("a word").1;
        assert!(told.text.contains(because), "{what}: {}", told.text);
        assert_eq!(told.mentions, [user(ALICE)], "{what}");
        w.finish().await;
    }
}

#[tokio::test]
async fn what_was_stopped_is_sent_dropped_or_waits_again_as_its_writer_says() {
    for (words, sends) in [("!send", true), ("!undo", false), ("✉️", true), ("❌", false), ("edit", true)] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        let said = scheduled(&w, &case, "!answer --at 4h Unplug it.").await;
        w.reply_to(&w.newest_mail(), "It is out.").await;
        w.pass(HOUR * 5).await;
        match words {
            "edit" => w.edit(ALICE, &said, "!answer --at 1h Plug it in again.").await,
            "✉️" | "❌" => drop(w.react(ALICE, &case.room, &said.event, words).await),
            _ => drop(w.say(ALICE, &case, words).await.done()),
        }
        w.pass(HOUR * 2).await;
        assert_eq!(answers(&w).len(), usize::from(sends), "{words}");
        assert_eq!(said.marks(), if sends { "✉️" } else { "❌" }, "{words}");
        assert_eq!(words == "edit", sends && answers(&w)[0].contains("Plug it in again."), "{words}");
        w.finish().await;
    }
}

#[tokio::test]
async fn it_can_be_sent_at_once_changed_and_dropped_before_its_moment() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let one = scheduled(&w, &case, "!answer --at tomorrow 9:00 One").await;
    w.react(BOB, &case.room, &one.event, "✉️").await;
    assert!(answers(&w).is_empty(), "it is not Bob's");
    w.react(ALICE, &case.room, &one.event, "✉️").await;
    w.pass(Duration::from_secs(1)).await;
    assert_eq!(answers(&w).len(), 1);
    let two = scheduled(&w, &case, "!answer --at tomorrow 9:00 Two").await;
    w.edit(ALICE, &two, "!answer Two, at once").await;
    w.edit(ALICE, &two, "!answer --at 1h Second").await;
    w.pass(HOUR + Duration::from_secs(1)).await;
    assert!(answers(&w)[1].contains("Second"), "{:?}", answers(&w));
    let three = scheduled(&w, &case, "!answer --at tomorrow 9:00 Three").await;
    w.redact(ALICE, &three).await;
    let four = scheduled(&w, &case, "!answer --at tomorrow 9:00 Four").await;
    w.say(ALICE, &case, "!undo").await.done();
    w.pass(HOUR * 48).await;
    assert_eq!((answers(&w).len(), four.marks().as_str()), (2, "❌"));
    w.finish().await;
}

#[tokio::test]
async fn what_speaks_against_it_is_said_when_it_is_written() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "She never pays in time, mind you.").await;
    for (words, because) in [
        ("!answer --at 2020-01-01 Hello", "is past"),
        ("!answer --at never Hello", "never"),
        ("!answer --at 4h She never pays in time, mind you.", "stands in a note"),
        ("!answer --at 4h --attach 3 Hello", "put 0 files"),
        ("!answer --at 4h --cc support@desk.test Hello", "this desk itself"),
    ] {
        w.say(ALICE, &case, words).await.refused(because);
    }
    assert_eq!(w.card(&case), "new · nobody's", "what is refused takes nothing");
    w.say(BOB, &case, "!lock").await.done();
    w.say(ALICE, &case, "!answer --at 4h Hello").await.refused("has locked this ticket");
    w.pass(HOUR * 5).await;
    assert!(answers(&w).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn a_held_answer_is_sent_at_once() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Unplug it.").await;
    w.say(BOB, &case, "!send").await.refused("wrote it");
    assert!(answers(&w).is_empty());
    w.react(ALICE, &case.room, &said.event, "✉️").await;
    w.pass(Duration::from_millis(1)).await;
    assert_eq!((answers(&w).len(), said.marks().as_str()), (1, "✉️"));
    w.say(ALICE, &case, "!send").await.refused("has no answer of yours");
    w.pass(HOLD).await;
    assert_eq!(answers(&w).len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn what_it_waits_for_begins_when_it_goes_out() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    scheduled(&w, &case, "!answer --at 4h --until 2h Look tomorrow.").await;
    w.pass(HOUR * 4 + Duration::from_secs(1)).await;
    assert_eq!(w.card(&case), "pending reminder until 23 Nov 15:00 · 🔒 @alice:desk.test");
    w.pass(HOUR * 3).await;
    w.finish().await;
}

#[tokio::test]
async fn who_edits_one_that_was_stopped_takes_the_ticket_again() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = scheduled(&w, &case, "!answer --at 4h Unplug it.").await;
    w.say(ALICE, &case, "!unlock").await.done();
    w.pass(HOUR * 5).await;
    assert_eq!(said.marks(), "⚠️");
    w.edit(ALICE, &said, "!answer --at 1h Unplug it, please.").await;
    assert_eq!(w.card(&case), "new · 🔒 @alice:desk.test", "else it would be stopped again for sure");
    w.pass(HOUR + Duration::from_secs(1)).await;
    assert!(answers(&w)[0].contains("Unplug it, please."));
    // What somebody else has locked meanwhile is theirs.
    let again = scheduled(&w, &case, "!answer --at 4h Is it out?").await;
    w.say(BOB, &case, "!owner @me").await.done();
    w.edit(ALICE, &again, "!answer --at 1h Is it out now?").await;
    assert_eq!(w.card(&case), "open · 🔒 @bob:desk.test");
    w.pass(HOUR * 5).await;
    assert_eq!(answers(&w).len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn nobody_takes_a_colleagues_back_in_passing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = scheduled(&w, &case, "!answer --at 4h Unplug it.").await;
    w.say(BOB, &case, "!priority 5").await.done();
    w.say(BOB, &case, "!undo").await.done();
    assert_eq!(w.rows("select priority from ticket").await, ["3"], "his own change");
    w.say(BOB, &case, "!undo").await.refused("");
    assert_eq!(said.marks(), "⏳");
    // Nor is it what one has done last.
    w.say(ALICE, &case, "!tag vip").await.done();
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!((w.count("select count(*) from ticket where tags <> '{}'").await, said.marks().as_str()), (0, "⏳"));
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!(said.marks(), "❌");
    let other = scheduled(&w, &case, "!answer --at 4h Unplug it.").await;
    w.react(BOB, &case.room, &other.event, "❌").await;
    assert_eq!(other.marks(), "❌", "who means it may: it is their queue's");
    w.pass(HOUR * 5).await;
    assert!(answers(&w).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn what_was_written_to_one_customer_does_not_go_to_another() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = scheduled(&w, &case, "!answer --at 4h Dear Carol, your code is 4711.").await;
    w.say(ALICE, &case, &format!("!customer {DAVE}")).await.done();
    w.pass(HOUR * 5).await;
    assert!(w.outbox().iter().all(|sent| !sent.source.contains("4711")), "nobody gets it");
    assert_eq!(said.marks(), "⚠️");
    let told = w.thread(&case).into_iter().find(|(_, post)| post.text.contains("was not sent")).expect("a word").1;
    assert!(told.text.contains(&format!("this ticket is {DAVE}'s since")), "{}", told.text);
    w.edit(ALICE, &said, "!answer --at 1h Dear Dave, your code is 4712.").await;
    w.pass(HOUR + Duration::from_secs(1)).await;
    let sent = w.newest_mail();
    assert!(sent.to == DAVE && sent.source.contains("4712"), "{}", sent.source);
    w.finish().await;
}

/// A mail of Dave's in Carol's ticket, which is held until an agent lets him in.
async fn held(w: &World, case: &Case) -> ticketloom::domain::id::EventId {
    w.deliver(&Eml::new(DAVE, &format!("Re: [Ticket#{}] Smoke", case.number), "Tell me all about it.")).await;
    w.newest_post(case).0
}

fn to(w: &World, whom: &str, words: &str) -> usize {
    w.outbox().iter().filter(|sent| sent.to == whom && sent.source.contains(words)).count()
}

#[tokio::test]
async fn it_goes_by_itself_to_nobody_but_whom_its_writer_was_shown() {
    for then in ["✉️", "nothing", "out"] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        let event = held(&w, &case).await;
        let said = scheduled(&w, &case, "!answer --all --at 4h Your code is 4711.").await;
        w.react(BOB, &case.room, &event, "📥").await;
        // Before its moment, too, it is not sent to somebody of whom its writer does not know.
        w.say(ALICE, &case, "!send").await.refused("besides the customer it would go to dave@customer.test");
        w.pass(HOUR * 5).await;
        assert_eq!((to(&w, CAROL, "4711"), to(&w, DAVE, "4711"), said.marks().as_str()), (0, 0, "⚠️"));
        let told = w.thread(&case).into_iter().find(|(_, post)| post.text.contains("was not sent")).expect("a word").1;
        let why = "others take part than when it was written: besides the customer it would go to dave@customer.test.";
        assert!(told.text.contains(why) && told.mentions == [user(ALICE)], "{}", told.text);
        match then {
            "✉️" => {
                w.react(ALICE, &case.room, &said.event, "✉️").await;
                assert_eq!((to(&w, CAROL, "4711"), to(&w, DAVE, "4711")), (1, 1), "she knows it now");
            }
            "out" => {
                w.say(BOB, &case, &format!("!cc -{DAVE}")).await.done();
                w.say(ALICE, &case, "!send").await.refused("it would go to the customer alone");
                w.edit(ALICE, &said, "!answer --at 1h Your code is 4711.").await;
                w.pass(HOUR * 2).await;
                assert_eq!((to(&w, CAROL, "4711"), to(&w, DAVE, "4711")), (1, 0));
            }
            _ => {}
        }
        w.finish().await;
    }
}

#[tokio::test]
async fn who_is_let_in_does_not_stop_what_does_not_go_to_them() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let event = held(&w, &case).await;
    scheduled(&w, &case, "!answer --at 4h Your code is 4711.").await;
    w.react(BOB, &case.room, &event, "📥").await;
    w.pass(HOUR * 5).await;
    assert_eq!((to(&w, CAROL, "4711"), to(&w, DAVE, "4711")), (1, 0), "as it was shown");
    w.finish().await;
}

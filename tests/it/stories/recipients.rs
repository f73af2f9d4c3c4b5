//! Who gets an answer, what goes with it, and what stands around it.

use serde_json::{Value, json};

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, Sent, World, text};

/// A file in a ticket's thread, with a caption or without.
fn file(case: &Case, name: &str, caption: Option<&str>) -> Value {
    let mut content = text(caption.unwrap_or(name), Some(&case.root));
    content["msgtype"] = json!("m.file");
    content["filename"] = json!(name);
    content["url"] = json!(format!("mxc://desk.test/{name}"));
    content["info"] = json!({ "mimetype": "application/pdf", "size": 10 });
    content
}

async fn answers(w: &World, case: &Case, words: &str) -> Vec<Sent> {
    let before = w.outbox().len();
    w.say(ALICE, case, words).await;
    w.pass(HOLD).await;
    let mut sent = w.outbox().split_off(before);
    sent.sort_by_key(|sent| sent.to.clone());
    sent
}

fn recipients(sent: &[Sent]) -> Vec<&str> {
    sent.iter().map(|sent| sent.to.as_str()).collect()
}

#[tokio::test]
async fn an_answer_goes_to_whom_it_names_one_mail_each_and_says_so_in_all_of_them() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let held = w.say(ALICE, &case, "!answer --cc dave@customer.test --state closed Unplug it.").await.answer();
    let wanted =
        "Held for 10s · to carol@customer.test, dave@customer.test · then closed successful. ✉️ on your message";
    assert!(held.contains(wanted), "{held}");
    w.say(ALICE, &case, "!undo").await.done();
    let sent = answers(&w, &case, "!answer --cc dave@customer.test --cc <eve@customer.test> Unplug it.").await;
    assert_eq!(recipients(&sent), [CAROL, DAVE, "eve@customer.test"]);
    for one in &sent {
        assert!(one.source.contains("Cc: dave@customer.test, eve@customer.test"), "{}", one.source);
        assert!(one.source.contains("To: carol@customer.test"), "{}", one.source);
    }
    assert_ne!(sent[0].reply_to, sent[1].reply_to, "each has an address of its own");
    let case_of = w.case_of(w.reply_to(&sent[1], "Me, too").await).await;
    assert_eq!(case_of.id, case.id, "and what Dave answers joins");
    let said = w.say(ALICE, &case, "!answer Hello").await.answer();
    assert!(said.contains(&format!("to {CAROL} and not to {DAVE}")), "{said}");
    w.say(ALICE, &case, "!undo").await.done();
    let sent = answers(&w, &case, "!answer --all Both of you").await;
    assert_eq!(recipients(&sent), [CAROL, DAVE]);
    w.finish().await;
}

#[tokio::test]
async fn a_cc_of_the_customer_adds_nobody_by_itself() {
    let w = World::new().await;
    let mail = w.deliver(&Eml::new(CAROL, "It smokes", "It smokes.").header("Cc", "mallory@evil.test")).await;
    let case = w.case_of(mail).await;
    assert_eq!(recipients(&answers(&w, &case, "!answer --all Unplug it.").await), [CAROL]);
    w.finish().await;
}

#[tokio::test]
async fn people_are_let_in_and_out() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!cc dave@customer.test").await.refused("neither + nor -");
    w.say(ALICE, &case, "!cc +support@desk.test").await.refused("this desk itself");
    w.say(ALICE, &case, "!cc +dave@customer.test").await.done();
    assert_eq!(recipients(&answers(&w, &case, "!answer --all One").await), [CAROL, DAVE]);
    w.say(ALICE, &case, "!cc -dave@customer.test").await.done();
    assert_eq!(recipients(&answers(&w, &case, "!answer --all Two").await), [CAROL]);
    w.say(ALICE, &case, "!cc -dave@customer.test").await.refused("does not take part");
    w.say(ALICE, &case, "!cc -carol@customer.test").await.refused("whom this ticket is for");
    w.say(ALICE, &case, "!cc +erin@customer.test -dave@customer.test").await.refused("does not take part");
    assert_eq!(recipients(&answers(&w, &case, "!answer --all Three").await), [CAROL], "all of it or nothing");
    w.finish().await;
}

#[tokio::test]
async fn an_undo_stops_all_copies_or_none() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let before = w.outbox().len();
    w.say(ALICE, &case, "!answer --cc dave@customer.test No!").await;
    w.say(ALICE, &case, "!undo").await.done();
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), before);
    let answer = w.say(ALICE, &case, "!answer --cc dave@customer.test Yes").await;
    w.edit(ALICE, &answer, "!answer --cc dave@customer.test Yes, really").await;
    w.pass(HOLD).await;
    let mut sent = w.outbox().split_off(before);
    sent.sort_by_key(|sent| sent.to.clone());
    assert_eq!(recipients(&sent), [CAROL, DAVE]);
    assert!(
        sent.iter().all(|sent| sent.source.contains("Yes, really") && sent.source.contains("Cc: dave@customer.test"))
    );
    w.say(ALICE, &case, "!undo").await.refused("Too late");
    w.finish().await;
}

#[tokio::test]
async fn files_from_the_thread_go_with_an_answer_that_asks_for_them() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --attach 1 Here").await.refused("put 0 files");
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        w.message(ALICE, &case.room, file(&case, name, None)).await;
        w.pass(std::time::Duration::from_secs(1)).await;
    }
    w.message(BOB, &case.room, file(&case, "bobs.pdf", None)).await;
    w.pass(std::time::Duration::from_secs(1)).await;
    assert_eq!(w.outbox().len(), 1, "a file by itself stays in the house");
    let sent = answers(&w, &case, "!answer --attach 2 Here they are").await;
    let source = &sent[0].source;
    assert!(
        source.contains("two.pdf") && source.contains("three.pdf") && source.contains("application/pdf"),
        "{source}"
    );
    assert!(!source.contains("one.pdf") && !source.contains("bobs.pdf"), "{source}");
    w.say(ALICE, &case, "!answer --attach 4 Here").await.refused("put 3 files");
    w.finish().await;
}

#[tokio::test]
async fn a_file_whose_caption_is_an_answer_goes_with_it() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let told = w.message(ALICE, &case.room, file(&case, "manual.pdf", Some("!answer Please read page 3."))).await;
    w.pass(std::time::Duration::from_secs(1)).await;
    assert_eq!(told.marks(), "⏳");
    w.pass(HOLD).await;
    let source = w.newest_mail().source;
    assert!(source.contains("manual.pdf") && source.contains("Please read page 3."), "{source}");
    let other = w.message(ALICE, &case.room, file(&case, "manual.pdf", Some("!anwser Please"))).await;
    w.pass(std::time::Duration::from_secs(1)).await;
    other.refused("!anwser is no command");
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn a_queue_puts_its_words_around_an_answer() {
    let w = World::new().await;
    w.sql("update queue set salutation = 'Hello {name},', signature = 'Your desk', quotes = true").await;
    let mail = w.mail("Carol Jones <carol@customer.test>", "It smokes", "It smokes.\nA lot.").await;
    let case = w.case_of(mail).await;
    w.say(ALICE, &case, "A note that stays here").await;
    let sent = answers(&w, &case, "!answer --cc dave@customer.test Unplug it.").await;
    let text = |sent: &Sent| sent.source.replace("=20", " ").replace("=\r\n", "");
    let (to_carol, to_dave) = (text(&sent[0]), text(&sent[1]));
    assert!(to_carol.contains("Hello Carol Jones,\r\n\r\nUnplug it.\r\n\r\n-- \r\nYour desk"), "{to_carol}");
    assert!(to_carol.contains("Carol Jones wrote:\r\n> It smokes.\r\n> A lot."), "{to_carol}");
    assert!(!to_dave.contains("> It smokes.") && !to_carol.contains("stays here"), "Dave has not had that mail");
    w.finish().await;
}

#[tokio::test]
async fn an_edit_that_asks_for_other_recipients_or_files_is_refused() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.message(ALICE, &case.room, file(&case, "one.pdf", None)).await;
    w.pass(std::time::Duration::from_secs(1)).await;
    let answer = w.say(ALICE, &case, "!answer --cc dave@customer.test --attach 1 Wrong").await;
    assert!(answer.answer().contains("one.pdf ("), "{}", answer.answer());
    for (edited, why) in [
        ("!answer --attach 1 Right", "who gets it"),
        ("!answer --cc eve@customer.test --attach 1 Right", "who gets it"),
        ("!answer --cc dave@customer.test Right", "--attach"),
    ] {
        w.edit(ALICE, &answer, edited).await;
        assert!(answer.answer().lines().last().is_some_and(|said| said.contains(why)), "{}", answer.answer());
    }
    w.say(ALICE, &case, "!customer eve@customer.test").await.done();
    w.edit(ALICE, &answer, "!answer --cc dave@customer.test --attach 1 Right").await;
    w.pass(HOLD).await;
    let mut sent = w.outbox().split_off(1);
    sent.sort_by_key(|sent| sent.to.clone());
    assert_eq!(recipients(&sent), [CAROL, DAVE], "they are for whom they were");
    assert!(sent.iter().all(|sent| sent.source.contains("To: carol@customer.test") && sent.source.contains("Right")));
    w.finish().await;
}

#[tokio::test]
async fn the_desk_never_writes_to_itself() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for words in ["!answer --cc support+x@desk.test Hi", "!customer Billing+q@desk.test", "!cc +support+zz@desk.test"] {
        w.say(ALICE, &case, words).await.refused("this desk itself");
    }
    let signed = w.newest_mail().reply_to;
    w.say(ALICE, &case, &format!("!answer --cc {signed} Hi")).await.refused("this desk itself");
    for from in ["support@desk.test", "billing+x@desk.test"] {
        let mail = w.deliver(&Eml::new(from, &format!("[Ticket#{}]", case.number), "Me.").to(&signed)).await;
        assert_eq!(w.fate(mail).await, "quarantined", "{from}");
    }
    w.finish().await;
}

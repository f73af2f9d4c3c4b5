//! An answer is taken back, or changed, while it is held.

use super::world::{ALICE, BOB, CAROL, HOLD, RETRY_UNKNOWN, STRANGER, WALTER, World, reply};

#[tokio::test]
async fn undo_stops_the_answer_and_opens_what_it_had_closed() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    let said = w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!((said.marks().as_str(), w.card(&case)), ("❌", format!("new · 🔒 {ALICE}")));
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1);
    w.say(ALICE, &case, "!undo").await.refused("taken back already");
    w.finish().await;
}

#[tokio::test]
async fn a_cross_or_taking_the_message_back_is_an_undo() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer One").await;
    w.react(ALICE, &case.room, &said.event, "❌").await;
    let said_too = w.say(ALICE, &case, "!answer Two").await;
    w.redact(ALICE, &said_too).await;
    w.pass(HOLD).await;
    assert_eq!((said.marks(), said_too.marks()), ("❌".to_owned(), "❌".to_owned()));
    assert_eq!(w.outbox().len(), 1);
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.finish().await;
}

#[tokio::test]
async fn undo_as_a_reply_means_that_answer() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let first = w.say(ALICE, &case, "!answer First").await;
    w.say(ALICE, &case, "!answer Second").await;
    w.message(ALICE, &case.room, reply("!undo", &first.event)).await.done();
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().text, "Second");
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn nobody_else_takes_an_answer_back_by_redacting() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for who in [STRANGER, WALTER] {
        let said = w.say(ALICE, &case, "!answer Hello").await;
        w.redact(who, &said).await;
        w.pass(HOLD).await;
        assert_eq!(said.marks(), "✉️", "{who}");
    }
    let said = w.say(ALICE, &case, "!answer Oops").await;
    w.redact(BOB, &said).await;
    assert_eq!(said.marks(), "❌", "another agent may");
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 3);
    w.finish().await;
}

#[tokio::test]
async fn undoing_an_answer_to_a_closed_ticket_closes_it_again() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    w.say(ALICE, &case, "!answer One more thing").await;
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.say(ALICE, &case, "!undo").await.done();
    w.pass(HOLD).await;
    assert_eq!(w.card(&case), "closed successful, customer not told");
    assert_eq!(w.outbox().len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn too_late_is_said_and_changes_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.pass(HOLD).await;
    w.say(ALICE, &case, "!undo").await.refused("Too late");
    w.react(ALICE, &case.room, &said.event, "❌").await;
    assert!(said.answer().contains("Too late"));
    w.redact(ALICE, &said).await;
    assert!(w.newest_post(&case).1.text.contains("stays in the record"));
    w.edit(ALICE, &said, "!answer --state closed Bye, Carol").await;
    assert!(said.answer().contains("too late"), "{}", said.answer());
    w.pass(RETRY_UNKNOWN).await;
    assert_eq!((w.outbox().len(), said.marks().as_str()), (2, "✉️"));
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.finish().await;
}

#[tokio::test]
async fn editing_a_held_answer_changes_the_mail_and_not_its_id() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Unplug id").await;
    w.edit(ALICE, &said, "!answer Unplug it").await;
    assert!(said.answer().contains("was changed before it was sent"));
    w.pass(HOLD).await;
    let [_, answer] = &w.outbox()[..] else { panic!("two mails") };
    assert_eq!(answer.text, "Unplug it");
    assert!(!answer.header("References").is_some_and(|ids| ids.contains(&answer.message_id)), "it refers to itself");
    assert_eq!(w.rows("select message_id from letter where not automatic").await.concat(), answer.message_id);
    assert_eq!(w.rows("select text from article where kind = 'answer'").await, ["Unplug it"]);
    let by_id =
        super::world::Eml::new(CAROL, "Re:", "Did so.").header("In-Reply-To", &format!("<{}>", answer.message_id));
    assert_eq!(w.case_of(w.deliver(&by_id).await).await.id, case.id);
    w.finish().await;
}

#[tokio::test]
async fn only_its_writer_edits_an_answer_and_only_into_an_answer() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Hello").await;
    w.edit(BOB, &said, "!answer Bob was here").await;
    for words in ["Never mind", "!close", "!answer --state closed Hello", "!answer", "!anwser Hello Carol"] {
        w.edit(ALICE, &said, words).await;
        assert!(said.answer().lines().last().is_some_and(|line| line.contains("Nothing was changed")), "{words}");
    }
    w.pass(HOLD).await;
    assert_eq!((w.newest_mail().text.as_str(), w.outbox().len()), ("Hello", 2));
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.finish().await;
}

#[tokio::test]
async fn an_edited_typo_is_no_command() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!anwser Hello").await;
    said.refused("Did you mean !answer TEXT?");
    w.edit(ALICE, &said, "!answer Hello").await;
    assert!(said.answer().contains("edits are no commands"), "{}", said.answer());
    let note = w.say(ALICE, &case, "I will call her").await;
    w.edit(ALICE, &note, "!close").await;
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.card(&case).as_str()), (1, "new · nobody's"));
    w.finish().await;
}

//! What stays in the house.

use serde_json::json;

use super::world::{ALICE, BOB, HOLD, World, text};

#[tokio::test]
async fn notes_and_plain_text_stay_in_the_house() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!note Carol is a difficult one").await.done();
    let plain = w.say(BOB, &case, "I know her brother").await;
    assert_eq!(plain.marks(), "", "talking is not answered");
    w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    for mail in w.outbox() {
        assert!(!mail.source.contains("difficult") && !mail.source.contains("brother"), "{}", mail.source);
    }
    assert_eq!(
        w.rows("select kind || ' ' || visibility || ' ' || text from article order by seq offset 2").await,
        ["note internal Carol is a difficult one", "note internal I know her brother", "answer customer Hello"]
    );
    w.finish().await;
}

#[tokio::test]
async fn a_note_is_edited_and_deleted_by_its_writer() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let note = w.say(ALICE, &case, "Carol smokes").await;
    w.edit(BOB, &note, "Bob smokes").await;
    assert_eq!(w.rows("select text from article where kind = 'note'").await, ["Carol smokes"]);
    w.edit(ALICE, &note, "The printer smokes").await;
    assert_eq!(w.rows("select text from article where kind = 'note'").await, ["The printer smokes"]);
    w.redact(ALICE, &note).await;
    assert_eq!(w.count("select count(*) from article where kind = 'note' and cancelled_at is not null").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn only_what_a_person_typed_first_in_a_message_is_a_command() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for (kind, words) in [
        ("m.notice", "!close"),
        ("m.emote", "!close"),
        ("m.text", " !close"),
        ("m.text", "> !close"),
        ("m.text", "> <@alice:desk.test> !close\n\nWhat is that?"),
        ("m.text", "`!close`"),
        ("m.text", "We could !close it"),
    ] {
        let mut content = text(words, Some(&case.root));
        content["msgtype"] = json!(kind);
        w.message(ALICE, &case.room, content).await;
        assert_eq!(w.card(&case), "new · nobody's", "{kind} {words:?}");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_typo_is_refused_with_the_right_form() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for (words, form) in [
        ("!anwser Hello", "Did you mean !answer TEXT?"),
        ("! answer Hello", "Did you mean !answer TEXT?"),
        ("!answer", "!answer [--state STATE]"),
        ("!answer --state done Hello", "there is no state done"),
        ("!answer --sate closed Hello", "--state"),
        ("!cloes", "!close"),
        ("!frobnicate", "!help"),
    ] {
        w.say(ALICE, &case, words).await.refused(form);
    }
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.card(&case).as_str()), (1, "new · nobody's"));
    w.finish().await;
}

#[tokio::test]
async fn no_slip_of_the_finger_mails_anything() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let right = "!answer";
    for at in 0..right.len() {
        let (before, after) = right.split_at(at);
        let (this, rest) = after.split_at(1);
        let next = rest.chars().next().map(String::from).unwrap_or_default();
        let rest_of = rest.get(1..).unwrap_or_default();
        let slips = [
            format!("{before}{rest}"),
            format!("{before}{this}{this}{rest}"),
            format!("{before}{next}{this}{rest_of}"),
            format!("{before}x{rest}"),
            format!("{before} {after}"),
            format!("{before}\u{200b}{after}"),
        ];
        for slip in slips.iter().filter(|slip| *slip != right && !slip.starts_with("!answer ")) {
            let event = text(&format!("{slip} SECRET"), Some(&case.root));
            w.event(ALICE, &case.room, "m.room.message", event).await;
        }
    }
    w.settle().await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1, "{}", w.transcript(&case.room));
    w.finish().await;
}

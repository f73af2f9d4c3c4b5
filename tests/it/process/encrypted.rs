//! Queues whose rooms are end-to-end encrypted, with agents' devices of matrix-sdk's on a real homeserver.

use serde_json::Value;

use super::house::{Customer, House, Independent, Plan, Reader, text, unique, until};

/// A house whose only queue is encrypted, and that queue's address and room.
struct Sealed {
    house: House,
    address: String,
    room: String,
}

/// An open house with an encrypted queue, in which these work, too.
async fn sealed(readers: &[&Reader]) -> Sealed {
    let house = House::built(Plan { queues: 0, ..Plan::default() }, false).await;
    for reader in readers {
        house.must(&["agent", "add", &reader.user]).await;
    }
    let name = format!("private-{}", unique());
    let address = format!("{name}@p{}.test", house.lmtp);
    house.must(&["queue", "add", &name, &address, "--intake", "lmtp", "--encrypted"]).await;
    house.start(&[]);
    house.answers().await;
    let room = until("the queue has its room", 60, async || room_of(&house).await).await;
    for reader in readers {
        reader.join(&room).await;
    }
    Sealed { house, address, room }
}

async fn room_of(house: &House) -> Option<String> {
    let room = sqlx::query_scalar("select room_id from room where queue_id is not null");
    room.fetch_optional(&house.record).await.expect("the record answers")
}

impl Sealed {
    async fn card(&self, reader: &Reader, subject: &str) -> Value {
        reader.hears(&self.room, "the card", |event| text(&event["content"]["body"]).contains(subject)).await
    }

    async fn until_answered(&self, reader: &Reader, command: &str, mark: &str) {
        let is_mark = |event: &Value| {
            event["content"]["m.relates_to"]["event_id"] == command && event["content"]["m.relates_to"]["key"] == mark
        };
        reader.hears(&self.room, &format!("{mark} on a command"), is_mark).await;
    }
}

#[tokio::test]
async fn a_ticket_is_worked_on_and_nobody_else_reads_along() {
    let carol = Reader::new("carol").await;
    let desk = sealed(&[&carol]).await;
    let customer = Customer::new();
    customer.write_with_file(&desk.address, "Sealed smoke", "It smokes.").await;
    let card = desk.card(&carol, "Sealed smoke").await;
    let file = carol.hears(&desk.room, "the file", |event| event["content"]["file"].is_object()).await;
    assert!(!carol.file(&file).await.is_empty());
    let root = text(&card["event_id"]).to_owned();
    let command = carol.say_in(&desk.room, &root, "!answer Please **unplug** it.").await;
    desk.until_answered(&carol, &command, "✉️").await;
    assert!(customer.answer().await.text.contains("Please unplug it."));
    // Alice is an agent, too, but her client has no keys; nor has the homeserver.
    desk.house.alice.join(&desk.room).await;
    let seen = desk.house.alice.events(&desk.room).await;
    let seen = serde_json::to_string(&seen).expect("JSON");
    assert!(seen.contains("m.megolm.v1.aes-sha2") && !seen.contains("smoke"), "{seen}");
    desk.house.stop().await;
    let check = desk.house.run(&["check"], b"").await;
    let check = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.contains(&format!("{} can't read the encrypted room", desk.house.alice.user)), "{check}");
    assert!(!check.contains(&carol.user), "{check}");
}

#[tokio::test]
async fn a_new_agent_reads_what_was_said_before() {
    let carol = Reader::new("carol").await;
    let desk = sealed(&[&carol]).await;
    Customer::new().write(&desk.address, "Old smoke", "It smoked.").await;
    desk.card(&carol, "Old smoke").await;
    // Also after a restart, before which the desk has said it.
    desk.house.stop().await;
    desk.house.start(&[]);
    desk.house.answers().await;
    let dave = Reader::new("dave").await;
    desk.house.must(&["agent", "add", &dave.user]).await;
    dave.join(&desk.room).await;
    desk.card(&dave, "Old smoke").await;
    // Who joins by the Space has no invitation, and so no keys: the room is by invitation only.
    let bot = desk.house.bot();
    let path = ["rooms", &desk.room, "state", "m.room.join_rules", ""];
    let rules = bot.ask(reqwest::Method::GET, &path, Value::Null);
    assert_eq!(rules.await.expect("a join rule")["join_rule"], "invite");
}

#[tokio::test]
async fn a_device_that_its_owner_has_not_signed_is_answered_in_plain_words_and_commands_nothing() {
    let carol = Reader::new("carol").await;
    let desk = sealed(&[&carol]).await;
    let customer = Customer::new();
    customer.write(&desk.address, "Private smoke", "It smokes.").await;
    let card = desk.card(&carol, "Private smoke").await;
    let root = text(&card["event_id"]).to_owned();
    let stolen = Reader::login(&carol.user, &carol.password, false).await;
    let events = stolen.events(&desk.room).await;
    assert!(!serde_json::to_string(&events).expect("JSON").contains("smoke"), "{events:?}");
    let command = stolen.say_in(&desk.room, &root, "!answer Transfer the money").await;
    until("it is answered", 120, async || {
        let events = carol.events(&desk.room).await;
        let refused = |event: &&Value| {
            event["content"]["m.relates_to"]["event_id"] == command.as_str()
                && event["content"]["m.relates_to"]["key"] == "❌"
        };
        events.iter().find(refused).map(|_| ())
    })
    .await;
    carol.hears(&desk.room, "words", |event| text(&event["content"]["body"]).contains("device is not verified")).await;
    desk.house.idle().await;
    assert_eq!(desk.house.count("article where kind = 'answer'").await, 0);
}

#[tokio::test]
async fn a_desk_that_lost_its_keys_goes_on_with_its_recovery_key_and_not_without() {
    let carol = Reader::new("carol").await;
    let desk = sealed(&[&carol]).await;
    Customer::new().write(&desk.address, "First smoke", "It smokes.").await;
    let card = desk.card(&carol, "First smoke").await;
    desk.house.stop().await;
    let (state, key) = (desk.house.file("state"), desk.house.file("kept-key"));
    std::fs::rename(state.join("recovery-key"), &key).expect("a recovery key was made");
    std::fs::remove_dir_all(&state).expect("removed");
    desk.house.start(&[]);
    let status = desk.house.wait_for_exit(60).await;
    assert!(!status.success(), "it does not say things that nobody can read");
    assert!(desk.house.log().contains("recovery_key_file"), "and says how to mend it");
    desk.house.start(&[("TICKETLOOM_MATRIX_RECOVERY_KEY_FILE", &key.display().to_string())]);
    desk.house.answers().await;
    Customer::new().write(&desk.address, "Second smoke", "It smokes.").await;
    desk.card(&carol, "Second smoke").await;
    let root = text(&card["event_id"]).to_owned();
    let command = carol.say_in(&desk.room, &root, "!note I can be heard").await;
    desk.until_answered(&carol, &command, "✅").await;
}

#[tokio::test]
async fn a_client_that_shares_no_code_with_the_desk_reads_and_answers() {
    let carol = Reader::new("carol").await;
    let desk = sealed(&[&carol]).await;
    let (erin, password) = Independent::user().await;
    desk.house.must(&["agent", "add", &erin]).await;
    let mut erin = Independent::start(&erin, &password, &desk.room).await;
    let customer = Customer::new();
    customer.write(&desk.address, "Foreign smoke", "It smokes.").await;
    let card = erin.hears(|event| text(&event["content"]["body"]).contains("Foreign smoke")).await;
    erin.say_in(text(&card["event_id"]), "!answer --state closed Please **unplug** it.").await;
    assert!(customer.answer().await.text.contains("Please unplug it."));
    erin.hears(|event| event["content"]["m.new_content"]["org.ticketloom.ticket"]["state"] == "closed successful")
        .await;
}

//! The Matrix side with a real Synapse: what was said while the desk was away, and who is heard.

use serde_json::{Value, json};
use ticketloom::config::{MatrixConfig, MatrixLogin, Secret};
use ticketloom::desk::seams::{Chat, Fault};
use ticketloom::domain::id::{EventId, RoomId, UserId};
use ticketloom::matrix::Matrix;

use super::house::{Agent, House, Plan, make_user, text, unique, until, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_while_nobody_listened_is_heeded_once_and_in_order() {
    const THREADS: usize = 4;
    const NOTES: usize = 30;
    let house = House::open().await;
    let mut cards = Vec::new();
    for _ in 0..THREADS {
        cards.push(house.ticket().await.1);
    }
    house.idle().await;
    house.kill().await;
    let mut said: Vec<Vec<String>> = vec![Vec::new(); THREADS];
    for number in 0..NOTES {
        for (thread, card) in cards.iter().enumerate() {
            said[thread].push(house.alice.say_in(house.room(), &card.root, &format!("!note number {number}")).await);
        }
    }
    house.start(&[]);
    house.answers().await;
    let all = i64::try_from(THREADS * NOTES).expect("few");
    until("all are notes", 60, async || (house.count("article where kind = 'note'").await == all).then_some(())).await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for (card, said) in cards.iter().zip(&said) {
        let order: Vec<String> = sqlx::query_scalar(
            "select event_id from article join ticket using (ticket_id) where number = $1 and kind = 'note' order by seq",
        )
        .bind(&card.number)
        .fetch_all(&house.record)
        .await
        .expect("the record answers");
        assert_eq!(order, *said, "in the order of their saying");
        for event in said {
            assert_eq!(transcript.marks(event), ["✅"]);
        }
    }
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_agents_may_invite_the_bot_and_only_to_talk_directly() {
    let house = House::open().await;
    let (_, card) = house.ticket().await;
    let lock = house.alice.say_in(house.room(), &card.root, "!lock").await;
    house.alice.marked(house.room(), &lock, "✅").await;
    let stranger = Agent::new(&format!("mallory-{}", unique())).await;
    let direct = json!({ "preset": "trusted_private_chat", "is_direct": true, "invite": [house.bot] });
    let foreign = json!({ "name": "Somewhere else", "invite": [house.bot] });

    let strange = stranger.create_room(direct.clone()).await;
    is_left(&house, &stranger, &strange).await;
    let elsewhere = house.alice.create_room(foreign).await;
    is_left(&house, &house.alice, &elsewhere).await;

    let dm = house.alice.create_room(direct).await;
    has_membership(&house, &house.alice, &dm, "join").await;
    let mine = house.alice.say(&dm, "!mine").await;
    house.alice.marked(&dm, &mine, "✅").await;
    let list = until("the list", 30, async || {
        let events = house.alice.events(&dm).await;
        let is_it = |event: &Value| event["content"]["org.ticketloom.list"]["tickets"] == json!([card.number]);
        events.into_iter().find(is_it)
    })
    .await;
    assert_eq!(list["sender"], house.bot.as_str());

    // Whoever is let in reads what is said from then on, and before.
    house.alice.invite(&dm, &stranger.user).await;
    let mine = house.alice.say(&dm, "!mine").await;
    house.alice.marked(&dm, &mine, "✅").await;
    let told = until("what is said then", 30, async || {
        let events = house.alice.events(&dm).await;
        events.into_iter().find(|event| text(&event["content"]["body"]).contains(&stranger.user))
    })
    .await;
    let told = text(&told["content"]["body"]);
    assert!(told.contains("is in this room, too, or invited to it") && !told.contains(&card.number), "{told}");
}

async fn has_membership(house: &House, agent: &Agent, room: &str, membership: &str) {
    let path = ["rooms", room, "state", "m.room.member", &house.bot];
    until(&format!("the bot's membership is {membership}"), 60, async || {
        let member = agent.ask(reqwest::Method::GET, &path, json!({})).await.ok()?;
        (member["membership"] == membership).then_some(())
    })
    .await;
}

async fn is_left(house: &House, agent: &Agent, room: &str) {
    has_membership(house, agent, room, "leave").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_in_the_room_gives_no_rights() {
    let house = House::open().await;
    house.must(&["queue", "set", &house.queues[0].name, "--posting", "members"]).await;
    house.idle().await;
    let (_, card) = house.ticket().await;
    let guest = Agent::new(&format!("guest-{}", unique())).await;
    house.bot().invite(house.room(), &guest.user).await;
    guest.join(house.room()).await;
    for command in ["!lock", "!answer --state closed Go away.", "!close", "!owner @me"] {
        let event = guest.say_in(house.room(), &card.root, command).await;
        house.alice.marked(house.room(), &event, "❌").await;
    }
    guest.react(house.room(), &card.root, "🔒").await;
    let heard = guest.say_in(house.room(), &card.root, "!help").await;
    house.alice.marked(house.room(), &heard, "❌").await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    let ticket = transcript.ticket(&card.root);
    assert_eq!((&ticket["state"], &ticket["locked"]), (&json!("new"), &json!(false)));
    assert!(transcript.bodies(&card.root).iter().any(|body| body.contains("you are no agent")));
    assert_eq!(house.count("letter where not automatic").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_no_command() {
    let house = House::open().await;
    let (_, card) = house.ticket().await;
    let note = house.alice.say_in(house.room(), &card.root, "looks like the router").await;
    until("it is a note", 30, async || (house.count("article where kind = 'note'").await == 1).then_some(())).await;
    house.alice.edit(house.room(), &note, "!close").await;
    let said = until("the desk says so", 30, async || {
        let transcript = house.alice.transcript(house.room()).await;
        transcript.bodies(&card.root).into_iter().find(|body| body.contains("edits are no commands"))
    })
    .await;
    assert!(said.contains("Nothing was done"), "{said}");
    house.idle().await;
    assert_eq!(house.alice.transcript(house.room()).await.ticket(&card.root)["state"], "new");
}

/// Rooms are bound to queues by the record alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tombstone_leads_the_desk_nowhere() {
    let house = House::opened(Plan::default()).await;
    let (_, card) = house.ticket().await;
    let trap = house.alice.create_room(json!({ "name": "A trap" })).await;
    let content = json!({ "body": "moved", "replacement_room": trap });
    house.bot().set_state(house.room(), "m.room.tombstone", content).await;
    house.stop().await;
    house.start(&[]);
    house.answers().await;
    let lock = house.alice.say_in(house.room(), &card.root, "!lock").await;
    house.alice.marked(house.room(), &lock, "✅").await;
    house.idle().await;
    let room: String = sqlx::query_scalar("select room_id from room where purpose = 'queue'")
        .fetch_one(&house.record)
        .await
        .expect("a room");
    assert_eq!(room, house.room());
}

/// The whole list is written each time, and in rooms that somebody else made it may not be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pinned_is_what_was_pinned_last() {
    let name = format!("pins-{}", unique());
    let user = make_user(&name, Some("a password")).await;
    let (own, other) = (Agent::new(&name).await, Agent::new(&format!("other-{}", unique())).await);
    let config = MatrixConfig {
        recovery_key: None,
        homeserver: world().homeserver.url.clone(),
        user: UserId::parse(&user).expect("a user"),
        login: MatrixLogin::Password(Secret::new("a password")),
        federate: false,
    };
    let dir = tempfile::tempdir().expect("a folder");
    let matrix = Matrix::connect(&config, dir.path(), false).await.expect("a session");

    let room = own.create_room(json!({ "name": "Pins" })).await;
    let id = RoomId::parse(&room).expect("a room");
    let board = own.say(&room, "a board").await;
    let home = own.say(&room, "a home").await;
    let event = |id: &str| EventId::parse(id).expect("an event");
    for pins in [vec![&board], vec![&home, &board], vec![&home], vec![]] {
        let events: Vec<_> = pins.iter().map(|pin| event(pin)).collect();
        matrix.pin(&id, &events).await.expect("pinned");
        let path = ["rooms", &room, "state", "m.room.pinned_events", ""];
        let pinned = own.ask(reqwest::Method::GET, &path, json!({})).await.expect("the room's pins");
        assert_eq!(pinned, json!({ "pinned": pins }));
    }

    let foreign = other.create_room(json!({ "preset": "private_chat", "is_direct": true, "invite": [user] })).await;
    own.join(&foreign).await;
    let foreign = RoomId::parse(&foreign).expect("a room");
    let refused = matrix.pin(&foreign, &[event(&board)]).await;
    assert!(matches!(refused, Err(Fault::Never { .. })), "{refused:?}");
}

/// What picture a room has, or a profile.
async fn picture(house: &House, path: &[&str], key: &str) -> Option<String> {
    let answer = house.bot().ask(reqwest::Method::GET, path, json!({})).await.ok()?;
    answer[key].as_str().map(ToOwned::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_and_bot_have_pictures_that_are_given_once() {
    let house = House::open().await;
    let rooms: Vec<String> = sqlx::query_scalar("select room_id from room where purpose <> 'home' order by room_id")
        .fetch_all(&house.record)
        .await
        .expect("the record answers");
    let mut before = Vec::new();
    for room in &rooms {
        let url = picture(&house, &["rooms", room, "state", "m.room.avatar"], "url").await;
        before.push(url.unwrap_or_else(|| panic!("{room} has no picture")));
    }
    assert!(picture(&house, &["profile", &house.bot, "avatar_url"], "avatar_url").await.is_some());
    // Somebody has another one, and somebody takes one away.
    let path = |room| ["rooms", room, "state", "m.room.avatar"];
    for (room, content) in [(&rooms[0], json!({ "url": "mxc://desk.test/ours" })), (&rooms[1], json!({}))] {
        house.bot().ask(reqwest::Method::PUT, &path(room), content).await.expect("another picture");
    }
    house.idle().await;
    house.kill().await;
    house.start(&[]);
    house.answers().await;
    house.ticket().await;
    house.idle().await;
    assert_eq!(picture(&house, &path(&rooms[0]), "url").await.as_deref(), Some("mxc://desk.test/ours"));
    assert_eq!(picture(&house, &path(&rooms[1]), "url").await, None);
    for (room, before) in rooms.iter().zip(before).skip(2) {
        assert_eq!(picture(&house, &path(room), "url").await, Some(before), "given once");
    }
}

//! Who may do what: PostgreSQL says so, not the room.

use ticketloom::chat::reference;

use super::world::{ALICE, BOB, Case, HOLD, STRANGER, WALTER, World, user};

/// A right use of every command.
pub(super) fn right_uses(case: &Case) -> Vec<String> {
    reference::verbs()
        .iter()
        .map(|verb| {
            let form = reference::form("!", verb).expect("a form");
            let form = without_options(&form);
            let text = if form.contains("TEXT") || *verb == "answer" { " Hello" } else { "" };
            let form = form.replace(" TEXT", "").replace("AGENT", "@me").replace("STATE", "closed");
            format!("{}{text}", form.replace("NUMBER", &case.number))
        })
        .collect()
}

/// `!merge NUMBER` of `!merge [--yes] NUMBER`.
fn without_options(form: &str) -> String {
    let after =
        |part: &str| part.split_once(']').map_or(String::new(), |(_, rest)| rest.trim_start_matches('.').to_owned());
    let mut parts = form.split(" [");
    let head = parts.next().unwrap_or_default().to_owned();
    parts.map(after).fold(head, |form, rest| form + rest.as_str())
}

/// Tries every command everywhere, and nothing may come of it.
async fn may_do_nothing(w: &World, who: &str, case: &Case) {
    let mails = w.outbox().len();
    let changes = w.count("select count(*) from ticket_event").await;
    for words in right_uses(case) {
        for told in [w.say(who, case, &words).await, w.say_in(who, &case.room, &words).await] {
            told.refused("no agent");
            assert!(!told.answer().contains("It smokes"), "{words}: {}", told.answer());
        }
    }
    w.react(who, &case.room, &case.root, "🔒").await;
    w.say(who, case, "I was here").await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), mails);
    assert_eq!(w.count("select count(*) from ticket_event").await, changes);
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 0);
    assert_eq!(w.card(case), "new · nobody's");
}

#[tokio::test]
async fn an_observer_may_do_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    may_do_nothing(&w, WALTER, &case).await;
    let dm = w.dm(WALTER);
    w.say_in(WALTER, &dm, "!queue").await.refused("no agent");
    w.finish().await;
}

#[tokio::test]
async fn a_stranger_in_the_room_may_do_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    may_do_nothing(&w, STRANGER, &case).await;
    w.say(STRANGER, &case, "!anwser hello").await.refused("no agent");
    w.finish().await;
}

#[tokio::test]
async fn who_was_removed_may_do_nothing_from_that_moment_on() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.sql("update agent set active = false where user_id = '@bob:desk.test'").await;
    may_do_nothing(&w, BOB, &case).await;
    w.finish().await;
}

#[tokio::test]
async fn a_command_counts_by_the_rights_of_the_moment_it_is_read() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let event = super::world::text("!answer Bye", Some(&case.root));
    w.event(BOB, &case.room, "m.room.message", event).await;
    w.sql("update agent set active = false where user_id = '@bob:desk.test'").await;
    w.settle().await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn an_agent_of_another_queue_may_do_nothing_and_learns_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let confine = "insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'";
    w.sql(confine).await;
    may_do_nothing(&w, BOB, &case).await;
    let dm = w.dm(BOB);
    let zoom = w.say_in(BOB, &dm, &format!("!zoom {}", case.number)).await;
    zoom.refused("there is no ticket");
    assert!(!zoom.answer().contains("smokes"));
    let list = w.say_in(BOB, &dm, "!queue").await;
    assert!(!list.done().answer().contains(&case.number));
    assert!(!w.say_in(BOB, &dm, "!queues").await.done().answer().contains("support"));
    w.say(ALICE, &case, "!owner @bob").await.refused("does not work in this queue");
    w.finish().await;
}

#[tokio::test]
async fn who_lost_the_queue_changes_no_held_answer() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(BOB, &case, "!answer Hello").await;
    w.sql(
        "insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'",
    )
    .await;
    w.edit(BOB, &said, "!answer You will all be sorry").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().text, "Hello");
    w.finish().await;
}

#[tokio::test]
async fn in_a_direct_room_with_somebody_else_nothing_is_told() {
    let w = World::new().await;
    let case = w.ticket("Carol's secret plan").await;
    w.say(ALICE, &case, "!lock").await.done();
    let dm = w.dm(ALICE);
    for who in ["@tickets:desk.test", ALICE] {
        w.chat.lets_in(&dm, user(who));
    }
    let commands = ["!mine", "!queue all", "!zoom 1", "!quarantine", "!queues"];
    let alone = w.say_in(ALICE, &dm, "!mine").await.done().answer();
    assert!(alone.contains("secret plan"), "{alone}");
    w.chat.lets_in(&dm, user(STRANGER));
    for command in commands {
        let told = w.say_in(ALICE, &dm, command).await.answer();
        assert!(!told.contains("secret") && !told.contains(&case.number) && !told.contains("support"), "{told}");
        assert!(told.contains(&format!("{STRANGER} is in this room, too")), "{told}");
    }
    let here = w.say_in(ALICE, &case.room, "!mine").await.done().answer();
    assert!(here.contains("secret plan"), "a queue's room is for its members: {here}");
    w.finish().await;
}

//! Setting the desk up from a room.

use ticketloom::admin::{self, AgentCommand, Command, Door};
use ticketloom::desk::rooms::refresh_rooms;
use ticketloom::desk::seams::RoomKind;
use ticketloom::domain::room::Purpose;

use super::world::{ALICE, BOB, HOLD, ROOT, STRANGER, World, user};

#[tokio::test]
async fn an_admin_sets_queues_agents_and_words_up_where_they_talk() {
    let w = World::new().await;
    let dm = w.dm(ROOT);
    let told = async |words: &str| w.say_in(ROOT, &dm, words).await.done().answer();
    assert!(told("!queue add sales sales@desk.test --title \"Example Sales\"").await.contains("queue sales added"));
    assert!(told("!queue list").await.contains("sales sales@desk.test lmtp"));
    assert!(
        told("!queue set sales --time-zone Europe/Berlin --first-response 4h").await.contains("queue sales changed")
    );
    assert!(told("!agent add @frida:desk.test --queue sales").await.contains("@frida:desk.test is agent now"));
    assert!(told("!agent list").await.contains("@frida:desk.test agent of sales"));
    assert!(told("!agent remove @frida:desk.test").await.contains("has no rights any more"));
    assert!(told("!queue archive sales").await.contains("takes no more mail"));
    told("!signature set support Alice\nand Bob").await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().source.contains("--=20\r\nAlice\r\nand Bob"), "{}", w.newest_mail().source);
    assert!(told("!jobs").await.contains("No job was given up."));
    assert!(told("!health").await.contains("Given up: 0 · mails whose fate nobody knows: 0"));
    w.finish().await;
}

#[tokio::test]
async fn a_template_that_is_set_in_a_room_keeps_its_lines() {
    let w = World::new().await;
    let dm = w.dm(ROOT);
    w.say_in(ROOT, &dm, "!template --queue support set hello Dear {customer.name},\n\n  welcome.").await.done();
    assert_eq!(w.rows("select text from template").await, ["Dear {customer.name},\n\n  welcome."]);
    w.say_in(ROOT, &dm, "!template set hello Dear {custommer.name}").await.refused("{custommer.name} is not filled in");
    w.say_in(ROOT, &dm, "!template remove hello").await.refused("there is no template hello");
    w.say_in(ROOT, &dm, "!template --queue support remove hello").await.done();
    assert_eq!(w.count("select count(*) from template").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_would_be_right_and_changes_nothing() {
    let w = World::new().await;
    let dm = w.dm(ROOT);
    for (words, because) in [
        ("!queue set nowhere --title X", "there is no queue nowhere; there are billing, support"),
        ("!agent remove @nobody:desk.test", "`!agent list` shows who is"),
        ("!queue add support other@desk.test", "there is a queue support with another address"),
        ("!queue set support --holidays /etc/passwd.ics", "files are read by the program alone"),
        ("!queue set support --hours nonsense", "--hours"),
        ("!agent add bob", "no full Matrix id"),
        ("!agent", "!agent add|remove|away|back|list …"),
        ("!agent remove @root:desk.test", "is the only admin of all queues"),
        ("!signature set nowhere X", "there is no queue nowhere"),
        ("!signature set support {nobody}", "{nobody} is not filled in"),
        ("!jobs --retry 7", "nothing"),
    ] {
        let told = w.say_in(ROOT, &dm, words).await;
        if words.starts_with("!jobs") {
            assert!(told.done().answer().contains("No job 7 was given up."));
        } else {
            told.refused(because);
        }
    }
    assert_eq!(w.count("select count(*) from queue where title = 'X'").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn nobody_else_sets_anything_up() {
    let w = World::new().await;
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'").await;
    w.sql("update agent set role = 'admin' where user_id = '@bob:desk.test'").await;
    for who in [ALICE, BOB] {
        for words in [
            "!queue add x x@desk.test",
            "!agent list",
            "!template set a b",
            "!signature set support x",
            "!jobs",
            "!health",
        ] {
            w.say_in(who, &w.dm(who), words).await.refused("only admins can do that");
        }
    }
    assert_eq!(w.count("select count(*) from queue").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn admins_have_a_room_in_which_only_they_hear_the_answers() {
    let w = World::new().await;
    let mut tx = w.store.begin().await.expect("a transaction");
    refresh_rooms(&mut tx);
    tx.commit().await.expect("a commit");
    w.settle().await;
    let plans: Vec<_> = w.chat.plans().into_iter().filter(|plan| plan.kind == RoomKind::Admins).collect();
    assert!(plans.len() == 1 && plans[0].invited == [user(ROOT)], "{plans:?}");
    let mut tx = w.store.begin().await.expect("a transaction");
    let room = tx.rooms().get(Purpose::Admins).await.expect("an answer").expect("the admins' room");
    tx.agents().put(&user(BOB), ticketloom::domain::queue::Role::Admin, &[]).await.expect("Bob is one, too");
    tx.commit().await.expect("a commit");
    for who in ["@tickets:desk.test", ROOT, BOB] {
        w.chat.lets_in(&room, user(who));
    }
    assert!(
        w.say_in(ROOT, &room, "!agent list").await.done().answer().contains("@alice:desk.test agent of all queues")
    );
    w.chat.lets_in(&room, user(STRANGER));
    let said = w.say_in(ROOT, &room, "!agent list").await.done().answer();
    assert!(said.contains("I don't say that here") && !said.contains("@alice"), "{said}");
    w.finish().await;
}

#[tokio::test]
async fn two_admins_who_remove_each_other_at_once_leave_one() {
    let w = World::new().await;
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.agents().put(&user(BOB), ticketloom::domain::queue::Role::Admin, &[]).await.expect("Bob is one, too");
    tx.commit().await.expect("a commit");
    let remove = |who| Command::Agent(AgentCommand::Remove { user: user(who) });
    let bot = user("@tickets:desk.test");
    let mut one = w.store.begin().await.expect("a transaction");
    admin::run(&mut one, &bot, Door::Program, remove(BOB)).await.expect("removed");
    let second = async {
        let mut two = w.store.begin().await.expect("a transaction");
        let done = admin::run(&mut two, &bot, Door::Program, remove(ROOT)).await;
        if done.is_ok() {
            two.commit().await.expect("a commit");
        }
        done
    };
    // The first one is done when the second one waits for it, or is through.
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let first = async {
        while w.count(waits).await == 0 && w.count(ADMINS).await == 2 {}
        one.commit().await.expect("a commit");
    };
    let (done, ()) = tokio::join!(second, first);
    assert!(done.is_err(), "{done:?}");
    assert_eq!(w.count(ADMINS).await, 1);
    w.settle().await;
    w.finish().await;
}

const ADMINS: &str = "select count(*) from agent where active and role = 'admin'";

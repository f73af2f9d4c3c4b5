//! Boards: what there is to do, at a glance, in a queue's room and in an agent's home.

use std::time::Duration;

use ticketloom::desk::agents::{put_agent, remove_agent};
use ticketloom::desk::post::{BoardMarker, Tone};
use ticketloom::desk::rooms::{home_opened, refresh_rooms};
use ticketloom::desk::seams::RoomKind;
use ticketloom::domain::id::{EventId, RoomId};
use ticketloom::domain::queue::Role;
use ticketloom::domain::room::Purpose;
use ticketloom::store::intake::Heard;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, STRANGER, Shown, World, user};

/// How far apart a board's edits are at least.
const PACE: Duration = Duration::from_secs(10);

impl World {
    /// Within half a minute boards say what is so.
    async fn soon(&self) {
        for _ in 0..3 {
            self.pass(PACE).await;
        }
    }

    /// What a room's board says now, and its message, whatever was edited.
    fn board(&self, room: &RoomId) -> (EventId, Shown) {
        let (event, newest) = self.chat.boards(room).pop().expect("a board");
        (newest.replaces.clone().unwrap_or(event), newest)
    }

    fn listed(&self, room: &RoomId) -> Vec<String> {
        let Some(BoardMarker::Queue { tickets, .. }) = self.board(room).1.board else { panic!("a queue's board") };
        tickets.iter().map(ToString::to_string).collect()
    }

    fn home(&self, who: &str) -> (Vec<String>, Vec<String>) {
        let Some(BoardMarker::Home { locked, queues }) = self.board(&self.dm(who)).1.board else { panic!("a home's") };
        let words = |numbers: Vec<_>| numbers.iter().map(ToString::to_string).collect();
        (words(locked), words(queues))
    }

    /// A queue's board equals what one gets by asking the record in the plainest way, and the homes do.
    async fn boards_are_true(&self) {
        for queue in ["support", "billing"] {
            let Some(BoardMarker::Queue { queue: name, unlocked, locked, pending, breached, tickets }) =
                self.board(&self.room(queue)).1.board
            else {
                panic!("a queue's board")
            };
            assert_eq!(name, queue);
            let count = async |which: &str| self.count(&open(queue, "count(*)", which)).await;
            let counted = (count("owner_id is null").await, count("owner_id is not null").await);
            assert_eq!((unlocked, locked), counted, "{queue}");
            assert_eq!(
                (pending, breached),
                (count("state like 'pending%'").await, count("breached_at is not null").await)
            );
            let mut shown: Vec<String> = tickets.iter().map(ToString::to_string).collect();
            shown.sort();
            let which = "(owner_id is null or breached_at is not null)";
            assert_eq!(shown, self.rows(&(open(queue, "number", which) + " order by number")).await, "{queue}");
        }
        for who in [ALICE, BOB] {
            let (mut locked, mut queues) = self.home(who);
            locked.sort();
            queues.sort();
            let own = format!("owner_id = (select agent_id from agent where user_id = '{who}')");
            assert_eq!(locked, self.rows(&(open("%", "number", &own) + " order by number")).await, "{who}");
            let all = open("%", "number", "owner_id is null") + " order by number";
            assert_eq!(queues, self.rows(&all).await, "{who}");
            assert!(locked.iter().all(|number| !queues.contains(number)), "none stands in both");
        }
    }
}

/// The tickets of a queue that are not over.
fn open(queue: &str, what: &str, which: &str) -> String {
    format!(
        "select {what} from ticket join queue using (queue_id) where queue.name like '{queue}' and {which}
         and state not like 'closed%' and state not in ('merged', 'removed')"
    )
}

#[tokio::test]
async fn boards_equal_their_query_whatever_happens() {
    let w = World::new().await;
    let bill = Eml::new(CAROL, "Invoice", "Too high.").to("billing@desk.test");
    let bill = w.case_of(w.deliver(&bill).await).await;
    let (one, two, three) = (w.ticket("One").await, w.ticket("Two").await, w.ticket("Three").await);
    w.soon().await;
    w.boards_are_true().await;
    let steps: [(&str, &Case, &str); 9] = [
        (ALICE, &one, "!lock"),
        (BOB, &two, "!pending 2d"),
        (ALICE, &three, "!priority 5"),
        (ALICE, &one, "!unlock"),
        (BOB, &three, "!answer --state closed Bye"),
        (ALICE, &one, "!move billing"),
        (ALICE, &bill, "!owner @bob"),
        (BOB, &three, "!reopen"),
        (BOB, &two, "!spam"),
    ];
    for (who, case, words) in steps {
        let told = w.say(who, case, words).await;
        w.soon().await;
        assert!(["✅", "✉️"].contains(&told.marks().as_str()), "{words}: {}", told.answer());
        w.boards_are_true().await;
    }
    w.pass(Duration::from_hours(72)).await;
    w.boards_are_true().await;
    w.finish().await;
}

#[tokio::test]
async fn a_board_is_one_pinned_notice_that_is_edited() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (event, first) = w.board(&case.room);
    assert!(first.tone == Tone::Notice && first.mentions.is_empty() && !first.calls_room && first.thread.is_none());
    assert!(first.text.starts_with("📋 Support · 1 unlocked · 0 locked\n"), "{}", first.text);
    assert!(
        first.text.contains(&format!("🆕 It smokes · carol@customer.test · 23 Nov 09:00 · {}", case.number)),
        "{}",
        first.text
    );
    assert!(first.html.expect("links").contains(&format!("https://matrix.to/#/{}/{}", case.room, case.root)));
    assert_eq!(w.chat.pins(&case.room), std::slice::from_ref(&event));
    w.say(ALICE, &case, "!lock").await.done();
    w.soon().await;
    let (same, edited) = w.board(&case.room);
    assert!(
        same == event && edited.text.contains("0 unlocked · 1 locked") && edited.text.ends_with("🔒 alice 1"),
        "{}",
        edited.text
    );
    let home = w.board(&w.dm(ALICE)).1.text;
    assert!(
        home.starts_with("🔒 Locked by me · 1") && home.contains("It smokes · carol@customer.test · support"),
        "{home}"
    );
    assert!(home.ends_with("📋 My queues, unlocked · none"), "{home}");
    w.finish().await;
}

#[tokio::test]
async fn while_much_changes_a_board_is_edited_every_ten_seconds_at_most_and_says_the_last_of_it_soon() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (before, began) = (w.chat.boards(&case.room).len(), std::time::Instant::now());
    for n in 0..30 {
        let words = ["!priority 5", "!priority 1"][n % 2];
        w.say(ALICE, &case, words).await.done();
        w.pass(Duration::from_secs(1)).await;
    }
    w.say(ALICE, &case, "!lock").await.done();
    w.pass(PACE).await;
    let edits = w.chat.boards(&case.room).len() - before;
    // Jobs go by PostgreSQL's clock, by which time passes, too.
    let most = 5 + usize::try_from(began.elapsed().as_secs() / 10).expect("a few");
    assert!((1..=most).contains(&edits), "{edits} edits in 40 seconds");
    w.soon().await;
    w.boards_are_true_of(&case).await;
    let quiet = w.chat.boards(&case.room).len();
    w.say(BOB, &case, "!note Nothing that a board says").await.done();
    w.soon().await;
    assert_eq!(w.chat.boards(&case.room).len(), quiet, "what says the same is not edited");
    w.finish().await;
}

impl World {
    async fn boards_are_true_of(&self, case: &Case) {
        let unlocked = self.rows(&(open("support", "number", "owner_id is null") + " order by number")).await;
        let mut listed = self.listed(&case.room);
        listed.sort();
        assert_eq!(listed, unlocked);
    }
}

#[tokio::test]
async fn what_comes_first_stands_first_and_a_board_has_twenty_lines() {
    let w = World::new().await;
    let mut cases = Vec::new();
    for n in 0..25 {
        w.tick(Duration::from_mins(1));
        let mail = Eml::new(&format!("c{n}@customer.test"), &format!("Matter {n}"), "Help.");
        cases.push(w.case_of(w.deliver(&mail).await).await);
    }
    w.say(ALICE, &cases[20], "!priority 5").await.done();
    w.say(ALICE, &cases[3], "!pending 2d").await.done();
    w.say(ALICE, &cases[3], "!unlock").await.done();
    w.say(ALICE, &cases[0], "!answer We look into it.").await;
    w.pass(HOLD).await;
    w.say(ALICE, &cases[0], "!unlock").await.done();
    w.soon().await;
    let listed = w.listed(&cases[0].room);
    assert_eq!(listed.len(), 20);
    assert_eq!(listed[0], cases[20].number, "the most urgent");
    assert_eq!(listed[1], cases[1].number, "then who waits longest; the first one was answered");
    assert!(
        !listed.contains(&cases[3].number) && !listed.contains(&cases[0].number),
        "what waits for others comes last"
    );
    let text = w.board(&cases[0].room).1.text;
    assert!(text.starts_with("📋 Support · 25 unlocked · 0 locked · among them 1 pending\n"), "{text}");
    assert!(text.contains("… and 5 more"), "{text}");
    w.pass(Duration::from_hours(72)).await;
    w.finish().await;
}

#[tokio::test]
async fn who_takes_a_board_away_gets_a_new_one() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (event, _) = w.board(&case.room);
    w.redact_post(ALICE, &case.room, &event).await;
    w.soon().await;
    let (new, shown) = w.board(&case.room);
    assert!(new != event && shown.replaces.is_none(), "a new message: {shown:?}");
    assert_eq!(w.chat.pins(&case.room), [new]);
    w.finish().await;
}

#[tokio::test]
async fn another_day_has_another_message_and_the_old_one_is_taken_away() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (first, _) = w.board(&case.room);
    w.pass(Duration::from_hours(24)).await;
    assert_eq!(w.board(&case.room).0, first, "nothing has changed");
    w.mail(DAVE, "My printer", "It smokes, too.").await;
    w.soon().await;
    let (second, shown) = w.board(&case.room);
    assert!(second != first && shown.replaces.is_none() && shown.text.contains("2 unlocked"), "{shown:?}");
    assert!(w.chat.redacted().contains(&first));
    assert_eq!(w.chat.pins(&case.room), std::slice::from_ref(&second));
    w.say(ALICE, &case, "!lock").await.done();
    w.soon().await;
    assert_eq!(w.board(&case.room).0, second, "the same day, the same message");
    w.finish().await;
}

#[tokio::test]
async fn a_home_shows_nothing_of_queues_that_are_not_ones_own() {
    let w = World::new().await;
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'").await;
    let case = w.ticket("Carol's secret plan").await;
    let bill = Eml::new(CAROL, "Invoice", "Too high.").to("billing@desk.test");
    let bill = w.case_of(w.deliver(&bill).await).await;
    w.soon().await;
    assert_eq!(w.home(BOB), (vec![], vec![bill.number.clone()]));
    assert_eq!(w.home(ALICE), (vec![], vec![case.number, bill.number]));
    assert!(!w.board(&w.dm(BOB)).1.text.contains("secret"));
    w.finish().await;
}

#[tokio::test]
async fn who_becomes_an_agent_is_invited_home_and_finds_a_board_there() {
    const FRIDA: &str = "@frida:desk.test";
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let frida = tx.agents().put(&user(FRIDA), Role::Agent, &[]).await.expect("an agent");
    refresh_rooms(&mut tx);
    tx.commit().await.expect("a commit");
    w.settle().await;
    w.soon().await;
    let homes: Vec<_> = w.chat.plans().into_iter().filter(|plan| plan.kind == RoomKind::Home).collect();
    assert!(homes.len() == 1 && homes[0].invited == [user(FRIDA)], "the others have one: {homes:?}");
    let mut tx = w.store.begin().await.expect("a transaction");
    let home = tx.rooms().get(Purpose::Home(frida)).await.expect("an answer").expect("her home");
    drop(tx);
    let (event, board) = w.board(&home);
    assert!(board.text.contains("It smokes"), "{}", board.text);
    assert_eq!(w.chat.pins(&home), std::slice::from_ref(&event));
    // She opens one herself, and from then on it is there, and nothing stands where it was.
    let (own, mut tx) = (w.dm(FRIDA), w.store.begin().await.expect("a transaction"));
    home_opened(&mut tx, frida, &own).await.expect("it is hers");
    tx.commit().await.expect("a commit");
    w.soon().await;
    assert_eq!(w.home(FRIDA), (vec![], vec![case.number]));
    assert!(w.chat.redacted().contains(&event) && w.chat.pins(&home).is_empty(), "{:?}", w.chat.pins(&home));
    w.finish().await;
}

#[tokio::test]
async fn while_somebody_else_is_in_a_home_there_is_no_board() {
    let w = World::new().await;
    let case = w.ticket("Carol's secret plan").await;
    w.soon().await;
    let dm = w.dm(ALICE);
    let (event, _) = w.board(&dm);
    for who in ["@tickets:desk.test", ALICE, STRANGER] {
        w.chat.lets_in(&dm, user(who));
    }
    w.say(BOB, &case, "!subject Another secret").await.done();
    w.soon().await;
    assert!(w.chat.redacted().contains(&event), "what stood there is taken away");
    assert!(w.chat.boards(&dm).iter().all(|(_, board)| !board.text.contains("Another")));
    assert!(w.chat.pins(&dm).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn who_is_an_agent_no_more_keeps_no_board() {
    let w = World::new().await;
    w.ticket("Carol's secret plan").await;
    w.soon().await;
    let (event, board) = w.board(&w.dm(BOB));
    assert!(board.text.contains("secret"), "{}", board.text);
    let mut tx = w.store.begin().await.expect("a transaction");
    let bob = tx.agents().by_user(&user(BOB)).await.expect("an answer").expect("Bob");
    remove_agent(&mut tx, &bob).await.expect("removed");
    refresh_rooms(&mut tx);
    tx.commit().await.expect("a commit");
    w.settle().await;
    w.soon().await;
    assert!(w.chat.redacted().contains(&event), "what stood there is taken away");
    w.finish().await;
}

#[tokio::test]
async fn what_people_have_pinned_stays_pinned_and_a_board_that_they_unpin_is_pinned_again() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (board, _) = w.board(&case.room);
    let theirs = w.chat.people(&case.room, ALICE, None, "Our rota");
    w.chat.people_pin(&case.room, &[board.clone(), theirs.clone()]);
    w.say(ALICE, &case, "!lock").await.done();
    w.soon().await;
    assert_eq!(w.chat.pins(&case.room), [board.clone(), theirs.clone()]);
    w.pass(Duration::from_hours(24)).await;
    w.say(ALICE, &case, "!unlock").await.done();
    w.soon().await;
    let (renewed, _) = w.board(&case.room);
    assert!(renewed != board);
    assert_eq!(w.chat.pins(&case.room), [theirs.clone(), renewed.clone()]);
    w.chat.people_pin(&case.room, std::slice::from_ref(&theirs));
    let heard = Heard { repinned: std::slice::from_ref(&case.room), ..Heard::default() };
    w.store.accept_events("story", None, heard).await.expect("heard");
    w.settle().await;
    assert_eq!(w.chat.pins(&case.room), [theirs, renewed]);
    w.finish().await;
}

#[tokio::test]
async fn who_is_confined_to_other_queues_keeps_no_ticket_of_those_that_were_theirs() {
    let w = World::new().await;
    let (case, other) = (w.ticket("It smokes").await, Eml::new(CAROL, "Invoice", "Too high.").to("billing@desk.test"));
    let other = w.case_of(w.deliver(&other).await).await;
    for case in [&case, &other] {
        w.say(BOB, case, "!lock").await.done();
    }
    let mut tx = w.store.begin().await.expect("a transaction");
    let billing = tx.queues().all().await.expect("queues").into_iter().find(|queue| queue.name == "billing");
    let billing = billing.expect("billing").id;
    let (_, unlocked) = put_agent(&mut tx, &user(BOB), Role::Agent, &[billing]).await.expect("confined");
    tx.commit().await.expect("a commit");
    assert_eq!(unlocked, 1);
    w.settle().await;
    w.soon().await;
    assert_eq!(w.home(BOB), (vec![other.number], vec![]));
    assert!(w.listed(&case.room).contains(&case.number));
    w.finish().await;
}

#[tokio::test]
async fn a_queue_that_is_archived_has_no_board() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.soon().await;
    let (board, _) = w.board(&case.room);
    w.sql("update queue set archived = true where name = 'support'").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.soon().await;
    assert!(w.chat.redacted().contains(&board) && w.chat.pins(&case.room).is_empty());
    w.finish().await;
}

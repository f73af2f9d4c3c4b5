//! What agents look up: lists, links, help and history.

use ticketloom::domain::id::RoomId;

use super::world::{ALICE, BOB, CAROL, Eml, HOLD, ROOT, World};

/// The tickets of the newest list in a room, as programs read them.
fn numbers(w: &World, room: &RoomId) -> Vec<String> {
    let list = w.chat.posts(room).into_iter().filter_map(|(_, post)| post.list).next_back().expect("a list");
    list.tickets.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn mine_and_queue_never_show_the_same_ticket() {
    let w = World::new().await;
    let (one, two) = (w.ticket("One").await, w.ticket("Two").await);
    let closed = w.ticket("Closed").await;
    w.say(ALICE, &closed, "!close").await.done();
    w.say(ALICE, &one, "!lock").await.done();
    let dm = w.dm(ALICE);
    for room in [&dm, &one.room] {
        let mine = w.say_in(ALICE, room, "!mine").await.done().answer();
        assert_eq!(numbers(&w, room), [one.number.as_str()]);
        assert!(mine.starts_with("Locked by you · 1") && !mine.contains("🔒"), "the title says so: {mine}");
        w.say_in(ALICE, room, "!queue").await.done();
        assert_eq!(numbers(&w, room), [two.number.as_str()]);
        let all = w.say_in(ALICE, room, "!queue all").await.done().answer();
        assert_eq!(numbers(&w, room), [one.number.as_str(), &two.number]);
        assert!(all.contains("🆕 One · carol@customer.test") && all.contains("🔒 alice"), "{all}");
        assert!(!all.contains(&closed.number));
    }
    let empty = w.say_in(BOB, &w.dm(BOB), "!mine").await.done().answer();
    assert_eq!(empty, "Locked by you · none");
    w.finish().await;
}

#[tokio::test]
async fn a_queues_room_lists_its_own_and_the_direct_room_all() {
    let w = World::new().await;
    let support = w.ticket("Smoke").await;
    let billing = w.case_of(w.deliver(&Eml::new(CAROL, "Invoice", "Too high").to("billing@desk.test")).await).await;
    w.say_in(ALICE, &w.room("billing"), "!queue").await.done();
    assert_eq!(numbers(&w, &w.room("billing")), [billing.number.as_str()]);
    let both = w.say_in(ALICE, &w.dm(ALICE), "!queue").await.done().answer();
    assert_eq!(numbers(&w, &w.dm(ALICE)), [support.number.as_str(), &billing.number]);
    assert!(both.contains("Smoke · carol@customer.test · support"), "{both}");
    assert!(both.contains(&format!("https://matrix.to/#/{}/{}?via=desk.test", support.room, support.root)), "{both}");
    w.finish().await;
}

#[tokio::test]
async fn a_long_list_fits_a_phone_and_says_how_many_more() {
    let w = World::new().await;
    for n in 0..23 {
        let mail = Eml::new(&format!("carol{n}@customer.test"), &format!("Ticket {n}"), "It smokes.");
        w.accept(
            &mail.bytes(),
            &mail.recipient,
            CAROL,
            ticketloom::store::intake::DeliveryKey::of_bytes("x", &mail.bytes()),
        )
        .await;
    }
    w.settle().await;
    let told = w.say_in(ALICE, &w.room("support"), "!queue").await;
    let (list, marker) = (told.done().answer(), told.list());
    assert_eq!((marker.tickets.len(), marker.total, marker.page, marker.pages), (20, 23, 1, 2));
    assert!(list.starts_with("support · unlocked · 23 · page 1 of 2"), "{list}");
    assert!(list.ends_with("… and 3 more: !more or !queue 2"), "{list}");
    let mut seen = marker.tickets;
    let told = w.say_in(ALICE, &w.room("support"), "!queue 2").await;
    let (list, marker) = (told.done().answer(), told.list());
    assert_eq!((marker.tickets.len(), marker.total, marker.page, marker.pages), (3, 23, 2, 2));
    assert!(list.starts_with("support · unlocked · 23 · page 2 of 2") && !list.contains("more"), "{list}");
    seen.extend(marker.tickets);
    let all = w.rows("select number from ticket order by ticket_id").await;
    assert_eq!(seen.iter().map(ToString::to_string).collect::<Vec<_>>(), all, "each once, in their order");
    let none = w.say_in(ALICE, &w.room("support"), "!queue all 3").await.done().answer();
    assert_eq!(none, "support · open · there is no page 3: 2 is the last");
    assert_eq!(
        w.say_in(ALICE, &w.dm(ALICE), "!mine 2").await.done().answer(),
        "Locked by you · there is no page 2: 1 is the last"
    );
    w.say_in(ALICE, &w.room("support"), "!queue some")
        .await
        .refused("neither all nor a page's number")
        .refused("!queue [all] [PAGE]");
    w.say_in(ALICE, &w.room("support"), "!queue 0").await.refused("neither all nor a page's number");
    w.say_in(ALICE, &w.room("support"), "!quarantine x").await.refused("no page's number");
    w.finish().await;
}

/// So many tickets, each of somebody else.
async fn tickets(w: &World, count: usize) {
    for n in 0..count {
        let from = format!("carol{n}@customer.test");
        let mail = Eml::new(&from, &format!("Ticket {n}"), "It smokes.");
        let key = ticketloom::store::intake::DeliveryKey::of_bytes("x", &mail.bytes());
        w.accept(&mail.bytes(), &mail.recipient, &from, key).await;
    }
    w.settle().await;
}

#[tokio::test]
async fn more_goes_on_behind_the_last_line_that_was_seen() {
    let w = World::new().await;
    tickets(&w, 45).await;
    let all = w.rows("select number from ticket order by ticket_id").await;
    let (room, dm) = (w.room("support"), w.dm(ALICE));
    w.say_in(ALICE, &room, "!more").await.refused("you have seen no list here that goes on");
    let mut seen = w.say_in(ALICE, &room, "!queue").await.list().tickets;
    // What is taken meanwhile, and what others look at elsewhere, makes nobody miss a line.
    for number in &seen[..3] {
        let id = w.rows(&format!("select ticket_id from ticket where number = '{number}'")).await;
        w.say(BOB, &w.case(&id[0]).await, "!lock").await.done();
    }
    w.say_in(BOB, &room, "!queue 2").await.done();
    w.say_in(ALICE, &dm, "!queue all").await.done();
    let told = w.say_in(ALICE, &room, "!more").await;
    let (list, marker) = (told.done().answer(), told.list());
    assert_eq!((marker.kind.as_str(), marker.total, marker.page, marker.pages), ("queue", 42, 2, 3));
    assert!(list.starts_with("support · unlocked · 42 · page 2 of 3") && list.ends_with("… and more: !more"), "{list}");
    seen.extend(marker.tickets);
    let told = w.say_in(ALICE, &room, "!MORE").await;
    let (list, marker) = (told.done().answer(), told.list());
    assert!(marker.page == 3 && marker.tickets.len() == 5 && !list.contains("!more"), "{list}");
    seen.extend(marker.tickets);
    assert_eq!(seen.iter().map(ToString::to_string).collect::<Vec<_>>(), all, "each once, in their order");
    w.say_in(ALICE, &room, "!more").await.refused("no list here that goes on");
    // The other list, in the other room, goes on by itself.
    let told = w.say_in(ALICE, &dm, "!more").await;
    assert_eq!((told.list().page, told.list().tickets.len()), (2, 20));
    assert_eq!(told.list().tickets[0].to_string(), all[20]);
    w.finish().await;
}

#[tokio::test]
async fn each_list_with_pages_goes_on() {
    let w = World::new().await;
    tickets(&w, 23).await;
    w.sql("update ticket set owner_id = (select agent_id from agent where user_id = '@alice:desk.test')").await;
    let (room, dm) = (w.room("support"), w.dm(ALICE));
    for (words, kind) in [("!mine", "mine"), ("!search \"it smokes\" -parrot", "search"), ("!queue all", "queue")] {
        let told = w.say_in(ALICE, &dm, words).await;
        let (list, first) = (told.done().answer(), told.list().tickets);
        assert!(list.contains("more: !more"), "{list}");
        let told = w.say_in(ALICE, &dm, "!more").await;
        let (list, next) = (told.done().answer(), told.list());
        assert_eq!((next.kind.as_str(), next.page, next.tickets.len()), (kind, 2, 3), "{list}");
        assert!(next.tickets.iter().all(|number| !first.contains(number)) && !list.contains("!more"), "{list}");
    }
    for n in 0..22 {
        w.deliver(&Eml::new(&format!("x{n}@customer.test"), "Cheap", "Buy.").header("X-Spam-Flag", "YES")).await;
    }
    let first = w.say_in(ALICE, &room, "!quarantine").await.done().answer();
    assert!(first.ends_with("… and 2 more: !more or !quarantine 2"), "{first}");
    let rest = w.say_in(ALICE, &room, "!more").await.done().answer();
    assert!(rest.contains("page 2 of 2") && rest.matches("Cheap").count() == 2, "{rest}");
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn what_was_emptied_meanwhile_does_not_go_on() {
    let w = World::new().await;
    tickets(&w, 21).await;
    let room = w.room("support");
    w.say_in(ALICE, &room, "!queue").await.done();
    w.sql("update ticket set owner_id = (select agent_id from agent where user_id = '@bob:desk.test')").await;
    let told = w.say_in(ALICE, &room, "!more").await.done().answer();
    assert_eq!(told, "support · unlocked · nothing follows any more");
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn queues_zoom_and_help_answer_everywhere() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let dm = w.dm(ALICE);
    let queues = w.say_in(ALICE, &dm, "!queues").await.done().answer();
    assert!(queues.contains("support · support@desk.test") && queues.contains("billing"), "{queues}");
    for number in [case.number.clone(), format!("#{}", case.number), format!("[Ticket#{}]", case.number)] {
        let zoom = w.say_in(ALICE, &dm, &format!("!zoom {number}")).await.done().answer();
        assert!(zoom.contains("It smokes") && zoom.contains(case.root.as_str()), "{zoom}");
    }
    w.say_in(ALICE, &dm, "!zoom 2019010110000017").await.refused("there is no ticket");
    let help = w.say_in(ROOT, &w.dm(ROOT), "!help all").await.done().answer();
    for verb in ticketloom::chat::reference::verbs() {
        assert!(help.contains(&format!("!{verb}")), "{verb} is missing");
    }
    assert!(w.say(BOB, &case, "!help answer").await.done().answer().contains("Markdown"));
    w.say(BOB, &case, "!help hotel").await.refused("no such command");
    w.finish().await;
}

#[tokio::test]
async fn help_lists_what_one_may_do_where_one_asks() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let lists = |help: &str, verb: &str| help.lines().any(|line| line.starts_with(verb));
    let thread = w.say(ALICE, &case, "!help").await.done().answer();
    assert!(lists(&thread, "!answer --state closed TEXT — mails") && !lists(&thread, "!queue"), "{thread}");
    assert!(thread.starts_with("Plain text here is an internal note") && thread.lines().count() <= 8, "{thread}");
    let room = w.say_in(ALICE, &case.room, "!help").await.done().answer();
    assert!(lists(&room, "!queue ") && !lists(&room, "!answer ") && room.lines().count() <= 8, "{room}");
    let direct = w.say_in(ALICE, &w.dm(ALICE), "!help").await.done().answer();
    assert!(lists(&direct, "!mine ") && !lists(&direct, "!quarantine") && !lists(&direct, "!answer"), "{direct}");
    let all = w.say_in(ALICE, &case.room, "!help all").await.done().answer();
    let (here, elsewhere) = all.split_once("Elsewhere:").expect("two lists");
    assert!(lists(here, "!accept ") && lists(elsewhere, "!answer ") && !lists(here, "!answer "), "{all}");
    assert!(!lists(&all, "!unblock"), "she is no admin: {all}");
    assert!(lists(&w.say_in(ROOT, &case.room, "!help all").await.done().answer(), "!unblock "));
    w.say_in(ALICE, &w.dm(ALICE), "!accept").await.refused("belongs into a queue's room");
    w.finish().await;
}

#[tokio::test]
async fn the_history_says_who_did_what() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.pass(HOLD).await;
    let history = w.say(BOB, &case, "!history").await.done().answer();
    let told = |lines: &str| -> Vec<String> {
        lines.lines().filter_map(|line| line.split_once(' ')).map(|(_, what)| what.to_owned()).collect()
    };
    let (title, lines) = history.split_once('\n').expect("a title");
    assert_eq!(title, format!("History of #{} · newest first, times in UTC", case.number));
    let (newest, earlier) = lines.split_once("… and 1 earlier\n").expect("what is folded away");
    assert_eq!(
        told(newest),
        [
            "system: sent carol@customer.test",
            "alice: answer",
            "alice: state new → closed successful",
            "alice: unlocked it",
            "alice: locked it",
            "system: sent carol@customer.test",
            "system: acknowledged",
            "customer: mail carol@customer.test",
        ]
    );
    assert_eq!(told(earlier), [format!("customer: created {}", case.number)]);
    let html = w.newest_post(&case).1.html.expect("HTML");
    assert!(html.contains("<details><summary>… and 1 earlier<br></summary><ul><li>09:00 customer: created"), "{html}");
    w.finish().await;
}

#[tokio::test]
async fn what_was_found_is_a_list_for_programs_too() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let told = w.say_in(ALICE, &w.dm(ALICE), "!search smokes").await;
    let marker = told.done().list();
    assert_eq!((marker.kind.as_str(), marker.total, marker.page, marker.pages), ("search", 1, 1, 1));
    assert_eq!(marker.tickets.iter().map(ToString::to_string).collect::<Vec<_>>(), [case.number]);
    w.finish().await;
}

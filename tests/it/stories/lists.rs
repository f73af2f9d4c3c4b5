//! What agents look up: lists, links, help and history.

use super::world::{ALICE, BOB, CAROL, Eml, HOLD, ROOT, World};

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
        let queue = w.say_in(ALICE, room, "!queue").await.done().answer();
        assert!(mine.contains(&one.number) && !mine.contains(&two.number), "{mine}");
        assert!(queue.contains(&two.number) && !queue.contains(&one.number), "{queue}");
        let all = w.say_in(ALICE, room, "!queue all").await.done().answer();
        assert!(all.contains(&one.number) && all.contains(&two.number) && all.contains("🔒 alice"), "{all}");
        assert!(![mine, queue, all].iter().any(|list| list.contains(&closed.number)));
    }
    let empty = w.say_in(BOB, &w.dm(BOB), "!mine").await.done().answer();
    assert_eq!(empty, format!("Locked by {BOB}: none"));
    w.finish().await;
}

#[tokio::test]
async fn a_queues_room_lists_its_own_and_the_direct_room_all() {
    let w = World::new().await;
    let support = w.ticket("Smoke").await;
    let billing = w.case_of(w.deliver(&Eml::new(CAROL, "Invoice", "Too high").to("billing@desk.test")).await).await;
    let here = w.say_in(ALICE, &w.room("billing"), "!queue").await.done().answer();
    assert!(here.contains(&billing.number) && !here.contains(&support.number), "{here}");
    let both = w.say_in(ALICE, &w.dm(ALICE), "!queue").await.done().answer();
    assert!(both.contains(&billing.number) && both.contains(&support.number), "{both}");
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
    let list = w.say_in(ALICE, &w.room("support"), "!queue").await.done().answer();
    assert!(list.starts_with("Tickets in support, unlocked: 23") && list.ends_with("… and 3 more"), "{list}");
    w.finish().await;
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
    let help = w.say_in(ALICE, &dm, "!help all").await.done().answer();
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
    assert!(lists(&thread, "!answer ") && lists(&thread, "!queue ") && !lists(&thread, "!accept"), "{thread}");
    let room = w.say_in(ALICE, &case.room, "!help").await.done().answer();
    assert!(lists(&room, "!accept ") && !lists(&room, "!answer "), "{room}");
    assert!(!lists(&room, "!unblock"), "she is no admin: {room}");
    assert!(lists(&w.say_in(ROOT, &case.room, "!help").await.done().answer(), "!unblock "));
    let direct = w.say_in(ALICE, &w.dm(ALICE), "!help").await.done().answer();
    assert!(lists(&direct, "!mine ") && !lists(&direct, "!accept") && !lists(&direct, "!answer"), "{direct}");
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
    let what: Vec<&str> = history.lines().skip(1).filter_map(|line| line.splitn(3, ' ').nth(2)).collect();
    assert_eq!(
        what,
        [
            &format!("customer: created {}", case.number),
            "customer: mail carol@customer.test",
            "system: acknowledged",
            "system: sent carol@customer.test",
            "@alice:desk.test: locked @alice:desk.test",
            "@alice:desk.test: unlocked @alice:desk.test",
            "@alice:desk.test: state new → closed successful",
            "@alice:desk.test: answer",
            "system: sent carol@customer.test",
        ]
    );
    w.finish().await;
}

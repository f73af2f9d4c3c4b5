//! What a queue has promised: who is told how late it is, and when.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ticketloom::desk::seams::Delivery;
use ticketloom::domain::due::{Goal, Timing};
use ticketloom::domain::working_time::{Hours, WorkingSpan};

use super::world::{ALICE, BOB, CAROL, Case, Eml, HOLD, ROOT, Shown, World, user};

/// What is still to be done but for boards.
const TIMERS: &str = "select count(*) from job where kind not in ('QueueBoard', 'HomeBoard', 'QuarantineDay')";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn span(text: &str) -> WorkingSpan {
    WorkingSpan::parse(text).expect("a span")
}

fn goal(text: &str) -> Goal {
    Goal { within: span(text), warn: 75 }
}

impl World {
    /// A queue's time is changed.
    pub(crate) async fn retime(&self, queue: &str, change: impl FnOnce(&mut Timing)) {
        let mut tx = self.store.begin().await.expect("a transaction");
        let queues = tx.queues().all().await.expect("queues");
        let queue = queues.iter().find(|known| known.name == queue).expect("a queue").id;
        let mut timing = tx.timings().of(queue).await.expect("its time");
        change(&mut timing);
        tx.timings().set(queue, &timing).await.expect("another one");
        tx.commit().await.expect("a commit");
        self.settle().await;
    }

    /// What was said in a ticket's thread of how late it is.
    fn told(&self, case: &Case) -> Vec<Shown> {
        let is_told = |post: &Shown| post.text.starts_with("⏰ The ") || post.text.starts_with("🔥 The ");
        self.thread(case).into_iter().map(|(_, post)| post).filter(is_told).collect()
    }

    /// What is due, as the card says it to programs: first answer, next answer, solution; and whether something is overdue.
    fn due(&self, case: &Case) -> ([Option<String>; 3], bool) {
        let due = self.card_post(case).ticket.expect("a card").due;
        let shown = |due: Option<DateTime<Utc>>| due.map(|due| due.format("%d %H:%M").to_string());
        ([shown(due.first), shown(due.update), shown(due.solution)], due.breached_at.is_some())
    }
}

/// The same, as a story expects it.
fn due(times: [&str; 3]) -> [Option<String>; 3] {
    times.map(|time| (!time.is_empty()).then(|| time.to_owned()))
}

#[tokio::test]
async fn the_room_is_warned_once_and_told_once() {
    let w = World::new().await;
    w.retime("support", |timing| timing.first = Some(goal("4h"))).await;
    let case = w.ticket("It smokes").await;
    assert_eq!(w.due(&case), (due(["23 13:00", "", ""]), false));
    assert!(w.card_post(&case).text.contains("first answer due 23 Nov 13:00"), "{}", w.card_post(&case).text);
    w.pass(HOUR * 2).await;
    assert!(w.told(&case).is_empty(), "too early");
    w.pass(HOUR).await;
    let told = w.told(&case);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].text, "⏰ The first answer is due 23 Nov 13:00: It smokes");
    assert!(told[0].calls_room && told[0].mentions.is_empty());
    assert_eq!((w.sign(&case), w.due(&case).1), ("🆕".to_owned(), false));
    w.pass(HOUR).await;
    let told = w.told(&case);
    assert_eq!(told[1].text, "🔥 The first answer was due 23 Nov 13:00: It smokes");
    assert!(told[1].calls_room);
    assert_eq!((w.sign(&case), w.due(&case).1), ("🔥".to_owned(), true));
    assert!(w.card_post(&case).text.contains("first answer was due 23 Nov 13:00"));
    let list = w.say_in(ALICE, &case.room, "!queue").await.answer();
    assert!(list.starts_with("support · unlocked · 🔥 1 · 1") && list.contains("🔥 It smokes"), "{list}");
    w.pass(DAY * 30).await;
    assert_eq!(w.told(&case).len(), 2, "once each");
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("overdue: first answer was due 23 Nov 13:00"), "{history}");
    assert!(history.contains("warned: first answer"), "{history}");
    w.say(ALICE, &case, "!answer Unplug it.").await;
    assert_eq!((w.sign(&case), w.due(&case)), ("💬".to_owned(), (due(["", "", ""]), false)));
    assert_eq!(w.count("select count(*) from ticket where breached_at is not null").await, 0);
    w.pass(DAY).await;
    w.finish().await;
}

#[tokio::test]
async fn an_owner_who_is_there_is_called_alone() {
    let w = World::new().await;
    w.retime("support", |timing| timing.first = Some(goal("4h"))).await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.pass(HOUR * 3).await;
    let told = w.told(&case);
    assert_eq!((told[0].mentions.clone(), told[0].calls_room), (vec![user(ALICE)], false));
    w.say_in(ALICE, &w.dm(ALICE), "!away 2d").await.done();
    w.pass(HOUR).await;
    let told = w.told(&case);
    assert!(told[1].calls_room && told[1].mentions.is_empty(), "{:?}", told[1]);
    w.sql("update queue set notify_new = 'list', notify_list = '{@bob:desk.test}'").await;
    let other = w.ticket("It burns").await;
    w.pass(HOUR * 3).await;
    let told = w.told(&other);
    assert_eq!((told[0].mentions.clone(), told[0].calls_room), (vec![user(BOB)], false), "whom new tickets call");
    w.pass(DAY).await;
    w.finish().await;
}

#[tokio::test]
async fn days_without_a_desk_are_told_once() {
    let w = World::new().await;
    w.retime("support", |timing| (timing.first, timing.solution) = (Some(goal("4h")), Some(goal("8h")))).await;
    let case = w.ticket("It smokes").await;
    w.wait(DAY * 7).await;
    w.settle().await;
    let told = w.told(&case);
    assert_eq!(told.len(), 1, "in one message: {told:?}");
    assert!(told[0].text.starts_with("🔥 The first answer was due 23 Nov 13:00"), "{}", told[0].text);
    assert!(told[0].text.contains("🔥 The solution was due 23 Nov 17:00"), "{}", told[0].text);
    assert!(!told[0].text.contains('⏰'), "of what is over nobody is warned");
    w.pass(DAY).await;
    assert_eq!(w.told(&case).len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn working_hours_decide_when_it_is_told_and_the_queues_clock_says_when() {
    let w = World::new().await;
    w.sql("update queue set time_zone = 'America/New_York'").await;
    w.retime("support", |timing| {
        timing.first = Some(goal("4h"));
        timing.calendar.hours = Hours::parse("mo-fr 09:00-17:00").expect("hours");
    })
    .await;
    w.tick(DAY / 2);
    let case = w.ticket("It smokes").await;
    assert_eq!(w.due(&case).0, due(["24 17:00", "", ""]), "an hour today, three tomorrow; in UTC for programs");
    assert!(w.card_post(&case).text.contains("first answer due 24 Nov 12:00"), "{}", w.card_post(&case).text);
    w.pass(HOUR * 15).await;
    assert!(w.told(&case).is_empty(), "nobody is called at night");
    w.pass(HOUR * 4).await;
    assert_eq!(w.told(&case).len(), 1, "{:?}", w.told(&case));
    w.pass(HOUR).await;
    assert!(w.told(&case)[1].text.contains("24 Nov 12:00"));
    w.finish().await;
}

#[tokio::test]
async fn what_waits_uses_up_no_time() {
    let w = World::new().await;
    w.retime("support", |timing| timing.first = Some(goal("4h"))).await;
    let case = w.ticket("It smokes").await;
    w.pass(HOUR).await;
    w.say(ALICE, &case, "!pending 2d").await.done();
    assert_eq!(w.due(&case), (due(["", "", ""]), false));
    w.pass(DAY).await;
    assert!(w.told(&case).is_empty(), "it waits");
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "It burns now.").await;
    assert_eq!(w.due(&case).0, due(["24 13:00", "", ""]), "three hours are left");
    w.pass(HOUR * 2).await;
    assert_eq!(w.told(&case).len(), 1);
    w.pass(DAY * 2).await;
    assert_eq!(w.told(&case).len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn a_follow_up_starts_the_next_answer_and_an_answer_ends_it() {
    let w = World::new().await;
    w.retime("support", |timing| (timing.first, timing.update) = (Some(goal("4h")), Some(goal("8h")))).await;
    let case = w.ticket("It smokes").await;
    assert_eq!(w.outbox().len(), 1, "it was acknowledged");
    assert_eq!(w.due(&case).0, due(["23 13:00", "", ""]), "which is no answer");
    w.say(ALICE, &case, "!note Who knows that printer?").await.done();
    assert_eq!(w.due(&case).0, due(["23 13:00", "", ""]), "nor is a note");
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    assert_eq!(w.due(&case).0, due(["", "", ""]));
    let answer = w.newest_mail();
    w.pass(HOUR).await;
    let away = Eml::reply(&answer, "I am away.").header("Auto-Submitted", "auto-replied");
    w.deliver(&away).await;
    assert_eq!(w.due(&case).0, due(["", "", ""]), "who is away waits for nothing");
    w.reply_to(&answer, "It still smokes.").await;
    assert_eq!(w.due(&case).0, due(["", "23 18:00", ""]));
    w.pass(HOUR).await;
    w.reply_to(&answer, "Do you hear me?").await;
    assert_eq!(w.due(&case).0, due(["", "23 18:00", ""]), "the oldest one waits longest");
    w.say(ALICE, &case, "!answer I do.").await;
    assert_eq!(w.due(&case).0, due(["", "", ""]));
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!(w.due(&case).0, due(["", "23 18:00", ""]), "what is taken back was no answer");
    w.pass(DAY).await;
    assert_eq!(w.told(&case).len(), 1, "of what is over nobody is warned");
    w.finish().await;
}

#[tokio::test]
async fn a_ticket_that_begins_with_us_has_its_first_answer() {
    let w = World::new().await;
    w.retime("support", |timing| (timing.first, timing.update) = (Some(goal("4h")), Some(goal("8h")))).await;
    w.say_in(ALICE, &w.room("support"), "!new carol@customer.test --subject Visit May we come?").await;
    let case = w.only_case().await;
    assert_eq!(w.due(&case).0, due(["", "", ""]));
    w.pass(HOLD).await;
    w.reply_to(&w.newest_mail(), "Yes.").await;
    assert!(w.due(&case).0[1].is_some(), "{:?}", w.due(&case));
    w.say(ALICE, &case, "!close").await.done();
    w.pass(DAY).await;
    assert!(w.told(&case).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn opening_again_starts_the_solution_anew_only_if_the_queue_says_so() {
    let w = World::new().await;
    w.retime("support", |timing| timing.solution = Some(goal("8h"))).await;
    w.retime("billing", |timing| (timing.solution, timing.solution_restarts) = (Some(goal("8h")), true)).await;
    let case = w.ticket("It smokes").await;
    let bill = w.deliver(&Eml::new(CAROL, "A bill", "It is wrong.").to("billing@desk.test")).await;
    let bill = w.case_of(bill).await;
    for case in [&case, &bill] {
        assert_eq!(w.due(case).0, due(["", "", "23 17:00"]));
        w.say(ALICE, case, "!close").await.done();
        w.say(ALICE, case, "!undo").await.done();
        assert_eq!(w.due(case).0, due(["", "", "23 17:00"]), "a closing that is taken back was none");
        w.tick(HOUR);
        w.say(ALICE, case, "!close").await.done();
        assert_eq!(w.due(case).0, due(["", "", ""]));
        w.tick(HOUR);
        w.say(ALICE, case, "!reopen").await.done();
    }
    assert_eq!(w.due(&case).0, due(["", "", ""]), "it was solved once");
    assert_eq!(w.due(&bill).0, due(["", "", "23 21:00"]));
    w.pass(DAY).await;
    assert_eq!((w.told(&case).len(), w.told(&bill).len()), (0, 1));
    w.finish().await;
}

#[tokio::test]
async fn another_calendar_computes_all_open_tickets_anew_and_calls_nobody_for_the_past() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let closed = w.ticket("It smoked").await;
    w.say(ALICE, &closed, "!close").await.done();
    // More than a page of them, some more urgent than others.
    w.sql(
        "insert into ticket (number, queue_id, customer_id, subject, priority, created_at)
         select '20261123' || lpad(n::text, 8, '0'), queue_id, customer_id, 'Order ' || n, 1 + n % 5, '2026-11-23 09:00+00'
         from generate_series(1, 230) n, ticket where ticket.subject = 'It smokes'",
    )
    .await;
    w.pass(HOUR * 10).await;
    w.retime("support", |timing| (timing.first, timing.solution) = (Some(goal("4h")), Some(goal("16h")))).await;
    let open =
        "select count(*) from ticket where due_first = '2026-11-23 13:00+00' and due_solution = '2026-11-24 01:00+00'
                and breached_at = due_first and timer_at = '2026-11-23 21:00+00'";
    assert_eq!(w.count(open).await, 231);
    assert_eq!(w.count("select count(*) from ticket where due_first is not null").await, 231, "not the closed one");
    assert!(w.told(&case).is_empty(), "that was promised to nobody");
    assert_eq!(w.sign(&case), "🔥");
    assert!(w.say(ALICE, &case, "!history").await.answer().contains("overdue: first answer"));
    w.retime("support", |timing| timing.calendar.hours = Hours::parse("tu 09:00-24:00").expect("hours")).await;
    assert_eq!(
        w.count("select count(*) from ticket where due_first = '2026-11-24 13:00+00' and breached_at is null").await,
        231
    );
    assert_eq!(w.sign(&case), "🆕");
    w.retime("support", |timing| (timing.first, timing.solution) = (None, None)).await;
    assert_eq!(
        w.count("select count(*) from ticket where num_nulls(due_first, due_solution, breached_at) < 3").await,
        0
    );
    w.pass(DAY * 3).await;
    assert!(w.told(&case).is_empty(), "nothing is promised any more");
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn a_ticket_has_the_times_of_the_queue_where_it_is() {
    let w = World::new().await;
    w.retime("billing", |timing| timing.first = Some(goal("2h"))).await;
    let case = w.ticket("A bill").await;
    assert_eq!(w.due(&case), (due(["", "", ""]), false));
    assert_eq!(w.count(TIMERS).await, 0, "a queue that promises nothing has no timers");
    w.pass(HOUR).await;
    w.say(ALICE, &case, "!move billing").await.done();
    let case = w.where_it_is(&case).await;
    assert_eq!(w.due(&case).0, due(["23 11:00", "", ""]), "from when it was made");
    w.say(ALICE, &case, "!move support").await.done();
    let case = w.where_it_is(&case).await;
    assert_eq!(w.due(&case).0, due(["", "", ""]));
    w.pass(DAY).await;
    assert!(w.told(&case).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn an_answer_that_did_not_arrive_leaves_the_solution_to_be_given() {
    let w = World::new().await;
    w.retime("support", |timing| timing.solution = Some(goal("8h"))).await;
    let case = w.ticket("It smokes").await;
    w.mailer.will(Delivery::Refused { why: "550 no such user".to_owned() });
    w.say(ALICE, &case, "!answer --state closed Unplug it.").await;
    assert_eq!(w.due(&case).0, due(["", "", ""]));
    w.pass(HOLD).await;
    assert!(w.card(&case).starts_with("open"), "{}", w.card(&case));
    assert!(w.due(&case).0[2].is_some(), "{:?}", w.due(&case));
    w.pass(DAY).await;
    w.finish().await;
}

#[tokio::test]
async fn a_lock_is_taken_back_whose_owner_does_nothing() {
    let w = World::new().await;
    w.retime("support", |timing| {
        timing.unlock_after = Some(span("8h"));
        timing.calendar.hours = Hours::parse("mo-fr 09:00-17:00").expect("hours");
    })
    .await;
    let case = w.ticket("It smokes").await;
    assert_eq!(w.count(TIMERS).await, 0, "nobody has it");
    w.say(ALICE, &case, "!lock").await.done();
    w.pass(HOUR * 4).await;
    w.say(ALICE, &case, "I look for the manual.").await;
    w.pass(HOUR * 23).await;
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"), "seven hours since the note");
    w.say(BOB, &case, "Is it the new printer?").await;
    w.pass(HOUR).await;
    assert_eq!(w.card(&case), "new · nobody's");
    let (_, said) = w.newest_post(&case);
    assert_eq!(
        said.text,
        format!("🔓 {ALICE} has done nothing to this ticket for 8h of working time, so nobody has it now.")
    );
    assert_eq!(said.mentions, [user(ALICE)]);
    let last = "select user_id from ticket join agent on agent_id = last_owner_id";
    assert_eq!(w.rows(last).await, [ALICE], "who had it is remembered");
    assert!(w.say(ALICE, &case, "!history").await.answer().contains("lock taken back"));
    w.say(ROOT, &case, &format!("!owner {ALICE}")).await.done();
    w.say(ALICE, &case, "!pending 3d").await.done();
    w.pass(DAY).await;
    assert!(w.card(&case).contains(ALICE), "what waits is its owner's");
    w.pass(DAY * 3).await;
    assert!(w.card(&case).contains(ALICE), "also when its time has come and nobody says so: {}", w.card(&case));
    w.say(ALICE, &case, "!close").await.done();
    w.pass(DAY * 7).await;
    w.finish().await;
}

//! What is due when, as tables.

use chrono::TimeDelta;
use chrono_tz::UTC;
use proptest::prelude::*;

use super::*;
use crate::domain::working_time::{Holidays, Hours};

/// A moment so many hours after a ticket was made, on a Monday at 8:00.
fn hour(hours: i64) -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse::<DateTime<Utc>>().expect("a moment") + TimeDelta::hours(hours)
}

fn goal(hours: u32) -> Goal {
    Goal { within: WorkingSpan::of_minutes(hours * 60).expect("a span"), warn: 75 }
}

/// Four hours for the first answer, eight for the next one, sixteen for the solution.
fn timing() -> Timing {
    Timing {
        calendar: Calendar::always(UTC),
        first: Some(goal(4)),
        update: Some(goal(8)),
        solution: Some(goal(16)),
        solution_restarts: false,
        unlock_after: None,
    }
}

/// What happened, in hours: `c` the customer wrote, `a` we answered, `i` an archive's mail; `o`, `p`, `x` it was then open,
/// pending, closed; `u` the last change was taken back and it is open.
fn past(story: &str) -> (Past, State) {
    let mut past = Past { created: hour(0), words: vec![], turns: vec![], told: vec![], handled_at: None };
    let mut state = State::New;
    for part in story.split_whitespace() {
        let (what, hours) = part.split_at(1);
        let at = hour(hours.parse().expect("an hour"));
        let to = match what {
            "c" | "a" | "i" => {
                let (is_first, is_customer, is_from_archive) = (past.words.is_empty(), what != "a", what == "i");
                past.words.push(Word { at, is_customer, is_first, is_from_archive });
                continue;
            }
            "p" => State::PendingReminder,
            "x" => State::ClosedSuccessful,
            _ => State::Open,
        };
        past.turns.push(Turn { at, from: state, to, is_taken_back: what == "u" });
        state = to;
    }
    (past, state)
}

/// What is due, in hours: first answer, next answer, solution.
fn due(timing: &Timing, story: &str) -> [Option<i64>; 3] {
    let (past, state) = past(story);
    let times = timing.due(&past, state).times(hour(0));
    [times.first, times.update, times.solution].map(|due| due.map(|due| (due - hour(0)).num_hours()))
}

#[test]
fn what_is_due_follows_from_what_happened() {
    for (story, first, update, solution, why) in [
        ("c0", Some(4), None, Some(16), "a mail"),
        ("c0 a1", None, None, Some(16), "an answer fulfils the first"),
        ("a0", None, None, Some(16), "a ticket that begins with us"),
        ("c0 c1 c2", Some(4), Some(9), Some(16), "a follow-up starts update, the oldest one counts"),
        ("c0 a1 c2 c3", None, Some(10), Some(16), "so does one after an answer"),
        ("c0 a1 c2 a3", None, None, Some(16), "and the next answer fulfils it"),
        ("c0 p1", None, None, None, "what waits has nothing due"),
        ("c0 p1 o11", Some(14), None, Some(26), "and waiting uses up no time"),
        ("c0 p1 p5 o11", Some(14), None, Some(26), "however often its time is changed"),
        ("c0 p1 o6 p7 o10", Some(12), None, Some(24), "waiting twice"),
        ("c0 p5 o11", Some(4), None, Some(22), "what was due before it waited stays so"),
        ("c0 a1 x2", None, None, None, "what is closed has nothing due"),
        ("c0 a1 x2 c50 o50", None, Some(58), None, "opened again: the solution stays given"),
        ("c0 x2 o10", Some(12), None, None, "closed without an answer, the first one is still to come"),
        ("c0 a1 x2 c3 o50", None, None, None, "a thank-you of before is not waited upon"),
        ("c0 c1 x2 u3", Some(5), Some(10), Some(17), "a closing that is taken back was none"),
        ("c0 a1 x2 u3 x4 u5", None, None, Some(18), "also twice"),
        ("c0 a1 x2 o3 x4 u5", None, None, None, "but not the one before"),
        ("i0", None, None, None, "an archive's mail"),
        ("i0 c5", None, Some(13), None, "and who writes then waits"),
    ] {
        assert_eq!(due(&timing(), story), [first, update, solution], "{why}: {story}");
    }
}

#[test]
fn a_queue_may_want_another_solution_after_each_opening() {
    let again = Timing { solution_restarts: true, ..timing() };
    assert_eq!(due(&again, "c0 a1 x2 o10")[2], Some(26));
    assert_eq!(due(&again, "c0 a1 x2 o10 x11 u12")[2], Some(27), "an undone closing is no closing");
    assert_eq!(due(&again, "i0 x0 c5 o5"), [None, Some(13), Some(21)], "also of what an archive brought");
}

#[test]
fn what_is_not_promised_is_not_due() {
    let none = Timing { first: None, update: None, solution: None, ..timing() };
    assert_eq!(due(&none, "c0 c1"), [None; 3]);
    assert!(!none.is_kept() && timing().is_kept());
    assert!(Timing { unlock_after: WorkingSpan::of_minutes(1), ..none }.is_kept());
}

#[test]
fn working_hours_decide() {
    let office = Calendar {
        zone: UTC,
        hours: Hours::parse("mo-fr 09:00-17:00").expect("hours"),
        holidays: Holidays::parse("2026-11-24 Off").expect("a day"),
    };
    let timing = Timing { calendar: office, ..timing() };
    assert_eq!(due(&timing, "c0"), [Some(5), None, Some(57)], "9:00 to 13:00, and Wednesday at 17:00");
    assert_eq!(
        due(&timing, "c0 p3 o50"),
        [Some(52), None, Some(80)],
        "two hours before, the rest from Wednesday 10:00"
    );
}

#[test]
fn each_thing_is_told_once() {
    let (mut past, state) = past("c0");
    let tell = |past: &Past, hours| -> Vec<(Stage, Target)> {
        let told = timing().due(past, state).untold(hour(hours));
        told.into_iter().map(|(stage, deadline)| (stage, deadline.target)).collect()
    };
    let next = |past: &Past| timing().due(past, state).next().map(|at| (at - hour(0)).num_hours());
    assert_eq!((tell(&past, 2), next(&past)), (vec![], Some(3)));
    assert_eq!(tell(&past, 3), [(Stage::Warned, Target::First)]);
    past.told.push(Telling { at: hour(3), target: Target::First, stage: Stage::Warned });
    assert_eq!((tell(&past, 3), next(&past)), (vec![], Some(4)));
    assert_eq!(tell(&past, 4), [(Stage::Breached, Target::First)]);
    past.told.push(Telling { at: hour(4), target: Target::First, stage: Stage::Breached });
    assert_eq!((tell(&past, 4), next(&past)), (vec![], Some(12)));
    let late = [(Stage::Breached, Target::Solution)];
    assert_eq!(tell(&past, 100), late, "of what is overdue nobody is warned");
    past.told[1].at = hour(1);
    assert_eq!(tell(&past, 5), [(Stage::Breached, Target::First)], "a moment that has moved on is another one");
}

#[test]
fn the_row_says_what_is_overdue_and_since_when() {
    let (mut past, state) = past("c0 c1");
    let times = |past: &Past, now| timing().due(past, state).times(hour(now));
    assert_eq!(times(&past, 3).breached_at, None);
    assert_eq!(times(&past, 4).breached_at, Some(hour(4)));
    assert_eq!(times(&past, 10).breached_at, Some(hour(4)), "the first of several");
    past.told.push(Telling { at: hour(4), target: Target::First, stage: Stage::Breached });
    assert_eq!(times(&past, 3).breached_at, Some(hour(4)), "whatever the clock of another instance says");
    assert_eq!(times(&past, 3).next(), Some((Target::First, hour(4))));
    assert_eq!(DueTimes::default().next(), None);
}

#[test]
fn a_lock_is_taken_back_after_working_time_in_which_nothing_waits() {
    let timing =
        Timing { unlock_after: WorkingSpan::of_minutes(120), first: None, update: None, solution: None, ..timing() };
    let unlock = |story: &str, handled: Option<i64>| {
        let (past, state) = past(story);
        let past = Past { handled_at: handled.map(hour), ..past };
        timing.due(&past, state).unlock_at.map(|at| (at - hour(0)).num_hours())
    };
    assert_eq!(unlock("c0", None), None, "nobody has it");
    assert_eq!(unlock("c0", Some(1)), Some(3));
    assert_eq!(unlock("c0 p1", Some(1)), None);
    assert_eq!(unlock("c0 p2 o10", Some(1)), Some(11));
}

proptest! {
    /// Whatever happened: nothing is due before its time is used up, and warnings come before what they warn of.
    #[test]
    fn nothing_is_due_too_early(hours in proptest::collection::vec((0usize..6, 0i64..40), 0..8)) {
        let mut hours = hours;
        hours.sort_by_key(|(_, at)| *at);
        let story: String = hours.iter().map(|(what, at)| format!("{}{at}", ["c", "a", "o", "p", "x", "u"][*what])).collect::<Vec<_>>().join(" ");
        let (past, state) = past(&format!("c0 {story}"));
        for deadline in timing().due(&past, state).deadlines {
            prop_assert!(deadline.warn_at <= deadline.due);
            let within = timing().goal(deadline.target).expect("a goal").within.time();
            prop_assert!(deadline.due >= hour(0) + within);
        }
    }
}

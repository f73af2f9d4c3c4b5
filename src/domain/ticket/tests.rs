use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::id::ArticleId;

const ALICE: AgentId = AgentId(1);
const BOB: AgentId = AgentId(2);
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn ticket(state: State, owner: Option<AgentId>) -> Ticket {
    Ticket {
        id: TicketId(1),
        number: Number::parse("2026112310000013").expect("a number"),
        queue: QueueId(1),
        customer: CustomerId(1),
        subject: "It smokes".to_owned(),
        state,
        owner,
        last_owner: None,
        priority: 3,
        informed: None,
        pending_until: state.is_pending().then(|| NOW + TimeDelta::days(1)),
        tags: vec![],
        due: DueTimes::default(),
    }
}

fn after(mut ticket: Ticket, actor: Option<AgentId>, action: Action) -> Ticket {
    for event in ticket.act(actor, action, NOW).expect("not refused") {
        ticket.apply(&event);
    }
    ticket
}

#[test]
fn a_lock_is_won_once() {
    let locked = after(ticket(State::New, None), Some(ALICE), Action::Lock);
    assert_eq!(locked.owner, Some(ALICE));
    assert_eq!(locked.act(Some(BOB), Action::Lock, NOW), Err(Refusal::HeldBy(ALICE)));
    assert_eq!(
        locked.act(Some(BOB), Action::Answer { next: State::Open, until: None }, NOW),
        Err(Refusal::HeldBy(ALICE))
    );
    assert_eq!(locked.act(Some(BOB), Action::Unlock { admin: false }, NOW), Err(Refusal::HeldBy(ALICE)));
    assert_eq!(after(locked.clone(), Some(BOB), Action::Unlock { admin: true }).owner, None);
    assert_eq!(after(locked, Some(BOB), Action::Give { to: BOB }).owner, Some(BOB));
}

#[test]
fn an_answer_locks_and_opens() {
    let answered = after(ticket(State::New, None), Some(ALICE), Action::Answer { next: State::Open, until: None });
    assert_eq!((answered.state, answered.owner), (State::Open, Some(ALICE)));
}

#[test]
fn an_answer_that_closes_unlocks_and_remembers_who() {
    let done =
        after(ticket(State::Open, None), Some(ALICE), Action::Answer { next: State::ClosedSuccessful, until: None });
    assert_eq!((done.state, done.owner, done.last_owner), (State::ClosedSuccessful, None, Some(ALICE)));
    assert_eq!(done.informed, Some(true));
    let closed =
        after(ticket(State::Open, Some(ALICE)), Some(ALICE), Action::Close { state: State::ClosedUnsuccessful });
    assert_eq!((closed.owner, closed.informed), (None, Some(false)));
}

#[test]
fn a_closed_ticket_can_be_answered_but_not_locked() {
    let closed = ticket(State::ClosedSuccessful, None);
    assert_eq!(closed.act(Some(ALICE), Action::Lock, NOW), Err(Refusal::Over(State::ClosedSuccessful)));
    let answered = after(closed.clone(), Some(ALICE), Action::Answer { next: State::Open, until: None });
    assert_eq!((answered.state, answered.owner, answered.informed), (State::Open, Some(ALICE), None));
    let again = after(closed, Some(ALICE), Action::Answer { next: State::ClosedSuccessful, until: None });
    assert_eq!((again.state, again.owner), (State::ClosedSuccessful, None));
}

#[test]
fn a_follow_up_opens_what_waits_or_is_closed_and_leaves_the_rest() {
    let here = || Action::FollowUp { owner_is_here: true };
    assert_eq!(after(ticket(State::New, None), None, here()).state, State::New);
    assert_eq!(after(ticket(State::PendingReminder, Some(ALICE)), None, here()).state, State::Open);
    assert_eq!(after(ticket(State::ClosedUnsuccessful, None), None, here()).state, State::Open);
    assert_eq!(after(ticket(State::Open, Some(ALICE)), None, here()).owner, Some(ALICE));
    let gone = Action::FollowUp { owner_is_here: false };
    let left = after(ticket(State::Open, Some(ALICE)), None, gone);
    assert_eq!((left.owner, left.last_owner), (None, Some(ALICE)));
}

#[test]
fn a_state_may_be_typed_short() {
    for (typed, state) in [
        ("closed", State::ClosedSuccessful),
        ("c", State::ClosedSuccessful),
        ("closed-unsuccessful", State::ClosedUnsuccessful),
        ("unsuc", State::ClosedUnsuccessful),
        ("closed u", State::ClosedUnsuccessful),
        ("OPEN", State::Open),
        ("o", State::Open),
        ("pending r", State::PendingReminder),
        ("pending auto close-", State::PendingAutoCloseMinus),
        ("pending-auto-close+", State::PendingAutoClosePlus),
        ("Pending_Auto_Close-", State::PendingAutoCloseMinus),
        ("closed-successful", State::ClosedSuccessful),
    ] {
        assert_eq!(State::parse(typed), Ok(state), "{typed}");
    }
    assert_eq!(State::parse("pending").map_err(|fits| fits.len()), Err(3));
    assert_eq!(State::parse("done").map_err(|fits| fits.len()), Err(9));
    assert_eq!(State::parse("").map_err(|fits| fits.len()), Err(9));
}

fn any_state() -> impl Strategy<Value = State> {
    proptest::sample::select(State::ALL.to_vec())
}

fn any_effect() -> impl Strategy<Value = AnswerEffect> {
    (any_state(), any_state(), any::<bool>()).prop_map(|(before, after, is_change)| AnswerEffect {
        before,
        informed_before: before.is_closed().then_some(false),
        until_before: before.is_pending().then_some(NOW + TimeDelta::days(3)),
        after,
        is_change: is_change && (before != after || before.is_closed()),
    })
}

fn any_pending() -> impl Strategy<Value = State> {
    any_state().prop_filter("pending", |state| state.is_pending())
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    let any = proptest::sample::select(vec!["a", "b", "c"]);
    proptest::collection::vec(any.prop_map(|tag| Tag::parse(tag).expect("a tag")), 0..3)
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Lock),
        any::<bool>().prop_map(|admin| Action::Unlock { admin }),
        (1i64..4).prop_map(|to| Action::Give { to: AgentId(to) }),
        any_state()
            .prop_map(|next| Action::Answer { next, until: next.is_pending().then_some(NOW + TimeDelta::days(2)) }),
        Just(Action::Close { state: State::ClosedSuccessful }),
        Just(Action::Reopen),
        any_state().prop_map(|state| Action::Set { state }),
        any::<bool>().prop_map(|owner_is_here| Action::FollowUp { owner_is_here }),
        any_effect().prop_map(|effect| Action::UndoAnswer { effect }),
        any_effect().prop_map(|effect| Action::AnswerFailed { effect }),
        (any_pending(), -1i64..4).prop_map(|(state, days)| Action::Wait { state, until: NOW + TimeDelta::days(days) }),
        (1i64..4).prop_map(|days| Action::WaitIsOver { until: NOW + TimeDelta::days(days) }),
        (1i16..6).prop_map(|priority| Action::Prioritise { priority }),
        (any_tags(), any_tags()).prop_map(|(on, off)| Action::Tag { on, off }),
        (1i64..4).prop_map(|to| Action::Move {
            to: QueueId(to),
            to_name: to.to_string(),
            from_name: "here".to_owned()
        }),
    ]
}

proptest! {
    /// The database refuses a lock on a ticket that is over; no step on any way may ask for one,
    /// and every step starts from what the one before it left.
    #[test]
    fn no_way_locks_what_is_over(ways in proptest::collection::vec((1i64..4, any_action()), 0..40)) {
        let mut now = ticket(State::New, None);
        for (agent, action) in ways {
            let by_nobody = matches!(
                action,
                Action::FollowUp { .. } | Action::AnswerFailed { .. } | Action::WaitIsOver { .. }
            );
            let actor = (!by_nobody).then_some(AgentId(agent));
            let Ok(events) = now.act(actor, action.clone(), NOW) else { continue };
            for event in events {
                match event {
                    TicketEvent::OwnerChanged { from, to } => prop_assert!(from == now.owner && from != to),
                    TicketEvent::StateChanged { from, to, was_informed, was_until, until, .. } => {
                        prop_assert_eq!((from, was_informed, was_until), (now.state, now.informed, now.pending_until));
                        prop_assert!(from != to || from.is_closed() || was_until != until);
                    }
                    TicketEvent::PriorityChanged { from, to } => prop_assert!(from == now.priority && from != to),
                    TicketEvent::TagAdded { ref tag } => prop_assert!(!now.tags.contains(tag)),
                    TicketEvent::TagRemoved { ref tag } => prop_assert!(now.tags.contains(tag)),
                    TicketEvent::QueueChanged { from, to, .. } => prop_assert!(from == now.queue && from != to),
                    TicketEvent::Reminded => prop_assert_eq!(now.state, State::PendingReminder),
                    ref other => prop_assert!(false, "no action makes {:?}", other),
                }
                now.apply(&event);
                prop_assert_eq!(now.state.is_pending(), now.pending_until.is_some(), "{:?} by {:?}", now, event);
                prop_assert!(now.tags.is_sorted());
                prop_assert!(now.owner.is_none() || !now.state.is_over(), "{:?} after {:?}", now, action);
            }
        }
    }
}

#[test]
fn undoing_an_answer_undoes_its_closing_and_gives_the_lock_back() {
    let mut answered = ticket(State::Open, None);
    let mut events = answered
        .act(Some(ALICE), Action::Answer { next: State::ClosedSuccessful, until: None }, NOW)
        .expect("not refused");
    for event in &events {
        answered.apply(event);
    }
    events.push(TicketEvent::AnswerWritten { article: ArticleId(1), next: State::ClosedSuccessful });
    let effect = AnswerEffect::of(&events).expect("an answer");
    let undone = after(answered.clone(), Some(ALICE), Action::UndoAnswer { effect });
    assert_eq!((undone.state, undone.owner, undone.informed), (State::Open, Some(ALICE), None));
    let failed = after(answered.clone(), None, Action::AnswerFailed { effect });
    assert_eq!((failed.state, failed.owner), (State::Open, None));
    let since = after(answered, None, Action::FollowUp { owner_is_here: false });
    assert_eq!(since.act(None, Action::UndoAnswer { effect }, NOW), Ok(vec![]), "somebody changed it since");
}

#[test]
fn a_pending_ticket_waits_for_its_moment_and_for_no_other() {
    let until = NOW + TimeDelta::days(2);
    let open = ticket(State::Open, Some(ALICE));
    for (state, over, owner) in [
        (State::PendingReminder, State::PendingReminder, Some(ALICE)),
        (State::PendingAutoClosePlus, State::ClosedSuccessful, None),
        (State::PendingAutoCloseMinus, State::ClosedUnsuccessful, None),
    ] {
        let waits = after(open.clone(), Some(ALICE), Action::Wait { state, until });
        assert_eq!((waits.state, waits.pending_until, waits.owner), (state, Some(until), Some(ALICE)));
        let other = Action::WaitIsOver { until: until + TimeDelta::seconds(1) };
        assert_eq!(waits.act(None, other, NOW), Ok(vec![]), "a moment that it does not wait for any more");
        let waited = after(waits, None, Action::WaitIsOver { until });
        assert_eq!((waited.state, waited.owner), (over, owner));
        assert_eq!(waited.informed, over.is_closed().then_some(false));
    }
}

#[test]
fn a_pending_state_needs_a_moment_to_come() {
    let open = ticket(State::Open, None);
    let wait = |state, until| open.act(Some(ALICE), Action::Wait { state, until }, NOW);
    assert_eq!(wait(State::PendingReminder, NOW), Err(Refusal::Past(NOW)));
    assert_eq!(wait(State::Open, NOW + TimeDelta::days(1)), Err(Refusal::Until(State::Open)));
    let set = Action::Set { state: State::PendingReminder };
    assert_eq!(open.act(Some(ALICE), set, NOW), Err(Refusal::Until(State::PendingReminder)));
}

proptest! {
    /// Whatever a command did is taken back to what was before, unless somebody has changed it since.
    #[test]
    fn what_is_done_is_taken_back(before in proptest::collection::vec((1i64..4, any_action()), 0..10), action in any_action()) {
        let mut ticket = ticket(State::New, None);
        for (agent, action) in before {
            for event in ticket.act(Some(AgentId(agent)), action, NOW).unwrap_or_default() {
                ticket.apply(&event);
            }
        }
        let Ok(events) = ticket.act(Some(ALICE), action, NOW) else { return Ok(()) };
        let mut after = ticket.clone();
        for event in &events {
            after.apply(event);
        }
        let Ok(back) = after.reverse(&events) else { return Ok(()) };
        for event in back {
            after.apply(&event);
            prop_assert!(after.owner.is_none() || !after.state.is_over());
        }
        prop_assert_eq!(Ticket { last_owner: None, ..after }, Ticket { last_owner: None, ..ticket });
    }
}

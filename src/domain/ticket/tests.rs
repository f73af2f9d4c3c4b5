use proptest::prelude::*;

use super::*;

const ALICE: AgentId = AgentId(1);
const BOB: AgentId = AgentId(2);

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
    }
}

fn after(mut ticket: Ticket, actor: Option<AgentId>, action: Action) -> Ticket {
    for change in ticket.act(actor, action).expect("not refused") {
        ticket.apply(&change);
    }
    ticket
}

#[test]
fn a_lock_is_won_once() {
    let locked = after(ticket(State::New, None), Some(ALICE), Action::Lock);
    assert_eq!(locked.owner, Some(ALICE));
    assert_eq!(locked.act(Some(BOB), Action::Lock), Err(Refusal::HeldBy(ALICE)));
    assert_eq!(locked.act(Some(BOB), Action::Answer { next: State::Open }), Err(Refusal::HeldBy(ALICE)));
    assert_eq!(locked.act(Some(BOB), Action::Unlock { admin: false }), Err(Refusal::HeldBy(ALICE)));
    assert_eq!(after(locked.clone(), Some(BOB), Action::Unlock { admin: true }).owner, None);
    assert_eq!(after(locked, Some(BOB), Action::Give { to: BOB }).owner, Some(BOB));
}

#[test]
fn an_answer_locks_and_opens() {
    let answered = after(ticket(State::New, None), Some(ALICE), Action::Answer { next: State::Open });
    assert_eq!((answered.state, answered.owner), (State::Open, Some(ALICE)));
}

#[test]
fn an_answer_that_closes_unlocks_and_remembers_who() {
    let done = after(ticket(State::Open, None), Some(ALICE), Action::Answer { next: State::ClosedSuccessful });
    assert_eq!((done.state, done.owner, done.last_owner), (State::ClosedSuccessful, None, Some(ALICE)));
    assert_eq!(done.informed, Some(true));
    let closed =
        after(ticket(State::Open, Some(ALICE)), Some(ALICE), Action::Close { state: State::ClosedUnsuccessful });
    assert_eq!((closed.owner, closed.informed), (None, Some(false)));
}

#[test]
fn a_closed_ticket_can_be_answered_but_not_locked() {
    let closed = ticket(State::ClosedSuccessful, None);
    assert_eq!(closed.act(Some(ALICE), Action::Lock), Err(Refusal::Over(State::ClosedSuccessful)));
    let answered = after(closed.clone(), Some(ALICE), Action::Answer { next: State::Open });
    assert_eq!((answered.state, answered.owner, answered.informed), (State::Open, Some(ALICE), None));
    let again = after(closed, Some(ALICE), Action::Answer { next: State::ClosedSuccessful });
    assert_eq!((again.state, again.owner), (State::ClosedSuccessful, None));
}

#[test]
fn a_follow_up_opens_what_waits_or_is_closed_and_leaves_the_rest() {
    let here = Action::FollowUp { owner_is_here: true };
    assert_eq!(after(ticket(State::New, None), None, here).state, State::New);
    assert_eq!(after(ticket(State::PendingReminder, Some(ALICE)), None, here).state, State::Open);
    assert_eq!(after(ticket(State::ClosedUnsuccessful, None), None, here).state, State::Open);
    assert_eq!(after(ticket(State::Open, Some(ALICE)), None, here).owner, Some(ALICE));
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

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Lock),
        any::<bool>().prop_map(|admin| Action::Unlock { admin }),
        (1i64..4).prop_map(|to| Action::Give { to: AgentId(to) }),
        any_state().prop_map(|next| Action::Answer { next }),
        Just(Action::Close { state: State::ClosedSuccessful }),
        Just(Action::Reopen),
        any_state().prop_map(|state| Action::Set { state }),
        any::<bool>().prop_map(|owner_is_here| Action::FollowUp { owner_is_here }),
        Just(Action::AnswerFailed),
    ]
}

proptest! {
    /// The database refuses a lock on a ticket that is over; no step on any way may ask for one,
    /// and every step starts from what the one before it left.
    #[test]
    fn no_way_locks_what_is_over(ways in proptest::collection::vec((1i64..4, any_action()), 0..40)) {
        let mut now = ticket(State::New, None);
        for (agent, action) in ways {
            let actor = (!matches!(action, Action::FollowUp { .. } | Action::AnswerFailed)).then_some(AgentId(agent));
            let Ok(changes) = now.act(actor, action) else { continue };
            for change in changes {
                match change {
                    Change::Owner { from, .. } => prop_assert_eq!(from, now.owner),
                    Change::State { from, to, .. } => { prop_assert_eq!(from, now.state); prop_assert!(from != to || from.is_closed()); }
                }
                now.apply(&change);
                prop_assert!(now.owner.is_none() || !now.state.is_over(), "{:?} after {:?}", now, action);
            }
        }
    }
}

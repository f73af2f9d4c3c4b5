//! Tickets: their states, their lock, and what each action makes of them.
//!
//! [`Ticket::act`] decides and changes nothing: it returns the [`Change`]s, or a [`Refusal`]. The
//! record applies them one by one, each under the condition that the ticket still is what it was.

use super::id::{AgentId, CustomerId, QueueId, TicketId};
use super::number::Number;

/// A ticket as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its row.
    pub id: TicketId,
    /// What people call it.
    pub number: Number,
    /// Its queue.
    pub queue: QueueId,
    /// Who it is for.
    pub customer: CustomerId,
    /// What it is about.
    pub subject: String,
    /// Its state.
    pub state: State,
    /// Who holds the lock; `None`: unlocked. Locked means exactly one owner.
    pub owner: Option<AgentId>,
    /// Who held it before.
    pub last_owner: Option<AgentId>,
    /// 1 to 5.
    pub priority: i16,
    /// Of a closed ticket: whether the customer was told.
    pub informed: Option<bool>,
}

/// OTRS' states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Nobody has answered yet.
    New,
    /// Being worked on.
    Open,
    /// Waits, and calls its owner.
    PendingReminder,
    /// Waits, then closes as successful.
    PendingAutoClosePlus,
    /// Waits, then closes as unsuccessful.
    PendingAutoCloseMinus,
    /// Done.
    ClosedSuccessful,
    /// Ended without success.
    ClosedUnsuccessful,
    /// Part of another ticket now.
    Merged,
    /// Gone.
    Removed,
}

impl State {
    /// All of them, in OTRS' order.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::Open,
        Self::PendingReminder,
        Self::PendingAutoClosePlus,
        Self::PendingAutoCloseMinus,
        Self::ClosedSuccessful,
        Self::ClosedUnsuccessful,
        Self::Merged,
        Self::Removed,
    ];

    /// The name, in the record and on the card.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::PendingReminder => "pending reminder",
            Self::PendingAutoClosePlus => "pending auto close+",
            Self::PendingAutoCloseMinus => "pending auto close-",
            Self::ClosedSuccessful => "closed successful",
            Self::ClosedUnsuccessful => "closed unsuccessful",
            Self::Merged => "merged",
            Self::Removed => "removed",
        }
    }

    /// The state's type, OTRS' seven.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::PendingReminder => "pending reminder",
            Self::PendingAutoClosePlus | Self::PendingAutoCloseMinus => "pending auto",
            Self::ClosedSuccessful | Self::ClosedUnsuccessful => "closed",
            Self::Merged => "merged",
            Self::Removed => "removed",
        }
    }

    /// Whether nobody works on it any more: such a ticket is never locked.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::ClosedSuccessful | Self::ClosedUnsuccessful | Self::Merged | Self::Removed)
    }

    /// Whether it is closed, one way or the other.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::ClosedSuccessful | Self::ClosedUnsuccessful)
    }

    /// Whether it waits for a moment.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingReminder | Self::PendingAutoClosePlus | Self::PendingAutoCloseMinus)
    }

    /// The state of exactly that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Reads a state as an agent types it: any unambiguous beginning of a name, in any case, with
    /// `-` or `_` for blanks. `closed` is short for `closed successful`, `unsuccessful` for `closed
    /// unsuccessful`.
    ///
    /// # Errors
    /// The states that it may be: several if it is ambiguous, all that can be set if it is none.
    pub fn parse(text: &str) -> Result<Self, Vec<Self>> {
        let typed = text.trim().to_lowercase().replace(['_', '-'], " ");
        let typed = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if typed.is_empty() {
            return Err(Self::ALL.to_vec());
        }
        if "closed".starts_with(&typed) || typed == "close" || "closed successful".starts_with(&typed) {
            return Ok(Self::ClosedSuccessful);
        }
        if "successful".starts_with(&typed) {
            return Ok(Self::ClosedSuccessful);
        }
        if "unsuccessful".starts_with(&typed) {
            return Ok(Self::ClosedUnsuccessful);
        }
        let plain = |state: &Self| state.name().replace(['-', '+'], " ").trim().to_owned();
        if let Some(state) = Self::named(text.trim().to_lowercase().as_str()) {
            return Ok(state);
        }
        let fitting: Vec<Self> = Self::ALL.into_iter().filter(|state| plain(state).starts_with(&typed)).collect();
        match fitting.as_slice() {
            [state] => Ok(*state),
            [] => Err(Self::ALL.to_vec()),
            _ => Err(fitting),
        }
    }
}

/// What somebody, or a mail, does to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take it.
    Lock,
    /// Hand it back. Admins may hand back what is not theirs.
    Unlock {
        /// Whether the agent is an admin.
        admin: bool,
    },
    /// Give it to somebody, whoever holds it.
    Give {
        /// To whom.
        to: AgentId,
    },
    /// Write to the customer.
    Answer {
        /// What the ticket is afterwards.
        next: State,
    },
    /// End it with an internal note.
    Close {
        /// How.
        state: State,
    },
    /// Take it up again.
    Reopen,
    /// Set any state.
    Set {
        /// Which.
        state: State,
    },
    /// The customer wrote.
    FollowUp {
        /// Whether the owner is there to read it: an active agent, not away.
        owner_is_here: bool,
    },
    /// An answer that had closed it did not arrive.
    AnswerFailed,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The lock and its owner.
    Owner {
        /// Before.
        from: Option<AgentId>,
        /// After.
        to: Option<AgentId>,
    },
    /// The state.
    State {
        /// Before.
        from: State,
        /// After.
        to: State,
        /// Of a closing: whether the customer is told of it.
        informed: Option<bool>,
    },
}

/// Why an action is not done. What to say of it stands in `desk::words`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody else holds the lock.
    #[error("locked by somebody else")]
    HeldBy(AgentId),
    /// There is no lock to hand back.
    #[error("not locked")]
    NotLocked,
    /// The ticket is closed: nothing of it can be locked.
    #[error("closed")]
    Over(State),
    /// It is in that state already.
    #[error("already so")]
    Already(State),
    /// That state can't be set by hand.
    #[error("can't be set")]
    NotByHand(State),
}

impl Ticket {
    /// What `actor` (`None`: the customer or the desk) doing `action` changes.
    ///
    /// # Errors
    /// A [`Refusal`], and nothing changes.
    pub fn act(&self, actor: Option<AgentId>, action: Action) -> Result<Vec<Change>, Refusal> {
        match action {
            Action::Lock => {
                self.must_be_alive()?;
                self.taken_by(actor)
            }
            Action::Unlock { admin } => match self.owner {
                None => Err(Refusal::NotLocked),
                Some(owner) if Some(owner) != actor && !admin => Err(Refusal::HeldBy(owner)),
                Some(_) => Ok(self.owner_change(None)),
            },
            Action::Give { to } => {
                self.must_be_alive()?;
                Ok(self.owner_change(Some(to)))
            }
            Action::Answer { next } => {
                self.must_not_be_gone()?;
                must_be_settable(next)?;
                self.work(actor, next, true)
            }
            Action::Close { state } => {
                self.must_not_be_gone()?;
                if self.state == state {
                    return Err(Refusal::Already(state));
                }
                self.work(actor, state, false)
            }
            Action::Reopen => {
                self.must_not_be_gone()?;
                if !self.state.is_closed() {
                    return Err(Refusal::Already(self.state));
                }
                self.work(actor, State::Open, false)
            }
            Action::Set { state } => {
                self.must_not_be_gone()?;
                must_be_settable(state)?;
                if self.state == state {
                    return Err(Refusal::Already(state));
                }
                self.work(actor, state, false)
            }
            Action::FollowUp { owner_is_here } => Ok(self.followed_up(owner_is_here)),
            Action::AnswerFailed => {
                Ok(if self.state.is_closed() { self.state_change(State::Open, None) } else { vec![] })
            }
        }
    }

    /// The same ticket after a change.
    pub fn apply(&mut self, change: &Change) {
        match *change {
            Change::Owner { to, .. } => {
                self.last_owner = self.owner.or(self.last_owner);
                self.owner = to;
            }
            Change::State { to, informed, .. } => {
                self.state = to;
                self.informed = informed;
            }
        }
    }

    /// Takes the lock and ownership, sets the state, and lets go again if that ended the ticket.
    fn work(&self, actor: Option<AgentId>, next: State, informs: bool) -> Result<Vec<Change>, Refusal> {
        let mut changes = self.taken_by(actor)?;
        if next.is_over() {
            // Taken and handed back in one go, so that the history names who closed it; a lock that
            // is there already is only handed back.
            let owner = actor.or(self.owner);
            changes.push(Change::Owner { from: owner, to: None });
        }
        changes.extend(self.state_change(next, next.is_closed().then_some(informs)));
        // A ticket that is over can't hold a lock even for a moment: its state goes first when it
        // comes back to life, its lock goes first when it ends.
        if self.state.is_over() {
            changes.sort_by_key(|change| matches!(change, Change::Owner { .. }));
            if next.is_over() {
                changes.retain(|change| matches!(change, Change::State { .. }));
            }
        }
        Ok(changes)
    }

    fn taken_by(&self, actor: Option<AgentId>) -> Result<Vec<Change>, Refusal> {
        match (self.owner, actor) {
            (Some(owner), Some(actor)) if owner != actor => Err(Refusal::HeldBy(owner)),
            (None, Some(actor)) => Ok(self.owner_change(Some(actor))),
            _ => Ok(vec![]),
        }
    }

    fn followed_up(&self, owner_is_here: bool) -> Vec<Change> {
        let mut changes = vec![];
        if self.owner.is_some() && !owner_is_here {
            changes.extend(self.owner_change(None));
        }
        if self.state.is_pending() || self.state.is_closed() || self.state == State::Removed {
            changes.extend(self.state_change(State::Open, None));
        }
        changes
    }

    fn owner_change(&self, to: Option<AgentId>) -> Vec<Change> {
        if self.owner == to { vec![] } else { vec![Change::Owner { from: self.owner, to }] }
    }

    fn state_change(&self, to: State, informed: Option<bool>) -> Vec<Change> {
        // Closed before without a word, and now the customer is told: that is a change, too.
        let same = self.state == to && (!to.is_closed() || informed != Some(true) || self.informed == informed);
        if same { vec![] } else { vec![Change::State { from: self.state, to, informed }] }
    }

    fn must_be_alive(&self) -> Result<(), Refusal> {
        if self.state.is_over() { Err(Refusal::Over(self.state)) } else { Ok(()) }
    }

    fn must_not_be_gone(&self) -> Result<(), Refusal> {
        match self.state {
            State::Merged | State::Removed => Err(Refusal::Over(self.state)),
            _ => Ok(()),
        }
    }
}

/// Pending states need a moment, merged and removed tickets more than a word.
fn must_be_settable(state: State) -> Result<(), Refusal> {
    if state.is_pending() || matches!(state, State::Merged | State::Removed) {
        return Err(Refusal::NotByHand(state));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
}

//! Tickets: their states, their lock, and what each action makes of them.
//!
//! [`Ticket::act`] decides and changes nothing: it returns the [`TicketEvent`]s, or a [`Refusal`]. The
//! record applies them one by one, each under the condition that the ticket still is what it was.

mod action;
mod answer_effect;
mod erasing;
mod event;
mod reversal;
mod state;
mod tag;
#[cfg(test)]
mod tests;
mod topic;

pub use self::action::{Action, Refusal};
pub use self::answer_effect::AnswerEffect;
pub use self::erasing::ERASED;
pub use self::event::{Actor, AutomaticKind, TicketEvent, WithheldReason};
pub use self::state::State;
pub use self::tag::Tag;
pub use self::topic::TOPICS;
use chrono::{DateTime, Utc};

use super::due::DueTimes;
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
    /// Of a pending ticket: until when.
    pub pending_until: Option<DateTime<Utc>>,
    /// By what it is found again, in the order of the alphabet.
    pub tags: Vec<Tag>,
    /// What of it is due when, as it was when its transaction began.
    pub due: DueTimes,
}

impl Ticket {
    /// What `actor` (`None`: the customer or the desk) doing `action` at the moment `now` changes.
    ///
    /// # Errors
    /// A [`Refusal`], and nothing changes.
    pub fn act(&self, actor: Option<AgentId>, action: Action, now: DateTime<Utc>) -> Result<Vec<TicketEvent>, Refusal> {
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
            Action::Answer { next, until } => {
                self.must_not_be_gone()?;
                must_be_settable(next, until, now)?;
                self.work(actor, next, until, true)
            }
            Action::Wait { state, until } => {
                self.must_not_be_gone()?;
                must_be_settable(state, Some(until), now)?;
                if (self.state, self.pending_until) == (state, Some(until)) {
                    return Err(Refusal::Already(state));
                }
                self.work(actor, state, Some(until), false)
            }
            Action::WaitIsOver { until } => Ok(self.waited(until)),
            Action::Prioritise { priority } => {
                self.must_not_be_gone()?;
                changed(self.priority != priority, || TicketEvent::PriorityChanged {
                    from: self.priority,
                    to: priority,
                })
            }
            Action::Rename { subject } => {
                self.must_not_be_gone()?;
                let from = self.subject.clone();
                changed(from != subject, || TicketEvent::SubjectChanged { from, to: subject })
            }
            Action::Tag { on, off } => {
                self.must_not_be_gone()?;
                self.tagged(&on, &off)
            }
            Action::Move { to, to_name, from_name } => {
                self.must_not_be_gone()?;
                self.moved(actor, (self.queue, from_name), (to, to_name))
            }
            Action::Close { state } => {
                self.must_not_be_gone()?;
                if self.state == state {
                    return Err(Refusal::Already(state));
                }
                self.work(actor, state, None, false)
            }
            Action::Reopen => {
                self.must_not_be_gone()?;
                if !self.state.is_closed() {
                    return Err(Refusal::Already(self.state));
                }
                self.work(actor, State::Open, None, false)
            }
            Action::Merge => {
                self.must_not_be_gone()?;
                self.work(actor, State::Merged, None, false)
            }
            Action::Unmerge if self.state == State::Merged => self.work(actor, State::Open, None, false),
            Action::Unmerge => Err(Refusal::Already(self.state)),
            Action::Set { state } => {
                self.must_not_be_gone()?;
                if self.state == state {
                    return Err(Refusal::Already(state));
                }
                must_be_settable(state, None, now)?;
                self.work(actor, state, None, false)
            }
            Action::FollowUp { owner_is_here } => Ok(self.followed_up(owner_is_here)),
            Action::Solve => self.ended(Some(true)),
            Action::EndAlerts => self.ended(None),
            Action::UndoAnswer { effect } => Ok(self.undone(effect)),
            Action::AnswerFailed { effect } => Ok(self.failed(effect)),
        }
    }

    /// The same ticket after an event. Most events say something of its articles, not of itself.
    pub fn apply(&mut self, event: &TicketEvent) {
        match event {
            TicketEvent::OwnerChanged { to, .. } => {
                self.last_owner = self.owner.or(self.last_owner);
                self.owner = *to;
            }
            TicketEvent::StateChanged { to, informed, until, .. } => {
                self.state = *to;
                self.informed = *informed;
                self.pending_until = *until;
            }
            TicketEvent::PriorityChanged { to, .. } => self.priority = *to,
            TicketEvent::SubjectChanged { to, .. } => self.subject.clone_from(to),
            TicketEvent::TagAdded { tag } => {
                self.tags.push(tag.clone());
                self.tags.sort_unstable();
            }
            TicketEvent::TagRemoved { tag } => self.tags.retain(|there| there != tag),
            TicketEvent::QueueChanged { to, .. } => self.queue = *to,
            _ => {}
        }
    }

    /// Takes the lock and ownership, sets the state, and lets go again if that ended the ticket.
    fn work(
        &self,
        actor: Option<AgentId>,
        next: State,
        until: Option<DateTime<Utc>>,
        informs: bool,
    ) -> Result<Vec<TicketEvent>, Refusal> {
        let mut events = self.taken_by(actor)?;
        if next.is_over() {
            // Taken and handed back in one go, so that the history names who closed it; a lock that
            // is there already is only handed back.
            let owner = actor.or(self.owner);
            events.push(TicketEvent::OwnerChanged { from: owner, to: None });
        }
        events.extend(self.state_change(next, next.is_closed().then_some(informs), until));
        // A ticket that is over can't hold a lock even for a moment: its state goes first when it
        // comes back to life, its lock goes first when it ends.
        if self.state.is_over() {
            events.sort_by_key(|event| matches!(event, TicketEvent::OwnerChanged { .. }));
            if next.is_over() {
                events.retain(|event| matches!(event, TicketEvent::StateChanged { .. }));
            }
        }
        Ok(events)
    }

    fn taken_by(&self, actor: Option<AgentId>) -> Result<Vec<TicketEvent>, Refusal> {
        match (self.owner, actor) {
            (Some(owner), Some(actor)) if owner != actor => Err(Refusal::HeldBy(owner)),
            (None, Some(actor)) => Ok(self.owner_change(Some(actor))),
            _ => Ok(vec![]),
        }
    }

    fn followed_up(&self, owner_is_here: bool) -> Vec<TicketEvent> {
        let mut events = vec![];
        if self.owner.is_some() && !owner_is_here {
            events.extend(self.owner_change(None));
        }
        if self.state.is_pending() || self.state.is_closed() || self.state == State::Removed {
            events.extend(self.state_change(State::Open, None, None));
        }
        events
    }

    /// Nobody needs more of it: whoever has it lets it go. Its customer, if it has one, says so, and knows.
    fn ended(&self, informed: Option<bool>) -> Result<Vec<TicketEvent>, Refusal> {
        self.must_be_alive()?;
        let mut events = self.owner_change(None);
        events.extend(self.state_change(State::ClosedSuccessful, informed, None));
        Ok(events)
    }

    fn owner_change(&self, to: Option<AgentId>) -> Vec<TicketEvent> {
        if self.owner == to { vec![] } else { vec![TicketEvent::OwnerChanged { from: self.owner, to }] }
    }

    fn state_change(&self, to: State, informed: Option<bool>, until: Option<DateTime<Utc>>) -> Vec<TicketEvent> {
        // Closed before without a word, and now the customer is told: that is a change, too; so is another moment.
        let is_told = to.is_closed() && informed == Some(true) && self.informed != informed;
        let same = self.state == to && self.pending_until == until && !is_told;
        if same { vec![] } else { vec![self.state_event(to, informed, until)] }
    }

    fn state_event(&self, to: State, informed: Option<bool>, until: Option<DateTime<Utc>>) -> TicketEvent {
        let (was_informed, was_until) = (self.informed, self.pending_until);
        TicketEvent::StateChanged { from: self.state, to, was_informed, informed, was_until, until }
    }

    /// Its moment is there: it calls its owner, or closes by itself. One that does not wait for that moment (any more)
    /// does nothing.
    fn waited(&self, until: DateTime<Utc>) -> Vec<TicketEvent> {
        let over = match self.state {
            _ if self.pending_until != Some(until) => return vec![],
            State::PendingAutoClosePlus => State::ClosedSuccessful,
            State::PendingAutoCloseMinus => State::ClosedUnsuccessful,
            _ => return vec![TicketEvent::Reminded],
        };
        let mut events = self.owner_change(None);
        events.extend(self.state_change(over, Some(false), None));
        events
    }

    fn tagged(&self, on: &[Tag], off: &[Tag]) -> Result<Vec<TicketEvent>, Refusal> {
        let mut after = self.clone();
        let mut events = vec![];
        let added = on.iter().map(|tag| (true, tag));
        for (is_on, tag) in added.chain(off.iter().map(|tag| (false, tag))) {
            let event = match (is_on, after.tags.contains(tag)) {
                (true, false) => TicketEvent::TagAdded { tag: tag.clone() },
                (false, true) => TicketEvent::TagRemoved { tag: tag.clone() },
                _ => continue,
            };
            after.apply(&event);
            events.push(event);
        }
        if after.tags.len() > Tag::MOST {
            return Err(Refusal::TooManyTags);
        }
        if events.is_empty() { Err(Refusal::AsItIs) } else { Ok(events) }
    }

    /// A move takes no lock and opens one (OTRS): whoever works there is to find it. Somebody else's lock refuses it.
    fn moved(
        &self,
        actor: Option<AgentId>,
        (from, from_name): (QueueId, String),
        (to, to_name): (QueueId, String),
    ) -> Result<Vec<TicketEvent>, Refusal> {
        self.taken_by(actor)?;
        let event = changed(from != to, || TicketEvent::QueueChanged { from, to, from_name, to_name })?;
        Ok(self.owner_change(None).into_iter().chain(event).collect())
    }

    /// An answer is taken back: so is its closing or opening, unless somebody has changed the state since.
    fn undone(&self, effect: AnswerEffect) -> Vec<TicketEvent> {
        if !effect.is_change || !effect.holds(self) {
            return vec![];
        }
        let mut events = vec![];
        if effect.before.is_over() {
            events.extend(self.owner_change(None));
        }
        events.push(self.state_event(effect.before, effect.informed_before, effect.until_before));
        // Closing had unlocked it; who wrote the answer goes on with it.
        let closed_it = effect.after.is_closed() && !effect.before.is_over();
        if let (true, None, Some(last)) = (closed_it, self.owner, self.last_owner) {
            events.extend(self.owner_change(Some(last)));
        }
        events
    }

    /// An answer did not arrive: what it closed and told the customer of is open again.
    fn failed(&self, effect: AnswerEffect) -> Vec<TicketEvent> {
        let told = self.state.is_closed() && self.informed == Some(true);
        if told && effect.holds(self) { self.state_change(State::Open, None, None) } else { vec![] }
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

/// The event, if it is one.
fn changed(is_change: bool, event: impl FnOnce() -> TicketEvent) -> Result<Vec<TicketEvent>, Refusal> {
    if is_change { Ok(vec![event()]) } else { Err(Refusal::AsItIs) }
}

/// Pending states need a moment that is to come, merged and removed tickets more than a word.
fn must_be_settable(state: State, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
    match until {
        _ if matches!(state, State::Merged | State::Removed) => Err(Refusal::NotByHand(state)),
        _ if state.is_pending() != until.is_some() => Err(Refusal::Until(state)),
        Some(until) if until <= now => Err(Refusal::Past(until)),
        _ => Ok(()),
    }
}

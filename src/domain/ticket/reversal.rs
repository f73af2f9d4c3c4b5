//! Taking back what a command did to a ticket.

use super::{Refusal, Ticket, TicketEvent};

impl TicketEvent {
    /// Whether an agent can take it back by [`Ticket::reverse`].
    #[must_use]
    pub fn is_reversible(&self) -> bool {
        matches!(
            self,
            Self::OwnerChanged { .. }
                | Self::StateChanged { .. }
                | Self::PriorityChanged { .. }
                | Self::SubjectChanged { .. }
                | Self::TagAdded { .. }
                | Self::TagRemoved { .. }
                | Self::QueueChanged { .. }
        )
    }
}

impl Ticket {
    /// What makes a ticket again what it was before `events`, which came one after the other. A note that was written
    /// with them stays.
    ///
    /// # Errors
    /// [`Refusal::ChangedSince`] if the ticket is not any more what they made of it.
    pub fn reverse(&self, events: &[TicketEvent]) -> Result<Vec<TicketEvent>, Refusal> {
        let mut ticket = self.clone();
        let mut reversed = Vec::new();
        for event in events.iter().rev().filter(|event| event.is_reversible()) {
            let back = ticket.reversed(event).ok_or(Refusal::ChangedSince)?;
            ticket.apply(&back);
            reversed.push(back);
        }
        // On the way a lock may be taken and opened again; what is over can't have one even for a moment.
        let owner = ticket.owner;
        reversed.retain(|event| !matches!(event, TicketEvent::OwnerChanged { .. }));
        if owner != self.owner {
            let change = TicketEvent::OwnerChanged { from: self.owner, to: owner };
            let at = if owner.is_none() { 0 } else { reversed.len() };
            reversed.insert(at, change);
        }
        if reversed.is_empty() { Err(Refusal::AsItIs) } else { Ok(reversed) }
    }

    /// The opposite of an event, if the ticket still is what it made of it.
    fn reversed(&self, event: &TicketEvent) -> Option<TicketEvent> {
        use TicketEvent as E;
        let (holds, back) = match event.clone() {
            E::OwnerChanged { from, to } => (self.owner == to, E::OwnerChanged { from: to, to: from }),
            E::StateChanged { from, to, was_informed, informed, was_until, until } => (
                self.state == to && self.pending_until == until,
                E::StateChanged {
                    from: to,
                    to: from,
                    was_informed: informed,
                    informed: was_informed,
                    was_until: until,
                    until: was_until,
                },
            ),
            E::PriorityChanged { from, to } => (self.priority == to, E::PriorityChanged { from: to, to: from }),
            E::SubjectChanged { from, to } => (self.subject == to, E::SubjectChanged { from: to, to: from }),
            E::TagAdded { tag } => (self.tags.contains(&tag), E::TagRemoved { tag }),
            E::TagRemoved { tag } => (!self.tags.contains(&tag), E::TagAdded { tag }),
            E::QueueChanged { from, to, from_name, to_name } => {
                let holds = self.queue == to;
                (holds, E::QueueChanged { from: to, to: from, from_name: to_name, to_name: from_name })
            }
            _ => return None,
        };
        holds.then_some(back)
    }
}

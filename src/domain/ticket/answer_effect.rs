//! What an answer made of its ticket.

use chrono::{DateTime, Utc};

use super::{State, Ticket, TicketEvent};

/// What an answer made of its ticket, told from the events that it caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerEffect {
    /// The ticket's state before.
    pub before: State,
    /// Whether the customer knew of a closing before.
    pub informed_before: Option<bool>,
    /// Until when it was pending before.
    pub until_before: Option<DateTime<Utc>>,
    /// The ticket's state with the answer.
    pub after: State,
    /// Whether the answer changed state or what the customer knows.
    pub is_change: bool,
}

impl AnswerEffect {
    /// `None` if there is no answer among the events.
    #[must_use]
    pub fn of(events: &[TicketEvent]) -> Option<Self> {
        let after = events.iter().find_map(|event| match event {
            TicketEvent::AnswerWritten { next, .. } => Some(*next),
            _ => None,
        })?;
        let change = events.iter().find_map(|event| match event {
            TicketEvent::StateChanged { from, was_informed, was_until, .. } => Some((*from, *was_informed, *was_until)),
            _ => None,
        });
        let (before, informed_before, until_before) = change.unwrap_or((after, None, None));
        Some(Self { before, informed_before, until_before, after, is_change: change.is_some() })
    }

    /// Whether the ticket still is what the answer made of it.
    #[must_use]
    pub fn holds(&self, ticket: &Ticket) -> bool {
        ticket.state == self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ArticleId;

    const ARTICLE: ArticleId = ArticleId(7);

    #[test]
    fn an_answer_that_changed_nothing_has_nothing_to_undo() {
        let answered = TicketEvent::AnswerWritten { article: ARTICLE, next: State::Open };
        let effect = AnswerEffect::of(&[answered]).expect("an answer");
        assert_eq!((effect.before, effect.after, effect.is_change), (State::Open, State::Open, false));
        assert_eq!(AnswerEffect::of(&[TicketEvent::NoteWritten { article: ARTICLE }]), None);
    }

    #[test]
    fn an_answer_that_closed_remembers_what_was_before() {
        let events = [
            TicketEvent::StateChanged {
                from: State::ClosedUnsuccessful,
                to: State::ClosedSuccessful,
                was_informed: Some(false),
                informed: Some(true),
                was_until: None,
                until: None,
            },
            TicketEvent::AnswerWritten { article: ARTICLE, next: State::ClosedSuccessful },
        ];
        let effect = AnswerEffect::of(&events).expect("an answer");
        assert_eq!((effect.before, effect.informed_before), (State::ClosedUnsuccessful, Some(false)));
        assert!(effect.is_change);
    }
}

//! What happened to a ticket, as far as its times go.

use chrono::{DateTime, Utc};

use super::{Stage, Target, is_running};
use crate::domain::ticket::State;

/// What happened to a ticket, as far as its times go; each list oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// When it was made.
    pub created: DateTime<Utc>,
    /// What was said that the customer knows of, without what only answers by itself.
    pub words: Vec<Word>,
    /// Its changes of state.
    pub turns: Vec<Turn>,
    /// Whom the desk told how late it is, and when.
    pub told: Vec<Telling>,
    /// Of a locked ticket: when its owner got it, or did something to it last.
    pub handled_at: Option<DateTime<Utc>>,
}

/// A mail or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a customer wrote it.
    pub is_customer: bool,
    /// Whether the ticket begins with it.
    pub is_first: bool,
    /// Whether an archive brought it: nobody waits for an answer to that.
    pub is_from_archive: bool,
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: DateTime<Utc>,
    /// Before.
    pub from: State,
    /// After.
    pub to: State,
    /// Whether it takes an earlier one back: an answer or a closing that was undone, or an answer that did not arrive.
    pub is_taken_back: bool,
}

/// That somebody was told how late it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    /// When, but not before the moment of which it was told.
    pub at: DateTime<Utc>,
    /// Of what.
    pub target: Target,
    /// How late it was.
    pub stage: Stage,
}

impl Past {
    /// Since when the customer waits for a first answer.
    pub(super) fn waits_for_first_answer(&self) -> Option<DateTime<Utc>> {
        let is_answered = self.words.iter().any(|word| !word.is_customer);
        (!is_answered && !self.is_from_archive()).then_some(self.created)
    }

    /// Since when the customer waits for another answer: the oldest of their mails since ours, but for the first one. What
    /// they wrote before the ticket was opened again has no answer to come, or was a mere thank-you.
    pub(super) fn waits_for_next_answer(&self) -> Option<DateTime<Utc>> {
        let opened = self.reopenings().last().copied();
        let ours = self.words.iter().rposition(|word| !word.is_customer).map_or(0, |place| place + 1);
        let open = self.words[ours..].iter().filter(|word| !word.is_first && !word.is_from_archive);
        open.map(|word| word.at).find(|at| opened.is_none_or(|opened| *at >= opened))
    }

    /// Since when the customer waits for a solution. A ticket that was closed once has had one, unless the time begins anew
    /// with each opening.
    pub(super) fn waits_for_solution(&self, restarts: bool) -> Option<DateTime<Utc>> {
        let first = (!self.is_from_archive()).then_some(self.created);
        let (mut since, mut before) = (first, first);
        for turn in &self.turns {
            if turn.closes() {
                before = since.take();
            } else if turn.reopens() {
                since = match (turn.is_taken_back, restarts) {
                    (true, _) => before,
                    (false, true) => Some(turn.at),
                    (false, false) => None,
                };
            }
        }
        since
    }

    /// Whether somebody was told of that moment, or of a later one. A moment that has moved on since then is another one.
    pub(super) fn has_told(&self, target: Target, stage: Stage, moment: DateTime<Utc>) -> bool {
        self.told.iter().any(|told| (told.target, told.stage) == (target, stage) && told.at >= moment)
    }

    /// The spans of time in which it was neither closed nor pending; the last one goes on.
    pub(super) fn running(&self) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let mut spans = Vec::new();
        let mut since = Some(self.created);
        for turn in &self.turns {
            match (since, is_running(turn.to)) {
                (Some(from), false) => {
                    spans.push((from, Some(turn.at)));
                    since = None;
                }
                (None, true) => since = Some(turn.at),
                (Some(_), true) | (None, false) => {}
            }
        }
        spans.extend(since.map(|from| (from, None)));
        spans
    }

    fn is_from_archive(&self) -> bool {
        self.words.first().is_some_and(|word| word.is_from_archive)
    }

    fn reopenings(&self) -> Vec<DateTime<Utc>> {
        self.turns.iter().filter(|turn| turn.reopens() && !turn.is_taken_back).map(|turn| turn.at).collect()
    }
}

impl Turn {
    fn closes(&self) -> bool {
        self.to.is_closed() && !self.from.is_closed()
    }

    fn reopens(&self) -> bool {
        self.from.is_closed() && !self.to.is_over()
    }
}

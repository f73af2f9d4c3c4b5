//! What a ticket needs, as one sign that stands before it wherever it is shown: cards, lists, boards.

use crate::domain::ticket::State;

/// What a ticket needs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is part of another one.
    Merged,
    /// Nothing: it is gone.
    Removed,
    /// A word on a stranger's mail that is held in it.
    Decision,
    /// Another way to the customer: the newest answer did not arrive.
    Delivery,
    /// Nothing: it is closed, with success.
    Done,
    /// Nothing: it is closed, without.
    Ended,
    /// Haste: a time that was promised is over.
    Haste,
    /// Nothing before its time has come.
    Time,
    /// A first answer.
    First,
    /// An answer: the customer wrote last.
    Answer,
    /// A word of the customer: we wrote last.
    Customer,
}

/// What tells what a ticket needs.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "signs that have nothing to do with each other")]
pub struct Signs {
    /// Its state.
    pub state: State,
    /// Whether a stranger's mail is held in it.
    pub is_holding: bool,
    /// Whether its newest answer did not reach everybody.
    pub has_failed: bool,
    /// Whether its customer wrote last.
    pub customer_waits: bool,
    /// Whether something of it is overdue.
    pub is_overdue: bool,
}

impl Need {
    /// What a ticket needs most. What somebody has to decide stands out also of a ticket that is closed.
    #[must_use]
    pub fn of(signs: Signs) -> Self {
        match signs.state {
            State::Merged => Self::Merged,
            State::Removed => Self::Removed,
            _ if signs.is_holding => Self::Decision,
            State::ClosedSuccessful => Self::Done,
            State::ClosedUnsuccessful => Self::Ended,
            _ if signs.has_failed => Self::Delivery,
            State::PendingReminder | State::PendingAutoClosePlus | State::PendingAutoCloseMinus => Self::Time,
            _ if signs.is_overdue => Self::Haste,
            State::New => Self::First,
            State::Open if signs.customer_waits => Self::Answer,
            State::Open => Self::Customer,
        }
    }

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Merged => "➡️",
            Self::Removed => "🗑",
            Self::Decision => "⛔",
            Self::Delivery => "⚠️",
            Self::Done => "✅",
            Self::Ended => "☑️",
            Self::Haste => "🔥",
            Self::Time => "⏰",
            Self::First => "🆕",
            Self::Answer => "📨",
            Self::Customer => "💬",
        }
    }

    /// Whether there is nothing to do about it, so that its card shrinks to a line.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Merged | Self::Removed | Self::Done | Self::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_most_is_shown() {
        let table = [
            (State::New, false, false, true, "🆕"),
            (State::Open, false, false, true, "📨"),
            (State::Open, false, false, false, "💬"),
            (State::Open, false, true, false, "⚠️"),
            (State::Open, false, true, true, "⚠️"),
            (State::Open, true, true, true, "⛔"),
            (State::PendingReminder, false, false, true, "⏰"),
            (State::PendingReminder, false, true, false, "⚠️"),
            (State::ClosedSuccessful, false, true, false, "✅"),
            (State::ClosedUnsuccessful, false, false, true, "☑️"),
            (State::ClosedSuccessful, true, false, false, "⛔"),
            (State::Merged, true, true, true, "➡️"),
            (State::Removed, true, true, true, "🗑"),
        ];
        for (state, is_holding, has_failed, customer_waits, sign) in table {
            let signs = Signs { state, is_holding, has_failed, customer_waits, is_overdue: false };
            assert_eq!(Need::of(signs).sign(), sign, "{signs:?}");
            let late = Need::of(Signs { is_overdue: true, ..signs }).sign();
            let is_replaced = ["🆕", "📨", "💬"].contains(&sign);
            assert_eq!(late, if is_replaced { "🔥" } else { sign }, "{signs:?}, and overdue");
        }
    }

    #[test]
    fn no_two_needs_look_alike() {
        let signs = State::ALL.map(|state| {
            let signs = Signs { state, is_holding: false, has_failed: false, customer_waits: true, is_overdue: false };
            Need::of(signs).sign()
        });
        // The three that wait for a time are one need.
        let distinct: std::collections::HashSet<_> = signs.iter().collect();
        assert_eq!(distinct.len(), State::ALL.len() - 2);
    }
}

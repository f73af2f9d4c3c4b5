//! OTRS' states, and how agents type them.

use serde::{Deserialize, Serialize};

/// OTRS' states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has answered yet.
    New,
    /// Being worked on.
    Open,
    /// Waits, and calls its owner.
    #[serde(rename = "pending reminder")]
    PendingReminder,
    /// Waits, then closes as successful.
    #[serde(rename = "pending auto close+")]
    PendingAutoClosePlus,
    /// Waits, then closes as unsuccessful.
    #[serde(rename = "pending auto close-")]
    PendingAutoCloseMinus,
    /// Done.
    #[serde(rename = "closed successful")]
    ClosedSuccessful,
    /// Ended without success.
    #[serde(rename = "closed unsuccessful")]
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
        let typed = text.trim().to_lowercase();
        // A sign at the end is part of a name.
        let (name, sign) = match typed.strip_suffix(['+', '-']) {
            Some(name) => (name, &typed[name.len()..]),
            None => (typed.as_str(), ""),
        };
        let exact = format!("{}{sign}", name.replace(['_', '-'], " "));
        if let Some(state) = Self::named(&exact) {
            return Ok(state);
        }
        let typed = typed.replace(['_', '-'], " ");
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
        let fitting: Vec<Self> = Self::ALL.into_iter().filter(|state| plain(state).starts_with(&typed)).collect();
        match fitting.as_slice() {
            [state] => Ok(*state),
            [] => Err(Self::ALL.to_vec()),
            _ => Err(fitting),
        }
    }
}

//! What a mail is that nobody wrote for its own sake: it only answers another one.

use serde::{Deserialize, Serialize};

/// What such a mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// Its sender is away.
    Absence,
    /// Something else that answers by itself: "we have got your mail".
    Automatic,
    /// A mail was shown to whom it was for, or deleted unseen (RFC 8098).
    Receipt,
    /// An invitation is accepted (RFC 5546 §3.2.3).
    Accepted,
    /// It is declined.
    Declined,
    /// It is accepted for now.
    Tentative,
    /// Somebody else comes.
    Delegated,
    /// Another time is proposed (RFC 5546 §3.2.7).
    Counter,
}

impl Response {
    const ALL: [Self; 8] = [
        Self::Absence,
        Self::Automatic,
        Self::Receipt,
        Self::Accepted,
        Self::Declined,
        Self::Tentative,
        Self::Delegated,
        Self::Counter,
    ];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Absence => "absence",
            Self::Automatic => "automatic",
            Self::Receipt => "receipt",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Tentative => "tentative",
            Self::Delegated => "delegated",
            Self::Counter => "counter",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|response| response.name() == word)
    }

    /// Whether somebody has to do something about it: an appointment that falls through.
    #[must_use]
    pub fn needs_somebody(self) -> bool {
        matches!(self, Self::Declined | Self::Delegated | Self::Counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_word_of_its_own() {
        for response in Response::ALL {
            assert_eq!(Response::named(response.name()), Some(response));
        }
        assert_eq!(Response::named("human"), None);
    }
}

//! What an agent wants to be told of by mail.

/// What an agent wants to be told of by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notify {
    /// New tickets of the queues in which they work.
    pub new: bool,
    /// What customers write to tickets that are there.
    pub follow_ups: FollowUps,
}

/// Of which tickets' follow-ups somebody wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUps {
    /// None.
    None,
    /// Those that they have locked, or watch.
    Mine,
    /// All of their queues.
    Queues,
}

impl FollowUps {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Mine => "mine",
            Self::Queues => "queues",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::None, Self::Mine, Self::Queues].into_iter().find(|follow_ups| follow_ups.name() == word)
    }
}

impl Notify {
    /// Nothing.
    pub const OFF: Self = Self { new: false, follow_ups: FollowUps::None };
    /// What who says no more wants: new tickets, and what is said to their own.
    pub const USUAL: Self = Self { new: true, follow_ups: FollowUps::Mine };
}

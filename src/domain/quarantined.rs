//! What kind of mail waits in quarantine.

/// What an entry's reason is of, as lists group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuarantineKind {
    /// What has to be read one by one: no sender, unreadable, too large, in circles.
    Other,
    /// One too many of somebody's.
    Excess,
    /// A report about a delivery.
    Report,
    /// A machine's.
    Automatic,
    /// Spam by its marks.
    Spam,
    /// Of a blocked sender.
    Blocked,
}

impl QuarantineKind {
    /// All, in the order of lists: what most likely is somebody's question comes first.
    pub const ALL: [Self; 6] = [Self::Other, Self::Excess, Self::Report, Self::Automatic, Self::Spam, Self::Blocked];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Excess => "excess",
            Self::Report => "report",
            Self::Automatic => "automatic",
            Self::Spam => "spam",
            Self::Blocked => "blocked",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_word_and_they_stand_in_one_order() {
        assert!(QuarantineKind::ALL.is_sorted());
        assert!(QuarantineKind::ALL.iter().all(|kind| QuarantineKind::named(kind.name()) == *kind));
    }
}

//! The languages that the desk itself can write to customers in.

/// A language. Agents' answers and a queue's own words are in whatever language they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English
    #[default]
    En,
    /// German
    De,
    /// French
    Fr,
    /// Spanish
    Es,
    /// Italian
    It,
    /// Dutch
    Nl,
    /// Portuguese
    Pt,
    /// Polish
    Pl,
    /// Czech
    Cs,
    /// Swedish
    Sv,
    /// Danish
    Da,
    /// Finnish
    Fi,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::En,
        Self::De,
        Self::Fr,
        Self::Es,
        Self::It,
        Self::Nl,
        Self::Pt,
        Self::Pl,
        Self::Cs,
        Self::Sv,
        Self::Da,
        Self::Fi,
    ];

    /// Its two letters (ISO 639-1), also the word in the record.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::It => "it",
            Self::Nl => "nl",
            Self::Pt => "pt",
            Self::Pl => "pl",
            Self::Cs => "cs",
            Self::Sv => "sv",
            Self::Da => "da",
            Self::Fi => "fi",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn coded(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == word)
    }
}

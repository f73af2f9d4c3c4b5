//! A command that is none.

/// What is wrong with a command, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// One sentence, without a full stop.
    pub(crate) what: String,
    /// What would be right.
    pub(crate) right: Right,
}

/// What would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// The command that was meant takes other arguments: its form, such as `!answer [--state STATE] TEXT`.
    Form(String),
    /// Another command may have been meant: its verb, and the shortest of its forms.
    Perhaps {
        /// The verb.
        verb: &'static str,
        /// Its form without what may be left out.
        form: String,
    },
    /// Nobody knows what was meant.
    Unknown,
}

//! A command that is none.

/// What is wrong with a command, and the form that would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// One sentence, without a full stop.
    pub(crate) what: String,
    /// The right form, such as `!answer [--state STATE] TEXT`.
    pub(crate) form: String,
}

//! An answer before it is one.

use crate::domain::id::EmailAddress;
use crate::domain::moment::When;
use crate::domain::ticket::State;
use crate::store::files::AgentFile;

/// What an answer is to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What the ticket is afterwards.
    pub next: State,
    /// Until when, if it is pending then.
    pub until: Option<When>,
    /// Who gets it besides the customer.
    pub cc: Vec<EmailAddress>,
    /// Whether all who take part get it.
    pub to_all: bool,
    /// How many of the files go with it that the agent put into the ticket last.
    pub newest_files: Option<u8>,
    /// The files that came with it.
    pub files: Vec<AgentFile>,
    /// Whether whoever writes it has said that it is meant so, whatever it looks like.
    pub is_sure: bool,
    /// The text, in Markdown.
    pub text: String,
}

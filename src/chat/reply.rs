//! What the bot answers to a command: a mark on the message, and what there is to say.

use crate::desk::words::Said;
use crate::desk::{Settings, mark, put_mark, reply};
use crate::domain::id::{EventId, RoomId, TicketId};
use crate::store::Tx;

/// An answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// The reaction on the command's message.
    pub(super) mark: &'static str,
    /// What is said, one notice each.
    pub(super) notices: Vec<Said>,
}

impl Reply {
    /// ✅
    pub(super) fn done() -> Self {
        Self { mark: mark::DONE, notices: vec![] }
    }

    /// ✅ and something to read.
    pub(super) fn told(said: Said) -> Self {
        Self { mark: mark::DONE, notices: vec![said] }
    }

    /// ⏳: a mail is held.
    pub(super) fn held(notices: Vec<Said>) -> Self {
        Self { mark: mark::WAITS, notices }
    }

    /// ❌ and why.
    pub(super) fn refused(said: Said) -> Self {
        Self { mark: mark::NO, notices: vec![said] }
    }

    /// Marks a message with what came of it, and says what there is to say.
    pub(super) fn mark(self, tx: &mut Tx, at: (&RoomId, &EventId), ticket: Option<TicketId>) {
        put_mark(tx, at.0, at.1, self.mark);
        self.say(tx, at, ticket);
    }

    /// Says what there is to say as an answer to a message, without a mark.
    pub(super) fn say(self, tx: &mut Tx, at: (&RoomId, &EventId), ticket: Option<TicketId>) {
        for said in self.notices {
            reply(tx, at.0, ticket, at.1, said);
        }
    }
}

/// In whose name, and with which prefix, the bot speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice<'t> {
    /// What commands begin with.
    pub(super) prefix: &'t str,
}

impl<'t> Voice<'t> {
    /// A desk's.
    pub(super) fn of(settings: &'t Settings) -> Self {
        Self { prefix: &settings.prefix }
    }
}

//! What the bot answers to a command: a mark on the message, and what there is to say.

use crate::desk::words::Said;
use crate::desk::{Settings, mark, put_mark, reply, reply_with_list};
use crate::domain::id::{EventId, RoomId, TicketId};
use crate::domain::listing::Listing;
use crate::store::Tx;
use crate::store::jobs::Chart;

/// An answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// The reaction on the command's message.
    pub(super) mark: &'static str,
    /// What is said, one notice each.
    pub(super) notices: Vec<Said>,
    /// What the first of them lists, for programs.
    pub(super) list: Option<Listing>,
    /// The picture behind them.
    pub(super) chart: Option<Chart>,
    /// The ticket that was made.
    pub(super) made: Option<TicketId>,
}

impl Reply {
    /// ✅
    pub(super) fn done() -> Self {
        Self { mark: mark::DONE, notices: vec![], list: None, chart: None, made: None }
    }

    /// ✅ and something to read.
    pub(super) fn told(said: Said) -> Self {
        Self { notices: vec![said], ..Self::done() }
    }

    /// ✅ and a list.
    pub(super) fn listed(said: Said, list: Listing) -> Self {
        Self { list: Some(list), ..Self::told(said) }
    }

    /// ✅, something to read, and a picture of it.
    pub(super) fn pictured(said: Said, chart: Option<Chart>) -> Self {
        Self { chart, ..Self::told(said) }
    }

    /// ⏳: a mail is held.
    pub(super) fn held(notices: Vec<Said>) -> Self {
        Self { mark: mark::WAITS, notices, ..Self::done() }
    }

    /// ❌ and why.
    pub(super) fn refused(said: Said) -> Self {
        Self { mark: mark::NO, ..Self::told(said) }
    }

    /// Marks a message with what came of it, and says what there is to say.
    pub(super) fn mark(self, tx: &mut Tx, at: (&RoomId, &EventId), ticket: Option<TicketId>) {
        put_mark(tx, at.0, at.1, self.mark);
        self.say(tx, at, ticket);
    }

    /// Says what there is to say as an answer to a message, without a mark.
    pub(super) fn say(self, tx: &mut Tx, at: (&RoomId, &EventId), ticket: Option<TicketId>) {
        let mut list = self.list;
        for said in self.notices {
            match list.take() {
                Some(list) => reply_with_list(tx, at.0, ticket, at.1, (said, list)),
                None => reply(tx, at.0, ticket, at.1, said),
            }
        }
        if let Some(chart) = self.chart {
            tx.enqueue(chart);
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

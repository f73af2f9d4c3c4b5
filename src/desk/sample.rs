//! What unit tests of the desk's decisions begin with.

use chrono::NaiveDate;

use super::intake::incoming::Mailbox;
use crate::domain::due::DueTimes;
use crate::domain::id::{CustomerId, EmailAddress, MailId, QueueId, TicketId};
use crate::domain::language::Language;
use crate::domain::number::Number;
use crate::domain::queue::{ClosedFollowUp, Intake, Machines, NotifyNew, Posting, Queue};
use crate::domain::ticket::{State, Ticket};
use crate::store::mails::StoredMail;

/// An address.
pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// A queue as it is when it was added.
pub(super) fn queue() -> Queue {
    Queue {
        id: QueueId(1),
        name: "support".to_owned(),
        title: "Support".to_owned(),
        address: address("support@desk.test"),
        intake: Intake::Lmtp,
        signature: String::new(),
        salutation: String::new(),
        quotes: true,
        closed_follow_up: ClosedFollowUp::Reopen,
        language: Language::En,
        acknowledgement: String::new(),
        rejection: String::new(),
        machines: Machines::Quarantine,
        acknowledge: true,
        notify_new: NotifyNew::None,
        posting: Posting::Agents,
        encrypted: false,
        archived: false,
        room: None,
        time_zone: chrono_tz::Tz::UTC,
        page: true,
        page_closes: true,
        alerts_close: false,
    }
}

/// A number of the desk.
pub(super) fn number() -> Number {
    Number::new(NaiveDate::from_ymd_opt(2026, 11, 26).expect("a day"), 10, 1)
}

/// A new ticket of it.
pub(super) fn ticket() -> Ticket {
    Ticket {
        id: TicketId(1),
        number: number(),
        queue: QueueId(1),
        customer: CustomerId(1),
        subject: "Printer".to_owned(),
        state: State::New,
        owner: None,
        last_owner: None,
        priority: 3,
        informed: None,
        pending_until: None,
        tags: vec![],
        due: DueTimes::default(),
    }
}

/// Somebody without a name.
pub(super) fn mailbox(of: &str) -> Mailbox {
    Mailbox { name: String::new(), address: address(of) }
}

/// The row of a mail from Carol to the queue, which nobody has read yet.
pub(super) fn stored() -> StoredMail {
    StoredMail {
        id: MailId(1),
        queue: QueueId(1),
        recipient: "support@desk.test".to_owned(),
        envelope_from: Some("carol@x.test".to_owned()),
        is_imported: false,
        is_from_mailbox: false,
        left_behind: None,
        is_waiting: true,
        entry: None,
        verdict: None,
    }
}

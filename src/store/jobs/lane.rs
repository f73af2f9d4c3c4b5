//! Lanes: jobs of one lane are done one after the other, in the order of their commits.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::domain::id::{
    AgentId, CustomerId, EmailAddress, ErasureId, EventId, QuarantineId, QueueId, RoomId, ScheduledId, TicketId,
    WebhookId,
};

/// Who works on a lane. Each class has workers of its own, so a stuck server holds up only its own kind, and no mail
/// makes a command wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads mails that came in: PostgreSQL only.
    Intake,
    /// Reads events that came in: PostgreSQL only.
    Command,
    /// Matrix; worked on by the one instance that holds the Matrix side.
    Chat,
    /// SMTP.
    Mail,
    /// HTTP, to receivers of webhooks: many servers, none of which has to do with another.
    Webhook,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Intake, Self::Command, Self::Chat, Self::Mail, Self::Webhook];

    /// The word in the record and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Command => "command",
            Self::Chat => "chat",
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// The longest part of a lane's name that comes from outside, in bytes: PostgreSQL indexes no more than some 2,700.
const MOST_BYTES: usize = 320;

/// A lane: its name in the record, and the class that works on it. Only these constructors make one, and each has a
/// beginning of its own, so no two classes can share a name (the record's unique index would refuse them anyway).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    name: String,
    class: Class,
}

impl Lane {
    /// All that is posted about a ticket.
    #[must_use]
    pub fn ticket(ticket: TicketId) -> Self {
        Self::new(Class::Chat, format!("ticket:{ticket}"))
    }

    /// Marks on somebody's message and answers to it.
    #[must_use]
    pub fn message(event: &EventId) -> Self {
        Self::new(Class::Chat, format!("message:{}", bounded(event.as_str())))
    }

    /// What is said in a room about no ticket and to no message.
    #[must_use]
    pub fn room(room: &RoomId) -> Self {
        Self::new(Class::Chat, format!("room:{}", bounded(room.as_str())))
    }

    /// What is pinned in a room: one list, which its messages' own lanes would write over each other.
    #[must_use]
    pub fn pins(room: &RoomId) -> Self {
        Self::new(Class::Chat, format!("pins:{}", bounded(room.as_str())))
    }

    /// A queue's board.
    #[must_use]
    pub fn board(queue: QueueId) -> Self {
        Self::new(Class::Chat, format!("board:{queue}"))
    }

    /// The board in an agent's home.
    #[must_use]
    pub fn home(agent: AgentId) -> Self {
        Self::new(Class::Chat, format!("home:{agent}"))
    }

    /// A quarantine entry's message.
    #[must_use]
    pub fn quarantine(entry: QuarantineId) -> Self {
        Self::new(Class::Chat, format!("quarantine:{entry}"))
    }

    /// The first message of a day's quarantine.
    #[must_use]
    pub fn quarantine_day(queue: QueueId, day: NaiveDate) -> Self {
        Self::new(Class::Chat, format!("quarantine day:{queue}:{day}"))
    }

    /// The file of somebody's message, to be fetched.
    #[must_use]
    pub fn fetch(event: &EventId) -> Self {
        Self::new(Class::Chat, format!("fetch:{}", bounded(event.as_str())))
    }

    /// Rooms, members and power levels.
    #[must_use]
    pub fn rooms() -> Self {
        Self::new(Class::Chat, "rooms".to_owned())
    }

    /// A queue's room, made anew.
    #[must_use]
    pub fn remirror(queue: QueueId) -> Self {
        Self::new(Class::Command, format!("remirror:{queue}"))
    }

    /// Somebody's erasing in the record.
    #[must_use]
    pub fn erasing(erasure: ErasureId) -> Self {
        Self::new(Class::Command, format!("erasing:{erasure}"))
    }

    /// Somebody's erasing in a room.
    #[must_use]
    pub fn sweep(erasure: ErasureId, room: &RoomId) -> Self {
        Self::new(Class::Chat, format!("sweep:{erasure}:{}", bounded(room.as_str())))
    }

    /// The events of a room, as they came in.
    #[must_use]
    pub fn events(room: &RoomId) -> Self {
        Self::new(Class::Command, format!("events:{}", bounded(room.as_str())))
    }

    /// What happens at a moment for which a ticket waits: a lane a moment, so that none waits behind another.
    #[must_use]
    pub fn pending(ticket: TicketId, until: DateTime<Utc>) -> Self {
        Self::new(Class::Command, format!("pending:{ticket}:{}", until.timestamp()))
    }

    /// The moment of a scheduled answer.
    #[must_use]
    pub fn scheduled(answer: ScheduledId, at: DateTime<Utc>) -> Self {
        Self::new(Class::Command, format!("scheduled:{answer}:{}", at.timestamp()))
    }

    /// A moment at which a ticket's times are looked at: a lane a moment, too.
    #[must_use]
    pub fn ticket_time(ticket: TicketId, at: DateTime<Utc>) -> Self {
        Self::new(Class::Command, format!("time:{ticket}:{}", at.timestamp()))
    }

    /// The times of a queue's tickets, computed anew page by page.
    #[must_use]
    pub fn retime(queue: QueueId) -> Self {
        Self::new(Class::Command, format!("retime:{queue}"))
    }

    /// Who is to be told by mail of what happened to a ticket.
    #[must_use]
    pub fn telling(ticket: TicketId) -> Self {
        Self::new(Class::Command, format!("telling:{ticket}"))
    }

    /// The mails to an agent: those of one keep their order.
    #[must_use]
    pub fn agent_mails(agent: AgentId) -> Self {
        Self::new(Class::Mail, format!("agent-mail:{agent}"))
    }

    /// The mails with links to a customer.
    #[must_use]
    pub fn page_mails(customer: CustomerId) -> Self {
        Self::new(Class::Mail, format!("page-mail:{customer}"))
    }

    /// The events of a ticket that wait for a file, and those behind them.
    #[must_use]
    pub fn ticket_events(ticket: TicketId) -> Self {
        Self::new(Class::Command, format!("ticket-events:{ticket}"))
    }

    /// The events that answer one of which the record does not know yet what it is.
    #[must_use]
    pub fn answers(event: &EventId) -> Self {
        Self::new(Class::Command, format!("answers:{}", bounded(event.as_str())))
    }

    /// The mails of one envelope sender to a queue: one after the other, so that a conversation keeps its order, and
    /// different senders don't wait for each other.
    #[must_use]
    pub fn mails(queue: QueueId, envelope_from: Option<&str>) -> Self {
        let sender = envelope_from.unwrap_or_default().to_lowercase().replace('\0', "");
        Self::new(Class::Intake, format!("mails:{queue}:{}", bounded(&sender)))
    }

    /// A queue's mails that an agent let out of quarantine: one after the other, so that what stood behind one entry
    /// comes in its order.
    #[must_use]
    pub fn released_mails(queue: QueueId) -> Self {
        Self::new(Class::Intake, format!("released-mails:{queue}"))
    }

    /// A queue's archives, read as they are written.
    #[must_use]
    pub fn import(queue: QueueId) -> Self {
        Self::new(Class::Intake, format!("import:{queue}"))
    }

    /// Letters to one address about one ticket.
    #[must_use]
    pub fn letters(ticket: TicketId, to: &EmailAddress) -> Self {
        Self::new(Class::Mail, format!("letters:{ticket}:{}", bounded(&to.key())))
    }

    /// What a webhook is told.
    #[must_use]
    pub fn webhook(webhook: WebhookId) -> Self {
        Self::new(Class::Webhook, format!("webhook:{webhook}"))
    }

    fn new(class: Class, name: String) -> Self {
        Self { name, class }
    }

    /// A lane as it stands in the record.
    pub(super) fn recorded(class: Class, name: String) -> Self {
        Self::new(class, name)
    }

    /// Its name in the record.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who works on it.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }
}

/// What is too long is named by its beginning and its digest.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST_BYTES {
        return text.into();
    }
    let digest = HEXLOWER.encode(&Sha256::digest(text));
    format!("{}#{digest}", &text[..text.floor_char_boundary(MOST_BYTES - 65)]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lanes_share_a_name_and_none_is_too_long() {
        let (room, event) = (RoomId::parse("!r").expect("a room"), EventId::parse("$e").expect("an event"));
        let to = EmailAddress::parse("carol@customer.test").expect("an address");
        let (ticket, queue) = (TicketId(1), QueueId(1));
        let lanes = [
            Lane::ticket(ticket),
            Lane::message(&event),
            Lane::room(&room),
            Lane::pins(&room),
            Lane::board(queue),
            Lane::home(AgentId(1)),
            Lane::quarantine(QuarantineId(1)),
            Lane::quarantine_day(queue, NaiveDate::MIN),
            Lane::fetch(&event),
            Lane::rooms(),
            Lane::events(&room),
            Lane::ticket_events(ticket),
            Lane::pending(ticket, DateTime::UNIX_EPOCH),
            Lane::scheduled(ScheduledId(1), DateTime::UNIX_EPOCH),
            Lane::ticket_time(ticket, DateTime::UNIX_EPOCH),
            Lane::retime(queue),
            Lane::telling(ticket),
            Lane::agent_mails(AgentId(1)),
            Lane::page_mails(CustomerId(1)),
            Lane::answers(&event),
            Lane::mails(queue, None),
            Lane::mails(queue, Some("carol@customer.test")),
            Lane::released_mails(queue),
            Lane::import(queue),
            Lane::letters(ticket, &to),
            Lane::webhook(WebhookId(1)),
            Lane::erasing(ErasureId(1)),
            Lane::sweep(ErasureId(1), &room),
        ];
        for (n, lane) in lanes.iter().enumerate() {
            assert!(lanes[..n].iter().all(|other| other.name() != lane.name()), "{lane:?}");
        }
        let (long, other) = ("é".repeat(5_000), format!("{}x", "é".repeat(5_000)));
        let lane = Lane::mails(queue, Some(&long));
        assert!(lane.name().len() < 400);
        assert_ne!(lane, Lane::mails(queue, Some(&other)));
    }
}

//! Queues, the people who work in them, and what each may do.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::id::{AgentId, EmailAddress, QueueId, RoomId, UserId};
use super::language::Language;

/// A queue: a room of tickets with an address of its own.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "settings that have nothing to do with each other")]
pub struct Queue {
    /// Its row.
    pub id: QueueId,
    /// Its short name: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Where customers write to and answers come from.
    pub address: EmailAddress,
    /// How its mail comes in.
    pub intake: Intake,
    /// Stands below every answer; empty for none.
    pub signature: String,
    /// Stands above every answer, `{name}` being the customer's; empty for none.
    pub salutation: String,
    /// Whether an answer quotes the customer's newest mail below itself.
    pub quotes: bool,
    /// What a customer's mail does to a closed ticket.
    pub closed_follow_up: ClosedFollowUp,
    /// In what language the desk itself writes to its customers.
    pub language: Language,
    /// The acknowledgement in the queue's own words, its first line the subject; empty for the desk's.
    pub acknowledgement: String,
    /// Likewise what who writes to a closed ticket that stays closed gets to read.
    pub rejection: String,
    /// What becomes of a machine's mail that belongs to no ticket.
    pub machines: Machines,
    /// Whether a new ticket is acknowledged.
    pub acknowledge: bool,
    /// Whom a new ticket calls.
    pub notify_new: NotifyNew,
    /// Who may write in its room.
    pub posting: Posting,
    /// Whether its room is end-to-end encrypted.
    pub encrypted: bool,
    /// Whether it takes no more mail.
    pub archived: bool,
    /// In which time zone its agents name moments.
    pub time_zone: Tz,
    /// Whether its mails to customers have a link to the ticket's page.
    pub page: bool,
    /// Whether customers can close a ticket there.
    pub page_closes: bool,
    /// Whether a ticket of alerts is closed when none of them fires any more.
    pub alerts_close: bool,
    /// Its room, once made.
    pub room: Option<RoomId>,
}

impl Queue {
    /// Whether an address is this queue's own, with whatever `+` part: what goes there comes back here.
    #[must_use]
    pub fn owns(&self, address: &EmailAddress) -> bool {
        self.address.key() == address.mailbox_key()
    }

    /// Whether a name may be a queue's: it becomes part of the room's alias.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        text.len() <= 63 && text.starts_with(letter) && text.chars().all(|c| letter(c) || c == '-' || c == '_')
    }
}

/// What a customer's mail does to a closed ticket (OTRS' follow-up options).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ClosedFollowUp {
    /// It is open again.
    Reopen,
    /// It stays closed: the mail is filed, and the customer is told to write a new one.
    Reject,
    /// It stays closed, and the mail becomes a ticket of its own, linked to it.
    New,
}

impl ClosedFollowUp {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reopen => "reopen",
            Self::Reject => "reject",
            Self::New => "new",
        }
    }
}

/// What becomes of mail that a machine begins something with: monitoring, a fax, an order, a form on a web page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Machines {
    /// It waits in quarantine.
    Quarantine,
    /// It is a ticket, which is never acknowledged.
    Ticket,
}

impl Machines {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Ticket => "ticket",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Quarantine, Self::Ticket].into_iter().find(|machines| machines.name() == word)
    }
}

/// How a queue's mail comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Intake {
    /// Our LMTP listener, or `ticketloom deliver`.
    Lmtp,
    /// A mailbox that is read.
    Imap,
    /// None: tickets begin with us.
    None,
}

impl Intake {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::None => "none",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Lmtp, Self::Imap, Self::None].into_iter().find(|intake| intake.name() == word)
    }
}

/// Whom a new ticket calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyNew {
    /// Nobody: the card is a notice.
    None,
    /// Whoever has the room's notifications on.
    Room,
    /// These people.
    List(Vec<UserId>),
}

impl fmt::Display for NotifyNew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Room => f.write_str("room"),
            Self::List(users) => f.write_str(&users.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}

/// Who may write in a queue's room. Rights don't come from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Posting {
    /// Agents and admins.
    Agents,
    /// Everybody in the room.
    Members,
}

impl Posting {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Members => "members",
        }
    }
}

/// Somebody of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Their row.
    pub id: AgentId,
    /// Their Matrix id.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// False once removed.
    pub active: bool,
    /// The queues they are confined to; empty for all.
    pub queues: Vec<QueueId>,
    /// The direct room with the bot, if there is one.
    pub direct: Option<RoomId>,
    /// Until when they said that they are away.
    pub away_until: Option<DateTime<Utc>>,
}

impl Agent {
    /// Whether they may work on tickets of a queue now.
    #[must_use]
    pub fn works_in(&self, queue: QueueId) -> bool {
        self.active && self.role != Role::Observer && (self.queues.is_empty() || self.queues.contains(&queue))
    }

    /// Whether they are there to read what comes into a queue: they work in it and are not away.
    #[must_use]
    pub fn attends(&self, queue: QueueId, now: DateTime<Utc>) -> bool {
        self.works_in(queue) && self.away_until.is_none_or(|until| until <= now)
    }

    /// Whether they may set the desk up: an admin who is confined to no queue.
    #[must_use]
    pub fn sets_up(&self) -> bool {
        self.active && self.role == Role::Admin && self.queues.is_empty()
    }

    /// Whether they may know what is in a queue.
    #[must_use]
    pub fn sees(&self, queue: QueueId) -> bool {
        self.active && (self.queues.is_empty() || self.queues.contains(&queue))
    }
}

/// What somebody may do. From PostgreSQL, never from a room's power levels (R32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything, and unlocking what others have locked.
    Admin,
    /// Works on tickets.
    Agent,
    /// Is invited and reads; may do nothing.
    Observer,
}

impl Role {
    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Agent => "agent",
            Self::Observer => "observer",
        }
    }

    /// Reads the word in the record.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Admin, Self::Agent, Self::Observer].into_iter().find(|role| role.name() == word)
    }

    /// The power level in a queue's room: enough to write for agents, everything for admins.
    #[must_use]
    pub fn power_level(self) -> i64 {
        match self {
            Self::Admin => 100,
            Self::Agent => 10,
            Self::Observer => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_name_can_be_an_alias() {
        for name in ["support", "a", "1st-level", "x_y"] {
            assert!(Queue::is_name(name), "{name}");
        }
        for name in ["", "-a", "Support", "a b", "ä", "a:b", &"a".repeat(64)] {
            assert!(!Queue::is_name(name), "{name}");
        }
    }

    #[test]
    fn an_observer_works_nowhere() {
        let user = UserId::parse("@walter:desk.test").expect("an id");
        let mut agent = Agent {
            id: AgentId(1),
            user,
            role: Role::Observer,
            active: true,
            queues: vec![],
            direct: None,
            away_until: None,
        };
        assert!(!agent.works_in(QueueId(1)));
        agent.role = Role::Agent;
        assert!(agent.works_in(QueueId(1)));
        agent.queues = vec![QueueId(2)];
        assert!(!agent.works_in(QueueId(1)) && !agent.sees(QueueId(1)));
        let now = DateTime::UNIX_EPOCH;
        assert!(agent.attends(QueueId(2), now) && !agent.attends(QueueId(1), now));
        agent.away_until = Some(now);
        assert!(agent.attends(QueueId(2), now), "back at that moment");
        agent.away_until = Some(now + chrono::TimeDelta::seconds(1));
        assert!(!agent.attends(QueueId(2), now) && agent.works_in(QueueId(2)));
        agent.active = false;
        assert!(!agent.works_in(QueueId(2)));
    }
}

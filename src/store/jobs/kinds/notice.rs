//! Post a notice: to somebody's command, or about a ticket, or to a room.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{EventId, RoomId, TicketId, UserId};
use crate::domain::listing::Listing;
use crate::domain::said::Said;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post a notice: to somebody's command, or about a ticket, or to a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The room.
    pub room: RoomId,
    /// The ticket whose thread it belongs into, if any.
    pub ticket: Option<TicketId>,
    /// The event it answers, if any.
    pub to: Option<EventId>,
    /// What it says. A notice is the one thing that is not composed late, since it answers a moment.
    pub notice: NoticeText,
}

impl Kind for Notice {
    const NAME: &'static str = "Notice";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
}

impl HasLane for Notice {
    fn lane(&self) -> Lane {
        match (&self.to, self.ticket) {
            // Behind the mark of the message that it answers, not behind its ticket's mails.
            (Some(to), _) => Lane::message(to),
            (None, Some(ticket)) => Lane::ticket(ticket),
            (None, None) => Lane::room(&self.room),
        }
    }
}

/// Whom a message calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// These people; nobody, if there are none.
    Users(Vec<UserId>),
    /// Everybody in the room.
    Room,
}

/// A notice's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeText {
    /// What it says.
    pub said: Said,
    /// Whom it calls. If anybody, it is an `m.text`, since notices never notify.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// Whether it calls everybody in the room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calls_room: bool,
    /// What it lists, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Listing>,
}

impl NoticeText {
    /// Words that call somebody.
    #[must_use]
    pub fn calling(said: Said, called: Called) -> Self {
        let (mentions, calls_room) = match called {
            Called::Users(users) => (users, false),
            Called::Room => (Vec::new(), true),
        };
        Self { said, mentions, calls_room, list: None }
    }

    /// Words that call nobody.
    #[must_use]
    pub fn quiet(said: Said) -> Self {
        Self::calling(said, Called::Users(Vec::new()))
    }
}

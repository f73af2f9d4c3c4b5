//! The kinds of jobs, one file each: payload, lane, how it is tried. What does them is bound in `dispatch`.

mod agent_mail;
mod article;
mod card;
mod chart;
mod erase;
mod fetch;
mod file;
mod home_board;
mod letter;
mod mark;
mod notice;
mod page_mail;
mod pending_time;
mod pins;
mod quarantine;
mod quarantine_day;
mod quarantine_file;
mod queue_board;
mod raw;
mod read_event;
mod read_mail;
mod remirror;
mod retime;
mod rooms;
mod send_scheduled;
mod signpost;
mod sweep;
mod tell_agents;
mod ticket_time;
mod webhook;

use serde::{Deserialize, Serialize};

pub use self::agent_mail::AgentMail;
pub use self::article::Article;
pub use self::card::Card;
pub use self::chart::Chart;
pub use self::erase::Erase;
pub use self::fetch::Fetch;
pub use self::file::File;
pub use self::home_board::HomeBoard;
pub use self::letter::Letter;
pub use self::mark::Mark;
pub use self::notice::{Called, Notice, NoticeText};
pub use self::page_mail::PageMail;
pub use self::pending_time::PendingTime;
pub use self::pins::Pins;
pub use self::quarantine::Quarantine;
pub use self::quarantine_day::QuarantineDay;
pub use self::quarantine_file::QuarantineFile;
pub use self::queue_board::QueueBoard;
pub use self::raw::Raw;
pub use self::read_event::ReadEvent;
pub use self::read_mail::ReadMail;
pub use self::remirror::Remirror;
pub use self::retime::Retime;
pub use self::rooms::Rooms;
pub use self::send_scheduled::SendScheduled;
pub use self::signpost::Signpost;
pub use self::sweep::Sweep;
pub use self::tell_agents::TellAgents;
pub use self::ticket_time::TicketTime;
pub use self::webhook::Webhook;
use super::lane::{Class, Lane};
use super::policy::Policy;

/// A kind of job. Its payload is ids: what is said is composed when it is sent.
pub trait Kind: Into<Job> {
    /// Its name, in the record and in metrics.
    const NAME: &'static str;
    /// Who works on it: the class of every lane that it may wait in.
    const CLASS: Class;
    /// How it is tried.
    const POLICY: Policy;
    /// Whether one that nobody has begun stands for a later one of its lane: it will show what is so when it is sent.
    const MERGES: bool = false;
    /// 0: somebody waits for it; 1: it comes after all that.
    const RANK: i16 = 0;
}

/// A kind whose payload says which lane it waits in.
pub trait HasLane: Kind {
    /// The lane.
    fn lane(&self) -> Lane;
}

/// Declares the kinds once: the enum of all of them and what follows from it.
macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// What is to be done.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Job {
            $(#[doc = concat!("See [`", stringify!($kind), "`](struct@", stringify!($kind), ").")] $kind($kind),)*
        }

        impl Job {
            /// Its kind, in the record and in metrics.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $kind::NAME,)* }
            }

            /// How it is tried.
            #[must_use]
            pub fn policy(&self) -> Policy {
                match self { $(Self::$kind(_) => $kind::POLICY,)* }
            }

            /// Whether one that nobody has begun stands for a later one.
            pub(super) fn merges(&self) -> bool {
                match self { $(Self::$kind(_) => $kind::MERGES,)* }
            }
        }

        $(impl From<$kind> for Job {
            fn from(job: $kind) -> Self {
                Self::$kind(job)
            }
        })*

        /// The name and class of every kind.
        #[cfg(test)]
        const ALL: &[(&str, Class)] = &[$(($kind::NAME, $kind::CLASS)),*];
    };
}

kinds!(
    ReadMail,
    ReadEvent,
    Rooms,
    Card,
    Article,
    File,
    Notice,
    Mark,
    Pins,
    Quarantine,
    QuarantineFile,
    QuarantineDay,
    Raw,
    Chart,
    Fetch,
    Letter,
    PendingTime,
    SendScheduled,
    TicketTime,
    Retime,
    Signpost,
    QueueBoard,
    HomeBoard,
    TellAgents,
    AgentMail,
    PageMail,
    Webhook,
    Remirror,
    Erase,
    Sweep
);

/// A job as its two columns.
pub(super) fn encode(job: &Job) -> (String, serde_json::Value) {
    let mut payload = serde_json::to_value(job).expect("jobs are plain data");
    let kind = payload.as_object_mut().and_then(|fields| fields.remove("kind"));
    (kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default(), payload)
}

/// The job of two columns, or why this version can't read it: a newer one may have left it.
pub(super) fn decode(kind: &str, payload: &serde_json::Value) -> Result<Job, String> {
    let mut whole = payload.clone();
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("kind".to_owned(), kind.into());
    }
    serde_json::from_value(whole).map_err(|error| format!("this version does not know the job: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{
        AgentId, AgentMailId, ArticleId, AttachmentId, CustomerId, DeliveryId, ErasureId, EventId, EventRowId,
        LetterId, MailId, PageMailId, QuarantineId, QueueId, RoomId, ScheduledId, TicketId, WebhookId,
    };
    use crate::domain::said::Said;
    use crate::store::ticket_lists::TicketPlace;

    fn shape<K: HasLane>(job: K, payload: &str, lane: &str) -> (Job, &'static str, String) {
        assert_eq!((job.lane().name(), job.lane().class()), (lane, K::CLASS));
        (job.into(), K::NAME, payload.to_owned())
    }

    /// What stands in a database must still be read by the next version.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a line for each kind")]
    fn every_job_keeps_its_shape_and_its_lane() {
        let room = RoomId::parse("!r").expect("a room");
        let event = EventId::parse("$e").expect("an event");
        let (ticket, notice) = (TicketId(1), NoticeText::quiet(Said::plain("no")));
        let to_room = Notice { room: room.clone(), ticket: None, to: None, notice };
        let to_ticket = Notice { ticket: Some(ticket), ..to_room.clone() };
        let to_message = Notice { to: Some(event.clone()), ..to_ticket.clone() };
        let mark = Mark { room: room.clone(), to: event.clone(), marks: vec!["✅".to_owned()] };
        let raw = Raw { mail: MailId(2), ticket, room: room.clone(), to: event.clone() };
        let chart = Chart { room: room.clone(), ticket: None, to: event.clone(), days: vec![(1, 2)] };
        let fetch = Fetch { event, media: serde_json::json!({}), size: 3 };
        let shapes = [
            (ReadMail { mail: MailId(2) }.into(), "ReadMail", r#"{"mail":2}"#.to_owned()),
            (ReadEvent { event: EventRowId(2) }.into(), "ReadEvent", r#"{"event":2}"#.to_owned()),
            (Letter { letter: LetterId(2) }.into(), "Letter", r#"{"letter":2}"#.to_owned()),
            shape(Rooms {}, "{}", "rooms"),
            shape(Card { ticket }, r#"{"ticket":1}"#, "ticket:1"),
            shape(Article { ticket, article: ArticleId(2) }, r#"{"ticket":1,"article":2}"#, "ticket:1"),
            shape(File { ticket, file: AttachmentId(2) }, r#"{"ticket":1,"file":2}"#, "ticket:1"),
            shape(
                to_room.clone(),
                r#"{"notice":{"said":[{"paragraph":[[{"text":"no"}]]}]},"room":"!r","ticket":null,"to":null}"#,
                "room:!r",
            ),
            shape(
                to_ticket,
                r#"{"notice":{"said":[{"paragraph":[[{"text":"no"}]]}]},"room":"!r","ticket":1,"to":null}"#,
                "ticket:1",
            ),
            shape(
                to_message,
                r#"{"notice":{"said":[{"paragraph":[[{"text":"no"}]]}]},"room":"!r","ticket":1,"to":"$e"}"#,
                "message:$e",
            ),
            shape(mark, r#"{"marks":["✅"],"room":"!r","to":"$e"}"#, "message:$e"),
            shape(
                Notice { notice: NoticeText::calling(Said::plain("no"), Called::Room), ..to_room.clone() },
                r#"{"notice":{"said":[{"paragraph":[[{"text":"no"}]]}],"calls_room":true},"room":"!r","ticket":null,"to":null}"#,
                "room:!r",
            ),
            shape(Pins { room }, r#"{"room":"!r"}"#, "pins:!r"),
            shape(Quarantine { entry: QuarantineId(2) }, r#"{"entry":2}"#, "quarantine:2"),
            shape(QuarantineFile { entry: QuarantineId(2) }, r#"{"entry":2}"#, "quarantine:2"),
            shape(
                QuarantineDay { queue: QueueId(3), day: chrono::NaiveDate::from_ymd_opt(2026, 11, 27).expect("a day") },
                r#"{"queue":3,"day":"2026-11-27"}"#,
                "quarantine day:3:2026-11-27",
            ),
            shape(raw, r#"{"mail":2,"ticket":1,"room":"!r","to":"$e"}"#, "ticket:1"),
            shape(
                Signpost { ticket, room: RoomId::parse("!r").expect("a room") },
                r#"{"ticket":1,"room":"!r"}"#,
                "ticket:1",
            ),
            shape(
                PendingTime { ticket, until: chrono::DateTime::UNIX_EPOCH },
                r#"{"ticket":1,"until":"1970-01-01T00:00:00Z"}"#,
                "pending:1:0",
            ),
            shape(
                SendScheduled { answer: ScheduledId(5), at: chrono::DateTime::UNIX_EPOCH },
                r#"{"answer":5,"at":"1970-01-01T00:00:00Z"}"#,
                "scheduled:5:0",
            ),
            shape(
                TicketTime { ticket, at: chrono::DateTime::UNIX_EPOCH },
                r#"{"ticket":1,"at":"1970-01-01T00:00:00Z"}"#,
                "time:1:0",
            ),
            shape(
                Retime { queue: QueueId(3), after: Some(TicketPlace { priority: 3, ticket }) },
                r#"{"queue":3,"after":{"priority":3,"ticket":1}}"#,
                "retime:3",
            ),
            shape(QueueBoard { queue: QueueId(3) }, r#"{"queue":3}"#, "board:3"),
            shape(HomeBoard { agent: AgentId(4) }, r#"{"agent":4}"#, "home:4"),
            shape(TellAgents { ticket, article: ArticleId(2) }, r#"{"ticket":1,"article":2}"#, "telling:1"),
            shape(
                PageMail { mail: PageMailId(8), customer: CustomerId(5) },
                r#"{"mail":8,"customer":5}"#,
                "page-mail:5",
            ),
            shape(AgentMail { mail: AgentMailId(6), agent: AgentId(4) }, r#"{"mail":6,"agent":4}"#, "agent-mail:4"),
            shape(
                Webhook { webhook: WebhookId(6), delivery: DeliveryId(7) },
                r#"{"webhook":6,"delivery":7}"#,
                "webhook:6",
            ),
            shape(Remirror { queue: QueueId(3) }, r#"{"queue":3}"#, "remirror:3"),
            shape(Erase { erasure: ErasureId(8) }, r#"{"erasure":8}"#, "erasing:8"),
            shape(
                Sweep { erasure: ErasureId(8), room: RoomId::parse("!r").expect("a room"), from: None },
                r#"{"erasure":8,"room":"!r","from":null}"#,
                "sweep:8:!r",
            ),
            shape(chart, r#"{"room":"!r","ticket":null,"to":"$e","days":[[1,2]]}"#, "message:$e"),
            shape(fetch, r#"{"event":"$e","media":{},"size":3}"#, "fetch:$e"),
        ];
        for (job, kind, payload) in &shapes {
            let payload = serde_json::from_str(payload).expect("JSON");
            assert_eq!(job.kind(), *kind);
            assert_eq!(encode(job), ((*kind).to_owned(), payload));
            assert_eq!(decode(kind, &encode(job).1), Ok(job.clone()));
        }
        assert!(decode("Unheard", &serde_json::json!({})).is_err());
        assert!(ALL.iter().all(|(kind, _)| shapes.iter().any(|shape| shape.1 == *kind)), "a shape for every kind");
    }

    #[test]
    fn every_class_has_work() {
        assert!(Class::ALL.iter().all(|class| ALL.iter().any(|(_, of)| of == class)));
    }
}

//! What a desk does all day, each by itself: mails that come in, every command, lists, cards, and the worker's questions.

use std::collections::HashSet;
use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use ticketloom::admin::{Command, TokenCommand};
use ticketloom::domain::id::{EventId, FeedId, LetterId, RoomId, TicketId};
use ticketloom::store::jobs::{Card, Class};

use super::world::{ALICE, Case, Eml, ROOT, Sent, World, reply, text};

/// How fast it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// On the way of a mail, a command or a card.
    Way,
    /// A list.
    List,
    /// A search.
    Search,
    /// A look of the workers, again and again.
    Look,
    /// Counted for metrics, at most a hundredth of the time.
    Count,
}

/// One thing that a desk does, and what has to be so before it.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    before: &'static [Step],
    does: Step,
}

/// What can be done. In words, `NUMBER` is the ticket's number and `OTHER` that of another one.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Somebody writes in the ticket's thread.
    Say(&'static str),
    /// An admin writes in the queue's room.
    InRoom(&'static str),
    /// An agent writes into the room with the bot.
    InHome(&'static str),
    /// An admin does.
    AdminsHome(&'static str),
    /// Somebody answers a quarantine entry.
    ToEntry(&'static str),
    /// Somebody reacts to the card.
    React(&'static str),
    /// Somebody reacts to a quarantine entry.
    ReactToEntry(&'static str),
    /// Somebody answers the ticket's newest mail.
    ToMail(&'static str),
    /// Somebody answers a message of which nobody knows.
    ToUnknown(&'static str),
    /// What was just written is changed.
    Edit(&'static str),
    /// What was just written is taken back.
    Redact,
    /// A mail comes in.
    Mail(Post),
    /// The mail that was held is let go.
    Send,
    /// The card is brought up to date.
    Card,
    /// The boards of the ticket's queue and of all homes are.
    Boards,
    /// The workers look for something to do.
    Lease,
    /// They ask when there will be something.
    NextDue,
    /// They look for leases of the dead.
    Orphans,
    /// What happened is numbered, for programs.
    Number,
    /// A program reads a page of it, from the beginning.
    Feed,
    /// Metrics are asked for.
    Metrics,
    /// The ticket's customer follows the link in a mail.
    Page,
    /// A program gets a token.
    Token,
    /// A program asks.
    Get(&'static str),
    /// A program has something done: a path, and what it sends.
    Post(&'static str, &'static str),
    /// Monitoring gets a token.
    AlertToken,
    /// It says that a group of alerts of the ticket's fires, or does no more.
    Alerts(&'static str),
}

/// Mails as they come in.
#[derive(Clone, Copy, Debug)]
enum Post {
    /// Of somebody who wrote before.
    OfCustomer,
    /// Of somebody new.
    OfNewcomer,
    /// An answer to our mail's signed address.
    ToSignedAddress,
    /// By In-Reply-To and thirty References.
    ByReference,
    /// By the subject's tag.
    ByTag,
    /// Of somebody who has no part in the ticket.
    OfStranger,
    /// A machine's.
    OfMachine,
    /// What a mail server could not deliver.
    Bounce,
    /// One that came before, with other lines of transport.
    Again,
}

const fn way(before: &'static [Step], does: Step) -> Operation {
    Operation { kind: Kind::Way, before, does }
}

const fn list(does: Step) -> Operation {
    Operation { kind: Kind::List, before: &[], does }
}

const fn search(words: &'static str) -> Operation {
    Operation { kind: Kind::Search, before: &[], does: Step::InHome(words) }
}

const fn look(does: Step) -> Operation {
    Operation { kind: Kind::Look, before: &[], does }
}

/// All of them. `record.sql` says how common each word is that is searched for.
pub(crate) const OPERATIONS: &[Operation] = &[
    way(&[], Step::Mail(Post::OfCustomer)),
    way(&[], Step::Mail(Post::OfNewcomer)),
    way(&[], Step::Mail(Post::ByReference)),
    way(&[], Step::Mail(Post::ByTag)),
    way(&[Step::Say("!answer It is on its way"), Step::Send], Step::Mail(Post::ToSignedAddress)),
    way(&[Step::Say("!close")], Step::Mail(Post::ByReference)),
    way(&[Step::Mail(Post::ByReference)], Step::Mail(Post::Again)),
    way(&[], Step::Mail(Post::OfStranger)),
    way(&[], Step::Mail(Post::OfMachine)),
    way(&[Step::Say("!answer It is on its way"), Step::Send], Step::Mail(Post::Bounce)),
    way(&[], Step::Say("It is late")),
    way(&[], Step::Say("!note It is late")),
    way(&[Step::Say("It is late")], Step::Edit("It is in time")),
    way(&[Step::Say("It is late")], Step::Redact),
    way(&[], Step::ToUnknown("It is late")),
    way(&[], Step::Say("!lock")),
    way(&[], Step::React("🔒")),
    way(&[Step::Say("!lock")], Step::Say("!unlock")),
    way(&[], Step::Say("!owner @bob")),
    way(&[], Step::Say("!answer It is on its way")),
    way(&[], Step::Say("!answer --all --state closed It is on its way")),
    way(&[Step::Say("!answer It is on its way")], Step::Send),
    way(&[], Step::Say("!answer --at 2d It is on its way")),
    way(&[Step::Say("!answer It is on its way")], Step::Say("!send")),
    way(&[Step::Say("!answer It is on its way")], Step::Edit("!answer It is there")),
    way(&[Step::Say("!answer It is on its way")], Step::Redact),
    way(&[Step::Say("!answer It is on its way")], Step::Say("!undo")),
    way(&[], Step::Say("!forward NUMBER@vendor.test Do you know this?")),
    way(&[], Step::Say("!close It is there")),
    way(&[Step::Say("!close")], Step::Say("!reopen")),
    way(&[Step::Say("!close")], Step::Say("!state open")),
    way(&[], Step::Say("!customer c1@customer.test")),
    way(&[], Step::Say("!cc +c2@customer.test")),
    way(&[], Step::Say("!page revoke")),
    way(&[], Step::Say("!merge --yes OTHER")),
    way(&[Step::Say("!merge --yes OTHER")], Step::Say("!unmerge")),
    way(&[Step::Mail(Post::ByReference)], Step::ToMail("!split")),
    way(&[], Step::Say("!move grown8")),
    way(&[], Step::Say("!pending 2d")),
    way(&[], Step::Say("!priority 5")),
    way(&[], Step::Say("!subject Where is it?")),
    way(&[], Step::Say("!tag late")),
    way(&[Step::Say("!tag late")], Step::Say("!untag late")),
    way(&[], Step::Say("!watch")),
    way(&[Step::Say("!watch")], Step::Say("!unwatch")),
    way(&[], Step::Say("!link OTHER")),
    way(&[Step::Say("!link OTHER")], Step::Say("!unlink OTHER")),
    way(&[Step::Say("!priority 5")], Step::Say("!undo")),
    way(&[], Step::InRoom("!new NUMBER@customer.test --subject Order It is on its way")),
    way(&[], Step::InHome("!notify")),
    way(&[Step::AdminsHome("!agent add @alice:desk.test --mail alice@agents.test")], Step::InHome("!notify mail")),
    way(&[Step::InHome("!notify mail")], Step::Mail(Post::ByReference)),
    way(&[], Step::InHome("!notify off")),
    way(&[Step::AlertToken], Step::Alerts("firing")),
    way(&[Step::AlertToken, Step::Alerts("firing")], Step::Alerts("resolved")),
    list(Step::Get("/tickets?limit=50")).behind(&[Step::Token]),
    list(Step::Get("/tickets?limit=50&queue=grown1&state=new,open&owner=none")).behind(&[Step::Token]),
    list(Step::Get("/tickets?limit=50&customer=c1@customer.test")).behind(&[Step::Token]),
    list(Step::Get("/tickets?limit=50&owner=me")).behind(&[Step::Token]),
    list(Step::Get("/tickets/NUMBER")).behind(&[Step::Token]),
    list(Step::Get("/tickets/NUMBER/articles")).behind(&[Step::Token]),
    list(Step::Get("/events?limit=200")).behind(&[Step::Token]),
    Operation { kind: Kind::Search, before: &[Step::Token], does: Step::Get("/tickets?q=late") },
    way(&[Step::Token], Step::Post("/tickets/NUMBER/notes", r#"{"text": "It is late"}"#)),
    way(&[Step::Token], Step::Post("/tickets/NUMBER/answers", r#"{"text": "It is on its way"}"#)),
    way(&[Step::Token], Step::Post("/tickets/NUMBER/lock", "{}")),
    way(&[], Step::InHome("!away 2d")),
    way(&[Step::InHome("!away 2d")], Step::InHome("!back")),
    way(&[], Step::Say("!why")),
    way(&[], Step::Say("!raw")),
    way(&[], Step::Say("!spam")),
    way(&[], Step::ToEntry("!accept")),
    way(&[], Step::ToEntry("!attach NUMBER")),
    way(&[], Step::ToEntry("!drop")),
    way(&[], Step::ReactToEntry("🚫")),
    way(&[], Step::InRoom("!block NUMBER@machine.test")),
    way(&[Step::InRoom("!block NUMBER@machine.test")], Step::InRoom("!unblock NUMBER@machine.test")),
    way(&[], Step::InHome("!zoom NUMBER")),
    way(&[], Step::InHome("!help")),
    way(&[], Step::Card),
    way(&[Step::Card], Step::Boards),
    way(&[Step::Mail(Post::ByReference)], Step::Page),
    look(Step::Lease),
    look(Step::NextDue),
    way(&[], Step::Orphans),
    way(&[], Step::Number),
    list(Step::Feed),
    // A word in all articles, in one of a hundred, in one of a thousand, in a few, and in none.
    search("!search late"),
    search("!search modi"),
    search("!search ngkzuta"),
    search("!search orfrodibasus"),
    search("!search nobodywrotethis"),
    search("!search NUMBER"),
    search("!search modi gege"),
    search("!search orfrodibasus late"),
    search("!search arrived -nowhere late"),
    search("!search \"where is it\""),
    search("!search \"late modi\""),
    // What sixty words begin with, and a thousand; what some have in the middle, and ten thousand.
    search("!search orfxodi"),
    search("!search orfba"),
    search("!search rodibas"),
    search("!search gkf"),
    search("!search late odibas"),
    search("!search 印刷機"),
    search("!search 刷"),
    search("!search late state:new"),
    search("!search state:open tag:vip"),
    search("!search state:removed queue:grown8"),
    search("!search state:closed before:2024-01-01"),
    search("!search owner:alice"),
    search("!search from:c1@customer.test"),
    search("!search tag:vip"),
    search("!search after:2026-11-01"),
    list(Step::Say("!history")),
    list(Step::InRoom("!queue")),
    list(Step::InRoom("!queue all")),
    list(Step::InHome("!queue")),
    list(Step::InHome("!queue all")),
    list(Step::InHome("!mine")),
    Operation { kind: Kind::List, before: &[Step::InHome("!queue all")], does: Step::InHome("!more") },
    Operation { kind: Kind::List, before: &[Step::InRoom("!quarantine")], does: Step::InRoom("!more") },
    list(Step::InHome("!queues")),
    list(Step::InHome("!templates")),
    list(Step::AdminsHome("!agent list")),
    list(Step::AdminsHome("!template set late It is late.")),
    list(Step::AdminsHome("!signature set support Alice")),
    list(Step::AdminsHome("!webhook list")),
    list(Step::AdminsHome("!jobs")),
    list(Step::AdminsHome("!health")),
    list(Step::InRoom("!stats month")),
    list(Step::InHome("!stats day")),
    list(Step::InRoom("!quarantine")),
    Operation { kind: Kind::Count, before: &[], does: Step::Metrics },
];

impl Operation {
    const fn behind(self, before: &'static [Step]) -> Self {
        Self { kind: self.kind, before, does: self.does }
    }

    /// What a table calls it.
    pub(crate) fn name(&self) -> String {
        let after = self.before.first().map(|step| format!(" after {}", step.name())).unwrap_or_default();
        format!("{}{after}", self.does.name())
    }

    /// The command that it is.
    pub(crate) fn verb(&self) -> Option<&'static str> {
        let (Step::Say(words)
        | Step::InRoom(words)
        | Step::InHome(words)
        | Step::AdminsHome(words)
        | Step::ToEntry(words)
        | Step::ToMail(words)) = self.does
        else {
            return None;
        };
        words.strip_prefix('!')?.split(' ').next()
    }
}

impl Step {
    fn name(self) -> String {
        match self {
            Self::Say(words) if words.starts_with('!') => words.to_owned(),
            Self::Say(_) => "note".to_owned(),
            Self::InRoom(words) => format!("{words} (room)"),
            Self::InHome(words) => format!("{words} (direct room)"),
            Self::AdminsHome(words) => format!("{words} (an admin's direct room)"),
            Self::ToEntry(words) => format!("{words} (entry)"),
            Self::ToMail(words) => format!("{words} (mail)"),
            Self::React(key) => format!("{key} on the card"),
            Self::ReactToEntry(key) => format!("{key} on an entry"),
            Self::ToUnknown(_) => "reply to what nobody knows".to_owned(),
            Self::Mail(post) => format!("mail {post:?}"),
            Self::Get(path) => format!("GET {path}"),
            Self::Post(path, _) => format!("POST {path}"),
            other => format!("{other:?}"),
        }
    }
}

/// A ticket and what belongs to it, not used by anything else.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    case: Case,
    /// Another ticket's number.
    other: String,
    address: String,
    customer: String,
    /// The Message-ID of a mail of ours in it.
    message_id: String,
    /// A quarantine entry and its room.
    entry: (EventId, RoomId),
    /// What was written last.
    said: Option<EventId>,
    /// What was mailed last, in and out.
    came: Option<Eml>,
    sent: Option<Sent>,
    /// A program's token, or the path at which alerts come in.
    token: String,
}

/// Of a ticket that waits for a decision about a held mail, which stands in the way of others.
const HOLDS: &str =
    "exists (select from article as held where held.ticket_id = ticket.ticket_id and held.visibility = 'held')";

/// Open tickets that nobody has locked, the longest first, each with a quarantine entry that nobody has decided about.
pub(crate) async fn subjects(w: &World, most: usize) -> Vec<Subject> {
    let rows = w
        .rows(&format!(
            "select ticket.ticket_id || ' ' || queue.address || ' ' || customer.address || ' ' || message_id
             from ticket join queue using (queue_id) join customer using (customer_id)
                  join letter on letter.ticket_id = ticket.ticket_id join article using (article_id)
             where ticket.state in ('new', 'open') and owner_id is null and priority <> 5 and seq = 2 and not {HOLDS}
               and queue.name <> 'grown8'
             order by ticket.articles desc, ticket.ticket_id limit {most}"
        ))
        .await;
    let entries = w
        .rows(&format!(
            "select event_id || ' ' || room_id from projection join quarantine on quarantine_id = subject_id
             where purpose = 'quarantine entry' and outcome is null order by hashint8(quarantine_id) limit {most}"
        ))
        .await;
    let others = "select number from ticket where state = 'closed successful'";
    let others = w.rows(&format!("{others} and not {HOLDS} order by ticket_id limit {most}")).await;
    let mut subjects = Vec::new();
    for ((row, other), entry) in rows.iter().zip(others).zip(&entries) {
        let [ticket, address, customer, message_id] = words(row);
        let [event, room] = words(entry);
        subjects.push(Subject {
            case: w.case(ticket).await,
            other,
            address: address.to_owned(),
            customer: customer.to_owned(),
            message_id: message_id.to_owned(),
            entry: (EventId::parse(event).expect("an event"), RoomId::parse(room).expect("a room")),
            said: None,
            came: None,
            sent: None,
            token: String::new(),
        });
    }
    subjects
}

fn words<const N: usize>(row: &str) -> [&str; N] {
    row.split(' ').collect::<Vec<_>>().try_into().expect("as many words")
}

/// Does what has to be so before an operation.
pub(crate) async fn prepare(w: &World, operation: &Operation, subject: &mut Subject) {
    for step in operation.before {
        step.take(w, subject).await;
    }
}

/// Does it, and all that follows from it.
pub(crate) async fn perform(w: &World, operation: &Operation, subject: &mut Subject) {
    operation.does.take(w, subject).await;
}

/// Does what is still held, so that it comes into nobody else's time; and the clock moves on, so that no hour has too many
/// mails.
pub(crate) async fn calm(w: &World) {
    Step::let_go(w).await;
    w.settle().await;
    w.tick(std::time::Duration::from_mins(10));
}

impl Step {
    async fn take(self, w: &World, subject: &mut Subject) {
        match self {
            Self::Say(words) => subject.write(w, ALICE, None, |s| text(&s.fill(words), Some(&s.case.root))).await,
            Self::InRoom(words) => subject.write(w, ROOT, None, |s| text(&s.fill(words), None)).await,
            Self::InHome(words) => subject.write(w, ALICE, Some(w.dm(ALICE)), |s| text(&s.fill(words), None)).await,
            Self::AdminsHome(words) => subject.write(w, ROOT, Some(w.dm(ROOT)), |s| text(&s.fill(words), None)).await,
            Self::ToEntry(words) => {
                let room = Some(subject.entry.1.clone());
                subject.write(w, ALICE, room, |s| reply(&s.fill(words), &s.entry.0)).await;
            }
            Self::ToMail(words) => {
                let newest = "select event_id from article where kind = 'mail' and ticket_id =";
                let mail = w.rows(&format!("{newest} {} order by seq desc limit 1", subject.case.id)).await.remove(0);
                let mail = EventId::parse(&mail).expect("an event");
                subject.write(w, ALICE, None, |_| reply(words, &mail)).await;
            }
            Self::ToUnknown(words) => {
                let unknown = EventId::parse(&format!("$unknown{}:desk.test", subject.case.id)).expect("an event");
                subject.write(w, ALICE, None, |_| reply(words, &unknown)).await;
            }
            Self::Edit(words) => subject.write(w, ALICE, None, |s| s.edit(words)).await,
            Self::React(key) => {
                let told = w.react(ALICE, &subject.case.room, &subject.case.root, key).await;
                assert_eq!(told.marks(), "", "{}", told.answer());
            }
            Self::ReactToEntry(key) => {
                let (entry, room) = &subject.entry;
                w.react(ALICE, room, entry, key).await;
            }
            Self::Redact => {
                let said = subject.said.clone();
                w.event(ALICE, &subject.case.room, "m.room.redaction", json!({ "redacts": said })).await;
                w.settle().await;
            }
            Self::Mail(post) => subject.deliver(w, post).await,
            Self::Send => {
                let before = w.mailer.arrived().len();
                Self::let_go(w).await;
                w.settle().await;
                subject.sent = Some(w.newest_mail());
                assert!(w.mailer.arrived().len() > before, "nothing was sent");
            }
            Self::Page => subject.look(w).await,
            Self::Token => subject.token = w.program(ALICE, "read,note,write,mail", &[]).await.token,
            Self::Get(path) => {
                let program = w.program_with(&subject.token, NonZeroU32::MAX);
                program.get(&subject.fill(path)).await.json(200);
            }
            Self::Post(path, body) => {
                let program = w.program_with(&subject.token, NonZeroU32::MAX);
                let answer = program.send(&Method::POST, &subject.fill(path), Body::from(body)).await;
                assert!(answer.status < 300, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
                w.settle().await;
            }
            Self::AlertToken => {
                let said = w.administer(Command::Token(TokenCommand::Alerts { queue: "support".to_owned() })).await;
                let path = said.expect("a token").lines().next().expect("a line").replace("/api/v1", "");
                subject.token = path;
            }
            Self::Alerts(status) => {
                let group = &subject.case.number;
                let body = json!({ "groupKey": group, "status": status, "groupLabels": { "alertname": "Late" },
                    "alerts": [{ "status": status, "fingerprint": group, "labels": { "alertname": "Late" } }] });
                let program = w.program_with("", NonZeroU32::MAX);
                program.post(&subject.token, body).await.json(200);
                w.settle().await;
            }
            other => other.ask(w, subject.case.id).await,
        }
    }

    async fn ask(self, w: &World, ticket: i64) {
        match self {
            Self::Card => {
                let mut tx = w.store.begin().await.expect("a transaction");
                tx.enqueue(Card { ticket: TicketId(ticket) });
                tx.commit().await.expect("a commit");
                w.settle().await;
            }
            Self::Boards => {
                // They wait for a moment, and then the homes for theirs.
                for _ in 0..2 {
                    let boards = "name like 'board:%' or name like 'home:%'";
                    w.sql(&format!(
                        "update job set run_at = now() where lane_id in (select lane_id from lane where {boards})"
                    ))
                    .await;
                    w.sql(&format!("update lane set due = now() where {boards}")).await;
                    w.settle().await;
                }
            }
            Self::Lease => {
                for class in Class::ALL {
                    let leased = w.store.lease(class, 16).await.expect("an answer");
                    // Boards may have come due just now.
                    let others = leased.iter().filter(|leased| !leased.job.kind().ends_with("Board"));
                    assert_eq!(others.count(), 0, "all that is due is done: {leased:?}");
                }
            }
            Self::NextDue => {
                let due = w.store.next_due().await.expect("an answer");
                assert!(due[Class::Mail as usize].is_some_and(|due| !due.is_zero()), "{due:?}");
            }
            Self::Orphans => {
                let orphans: HashSet<_> = w.store.orphans().await.expect("an answer");
                assert!(orphans.is_empty());
            }
            Self::Number => {
                assert!(w.desk.tell_events().await.expect("numbers") > 0);
            }
            Self::Feed => {
                let mut tx = w.store.begin().await.expect("a transaction");
                let page = tx.feed().after(FeedId(0), 200, None).await.expect("a page");
                assert_eq!(page.events.len(), 200);
            }
            _ => {
                let backlog = w.store.backlog().await.expect("an answer");
                assert!(backlog.classes.iter().all(|class| class.waiting > 0), "{backlog:?}");
            }
        }
    }

    /// What was put off for a moment is due now.
    async fn let_go(w: &World) {
        w.sql(
            "with near as (
                 update lane set due = now()
                 where class in ('intake', 'command', 'chat', 'mail') and rank in (0, 1)
                   and due > now() and due < now() + interval '1 hour' returning lane_id)
             update job set run_at = now() from near where job.lane_id = near.lane_id",
        )
        .await;
    }
}

impl Subject {
    fn fill(&self, words: &str) -> String {
        words.replace("NUMBER", &self.case.number).replace("OTHER", &self.other)
    }

    /// Somebody writes, in the ticket's room or elsewhere, and it is not refused.
    async fn write(&mut self, w: &World, who: &str, room: Option<RoomId>, content: impl Fn(&Self) -> Value) {
        let room = room.unwrap_or_else(|| self.case.room.clone());
        let told = w.message(who, &room, content(self)).await;
        assert!(!told.marks().contains('❌'), "{}: {self:?}", told.answer());
        self.said = Some(told.event);
    }

    /// An edit of what was written last.
    fn edit(&self, words: &str) -> Value {
        json!({
            "msgtype": "m.text", "body": format!("* {words}"), "m.new_content": { "msgtype": "m.text", "body": words },
            "m.relates_to": { "rel_type": "m.replace", "event_id": self.said },
        })
    }

    async fn deliver(&mut self, w: &World, post: Post) {
        let mail = self.mail(post);
        let id = w.deliver(&mail).await;
        let fate = if matches!(post, Post::OfMachine) { "quarantined" } else { "article" };
        let fate = if matches!(post, Post::Again) { "duplicate" } else { fate };
        assert_eq!(w.fate(id).await, fate, "{post:?}");
        self.came = Some(mail);
    }

    fn mail(&self, post: Post) -> Eml {
        let tag = format!("Re: [Ticket#{}] It is late", self.case.number);
        let references: Vec<String> = (0..30).map(|n| format!("<unknown{n}@elsewhere.test>")).collect();
        let new = |from: &str, subject: &str| Eml::new(from, subject, "Where is it?").to(&self.address);
        match post {
            Post::OfCustomer => new(&self.customer, "It is late"),
            Post::OfNewcomer => new(&format!("new{}@customer.test", self.case.id), "It is late"),
            Post::ToSignedAddress => Eml::reply(self.sent.as_ref().expect("a mail went out"), "Where is it?"),
            Post::ByReference => new(&self.customer, "Re: It is late")
                .header("In-Reply-To", &format!("<{}>", self.message_id))
                .header("References", &format!("{} <{}>", references.join(" "), self.message_id)),
            Post::ByTag => new(&self.customer, &tag),
            Post::OfStranger => new(&format!("stranger{}@customer.test", self.case.id), &tag),
            Post::OfMachine => {
                new("monitor1@machine.test", "Disk full").envelope_from("").header("Auto-Submitted", "auto-generated")
            }
            Post::Bounce => self.bounce(),
            Post::Again => {
                let before = self.came.clone().expect("a mail came before");
                before.header("X-Transport", "another one")
            }
        }
    }

    /// Its customer follows the link in the newest mail that they got.
    async fn look(&self, w: &World) {
        let newest = "select letter_id from letter where forward is null and state = 'sent' and ticket_id =";
        let letter = w.count(&format!("{newest} {} order by letter_id desc limit 1", self.case.id)).await;
        let keys = w.store.begin().await.expect("a transaction").desk().keys().await.expect("keys");
        let page = w.follow(&format!("/t/{}", keys.page_token(LetterId(letter)).expect("a key"))).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }

    /// A delivery report on what was mailed last.
    fn bounce(&self) -> Eml {
        let sent = self.sent.as_ref().expect("a mail went out");
        let body = format!(
            "--=r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.test\r\n\r\n\
             Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--=r--\r\n",
            sent.to
        );
        Eml::new("MAILER-DAEMON@mx.customer.test", "Undelivered Mail Returned to Sender", &body)
            .to(sent.envelope_from.as_deref().expect("a signed sender"))
            .envelope_from("")
            .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"=r\"")
    }
}

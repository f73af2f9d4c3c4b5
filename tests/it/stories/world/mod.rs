//! The world of a story: one desk, two queues, its people, and the clock in hand.
//!
//! Everything runs through the front door: mails and events are accepted into the record as the
//! adapters do it, and [`World::settle`] lets the production's workers do all that is due.

mod chance;
mod chat;
mod database;
mod eml;
mod page;
mod post_office;
mod program;
mod shelf;
mod telling;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use ticketloom::desk::{Desk, Settings};
use ticketloom::dispatch::{Reading, Sending, Speaking};
use ticketloom::domain::id::{EmailAddress, EventId, MailId, RoomId, UserId};
use ticketloom::domain::language::Language;
use ticketloom::domain::queue::{Intake, Machines, Posting, Role};
use ticketloom::domain::room::Purpose;
use ticketloom::domain::time::Clock;
use ticketloom::mail::compose::MailComposer;
use ticketloom::mail::reader::Reader;
use ticketloom::store::Store;
use ticketloom::store::intake::{Accepted, DeliveryKey, Heard, NewEvent, NewMail, Route};
use ticketloom::store::jobs::Class;
use ticketloom::store::objects::Objects;
use ticketloom::store::queues::NewQueue;
use ticketloom::worker;

pub(crate) use chance::Chance;
pub(crate) use chat::{Entry, FakeChat, Shown, Trouble};
pub(crate) use database::Database;
pub(crate) use eml::Eml;
pub(crate) use page::{Answered, Form};
pub(crate) use post_office::{FakeMailer, Sent};
pub(crate) use program::{Program, Returned};
pub(crate) use shelf::Shelf;
pub(crate) use telling::Told;

pub(crate) const ALICE: &str = "@alice:desk.test";
pub(crate) const BOB: &str = "@bob:desk.test";
pub(crate) const ROOT: &str = "@root:desk.test";
/// Invited, and no agent.
pub(crate) const WALTER: &str = "@walter:desk.test";
/// In the room somehow, and unknown.
pub(crate) const STRANGER: &str = "@eve:elsewhere.test";
pub(crate) const CAROL: &str = "carol@customer.test";
pub(crate) const DAVE: &str = "dave@customer.test";

/// How long answers are held here.
pub(crate) const HOLD: Duration = Duration::from_secs(10);
/// How many tickets an hour one address may open here.
pub(crate) const BURST: u16 = 20;
/// How many automatic mails an hour the desk writes here.
pub(crate) const AUTOMATIC: u16 = 40;
/// How many mails are read at the same time here, as in a running desk.
pub(crate) const READERS: usize = 4;
/// How long until a mail of unknown fate is sent again.
pub(crate) const RETRY_UNKNOWN: Duration = Duration::from_mins(15);

/// One desk and all that is around it.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) store: Store,
    pub(crate) chat: Arc<FakeChat>,
    pub(crate) mailer: Arc<FakeMailer>,
    pub(crate) database: Database,
    clock: Arc<ManualClock>,
    sql: tokio::sync::Mutex<PgConnection>,
    is_finished: bool,
}

/// A ticket with its card.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: i64,
    pub(crate) number: String,
    pub(crate) room: RoomId,
    pub(crate) root: EventId,
}

/// A clock that moves when it is told to.
#[derive(Debug)]
struct ManualClock(Mutex<DateTime<Utc>>);

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("nobody panicked here")
    }
}

impl World {
    /// An open desk.
    pub(crate) async fn new() -> Self {
        Self::believing(None).await
    }

    /// An open desk that believes what a mail server of that name says of senders.
    pub(crate) async fn believing(authserv_id: Option<&str>) -> Self {
        let world = Self::on(Database::new().await, authserv_id).await;
        world.furnish().await;
        world
    }

    /// An open desk that keeps files in an object store.
    pub(crate) async fn keeping_files_in(objects: Objects) -> Self {
        let world = Self::on_with(Database::new().await, None, |store| store.with_objects(objects)).await;
        world.furnish().await;
        world
    }

    /// The desk of a record that is there already.
    pub(crate) async fn on(database: Database, authserv_id: Option<&str>) -> Self {
        Self::on_with(database, authserv_id, |store| store).await
    }

    async fn on_with(database: Database, authserv_id: Option<&str>, with: impl FnOnce(Store) -> Store) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).single().expect("a moment");
        let clock = Arc::new(ManualClock(Mutex::new(start)));
        let store = Store::connect(&database.url, 4).await.expect("the story's database");
        let store = with(store.with_clock(Arc::clone(&clock) as _));
        let settings = Settings {
            bot: user("@tickets:desk.test"),
            prefix: "!".to_owned(),
            answer_delay: HOLD,
            burst: BURST,
            automatic_an_hour: AUTOMATIC,
            system_id: 10,
            name: "Desk".to_owned(),
            federate: false,
            retry_unknown: RETRY_UNKNOWN,
            page: Some("https://help.test".to_owned()),
            authserv_id: authserv_id.map(ToOwned::to_owned),
        };
        let desk = Desk::new(store.clone(), Arc::new(MailComposer), settings);
        let sql = PgConnection::connect(&database.url).await.expect("the story's database");
        let (chat, mailer) = (Arc::default(), Arc::default());
        Self { desk, store, chat, mailer, database, clock, sql: sql.into(), is_finished: false }
    }

    /// Leaves the record as it is, jobs and all.
    pub(crate) async fn leave(mut self) -> Database {
        self.is_finished = true;
        self.store.close().await;
        self.database.clone()
    }

    async fn furnish(&self) {
        let mut tx = self.store.begin().await.expect("a transaction");
        for (name, title) in [("support", "Support"), ("billing", "Billing")] {
            let address = EmailAddress::parse(&format!("{name}@desk.test")).expect("an address");
            let (intake, posting) = (Intake::Lmtp, Posting::Members);
            let (name, title, language) = (name.to_owned(), title.to_owned(), Language::En);
            let machines = Machines::Quarantine;
            let queue = NewQueue { name, title, address, intake, posting, language, machines, encrypted: false };
            tx.queues().add(&queue).await.expect("a queue");
        }
        for queue in tx.queues().all().await.expect("the queues") {
            tx.rooms().set(Purpose::Queue(queue.id), &self.room(&queue.name)).await.expect("its room");
        }
        for (who, role) in [(ALICE, Role::Agent), (BOB, Role::Agent), (ROOT, Role::Admin), (WALTER, Role::Observer)] {
            let id = tx.agents().put(&user(who), role, &[]).await.expect("an agent");
            tx.rooms().set(Purpose::Home(id), &self.dm(who)).await.expect("their room");
        }
        tx.commit().await.expect("a furnished desk");
    }

    /// A queue's room.
    #[expect(clippy::unused_self, reason = "the world has its rooms")]
    pub(crate) fn room(&self, queue: &str) -> RoomId {
        RoomId::parse(&format!("!{queue}:desk.test")).expect("a room id")
    }

    /// Somebody's room with the bot.
    #[expect(clippy::unused_self, reason = "the world has its rooms")]
    pub(crate) fn dm(&self, who: &str) -> RoomId {
        RoomId::parse(&format!("!dm-{}:desk.test", user(who).localpart())).expect("a room id")
    }

    // ---- Mail

    /// A mail to support comes in, and all that follows from it is done.
    pub(crate) async fn mail(&self, from: &str, subject: &str, text: &str) -> MailId {
        self.deliver(&Eml::new(from, subject, text)).await
    }

    /// A mail from Carol becomes a ticket.
    pub(crate) async fn ticket(&self, subject: &str) -> Case {
        let mail = self.mail(CAROL, subject, "It smokes.").await;
        self.case_of(mail).await
    }

    /// The customer answers a mail of ours.
    pub(crate) async fn reply_to(&self, sent: &Sent, text: &str) -> MailId {
        self.deliver(&Eml::reply(sent, text)).await
    }

    /// A mail comes in, and all that follows from it is done.
    pub(crate) async fn deliver(&self, mail: &Eml) -> MailId {
        let id = self.mail_raw(&mail.bytes(), &mail.recipient, &mail.envelope_from).await;
        id.expect("a mail that was not here before")
    }

    /// Bytes come in by LMTP, and all that follows from them is done; `None` if they were here before.
    pub(crate) async fn mail_raw(&self, raw: &[u8], recipient: &str, envelope_from: &str) -> Option<MailId> {
        let accepted = self.accept(raw, recipient, envelope_from, DeliveryKey::of_bytes(recipient, raw)).await;
        self.settle().await;
        accepted
    }

    /// Bytes come in, and nothing is done with them yet.
    pub(crate) async fn accept(&self, raw: &[u8], recipient: &str, from: &str, key: DeliveryKey) -> Option<MailId> {
        let address = EmailAddress::parse(recipient).expect("an address");
        let queue = self.store.queue_for_address(&address).await.expect("an answer").expect("a queue");
        let (recipient, envelope_from, raw) = (recipient.to_owned(), Some(from.to_owned()), raw.to_vec().into());
        let mail = NewMail { queue, route: Route::Lmtp, recipient, envelope_from, raw, left_behind: None, key };
        let accepted = self.store.accept_mails(vec![mail]).await.expect("accepted");
        match accepted[0] {
            Accepted::New(id) => Some(id),
            Accepted::Again => None,
        }
    }

    /// The mails that customers got, oldest first.
    pub(crate) fn outbox(&self) -> Vec<Sent> {
        self.mailer.arrived()
    }

    /// The newest mail that customers got.
    pub(crate) fn newest_mail(&self) -> Sent {
        self.outbox().pop().expect("a mail went out")
    }

    // ---- People

    /// Somebody writes in a ticket's thread, and all that follows is done.
    pub(crate) async fn say(&self, who: &str, case: &Case, words: &str) -> Told<'_> {
        self.message(who, &case.room, text(words, Some(&case.root))).await
    }

    /// Somebody writes in a room, outside of threads.
    pub(crate) async fn say_in(&self, who: &str, room: &RoomId, words: &str) -> Told<'_> {
        self.message(who, room, text(words, None)).await
    }

    /// Somebody sends a message of any content.
    pub(crate) async fn message(&self, who: &str, room: &RoomId, content: Value) -> Told<'_> {
        let event = self.event(who, room, "m.room.message", content).await;
        self.settle().await;
        Told { world: self, room: room.clone(), event }
    }

    /// Somebody reacts.
    pub(crate) async fn react(&self, who: &str, room: &RoomId, to: &EventId, key: &str) -> Told<'_> {
        let relation = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": to, "key": key } });
        let event = self.event(who, room, "m.reaction", relation).await;
        self.settle().await;
        Told { world: self, room: room.clone(), event }
    }

    /// Somebody edits what was said.
    pub(crate) async fn edit(&self, who: &str, of: &Told<'_>, words: &str) {
        let content = json!({
            "msgtype": "m.text", "body": format!("* {words}"), "m.new_content": { "msgtype": "m.text", "body": words },
            "m.relates_to": { "rel_type": "m.replace", "event_id": of.event },
        });
        self.message(who, &of.room, content).await;
    }

    /// Somebody takes back what was said.
    pub(crate) async fn redact(&self, who: &str, of: &Told<'_>) {
        self.event(who, &of.room, "m.room.redaction", json!({ "redacts": of.event })).await;
        self.settle().await;
    }

    /// Somebody takes a message of the bot's away.
    pub(crate) async fn redact_post(&self, who: &str, room: &RoomId, event: &EventId) {
        self.event(who, room, "m.room.redaction", json!({ "redacts": event })).await;
        self.settle().await;
    }

    /// What somebody wrote in a ticket's thread a while ago comes in, and all that follows is done.
    pub(crate) async fn say_late(&self, who: &str, case: &Case, words: &str, written: DateTime<Utc>) -> Told<'_> {
        let content = text(words, Some(&case.root));
        let event = self.event_of(who, &case.room, "m.room.message", (content, written)).await;
        self.settle().await;
        Told { world: self, room: case.room.clone(), event }
    }

    /// An event comes in, and nothing is done with it yet.
    pub(crate) async fn event(&self, who: &str, room: &RoomId, kind: &str, content: Value) -> EventId {
        self.event_of(who, room, kind, (content, self.store.now())).await
    }

    /// An event comes in that was sent at that time.
    async fn event_of(&self, who: &str, room: &RoomId, kind: &str, (content, sent): (Value, DateTime<Utc>)) -> EventId {
        let thread = content["m.relates_to"]["event_id"].as_str().and_then(EventId::parse);
        let words = match kind {
            "m.room.message" => content["body"].as_str().unwrap_or_default().to_owned(),
            "m.reaction" => content["m.relates_to"]["key"].as_str().unwrap_or_default().to_owned(),
            _ => "(redacts)".to_owned(),
        };
        let id = self.chat.people(room, who, thread.as_ref(), &words);
        let sent = sent.timestamp_millis();
        let body = json!({ "type": kind, "event_id": id, "sender": who, "origin_server_ts": sent, "content": content });
        let body = body.to_string();
        let event = NewEvent { id: id.clone(), room: room.clone(), sender: user(who), body };
        let new = self
            .store
            .accept_events("story", None, Heard { events: &[event], ..Heard::default() })
            .await
            .expect("accepted");
        assert_eq!(new, 1, "the event was here before");
        id
    }

    // ---- Time and work

    /// Lets the workers do everything that is due.
    pub(crate) async fn settle(&self) {
        let reading = Arc::new(Reading { desk: self.desk.clone(), reader: Reader::in_process() });
        let speaking = Arc::new(Speaking { desk: self.desk.clone(), chat: Arc::clone(&self.chat) as _, held: None });
        let sending = Arc::new(Sending { desk: self.desk.clone(), mailer: Arc::clone(&self.mailer) as _ });
        loop {
            let mut taken = self.run(Class::Intake, Arc::clone(&reading) as _).await;
            taken += self.run(Class::Command, Arc::clone(&reading) as _).await;
            taken += self.run(Class::Mail, Arc::clone(&sending) as _).await;
            taken += self.run(Class::Chat, Arc::clone(&speaking) as _).await;
            if taken == 0 {
                return;
            }
        }
    }

    /// Lets only what needs nobody else be done.
    pub(crate) async fn settle_desk(&self) {
        let reading = Arc::new(Reading { desk: self.desk.clone(), reader: Reader::in_process() });
        self.run(Class::Intake, Arc::clone(&reading) as _).await;
        self.run(Class::Command, reading).await;
    }

    /// Lets only mail be sent.
    pub(crate) async fn run_mail(&self) {
        let sending = Arc::new(Sending { desk: self.desk.clone(), mailer: Arc::clone(&self.mailer) as _ });
        self.run(Class::Mail, sending).await;
    }

    /// Lets only what is shown be done.
    pub(crate) async fn run_chat(&self) {
        let speaking = Arc::new(Speaking { desk: self.desk.clone(), chat: Arc::clone(&self.chat) as _, held: None });
        self.run(Class::Chat, speaking).await;
    }

    async fn run(&self, class: Class, work: Arc<dyn worker::Work>) -> usize {
        worker::run_until_idle(Arc::new(self.store.clone()), class, READERS, work).await.expect("work")
    }

    /// Time passes, and all that is due then is done.
    pub(crate) async fn pass(&self, time: Duration) {
        self.wait(time).await;
        self.settle().await;
    }

    /// Time passes, and nobody works: the clock of the rules moves on, and jobs, which go by PostgreSQL's, come nearer.
    pub(crate) async fn wait(&self, time: Duration) {
        self.tick(time);
        let back = format!("make_interval(secs => {})", time.as_secs_f64());
        self.sql(&format!("update job set run_at = run_at - {back}, created_at = created_at - {back}")).await;
        self.sql(&format!("update lane set due = due - {back}")).await;
    }

    /// The clock of the rules moves on, and nothing else.
    pub(crate) fn tick(&self, time: Duration) {
        let delta = chrono::Duration::from_std(time).expect("a span of time");
        *self.clock.0.lock().expect("nobody panicked here") += delta;
    }

    /// The story is told: no job may be left over, ready or dead, but for boards, which wait for a moment, and every card must
    /// be true.
    pub(crate) async fn finish(self) {
        self.cards_are_true().await;
        self.finish_with_stale_cards().await;
    }

    /// The same after a story that changed tickets behind the desk's back.
    pub(crate) async fn finish_with_stale_cards(mut self) {
        let left = self
            .rows(
                "select kind || ' ready' || coalesce(': ' || last_error, '') from job where kind not in ('QueueBoard', 'HomeBoard', 'QuarantineDay')
                 union all select kind || ' dead' || coalesce(': ' || error, '') from dead_job",
            )
            .await;
        assert!(left.is_empty(), "jobs are left over: {left:?}");
        assert_eq!(
            self.count("select count(*) from lane where name !~ '^(board|home|quarantine day):'").await,
            0,
            "a lane is left over"
        );
        let waiting = self.count("select count(*) from mail_in where fate = 'waiting'").await;
        assert_eq!(waiting, 0, "mails are left over");
        self.is_finished = true;
        self.store.close().await;
        self.database.drop_it().await;
    }

    // ---- The record

    /// Changes the record by hand.
    pub(crate) async fn sql(&self, statement: &str) {
        self.try_sql(statement).await.expect("a statement that works");
    }

    /// Tries to change the record by hand.
    pub(crate) async fn try_sql(&self, statement: &str) -> Result<(), sqlx::Error> {
        let mut sql = self.sql.lock().await;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *sql).await.map(|_| ())
    }

    /// A query's one column of text.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        let mut sql = self.sql.lock().await;
        let query = AssertSqlSafe(format!("select it::text from ({query}) as one (it)"));
        let rows: Vec<Option<String>> = sqlx::query_scalar(query).fetch_all(&mut *sql).await.expect("rows");
        rows.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// A query's one value.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        self.rows(query).await[0].parse().expect("a number")
    }

    /// The ticket that a mail is an article of.
    pub(crate) async fn case_of(&self, mail: MailId) -> Case {
        let ids = self.rows(&format!("select ticket_id from article where mail_id = {mail}")).await;
        assert_eq!(ids.len(), 1, "the mail became {}", self.fate(mail).await);
        self.case(&ids[0]).await
    }

    /// The one ticket there is.
    pub(crate) async fn only_case(&self) -> Case {
        let ids = self.rows("select ticket_id from ticket").await;
        assert_eq!(ids.len(), 1, "tickets");
        self.case(&ids[0]).await
    }

    /// The same ticket where it is now: it may have been moved.
    pub(crate) async fn where_it_is(&self, case: &Case) -> Case {
        self.case(&case.id.to_string()).await
    }

    /// A ticket with a card.
    pub(crate) async fn case(&self, id: &str) -> Case {
        let query = format!(
            "select ticket_id || ' ' || number || ' ' || room_id || ' ' || event_id
             from ticket join projection on projection.purpose = 'card' and subject_id = ticket_id join room using (queue_id, room_id)
             where ticket_id = {id}"
        );
        let row = self.rows(&query).await;
        let mut row = row.first().expect("a ticket with a card").split(' ');
        let mut next = || row.next().expect("a column");
        Case {
            id: next().parse().expect("an id"),
            number: next().to_owned(),
            room: RoomId::parse(next()).expect("a room"),
            root: EventId::parse(next()).expect("an event"),
        }
    }

    /// What a mail became.
    pub(crate) async fn fate(&self, mail: MailId) -> String {
        self.rows(&format!("select fate from mail_in where mail_id = {mail}")).await.remove(0)
    }

    /// Every card says what the record says.
    async fn cards_are_true(&self) {
        let rows = self
            .rows(
                "select number || '|' || state || '|' || coalesce(user_id, '') || '|' || queue.name
                 from ticket left join room using (queue_id)
                 left join agent on agent.agent_id = owner_id join queue using (queue_id)",
            )
            .await;
        let mut cards = HashMap::new();
        for queue in ["support", "billing"] {
            for (_, post) in self.chat.posts(&self.room(queue)) {
                if let Some(mark) = post.ticket {
                    let owner = mark.owner.map(|owner| owner.to_string()).unwrap_or_default();
                    cards.insert((queue, mark.number.to_string()), format!("{}|{owner}", mark.state));
                }
            }
        }
        for row in rows {
            let [number, state, owner, queue] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
            assert_eq!(
                cards.get(&(queue, number.to_owned())),
                Some(&format!("{state}|{owner}")),
                "the card of #{number}"
            );
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        assert!(self.is_finished || std::thread::panicking(), "a story ends with finish()");
    }
}

/// A user's id.
pub(crate) fn user(id: &str) -> UserId {
    UserId::parse(id).expect("a user id")
}

/// A message's content, in a thread or not.
pub(crate) fn text(words: &str, thread: Option<&EventId>) -> Value {
    let mut content = json!({ "msgtype": "m.text", "body": words });
    if let Some(root) = thread {
        content["m.relates_to"] = json!({
            "rel_type": "m.thread", "event_id": root, "is_falling_back": true, "m.in_reply_to": { "event_id": root },
        });
    }
    content
}

/// A plain reply's content, outside of threads.
pub(crate) fn reply(words: &str, to: &EventId) -> Value {
    json!({ "msgtype": "m.text", "body": words, "m.relates_to": { "m.in_reply_to": { "event_id": to } } })
}

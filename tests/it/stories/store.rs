//! The record's own promises, kept by PostgreSQL whatever the code does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::Error::Database as Refused;
use ticketloom::domain::id::{AgentId, EventId, MailId, QueueId, RoomId, TicketId};
use ticketloom::domain::queue::Role;
use ticketloom::domain::room::Purpose;
use ticketloom::domain::ticket::Action;
use ticketloom::domain::ticket::Actor;
use ticketloom::store::jobs::{Class, Job, Lane, ReadMail};
use ticketloom::store::{MIGRATOR, Schema, Store, StoreError};
use tokio::sync::{Barrier, Mutex};

use super::world::{ALICE, Database, World, user};

/// The constraint, or the sentence, with which PostgreSQL refuses a statement.
async fn refusal(w: &World, statement: &str) -> String {
    match w.try_sql(statement).await {
        Err(Refused(error)) => error.constraint().unwrap_or(error.message()).to_owned(),
        other => panic!("{statement}: {other:?}"),
    }
}

#[tokio::test]
async fn no_mail_can_be_made_of_a_note() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!note Carol is difficult").await.done();
    let letter = |visibility: &str| {
        format!(
            "insert into letter (article_id, visibility, ticket_id, recipient, automatic, message_id, bytes, state, queue_id)
             select article_id, '{visibility}', ticket_id, 'carol@customer.test', false, 'x', '', 'queued', queue_id
             from article join ticket using (ticket_id) where kind = 'note'"
        )
    };
    assert_eq!(refusal(&w, &letter("customer")).await, "letter_only_of_visible_articles");
    assert_eq!(refusal(&w, &letter("internal")).await, "letter_visibility_check");
    let show = "update article set visibility = 'customer' where kind = 'note'";
    assert_eq!(refusal(&w, show).await, "article_note_is_internal");
    let hide = "update article set visibility = 'internal' where kind = 'automatic'";
    assert_eq!(refusal(&w, hide).await, "letter_only_of_visible_articles");
    w.finish().await;
}

#[tokio::test]
async fn a_closed_ticket_can_not_be_locked() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    let lock = "update ticket set owner_id = (select min(agent_id) from agent)";
    assert_eq!(refusal(&w, lock).await, "ticket_closed_is_unlocked");
    w.finish().await;
}

#[tokio::test]
async fn a_room_has_one_purpose() {
    let w = World::new().await;
    let add = |columns: &str| format!("insert into room (room_id, purpose, queue_id, agent_id) select {columns}");
    let space = add("'!space', 'space', null, null");
    w.sql(&space).await;
    assert_eq!(refusal(&w, &space.replace("!space", "!other")).await, "room_space_unique");
    for columns in
        ["'!x', 'queue', null, null", "'!x', 'home', null, null", "'!x', 'space', null, min(agent_id) from agent"]
    {
        assert_eq!(refusal(&w, &add(columns)).await, "room_is_of_its_purpose", "{columns}");
    }
    let second = "'!x', 'queue', min(queue_id), null from queue";
    assert_eq!(refusal(&w, &add(second)).await, "room_queue_unique");
    let mut tx = w.store.begin().await.expect("a transaction");
    for purpose in [Purpose::Space, Purpose::Home(AgentId(1)), Purpose::Queue(QueueId(1))] {
        let room = tx.rooms().get(purpose).await.expect("an answer").expect("a room");
        assert_eq!(tx.rooms().purpose_of(&room).await.expect("an answer"), Some(purpose));
    }
    let elsewhere = RoomId::parse("!elsewhere").expect("a room");
    assert_eq!(tx.rooms().purpose_of(&elsewhere).await.expect("an answer"), None);
    drop(tx);
    w.finish().await;
}

#[tokio::test]
async fn the_audit_trail_only_grows() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    for statement in
        ["update ticket_event set kind = 'nothing'", "delete from ticket_event", "truncate ticket_event cascade"]
    {
        assert_eq!(refusal(&w, statement).await, "the audit trail is append-only");
    }
    w.finish().await;
}

#[tokio::test]
async fn every_table_and_column_says_what_it_is() {
    let w = World::new().await;
    let silent = w
        .rows(
            "select relname || coalesce('.' || attname, '') from pg_class join pg_namespace on pg_namespace.oid = relnamespace
             left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
             where nspname = 'public' and relkind = 'r' and relname <> '_sqlx_migrations'
               and (col_description(pg_class.oid, attnum) is null or obj_description(pg_class.oid) is null)
             order by 1",
        )
        .await;
    assert!(silent.is_empty(), "{silent:?}");
    w.finish().await;
}

#[tokio::test]
async fn the_schema_is_behind_current_or_ahead() {
    let database = Database::empty().await;
    let store = Store::connect(&database.url, 4).await.expect("a database");
    let all = MIGRATOR.iter().count();
    assert_eq!(store.schema().await.expect("an answer"), Schema::Behind(all));
    let (one, two) = tokio::join!(store.migrate(), store.migrate());
    one.and(two).expect("two that start at once migrate once");
    assert_eq!(store.schema().await.expect("an answer"), Schema::Current);
    let mut sql = <sqlx::PgConnection as sqlx::Connection>::connect(&database.url).await.expect("a connection");
    let newest = "(select max(version) from _sqlx_migrations)";
    let forget = format!("delete from _sqlx_migrations where version = {newest}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(forget)).execute(&mut sql).await.expect("forgotten");
    assert_eq!(store.schema().await.expect("an answer"), Schema::Behind(1));
    let applied = |version: i64| {
        let columns = "version, description, success, checksum, execution_time";
        format!("insert into _sqlx_migrations ({columns}) values ({version}, '', true, '', 0)")
    };
    sqlx::raw_sql(sqlx::AssertSqlSafe(applied(29_990_101_000_000))).execute(&mut sql).await.expect("a newer binary");
    assert_eq!(store.schema().await.expect("an answer"), Schema::Ahead, "one of ours is missing, too");
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().expect("a migration");
    sqlx::raw_sql(sqlx::AssertSqlSafe(applied(newest))).execute(&mut sql).await.expect("nothing is missing");
    assert_eq!(store.schema().await.expect("an answer"), Schema::Newer);
    let floor = "update schema_floor set version = 29990101000000";
    sqlx::raw_sql(floor).execute(&mut sql).await.expect("a migration that older ones can't work with");
    assert_eq!(store.schema().await.expect("an answer"), Schema::Ahead);
    store.close().await;
    database.drop_it().await;
}

/// How many tickets are fought for.
const TICKETS: i64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_who_lock_at_once_one_wins() {
    const AGENTS: usize = 20;
    let w = World::new().await;
    w.sql("insert into customer (address) values ('carol@customer.test')").await;
    w.sql(&format!(
        "insert into ticket (number, queue_id, customer_id, subject)
         select '20261123100' || lpad(n::text, 5, '0'), (select min(queue_id) from queue), (select min(customer_id) from customer), 'x'
         from generate_series(1, {TICKETS}) n"
    ))
    .await;
    let store = Store::connect(&w.database.url, u32::try_from(AGENTS).expect("a few")).await.expect("connections");
    let barrier = Arc::new(Barrier::new(AGENTS));
    let mut agents = tokio::task::JoinSet::new();
    for n in 0..AGENTS {
        let mut tx = store.begin().await.expect("a transaction");
        let agent = tx.agents().put(&user(&format!("@agent{n}:desk.test")), Role::Agent, &[]).await.expect("an agent");
        tx.commit().await.expect("a commit");
        let (store, barrier) = (store.clone(), Arc::clone(&barrier));
        agents.spawn(lock_all(store, agent, barrier));
    }
    assert_eq!(agents.join_all().await.into_iter().sum::<i64>(), TICKETS);
    assert_eq!(
        w.count("select count(distinct ticket_id) from ticket_event where kind = 'owner_changed'").await,
        TICKETS
    );
    assert_eq!(w.count("select count(*) from ticket_event where kind = 'owner_changed'").await, TICKETS);
    store.close().await;
    // Their cards are another story.
    w.sql("delete from job; delete from lane").await;
    w.finish_with_stale_cards().await;
}

/// Tries to lock every ticket, at the same moment as everybody else; returns how many were won.
async fn lock_all(store: Store, agent: AgentId, barrier: Arc<Barrier>) -> i64 {
    let mut won = 0;
    for ticket in 1..=TICKETS {
        barrier.wait().await;
        let mut tx = store.begin().await.expect("a transaction");
        let mut ticket = tx.tickets().lock(TicketId(ticket)).await.expect("a ticket");
        let Ok(changes) = ticket.act(Some(agent), Action::Lock, tx.now()) else { continue };
        for change in changes {
            let event = EventId::parse("$lock").expect("an event");
            tx.tickets().apply(&mut ticket, &change, &Actor::Agent(agent, Some(event))).await.expect("a change");
        }
        tx.commit().await.expect("a commit");
        won += 1;
    }
    won
}

/// Four workers on twelve lanes; some die with a job in hand, some come back after their lease ran out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dies_or_dawdles_nothing_is_done_twice_or_out_of_order() {
    const LANES: i64 = 12;
    const JOBS: i64 = 240;
    let w = World::new().await;
    let mut tx = w.store.begin().await.expect("a transaction");
    for n in 0..JOBS {
        tx.enqueue_in(Lane::import(QueueId(n % LANES)), ReadMail { mail: MailId(n) });
    }
    tx.commit().await.expect("a commit");
    let done: Arc<Mutex<Vec<i64>>> = Arc::default();
    let fenced = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..4 {
        let store = Store::connect(&w.database.url, 4).await.expect("connections");
        workers.spawn(work_badly(store, worker, Arc::clone(&done), Arc::clone(&fenced)));
    }
    while w.count("select count(*) from job").await > 0 {
        // Time flies: every lease that stands now runs out.
        w.sql("update lane set due = now() - interval '1 second' where lease is not null").await;
        tokio::task::yield_now().await;
    }
    workers.join_all().await;
    let done = done.lock().await;
    assert_eq!(done.len(), usize::try_from(JOBS).expect("a few"), "each once");
    for lane in 0..LANES {
        let of_lane: Vec<i64> = done.iter().copied().filter(|n| n % LANES == lane).collect();
        assert!(of_lane.is_sorted_by(|a, b| a < b), "lane {lane}: {of_lane:?}");
    }
    assert!(fenced.load(Ordering::Relaxed) > 0, "nobody was late: the test shows nothing");
    w.finish().await;
}

async fn work_badly(store: Store, worker: usize, done: Arc<Mutex<Vec<i64>>>, fenced: Arc<AtomicUsize>) {
    let mut count = worker;
    loop {
        let leased = store.lease(Class::Intake, 3).await.expect("a lease");
        if leased.is_empty() && store.next_due().await.expect("an answer")[Class::Intake as usize].is_none() {
            return;
        }
        for leased in leased {
            count += 1;
            let Job::ReadMail(ReadMail { mail }) = leased.job else { panic!("{leased:?}") };
            if count.is_multiple_of(7) {
                continue; // dead
            }
            for _ in 0..(count % 11) * 5 {
                tokio::task::yield_now().await; // dawdling
            }
            let mut done = done.lock().await;
            let mut tx = store.begin().await.expect("a transaction");
            match tx.finish(&leased).await {
                Ok(()) => {
                    tx.commit().await.expect("a commit");
                    done.push(mail.0);
                    // Whoever comes next takes the lane.
                    assert!(store.next(&leased, false).await.expect("an answer").is_none());
                }
                Err(StoreError::Lost(_)) => {
                    fenced.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

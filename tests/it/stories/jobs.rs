//! Lanes: one job at a time, in the order of the commits, found at once however much waits.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use ticketloom::desk::failure::Failure;
use ticketloom::desk::seams::Fault;
use ticketloom::domain::id::{MailId, QueueId};
use ticketloom::store::jobs::{Class, Job, Lane, Leased, PutBack, ReadMail};
use ticketloom::store::{Store, StoreError};
use ticketloom::worker::{self, Work};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::world::{ALICE, BOB, CAROL, Case, Trouble, World, text};

async fn enqueue(store: &Store, lane: i64, mail: i64) {
    let mut tx = store.begin().await.expect("a transaction");
    tx.enqueue_in(Lane::import(QueueId(lane)), ReadMail { mail: MailId(mail) });
    tx.commit().await.expect("a commit");
}

async fn lease(store: &Store) -> Vec<Leased> {
    store.lease(Class::Intake, 10).await.expect("an answer")
}

async fn finish(store: &Store, leased: &Leased) {
    let mut tx = store.begin().await.expect("a transaction");
    tx.finish(leased).await.expect("ours");
    tx.commit().await.expect("a commit");
}

fn mail_of(leased: &Leased) -> i64 {
    let Job::ReadMail(job) = &leased.job else { panic!("{leased:?}") };
    job.mail.0
}

#[tokio::test]
async fn whoever_commits_first_is_first() {
    let w = World::new().await;
    let mut late = w.store.begin().await.expect("a transaction");
    late.enqueue_in(Lane::import(QueueId(1)), ReadMail { mail: MailId(1) });
    enqueue(&w.store, 1, 2).await;
    late.commit().await.expect("a commit");
    let first = lease(&w.store).await.remove(0);
    assert_eq!(mail_of(&first), 2);
    assert!(lease(&w.store).await.is_empty(), "of a lane one at a time");
    finish(&w.store, &first).await;
    assert!(lease(&w.store).await.is_empty(), "and its worker goes on with it");
    let second = w.store.next(&first, true).await.expect("an answer").expect("the next one");
    assert_eq!(mail_of(&second), 1);
    finish(&w.store, &second).await;
    assert!(w.store.next(&second, true).await.expect("an answer").is_none());
    w.finish().await;
}

#[tokio::test]
async fn what_comes_into_a_lane_at_its_end_is_not_forgotten() {
    let w = World::new().await;
    enqueue(&w.store, 1, 1).await;
    let first = lease(&w.store).await.remove(0);
    finish(&w.store, &first).await;
    // It finds the lane while its worker is about to leave it.
    enqueue(&w.store, 1, 2).await;
    let second = w.store.next(&first, false).await.expect("an answer");
    assert!(second.is_none(), "the worker stops");
    let second = lease(&w.store).await.remove(0);
    assert_eq!(mail_of(&second), 2);
    finish(&w.store, &second).await;
    w.store.next(&second, true).await.expect("an answer");
    w.finish().await;
}

#[tokio::test]
async fn those_behind_a_head_that_waits_are_not_due() {
    let w = World::new().await;
    for mail in 1..=3 {
        enqueue(&w.store, 1, mail).await;
    }
    let first = lease(&w.store).await.remove(0);
    let back = PutBack { wait: Duration::from_hours(1), why: "away".to_owned(), begun: true, counts: true };
    w.store.put_back(&first, &back).await.expect("ours");
    assert!(lease(&w.store).await.is_empty());
    let due = w.store.next_due().await.expect("an answer")[Class::Intake as usize].expect("something waits");
    assert!(due > Duration::from_mins(59), "{due:?}");
    w.wait(Duration::from_hours(1)).await;
    let again = lease(&w.store).await.remove(0);
    assert_eq!((again.id, again.attempt, again.failures), (first.id, 2, 1));
    w.sql("delete from job; delete from lane").await;
    w.finish().await;
}

/// Writes how its jobs went.
#[derive(Default)]
struct Record {
    store: Option<Store>,
    under_way: Mutex<HashMap<String, bool>>,
    done: Mutex<Vec<(String, i64, i64)>>,
    both: AtomicBool,
    count: AtomicUsize,
    cancel: CancellationToken,
    all: usize,
}

#[async_trait]
impl Work for Record {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        let lane = leased.lane.name().to_owned();
        if self.under_way.lock().expect("unharmed").insert(lane.clone(), true) == Some(true) {
            self.both.store(true, Ordering::SeqCst);
        }
        let mut tx = self.store.as_ref().expect("a store").begin().await?;
        tx.finish(leased).await?;
        self.done.lock().expect("unharmed").push((lane.clone(), leased.id, mail_of(leased)));
        self.under_way.lock().expect("unharmed").insert(lane, false);
        tx.commit().await?;
        if self.count.fetch_add(1, Ordering::SeqCst) + 1 == self.all {
            self.cancel.cancel();
        }
        Ok(())
    }

    async fn given_up(&self, leased: &Leased, why: &str) {
        panic!("{leased:?} was given up: {why}");
    }
}

/// Twelve who write into five lanes, several at a time and in any order, against three who work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_write_and_many_who_work_keep_every_lane_in_order() {
    const WRITERS: i64 = 12;
    const ROUNDS: i64 = 20;
    const LANES: i64 = 5;
    let w = World::new().await;
    let all = usize::try_from(WRITERS * ROUNDS * LANES).expect("a few");
    let cancel = CancellationToken::new();
    let record = Arc::new(Record { store: Some(w.store.clone()), cancel: cancel.clone(), all, ..Record::default() });
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let store = Store::connect(&w.database.url, 4).await.expect("connections");
        let queue = Arc::new(store);
        workers.spawn(worker::keep_timetable(Arc::clone(&queue) as _, cancel.clone()));
        workers.spawn(worker::run(queue, Class::Intake, 3, Arc::clone(&record) as _, cancel.clone()));
    }
    let mut writers = JoinSet::new();
    let writing = Store::connect(&w.database.url, 12).await.expect("connections");
    for writer in 0..WRITERS {
        let store = writing.clone();
        writers.spawn(async move {
            for round in 0..ROUNDS {
                let mut tx = store.begin().await.expect("a transaction");
                for n in 0..LANES {
                    // Every writer begins with another lane, which would deadlock were they locked as they come.
                    let lane = (writer + round + n * 3) % LANES;
                    let mail = MailId(writer * 1_000 + round);
                    tx.enqueue_in(Lane::import(QueueId(lane)), ReadMail { mail });
                }
                tx.commit().await.expect("no deadlock");
            }
        });
    }
    writers.join_all().await;
    tokio::time::timeout(Duration::from_mins(1), workers.join_all()).await.expect("all is done");
    assert!(!record.both.load(Ordering::SeqCst), "two jobs of a lane were under way at once");
    let done = record.done.lock().expect("unharmed").clone();
    assert_eq!(done.len(), all);
    for lane in 0..LANES {
        let lane = Lane::import(QueueId(lane));
        let of_lane: Vec<_> = done.iter().filter(|(name, ..)| name == lane.name()).collect();
        assert!(of_lane.is_sorted_by(|a, b| a.1 < b.1), "by id");
        for writer in 0..WRITERS {
            let mails = of_lane.iter().map(|(.., mail)| *mail).filter(|mail| mail / 1_000 == writer);
            assert!(mails.is_sorted_by(|a, b| a < b), "each writer's own order");
        }
    }
    w.finish().await;
}

#[tokio::test]
async fn a_look_for_work_reads_no_table_through() {
    let w = World::new().await;
    w.sql(
        "insert into lane (name, class, due) select 'future:' || n, 'mail', now() + interval '1 day' from generate_series(1, 20000) n;
         insert into lane (name, class, due) select 'blocked:' || n, 'chat', now() + interval '1 hour' from generate_series(1, 20) n;
         insert into job (lane_id, kind, payload) select lane_id, 'Nothing', '{}' from lane where class = 'mail';
         insert into job (lane_id, kind, payload) select lane_id, 'Nothing', '{}' from lane, generate_series(1, 500) where class = 'chat';
         analyze lane, job",
    )
    .await;
    let scans = "select coalesce(sum(seq_scan), 0)::bigint from pg_stat_user_tables where relname in ('job', 'lane')";
    let connections = "select count(*) from pg_stat_activity where datname = current_database()";
    w.sql("select pg_stat_force_next_flush()").await;
    let before = (w.count(scans).await, w.count(connections).await);
    let store = Store::connect(&w.database.url, 4).await.expect("connections");
    for class in Class::ALL {
        assert!(store.lease(class, 16).await.expect("an answer").is_empty());
    }
    enqueue(&store, 1, 1).await;
    let leased = lease(&store).await.remove(0);
    store.renew(&leased).await.expect("ours");
    store.orphans().await.expect("an answer");
    finish(&store, &leased).await;
    assert!(store.next(&leased, true).await.expect("an answer").is_none());
    store.next_due().await.expect("an answer");
    store.close().await;
    // Who leaves tells what it did, a moment later.
    while w.count(connections).await > before.1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(w.count(scans).await, before.0, "a table was read through");
    w.sql("delete from job; delete from lane").await;
    w.finish().await;
}

#[tokio::test]
async fn what_only_a_newer_version_knows_is_left_to_it() {
    let w = World::new().await;
    w.sql(
        "with lane as (insert into lane (name, class, due) values ('x', 'intake', now()) returning lane_id)
         insert into job (lane_id, kind, payload) select lane_id, 'Unheard', '{}' from lane",
    )
    .await;
    for _ in 0..5 {
        w.pass(Duration::from_mins(1)).await;
    }
    assert_eq!(w.rows("select attempts from job where kind = 'Unheard'").await, ["0"]);
    w.pass(Duration::from_hours(25)).await;
    let dead = w.store.dead_jobs().await.expect("a list");
    assert!(dead.len() == 1 && dead[0].kind == "Unheard", "shown in the end: {dead:?}");
    w.sql("delete from dead_job").await;
    w.finish().await;
}

#[tokio::test]
async fn a_schema_of_another_version_buries_nothing() {
    let w = World::new().await;
    w.sql("alter table customer rename to customer_of_tomorrow").await;
    let mail = w.mail(CAROL, "It smokes", "It smokes.").await;
    for _ in 0..5 {
        w.pass(Duration::from_mins(1)).await;
    }
    assert_eq!(w.fate(mail).await, "waiting");
    w.sql("alter table customer_of_tomorrow rename to customer").await;
    w.pass(Duration::from_mins(1)).await;
    w.only_case().await;
    w.finish().await;
}

fn file(case: &Case, caption: &str) -> Value {
    let mut content = text(caption, Some(&case.root));
    content["msgtype"] = json!("m.file");
    content["filename"] = json!("manual.pdf");
    content["url"] = json!("mxc://desk.test/manual.pdf");
    content["info"] = json!({ "mimetype": "application/pdf", "size": 10 });
    content
}

#[tokio::test]
async fn a_file_that_is_fetched_holds_up_only_its_own_thread() {
    let w = World::new().await;
    let (slow, other) = (w.ticket("It smokes").await, w.ticket("The next one").await);
    w.chat.will(Trouble::Fault(Fault::later("slow")));
    let first = w.message(ALICE, &slow.room, file(&slow, "!note The manual")).await;
    assert_eq!(first.marks(), "");
    let second = w.say(ALICE, &slow, "!note Read it").await;
    assert_eq!(second.marks(), "", "in its thread one after the other");
    w.say(BOB, &other, "!note Elsewhere").await.done();
    w.edit(ALICE, &second, "!note Never mind").await;
    w.pass(Duration::from_secs(1)).await;
    w.pass(Duration::from_secs(1)).await;
    first.done();
    second.done();
    let notes = w.rows("select text from article where kind = 'note' order by article_id").await;
    assert_eq!(notes, ["Elsewhere", "The manual", "Never mind"]);
    w.finish().await;
}

#[tokio::test]
async fn what_is_given_up_leaves_its_lane_to_those_behind_it() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.chat.will(Trouble::Fault(Fault::never("M_TOO_LARGE")));
    let said = w.say(ALICE, &case, "!lock").await;
    assert_eq!(w.store.dead_jobs().await.expect("a list").len(), 1);
    let texts: Vec<String> = w.chat.posts(&case.room).into_iter().map(|(_, post)| post.text).collect();
    assert!(texts.iter().any(|text| text.contains("could not be") && text.contains("M_TOO_LARGE")), "{texts:?}");
    let dead = w.store.dead_jobs().await.expect("a list").remove(0);
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(dead.id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    w.settle().await;
    said.done();
    w.finish().await;
}

#[tokio::test]
async fn whoever_lost_the_lane_can_not_end_its_job() {
    let w = World::new().await;
    enqueue(&w.store, 1, 1).await;
    let late = lease(&w.store).await.remove(0);
    w.wait(Duration::from_mins(1)).await;
    let quick = lease(&w.store).await.remove(0);
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(matches!(tx.finish(&late).await, Err(StoreError::Lost(_))));
    drop(tx);
    assert!(w.store.next(&late, true).await.expect("an answer").is_none());
    finish(&w.store, &quick).await;
    w.store.next(&quick, true).await.expect("an answer");
    w.finish().await;
}

//! The worker's loop on a queue that is only made up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::*;
use crate::desk::seams::Fault;
use crate::domain::id::{MailId, QueueId, TicketId};
use crate::store::Result;
use crate::store::jobs::{Card, PutBack, ReadMail};

/// Lanes of made-up jobs. What is put back is due at once, so a test waits for nothing.
#[derive(Default)]
struct FakeQueue {
    state: Mutex<State>,
    bells: [Notify; Class::ALL.len()],
    renewals: AtomicUsize,
    /// After so many renewals the lease is somebody else's.
    loses_at: Option<usize>,
    /// Nobody answers who is asked to renew.
    is_away: bool,
    due: [Option<Duration>; Class::ALL.len()],
}

#[derive(Default)]
struct State {
    lanes: BTreeMap<i64, VecDeque<Leased>>,
    leased: Vec<i64>,
    asked_for: Vec<usize>,
    put_back: Vec<PutBack>,
    buried: Vec<String>,
    released: usize,
}

impl FakeQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked here")
    }

    /// One card in each of so many tickets' lanes.
    fn with_cards(tickets: i64) -> Self {
        let queue = Self::default();
        for n in 1..=tickets {
            let ticket = TicketId(n);
            let card = Leased::made_up(n, Lane::ticket(ticket), Card { ticket }, 0, 0);
            queue.state().lanes.entry(n).or_default().push_back(card);
        }
        queue
    }
}

impl State {
    /// Begins a lane's first job.
    fn begin(&mut self, lane: i64) -> Option<Leased> {
        let first = self.lanes.get_mut(&lane)?.front_mut()?;
        first.attempt += 1;
        Some(first.clone())
    }

    /// Takes a lane's first job out.
    fn remove_first(&mut self, lane: i64) -> Leased {
        self.lanes.get_mut(&lane).and_then(VecDeque::pop_front).expect("the job that was begun")
    }
}

#[async_trait]
impl JobQueue for FakeQueue {
    async fn lease(&self, _class: Class, most: usize) -> Result<Vec<Leased>> {
        let mut state = self.state();
        state.asked_for.push(most);
        let full = state.lanes.iter().filter(|(_, jobs)| !jobs.is_empty()).map(|(lane, _)| *lane);
        let free: Vec<i64> = full.filter(|lane| !state.leased.contains(lane)).take(most).collect();
        state.leased.extend(&free);
        Ok(free.into_iter().filter_map(|lane| state.begin(lane)).collect())
    }

    async fn lease_lane(&self, _lane: &Lane) -> Result<Option<Leased>> {
        Ok(None)
    }

    /// The job before has ended: done, or buried.
    async fn next(&self, ended: &Leased, goes_on: bool) -> Result<Option<Leased>> {
        let mut state = self.state();
        if goes_on && let Some(next) = state.begin(ended.lane_id()) {
            return Ok(Some(next));
        }
        state.leased.retain(|lane| *lane != ended.lane_id());
        state.released += 1;
        Ok(None)
    }

    async fn renew(&self, _leased: &Leased) -> Result<()> {
        if self.is_away {
            return Err(sqlx::Error::PoolTimedOut.into());
        }
        let renewals = self.renewals.fetch_add(1, Ordering::SeqCst) + 1;
        if self.loses_at.is_some_and(|at| renewals >= at) { Err(StoreError::Lost("a lease")) } else { Ok(()) }
    }

    async fn put_back(&self, leased: &Leased, back: &PutBack) -> Result<()> {
        let mut state = self.state();
        let mut first = state.remove_first(leased.lane_id());
        first.failures += i32::from(back.counts);
        state.lanes.entry(leased.lane_id()).or_default().push_front(first);
        state.leased.retain(|lane| *lane != leased.lane_id());
        state.put_back.push(back.clone());
        Ok(())
    }

    async fn bury(&self, leased: &Leased, why: &str) -> Result<()> {
        let mut state = self.state();
        state.remove_first(leased.lane_id());
        state.buried.push(why.to_owned());
        Ok(())
    }

    async fn next_due(&self) -> Result<[Option<Duration>; Class::ALL.len()]> {
        Ok(self.due)
    }

    fn bell(&self, class: Class) -> &Notify {
        &self.bells[class as usize]
    }

    fn is_taking_a_burst(&self) -> bool {
        false
    }
}

/// What becomes of the jobs of a lane.
#[derive(Clone, Copy)]
enum Fate {
    Done,
    Later,
    Panics,
    NeverEnds,
    /// Ends when its lease was renewed that often.
    Renewed(usize),
}

struct Labour {
    queue: Arc<FakeQueue>,
    fate: Box<dyn Fn(&Leased) -> Fate + Send + Sync>,
    /// Stops everything when so many jobs are done or given up.
    enough: usize,
    ended: AtomicUsize,
    cancel: CancellationToken,
    /// Cancelled when an attempt that never ends was dropped.
    dropped: CancellationToken,
}

impl Labour {
    fn one_ended(&self) {
        if self.ended.fetch_add(1, Ordering::SeqCst) + 1 >= self.enough {
            self.cancel.cancel();
        }
    }
}

#[async_trait]
impl Work for Labour {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        match (self.fate)(leased) {
            Fate::Done => {}
            Fate::Later => return Err(Fault::later("502").into()),
            Fate::Panics => panic!("as it was to"),
            Fate::NeverEnds => {
                let _dropped: DropGuard = self.dropped.clone().drop_guard();
                std::future::pending::<()>().await;
            }
            Fate::Renewed(times) => {
                while self.queue.renewals.load(Ordering::SeqCst) < times {
                    tokio::task::yield_now().await;
                }
            }
        }
        self.queue.state().remove_first(leased.lane_id());
        self.one_ended();
        Ok(())
    }

    async fn given_up(&self, _leased: &Leased, _why: &str) {
        self.one_ended();
    }
}

const QUICK: Pace =
    Pace { lease: Duration::from_secs(30), renew: Duration::from_millis(1), longest: Duration::from_hours(1) };

fn labour(queue: FakeQueue, enough: usize, fate: impl Fn(&Leased) -> Fate + Send + Sync + 'static) -> Arc<Labour> {
    let (cancel, dropped) = (CancellationToken::new(), CancellationToken::new());
    Arc::new(Labour {
        queue: Arc::new(queue),
        fate: Box::new(fate),
        enough,
        ended: AtomicUsize::new(0),
        cancel,
        dropped,
    })
}

/// Works until enough has ended.
async fn work(labour: &Arc<Labour>, class: Class, most: usize, pace: Pace) {
    let (queue, work, cancel) = (Arc::clone(&labour.queue), Arc::clone(labour), labour.cancel.clone());
    let crew = Crew { queue, class, work, health: Health::default(), pace, cancel };
    tokio::time::timeout(Duration::from_secs(30), run_crew(Arc::new(crew), most)).await.expect("it ends");
}

#[tokio::test]
async fn a_panic_takes_nobody_along_and_is_given_up_in_the_end() {
    let labour = labour(FakeQueue::with_cards(3), 3, |leased| if leased.id == 2 { Fate::Panics } else { Fate::Done });
    work(&labour, Class::Chat, 2, QUICK).await;
    let state = labour.queue.state();
    assert_eq!(state.buried, ["it failed 24 times, at last: it panicked; the log says where"]);
    assert!(state.put_back.len() == 23 && state.put_back.iter().all(|back| back.counts), "{:?}", state.put_back);
    assert!(state.leased.is_empty(), "all lanes are free");
}

#[tokio::test]
async fn one_that_fails_while_others_work_is_given_up_and_frees_its_lane() {
    let queue = FakeQueue::with_cards(1);
    let mut behind = queue.state().lanes[&1][0].clone();
    behind.id = 2;
    queue.state().lanes.entry(1).or_default().push_back(behind);
    let other = Leased::made_up(3, Lane::ticket(TicketId(2)), Card { ticket: TicketId(2) }, 0, 0);
    // The other lane always has another job, so that something always goes well.
    queue.state().lanes.entry(3).or_default().extend(std::iter::repeat_n(other, 10_000));
    let done = Arc::new(CancellationToken::new());
    let seen = Arc::clone(&done);
    let labour = labour(queue, usize::MAX, move |leased| match leased.id {
        1 => Fate::Later,
        2 => {
            seen.cancel();
            Fate::Done
        }
        _ => Fate::Done,
    });
    let stop = labour.cancel.clone();
    tokio::join!(work(&labour, Class::Chat, 2, QUICK), async {
        done.cancelled().await;
        stop.cancel();
    });
    assert_eq!(labour.queue.state().buried, ["it failed 24 times, at last: 502"]);
}

#[tokio::test]
async fn while_all_fail_the_class_pauses_and_one_job_finds_out() {
    let labour = labour(FakeQueue::with_cards(8), usize::MAX, |_| Fate::Later);
    let (stop, queue) = (labour.cancel.clone(), Arc::clone(&labour.queue));
    tokio::join!(work(&labour, Class::Chat, 8, QUICK), async move {
        while queue.state().asked_for.len() < 2 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    let state = labour.queue.state();
    assert_eq!(state.asked_for[..2], [8, 1], "first as many as may be, then one");
    assert!(state.buried.is_empty() && state.put_back.iter().all(|back| !back.counts), "{:?}", state.put_back);
}

#[tokio::test]
async fn a_lease_is_renewed_as_long_as_the_work_goes_on() {
    let labour = labour(FakeQueue::with_cards(1), 1, |_| Fate::Renewed(3));
    work(&labour, Class::Chat, 1, QUICK).await;
    assert!(labour.queue.renewals.load(Ordering::SeqCst) >= 3);
    assert!(labour.queue.state().put_back.is_empty());
}

#[tokio::test]
async fn who_loses_the_lease_drops_the_work() {
    let queue = FakeQueue { loses_at: Some(2), ..FakeQueue::with_cards(1) };
    let labour = labour(queue, usize::MAX, |_| Fate::NeverEnds);
    let (stop, dropped) = (labour.cancel.clone(), labour.dropped.clone());
    tokio::join!(work(&labour, Class::Chat, 1, QUICK), async {
        dropped.cancelled().await;
        stop.cancel();
    });
    let state = labour.queue.state();
    assert!(state.put_back.is_empty() && state.buried.is_empty() && state.released == 0, "it is somebody else's");
}

#[tokio::test]
async fn a_lease_that_nobody_can_renew_is_lost_when_it_ends() {
    let pace = Pace { lease: Duration::from_millis(5), renew: Duration::from_millis(20), ..QUICK };
    let labour = labour(FakeQueue { is_away: true, ..FakeQueue::with_cards(1) }, usize::MAX, |_| Fate::NeverEnds);
    let (stop, dropped) = (labour.cancel.clone(), labour.dropped.clone());
    tokio::join!(work(&labour, Class::Chat, 1, pace), async {
        dropped.cancelled().await;
        stop.cancel();
    });
    assert!(labour.queue.state().put_back.is_empty());
}

#[tokio::test]
async fn what_does_not_end_is_dropped_at_its_time_limit() {
    let pace = Pace { renew: Duration::from_hours(1), longest: Duration::from_millis(5), ..QUICK };
    let queue = FakeQueue::default();
    let mail = Leased::made_up(1, Lane::import(QueueId(1)), ReadMail { mail: MailId(1) }, 0, 0);
    queue.state().lanes.entry(1).or_default().push_back(mail);
    let labour = labour(queue, 1, |_| Fate::NeverEnds);
    work(&labour, Class::Intake, 1, pace).await;
    let state = labour.queue.state();
    assert_eq!(state.put_back.len(), 9, "{:?}", state.put_back);
    assert_eq!(state.buried, ["it failed 10 times, at last: it was not done within 5ms"]);
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_begins_nothing() {
    let queue = FakeQueue::with_cards(1);
    let mut second = queue.state().lanes[&1][0].clone();
    second.id = 2;
    queue.state().lanes.entry(1).or_default().push_back(second);
    let labour = labour(queue, 1, |_| Fate::Done);
    work(&labour, Class::Chat, 1, QUICK).await;
    let state = labour.queue.state();
    assert_eq!((state.lanes[&1].len(), state.released), (1, 1), "the second one waits in a free lane");
}

#[tokio::test]
async fn a_bell_rings_for_the_class_that_is_due() {
    let due = [None, Some(Duration::ZERO), Some(Duration::from_mins(1)), None, None];
    let queue = Arc::new(FakeQueue { due, ..FakeQueue::default() });
    let cancel = CancellationToken::new();
    let rung = |class: Class| {
        let queue = Arc::clone(&queue);
        async move { queue.bell(class).notified().await }
    };
    tokio::select! {
        biased;
        () = rung(Class::Chat) => panic!("it is not due"),
        () = rung(Class::Command) => {}
        () = keep_timetable(Arc::clone(&queue) as _, cancel) => panic!("nobody stopped it"),
    }
}

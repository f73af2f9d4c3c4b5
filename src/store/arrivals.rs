//! Mails of several connections share a commit: what waits for the disk is a statement, and not each mail.
//!
//! Nobody waits so that others can join: whoever comes while no more than [`AT_ONCE`] statements are under way takes along
//! what waits at that moment. So a single mail is as fast as it would be alone, and under load the statements get
//! larger by themselves. A timer, or a task that collects, was left out: either makes the single mail slower.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use super::blob_moves::LARGE;
use super::intake::{Accepted, NewMail, Route};
use super::jobs::Class;
use super::{Result, Store};
use crate::domain::blob::Digest;
use crate::domain::id::MailId;

/// How many shared statements are under way: while the one waits for the disk, the other is filled.
const AT_ONCE: usize = 2;
/// How many bytes of mails a shared statement takes, and how large a delivery is at most that shares one: a large one would
/// make the others wait for its own way to PostgreSQL.
const SHARED: usize = 4 << 20;
const LARGEST: usize = 256 << 10;
/// So many deliveries under way at once are a burst.
const BURST: usize = 3;

/// Where deliveries wait for a statement.
#[derive(Debug)]
pub(super) struct Arrivals {
    waiting: Mutex<Vec<Delivery>>,
    turns: Semaphore,
    /// How many deliveries are under way.
    under_way: AtomicUsize,
}

/// Mails that are committed all or none, and who waits for that. Whoever gets no answer tries it alone.
#[derive(Debug)]
struct Delivery {
    mails: Vec<NewMail>,
    /// Of a mail to several: its bytes, which are kept once for all of them.
    blob: Option<Digest>,
    answer: oneshot::Sender<Result<Vec<Accepted>>>,
}

impl Delivery {
    fn arriving(&self) -> impl Iterator<Item = Arriving<'_>> {
        self.mails.iter().map(|mail| Arriving { mail, blob: self.blob })
    }
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(AT_ONCE), under_way: AtomicUsize::new(0) }
    }
}

impl Arrivals {
    fn put(&self, delivery: Delivery) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
    }

    /// The deliveries that came first, as many as one statement takes.
    fn take(&self) -> Vec<Delivery> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        let fits = |delivery: &&Delivery| {
            bytes += size(&delivery.mails);
            bytes <= SHARED
        };
        let count = waiting.iter().take_while(fits).count();
        waiting.drain(..count).collect()
    }
}

impl Store {
    /// Commits mails and the jobs to read them, all or none; when this returns, they may be answered 250.
    /// One delivery to several recipients is one call. Deliveries that come at the same time share a commit, and none
    /// fails for another's sake.
    ///
    /// # Errors
    /// If it is not certain that they are committed: then the mail must be refused for now.
    pub async fn accept_mails(&self, mails: Vec<NewMail>) -> Result<Vec<Accepted>> {
        let _under_way = UnderWay::begin(&self.arrivals.under_way);
        let blob = self.kept_once(&mails).await?;
        if size(&mails) > LARGEST || mails.iter().any(|mail| mail.route == Route::Import) {
            return self.commit(&mails, blob).await;
        }
        let (answer, mut answered) = oneshot::channel();
        self.arrivals.put(Delivery { mails: mails.clone(), blob, answer });
        loop {
            let turn = tokio::select! {
                biased;
                answer = &mut answered => match answer {
                    Ok(answer) => return answer,
                    // Who had it in hand failed, or was stopped, with others' mails: alone it says what is wrong with it.
                    Err(_) => return self.commit(&mails, blob).await,
                },
                turn = self.arrivals.turns.acquire() => turn,
            };
            self.commit_shared(self.arrivals.take()).await;
            drop(turn);
        }
    }

    /// Whether so many mails are being committed at this moment that other work should make room.
    #[must_use]
    pub fn is_taking_a_burst(&self) -> bool {
        self.arrivals.under_way.load(Ordering::Relaxed) >= BURST
    }

    async fn commit_shared(&self, deliveries: Vec<Delivery>) {
        let mails: Vec<Arriving<'_>> = deliveries.iter().flat_map(Delivery::arriving).collect();
        let mut accepted = match insert(self.pool(), &mails).await {
            Ok(accepted) => accepted.into_iter(),
            Err(error) => {
                if let Ok([only]) = <[Delivery; 1]>::try_from(deliveries) {
                    let _ = only.answer.send(Err(error));
                }
                // Else nobody is answered, and each tries it alone.
                return;
            }
        };
        self.bell(Class::Intake).notify_waiters();
        for Delivery { mails, answer, .. } in deliveries {
            let _ = answer.send(Ok(accepted.by_ref().take(mails.len()).collect()));
        }
    }

    /// Keeps the bytes of a mail to several queues once, before its rows. For one queue they stand in the row itself, so
    /// that what its sender waits for is one small commit; but for a large one where there is an object store.
    async fn kept_once(&self, mails: &[NewMail]) -> Result<Option<Digest>> {
        let [first, others @ ..] = mails else { return Ok(None) };
        let goes_away = self.blobs().takes_away() && first.raw.len() >= LARGE;
        if (others.is_empty() && !goes_away) || others.iter().any(|other| other.raw != first.raw) {
            return Ok(None);
        }
        Ok(Some(self.blobs().keep(first.raw.clone()).await?.digest))
    }

    async fn commit(&self, mails: &[NewMail], blob: Option<Digest>) -> Result<Vec<Accepted>> {
        let mails: Vec<Arriving<'_>> = mails.iter().map(|mail| Arriving { mail, blob }).collect();
        let accepted = insert(self.pool(), &mails).await?;
        self.bell(Class::Intake).notify_waiters();
        Ok(accepted)
    }
}

/// A mail, and whether its bytes are kept already.
#[derive(Clone, Copy)]
struct Arriving<'a> {
    mail: &'a NewMail,
    blob: Option<Digest>,
}

/// Inserts mails and the jobs to read them; what became of each.
async fn insert<'e>(executor: impl sqlx::PgExecutor<'e>, mails: &[Arriving<'_>]) -> Result<Vec<Accepted>> {
    // The same mail by two connections at once: the second one is a redelivery of the first.
    let mut first: HashMap<&[u8; 32], Option<MailId>> = HashMap::with_capacity(mails.len());
    let mut new: Vec<Arriving<'_>> =
        mails.iter().copied().filter(|one| first.insert(one.mail.key.bytes(), None).is_none()).collect();
    // In one order, so that two statements with the same two mails don't wait for each other. An archive keeps its own:
    // nobody else inserts its mails.
    if new.iter().all(|one| one.mail.route != Route::Import) {
        new.sort_unstable_by_key(|one| one.mail.key.bytes());
    }
    for (key, id) in Columns::of(&new).insert(executor).await? {
        if let Some(first) = <&[u8; 32]>::try_from(key.as_slice()).ok().and_then(|key| first.get_mut(key)) {
            *first = Some(id);
        }
    }
    // Taken out, so that only the first of the same has it.
    let mut taken = |mail: &NewMail| first.get_mut(mail.key.bytes()).and_then(Option::take);
    Ok(mails.iter().map(|one| taken(one.mail).map_or(Accepted::Again, Accepted::New)).collect())
}

/// Mails as PostgreSQL takes many at once: a list for each column.
#[derive(Default)]
struct Columns<'a> {
    queues: Vec<i64>,
    routes: Vec<String>,
    recipients: Vec<String>,
    senders: Vec<Option<String>>,
    keys: Vec<&'a [u8]>,
    raw: Vec<Option<&'a [u8]>>,
    digests: Vec<Option<Vec<u8>>>,
    left_behind: Vec<Option<i64>>,
    lanes: Vec<String>,
    ranks: Vec<i16>,
}

impl<'a> Columns<'a> {
    fn of(mails: &[Arriving<'a>]) -> Self {
        let clean = |text: &str| text.replace('\0', "");
        let mut columns = Self::default();
        for Arriving { mail, blob } in mails {
            columns.queues.push(mail.queue.0);
            columns.routes.push(mail.route.name().to_owned());
            columns.recipients.push(clean(&mail.recipient));
            columns.senders.push(mail.envelope_from.as_deref().map(clean));
            columns.keys.push(mail.key.bytes());
            columns.raw.push(blob.is_none().then_some(mail.raw.as_ref()));
            columns.digests.push(blob.map(|digest| digest.bytes().to_vec()));
            columns.left_behind.push(mail.left_behind.map(|size| i64::try_from(size).unwrap_or(i64::MAX)));
            columns.lanes.push(mail.lane().name().to_owned());
            columns.ranks.push(mail.route.rank());
        }
        columns
    }

    /// Inserts the mails that are not there yet and the jobs to read them, in one statement: none without the other, and
    /// one round trip for what a mail server waits for. By itself it is a transaction of its own. Keys and ids of the new ones.
    async fn insert<'e>(&self, executor: impl sqlx::PgExecutor<'e>) -> Result<Vec<(Vec<u8>, MailId)>> {
        let rows = sqlx::query!(
            r#"with arriving as (
               select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[], $8::text[], $9::smallint[], $11::bytea[])
                   with ordinality as one (queue_id, route, recipient, envelope_from, delivery_key, raw, left_behind, lane, rank, digest, place)
           ), mail as (
               insert into mail_in (queue_id, route, recipient, envelope_from, delivery_key, raw, digest, left_behind)
               select queue_id, route, recipient, envelope_from, delivery_key, raw, digest, left_behind from arriving order by place
               on conflict (delivery_key) do nothing returning mail_id, delivery_key
           ), new as (
               select mail_id, lane, rank from mail join arriving using (delivery_key)
           ), taken as (
               -- In the order in which everybody takes lanes: that of their names' bytes.
               insert into lane (name, class, rank)
               select lane, $10, min(rank) from new group by lane order by lane collate "C"
               on conflict (name) do update set version = lane.version + 1 returning lane_id, name
           ), reading as (
               insert into job (lane_id, kind, payload)
               select lane_id, 'ReadMail', jsonb_build_object('mail', mail_id)
               from new join taken on taken.name = new.lane order by mail_id
           )
           select mail_id as "mail_id!", delivery_key as "delivery_key!" from mail"#,
            &self.queues,
            &self.routes,
            &self.recipients,
            &self.senders as &[Option<String>],
            &self.keys as &[&[u8]],
            &self.raw as &[Option<&[u8]>],
            &self.left_behind as &[Option<i64>],
            &self.lanes,
            &self.ranks,
            Class::Intake.name(),
            &self.digests as &[Option<Vec<u8>>],
        )
        .fetch_all(executor)
        .await?;
        Ok(rows.into_iter().map(|row| (row.delivery_key, MailId(row.mail_id))).collect())
    }
}

fn size<'a>(mails: impl IntoIterator<Item = &'a NewMail>) -> usize {
    mails.into_iter().map(|mail| mail.raw.len()).sum()
}

/// Counts a delivery as long as it is under way.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

//! Wanted, difference, send: the one way by which something of the record comes to stand in a room.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::post::{Place, Post, ThreadPlace};
use crate::desk::seams::Fault;
use crate::desk::{moved, put_marks, words};
use crate::domain::id::{ArticleId, EventId, RoomId, TicketId};
use crate::store::Tx;
use crate::store::jobs::{Card, Pins};
use crate::store::projections::{Standing, Subject};

/// What a room should show of one subject now.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The subject.
    pub subject: Subject,
    /// The room.
    pub room: RoomId,
    /// The thread that it stands in; `None`: in the room itself.
    pub below: Option<Root>,
    /// The message; `None`: there should be none. Whom it calls is called once, when it is new.
    pub post: Option<Post>,
    /// Whether it should be pinned.
    pub is_pinned: bool,
    /// Whether another day's changes are another message, so that the edits of one stay few; the older one is taken away.
    pub is_daily: bool,
    /// Whether somebody still has to act on it, so that it is sent anew if it was taken away. What is not stays away:
    /// whoever took a customer's words out of a room had a reason.
    pub is_needed: bool,
    /// Whether it is told as it happens.
    pub telling: Telling,
    /// The reactions that the bot puts on it itself, so that one tap decides; clients notify for none.
    pub offers: &'static [&'static str],
    /// The ticket, and the article, that a reaction on it or an answer to it is about.
    pub about: Option<(TicketId, Option<ArticleId>)>,
}

impl Wanted {
    /// A message in the room itself that nobody has to act on, is pinned nowhere and offers nothing: what most are but for what
    /// is said otherwise.
    #[must_use]
    pub fn of(subject: Subject, room: RoomId, post: Option<Post>) -> Self {
        Self {
            subject,
            room,
            below: None,
            post,
            is_pinned: false,
            is_daily: false,
            is_needed: false,
            telling: Telling::News,
            offers: &[],
            about: None,
        }
    }
}

/// Whether something is told as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It is.
    News,
    /// Its room was made anew and has to show what stood in another one: a card has all that was said follow it, and nothing overtakes what
    /// was said before.
    Anew,
}

impl Telling {
    /// How a ticket that is, or is not, shown anew is told of.
    #[must_use]
    pub fn of(is_anew: bool) -> Self {
        if is_anew { Self::Anew } else { Self::News }
    }
}

/// The root of a thread.
#[derive(Clone, Debug)]
pub struct Root {
    /// What stands there.
    pub subject: Subject,
    /// What to begin the thread with, and under which key, if nobody has yet. `None`: an earlier job of the same lane does.
    pub first: Option<(Uuid, Post)>,
}

impl Projection<'_> {
    /// Makes a room show what is wanted there, records what stands there then, and ends the job. What stands there
    /// already is not sent again.
    ///
    /// # Errors
    /// The [`Failure`](crate::desk::failure::Failure) that decides whether it is tried again.
    pub async fn show(&self, wanted: &Wanted) -> Outcome {
        let mut tx = self.store.begin().await?;
        let standing = tx.projections().get(wanted.subject, &wanted.room).await?;
        let root = match &wanted.below {
            Some(root) if standing.as_ref().is_none_or(|standing| standing.is_taken_away) => {
                tx.projections().get(root.subject, &wanted.room).await?
            }
            _ => None,
        };
        drop(tx);
        match (standing, &wanted.post) {
            (None, None) => self.done().await,
            (Some(standing), post) if standing.is_taken_away => match post {
                Some(post) if wanted.is_needed => self.add(wanted, post, root).await,
                _ => self.done().await,
            },
            (None, Some(post)) => self.add(wanted, post, root).await,
            (Some(standing), Some(post)) if wanted.is_daily && self.is_of_another_day(&standing, post) => {
                self.renew(wanted, &standing, post).await
            }
            (Some(standing), Some(post)) => self.edit(wanted, &standing, post).await,
            (Some(standing), None) => self.remove(wanted, &standing).await,
        }
    }

    async fn add(&self, wanted: &Wanted, post: &Post, root: Option<Standing>) -> Outcome {
        if let (Telling::Anew, Some((ticket, Some(article)))) = (wanted.telling, wanted.about) {
            let or_itself = matches!(wanted.subject, Subject::File(_));
            if self.waits_for_earlier((ticket, article), or_itself).await? {
                return Ok(());
            }
        }
        if root.is_none()
            && wanted.below.as_ref().is_some_and(|root| root.first.is_none())
            && self.waits_for_card().await?
        {
            return Ok(());
        }
        let thread = match (&wanted.below, root) {
            (None, _) => None,
            (Some(_), Some(root)) => Some(ThreadPlace { root: root.event, last: root.last, is_reply: false }),
            (Some(root), None) => Some(self.begin_thread(&wanted.room, root).await?),
        };
        let root = thread.as_ref().map(|thread| thread.root.clone());
        // Of a repeated attempt nobody knows which of them it was; the homeserver says so a little later.
        let begun = Some(self.store.now()).filter(|_| self.leased.attempt == 1);
        let event = self.send_once(&wanted.room, &thread.into(), post).await?;
        let mut tx = self.store.begin_quick().await?;
        let (digest, is_pinned) = (self.certain(post), wanted.is_pinned);
        let standing = Standing { root, is_pinned, ..Standing::unpinned(event, None, digest, tx.now()) };
        bring_up_pins(&mut tx, &wanted.room, is_pinned);
        tx.projections().add(wanted.subject, &wanted.room, &standing).await?;
        if let (Subject::Card(_) | Subject::Article(_), Some((_, Some(article)))) = (wanted.subject, wanted.about) {
            tx.articles().set_event(article, &standing.event, begun).await?;
        }
        if let (Telling::Anew, Subject::Card(ticket)) = (wanted.telling, wanted.subject) {
            tx.come_last();
            moved::carry_articles(&mut tx, ticket, i64::MAX).await?;
        }
        if !wanted.offers.is_empty() {
            put_marks(&mut tx, &wanted.room, &standing.event, wanted.offers);
        }
        self.record(tx, &wanted.room, &standing, wanted.about).await
    }

    async fn edit(&self, wanted: &Wanted, standing: &Standing, post: &Post) -> Outcome {
        // An earlier attempt may have shown what was so then: what was there before it is nothing to compare with.
        let is_first = self.leased.attempt == 1;
        let is_same = is_first && standing.digest.as_deref() == Some(digest(post).as_slice());
        if !is_same {
            // An edit calls nobody.
            let post = Post { mentions: Vec::new(), calls_room: false, ..post.clone() };
            self.send_once(&wanted.room, &Place::Replacing(standing.event.clone()), &post).await?;
        }
        let is_pin_other = wanted.is_pinned != standing.is_pinned;
        if is_same && !is_pin_other {
            return self.done().await;
        }
        let digest = if is_same { standing.digest.clone() } else { self.certain(post) };
        let mut tx = self.store.begin_quick().await?;
        // What somebody else has unpinned is pinned again when it changes; a list that is as it was is no event.
        bring_up_pins(&mut tx, &wanted.room, wanted.is_pinned || is_pin_other);
        tx.projections().update(wanted.subject, &wanted.room, digest.as_deref(), wanted.is_pinned).await?;
        // What was decided offers nothing any more.
        if matches!(wanted.subject, Subject::QuarantineEntry(_) | Subject::QuarantineDay(_) | Subject::Article(_)) {
            put_marks(&mut tx, &wanted.room, &standing.event, wanted.offers);
        }
        self.end(tx).await
    }

    /// Whether what stands there is of another day, and no longer so.
    fn is_of_another_day(&self, standing: &Standing, post: &Post) -> bool {
        let is_same = standing.digest.as_deref() == Some(digest(post).as_slice());
        standing.sent_at.date_naive() != self.store.now().date_naive() && !is_same
    }

    /// Sends it anew, and takes the older message away. The new one comes first, so that there always is one.
    async fn renew(&self, wanted: &Wanted, standing: &Standing, post: &Post) -> Outcome {
        let event = self.send_once(&wanted.room, &Place::Room, post).await?;
        self.chat.redact(&wanted.room, self.leased.key, &standing.event, "").await?;
        let mut tx = self.store.begin_quick().await?;
        let is_pinned = wanted.is_pinned;
        let new = Standing { is_pinned, ..Standing::unpinned(event, None, self.certain(post), tx.now()) };
        bring_up_pins(&mut tx, &wanted.room, is_pinned || standing.is_pinned);
        tx.projections().renew(wanted.subject, &wanted.room, &new).await?;
        self.end(tx).await
    }

    async fn remove(&self, wanted: &Wanted, standing: &Standing) -> Outcome {
        self.chat.redact(&wanted.room, self.leased.key, &standing.event, "").await?;
        let mut tx = self.store.begin_quick().await?;
        bring_up_pins(&mut tx, &wanted.room, standing.is_pinned);
        tx.projections().remove(wanted.subject, &wanted.room).await?;
        self.end(tx).await
    }

    /// Sends what nothing of the record has to be compared with, such as an answer to somebody, and ends the job.
    pub(super) async fn say(
        &self,
        room: &RoomId,
        thread: Option<ThreadPlace>,
        post: &Post,
        ticket: Option<TicketId>,
    ) -> Outcome {
        let below = thread.as_ref().map(|thread| thread.root.clone());
        let event = self.send_once(room, &thread.into(), post).await?;
        let tx = self.store.begin_quick().await?;
        let standing = Standing::unpinned(event, below, None, tx.now());
        self.record(tx, room, &standing, ticket.map(|ticket| (ticket, None))).await
    }

    /// Records whose event it is and that its thread ends with it, and ends the job.
    pub(super) async fn record(
        &self,
        mut tx: Tx,
        room: &RoomId,
        standing: &Standing,
        about: Option<(TicketId, Option<ArticleId>)>,
    ) -> Outcome {
        if let Some((ticket, article)) = about {
            tx.threads().add_event(&standing.event, room, ticket, article).await?;
        }
        if let Some(root) = &standing.root {
            tx.projections().set_last(root, &standing.event).await?;
        }
        self.end(tx).await
    }

    /// Sends the job's message, unless an earlier attempt did.
    pub(super) async fn send_once(&self, room: &RoomId, place: &Place, post: &Post) -> Outcome<EventId> {
        self.send_under(self.leased.key, room, place, post).await
    }

    async fn send_under(&self, key: Uuid, room: &RoomId, place: &Place, post: &Post) -> Outcome<EventId> {
        if self.leased.attempt > 1
            && let Some(event) = self.chat.sent_before(room, key, self.leased.since).await?
        {
            return Ok(event);
        }
        Ok(self.chat.send(room, key, place, post).await?)
    }

    /// The digest of what was sent, if it is certain that this was sent. An earlier attempt may have sent what was so
    /// then, and the homeserver takes a key once: then the next job, which stands behind this one if anything has
    /// changed, must not be spared.
    fn certain(&self, post: &Post) -> Option<Vec<u8>> {
        (self.leased.attempt == 1).then(|| digest(post))
    }

    /// What was said before in the ticket, and comes behind this, comes first.
    async fn waits_for_earlier(&self, what: (TicketId, ArticleId), or_itself: bool) -> Outcome<bool> {
        let mut tx = self.store.begin_quick().await?;
        let waits = tx.go_behind_earlier(self.leased, what, or_itself).await?;
        tx.commit().await?;
        Ok(waits)
    }

    /// A ticket that was moved while this waited has its card there behind this: then this comes after it.
    async fn waits_for_card(&self) -> Outcome<bool> {
        let mut tx = self.store.begin_quick().await?;
        let waits = tx.go_behind::<Card>(self.leased).await?;
        tx.commit().await?;
        Ok(waits)
    }

    /// Begins a thread, under a key that all know who might.
    async fn begin_thread(&self, room: &RoomId, thread: &Root) -> Outcome<ThreadPlace> {
        let Some((key, first)) = &thread.first else {
            return Err(Fault::never("its ticket has no card: retry that first").into());
        };
        let event = self.send_under(*key, room, &Place::Room, first).await?;
        let digest = self.certain(first);
        let mut tx = self.store.begin_quick().await?;
        let standing = Standing::unpinned(event.clone(), None, digest, tx.now());
        tx.projections().add(thread.subject, room, &standing).await?;
        if matches!(thread.subject, Subject::QuarantineDay(_)) {
            put_marks(&mut tx, room, &standing.event, words::quarantine::OFFERS_A_DAY);
        }
        tx.commit().await?;
        Ok(ThreadPlace { root: event.clone(), last: event, is_reply: false })
    }
}

/// Which messages of a room are pinned is one list that is written whole. What is pinned has lanes of its own, so each only
/// records what it wants, and a lane of the room writes what all of them have recorded.
fn bring_up_pins(tx: &mut Tx, room: &RoomId, is_needed: bool) {
    if is_needed {
        tx.enqueue(Pins { room: room.clone() });
    }
}

/// What tells apart what is seen. Tone and mentions belong to the moment when a message is new.
fn digest(post: &Post) -> Vec<u8> {
    let seen = serde_json::to_vec(&(&post.marker, &post.said, &post.file)).expect("posts are plain data");
    Sha256::digest(seen).to_vec()
}

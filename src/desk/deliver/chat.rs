//! A message out: composed of what is so now, sent, and its event recorded.

use super::pictures::shows;
use super::{Failure, Outcome};
use crate::crash;
use crate::desk::Desk;
use crate::desk::archive::archived;
use crate::desk::post::{ArticleMark, Post, PostedFile, ThreadPlace, Tone};
use crate::desk::seams::{Chat, Fault, Media};
use crate::desk::words::{self, Card};
use crate::domain::article::{Kind, Visibility};
use crate::domain::id::{ArticleId, AttachmentId, EventId, RoomId, TicketId};
use crate::domain::queue::{NotifyNew, Queue};
use crate::domain::ticket::{State, Ticket};
use crate::store::Tx;
use crate::store::articles::ArticleRow;
use crate::store::jobs::{Job, Leased, Notice};

impl Desk {
    /// Does one job of the Matrix side.
    ///
    /// # Errors
    /// The [`Failure`] that decides whether it is tried again.
    pub async fn deliver_chat(&self, leased: &Leased, chat: &dyn Chat) -> Outcome {
        match &leased.job {
            Job::Rooms(_) => {
                self.make_rooms(chat).await?;
                self.done(leased).await
            }
            Job::Card(job) => self.card(leased, chat, job.ticket).await,
            Job::Article(job) => self.article(leased, chat, job.article).await,
            Job::File(job) => self.file(leased, chat, job.file).await,
            Job::Notice(job) => self.notice(leased, chat, job).await,
            Job::Mark(job) => {
                chat.react(&job.room, leased.key, &job.to, &job.mark).await?;
                self.done(leased).await
            }
            Job::Quarantine(job) => self.quarantine_entry(leased, chat, job.entry).await,
            Job::Fetch(job) => self.fetch(leased, chat, job).await,
            Job::Raw(job) => self.raw_mail(leased, chat, job).await,
            Job::ReadMail(_) | Job::ReadEvent(_) | Job::Letter(_) => {
                Err(Fault::never("this is no work for Matrix").into())
            }
        }
    }

    /// Posts a ticket's card, or edits it.
    async fn card(&self, leased: &Leased, chat: &dyn Chat, id: TicketId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let ticket = tx.tickets().get(id).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let room = room_of(&queue)?;
        let thread = tx.threads().get(id, &room).await?;
        let first = first_article(&mut tx, ticket.id).await?;
        let mut post = self.compose_card(&mut tx, &ticket, &queue, first.as_ref()).await?;
        drop(tx);
        if let Some(first) = &first {
            post.html = self.illustrated(chat, &room, first.id, post.html).await?;
        }
        let is_imported = first.as_ref().is_some_and(|first| first.is_imported);
        let on_card = first.filter(|first| first.on_card);
        if let Some(thread) = thread {
            post.replaces = Some(thread.root);
            send_once(leased, chat, &room, &post).await?;
            return self.done(leased).await;
        }
        match &queue.notify_new {
            // An archive calls nobody.
            _ if is_imported => post.tone = Tone::Notice,
            NotifyNew::None => post.tone = Tone::Notice,
            NotifyNew::Room => {}
            NotifyNew::List(users) => post.mentions.clone_from(users),
        }
        let card = send_once(leased, chat, &room, &post).await?;
        let mut tx = self.store.begin_quick().await?;
        tx.threads().set_card(id, &room, &card, on_card.as_ref().map(|first| first.id)).await?;
        if let Some(first) = on_card {
            tx.articles().set_event(first.id, &card).await?;
        }
        tx.finish(leased).await?;
        tx.commit().await?;
        crash::point("chat.after_record");
        Ok(())
    }

    async fn compose_card(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        queue: &Queue,
        first: Option<&ArticleRow>,
    ) -> Outcome<Post> {
        let customer = tx.customers().get(ticket.customer).await?;
        let owner = match ticket.owner {
            Some(owner) => Some(tx.agents().get(owner).await?.user),
            None => None,
        };
        let into = match ticket.state {
            State::Merged => tx.merges().target(ticket.id).await?.map(|(_, number)| number),
            _ => None,
        };
        let card = Card {
            ticket,
            merged_into: into.as_ref(),
            copies: first.filter(|first| first.on_card).and_then(|first| first.copies.as_deref()),
            queue,
            customer: &customer,
            owner: owner.as_ref(),
            first: first.map(|first| (first.text.as_str(), first.html.as_deref())),
            is_whole: first.is_some_and(|first| first.on_card),
            written_at: first.filter(|first| first.is_imported).and_then(|first| first.written_at),
            wanted: first.filter(|first| first.on_card).and_then(|first| first.wanted_elsewhere(&customer)),
        };
        let mut post = words::card(&card);
        post.ticket = Some(words::ticket_mark(&card));
        if let Some(first) = first.filter(|first| first.on_card) {
            post.article = Some(article_mark(ticket, first));
        }
        Ok(post)
    }

    /// Posts an article into its thread, or edits it there to what was decided about it.
    async fn article(&self, leased: &Leased, chat: &dyn Chat, id: ArticleId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let article = tx.articles().get(id).await?;
        let ticket = tx.tickets().get(article.ticket).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let room = room_of(&queue)?;
        let place = place_in(&mut tx, &ticket, &room).await?;
        let mut post = self.compose_article(&mut tx, &ticket, &article).await?;
        drop(tx);
        post.html = self.illustrated(chat, &room, id, post.html).await?;
        if let Some(event) = &article.event {
            post.mentions.clear();
            post.replaces = Some(event.clone());
            send_once(leased, chat, &room, &post).await?;
            return self.done(leased).await;
        }
        let event = send_once(leased, chat, &room, &post.in_thread(Some(place))).await?;
        let mut tx = self.store.begin_quick().await?;
        tx.articles().set_event(id, &event).await?;
        self.record(tx, leased, ticket.id, &room, &event, Some(id)).await
    }

    async fn compose_article(&self, tx: &mut Tx, ticket: &Ticket, article: &ArticleRow) -> Outcome<Post> {
        let mark = article_mark(ticket, article);
        let is_held = article.visibility == Visibility::Held;
        let mut post = match (article.kind, article.customer) {
            (Kind::Mail, Some(customer)) => {
                let customer = tx.customers().get(customer).await?;
                let (text, html) = (article.text.as_str(), article.html.as_deref());
                let mailed = words::Mailed::new(ticket, article.subject.as_deref(), text, html);
                if is_held && !article.is_cancelled {
                    let why = article.rule.as_deref().unwrap_or("its sender does not take part in this ticket");
                    words::held_article(&customer, why, &mailed, mark)
                } else if let Some(response) = article.response {
                    words::response_article(&customer, response, &mailed, mark)
                } else {
                    let wanted = article.wanted_elsewhere(&customer).filter(|_| ticket.customer == customer.id);
                    let post = words::customer_article(&customer, &mailed, mark);
                    match wanted {
                        Some(wanted) => words::wanting(post, wanted, &customer),
                        None => post,
                    }
                }
            }
            _ => words::bounce_article(&article.text, mark),
        };
        if let Some(copies) = &article.copies {
            post = words::copied(post, copies);
        }
        if is_held && article.is_cancelled {
            post.text = format!("(not part of this ticket) {}", post.text);
            post.html = post.html.map(|html| format!("<em>not part of this ticket</em><br>{html}"));
        }
        if article.is_imported {
            return Ok(archived(post, article.written_at));
        }
        let called = match article.response {
            // Locked: its owner. Unlocked: nobody in particular, so that the room's own setting decides.
            None => ticket.owner,
            // An appointment falls through: whoever is or was at it, also when the ticket is closed.
            Some(response) if response.needs_somebody() => ticket.owner.or(ticket.last_owner),
            Some(_) => None,
        };
        if let Some(agent) = called {
            post.mentions.push(tx.agents().get(agent).await?.user);
            post.tone = Tone::Text;
        }
        Ok(post)
    }

    async fn file(&self, leased: &Leased, chat: &dyn Chat, id: AttachmentId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let file = tx.files().get(id).await?;
        let article = tx.articles().get(file.article).await?;
        let ticket = tx.tickets().get(article.ticket).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let room = room_of(&queue)?;
        let place = place_in(&mut tx, &ticket, &room).await?;
        drop(tx);
        let html = article.html.as_deref().unwrap_or_default();
        let is_placed = file.media.as_ref().is_some_and(|media| media["url"].is_string())
            && file.content_id.as_ref().is_some_and(|id| shows(html, id));
        // It stands in its article's own event.
        if is_placed && let Some(event) = &article.event {
            let mut tx = self.store.begin_quick().await?;
            tx.files().set_event(id, event).await?;
            tx.finish(leased).await?;
            return Ok(tx.commit().await?);
        }
        let size = file.bytes.len() as u64;
        let media = match file.media {
            Some(media) => Ok(Media(media)),
            None => chat.upload(&room, &file.name, &file.mime, file.bytes).await,
        };
        let name = words::defuse(&file.name);
        let mut post = Post::text(name.clone());
        match media {
            Ok(media) => {
                let mut tx = self.store.begin_quick().await?;
                tx.files().set_media(id, &media.0).await?;
                tx.commit().await?;
                post.file = Some(PostedFile { name, mime: file.mime, size, media });
            }
            // What the homeserver will not take is said, with the way to it; nothing is lost.
            Err(Fault::Never { why }) => {
                post = Post::text(format!(
                    "⚠ The file {name} ({size} bytes) is not shown here: {why}. It is kept in the record."
                ));
            }
            Err(later) => return Err(later.into()),
        }
        let event = send_once(leased, chat, &room, &post.in_thread(Some(place))).await?;
        let mut tx = self.store.begin_quick().await?;
        tx.files().set_event(id, &event).await?;
        self.record(tx, leased, ticket.id, &room, &event, Some(file.article)).await
    }

    /// Records what stands in a ticket's thread now, with the end of its job.
    pub(super) async fn record(
        &self,
        mut tx: Tx,
        leased: &Leased,
        ticket: TicketId,
        room: &RoomId,
        event: &EventId,
        article: Option<ArticleId>,
    ) -> Outcome {
        tx.threads().add_event(event, room, ticket, article).await?;
        tx.threads().set_last_event(ticket, room, event).await?;
        tx.finish(leased).await?;
        tx.commit().await?;
        crash::point("chat.after_record");
        Ok(())
    }

    async fn notice(&self, leased: &Leased, chat: &dyn Chat, job: &Notice) -> Outcome {
        let Notice { room, ticket, to, notice } = job;
        let (ticket, to) = (*ticket, to.as_ref());
        let mut tx = self.store.begin().await?;
        let thread = match ticket {
            Some(ticket) => tx.threads().get(ticket, room).await?,
            None => None,
        };
        let elsewhere = match to {
            Some(to) if ticket.is_none() => tx.threads().root_of(to).await?,
            _ => None,
        };
        drop(tx);
        let place = match (thread, elsewhere) {
            (Some(thread), _) => {
                let last = to.cloned().unwrap_or(thread.last);
                Some(ThreadPlace { last, root: thread.root, is_reply: to.is_some() })
            }
            // A thread of no ticket, such as a day's quarantine: what is asked there is answered there.
            (None, Some(first)) => to.cloned().map(|last| ThreadPlace { last, root: first, is_reply: true }),
            (None, None) => None,
        };
        let mut post = if notice.mentions.is_empty() { Post::notice(&notice.text) } else { Post::text(&notice.text) };
        post.html.clone_from(&notice.html);
        let post = post.calling(notice.mentions.clone()).in_thread(place);
        let event = send_once(leased, chat, room, &post).await?;
        match ticket {
            Some(ticket) => self.record(self.store.begin_quick().await?, leased, ticket, room, &event, None).await,
            None => self.done(leased).await,
        }
    }
}

/// Sends a job's message, unless an earlier attempt did.
pub(super) async fn send_once(leased: &Leased, chat: &dyn Chat, room: &RoomId, post: &Post) -> Outcome<EventId> {
    if leased.attempt > 1
        && let Some(event) = chat.sent_before(room, leased.key, leased.since).await?
    {
        return Ok(event);
    }
    Ok(chat.send(room, leased.key, post).await?)
}

pub(super) fn room_of(queue: &Queue) -> Outcome<RoomId> {
    queue.room.clone().ok_or_else(|| Failure::TooEarly(format!("queue {} has no room yet", queue.name)))
}

/// The end of a ticket's thread. Its card is an earlier job of the same lane.
async fn place_in(tx: &mut Tx, ticket: &Ticket, room: &RoomId) -> Outcome<ThreadPlace> {
    let thread = tx.threads().get(ticket.id, room).await?;
    let thread = thread.ok_or_else(|| Fault::never("its ticket has no card: retry that first"))?;
    Ok(ThreadPlace { root: thread.root, last: thread.last, is_reply: false })
}

/// The article that stands on a ticket's card, or would if it fitted.
async fn first_article(tx: &mut Tx, ticket: TicketId) -> Outcome<Option<ArticleRow>> {
    Ok(match tx.articles().first_of(ticket).await? {
        Some(first) => Some(tx.articles().get(first).await?),
        None => None,
    })
}

fn article_mark(ticket: &Ticket, article: &ArticleRow) -> ArticleMark {
    ArticleMark {
        ticket: ticket.number.clone(),
        id: article.id,
        sender: article.sender.name(),
        visibility: article.visibility.name(),
    }
}

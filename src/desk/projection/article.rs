//! An article in its ticket's thread.

use super::difference::{Root, Telling, Wanted};
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::outbound::automatic::Words;
use crate::desk::post::{ArticleMarker, Marker, Post, Tone};
use crate::desk::words::{self, MailArticle, Said};
use crate::domain::article::{Kind, Visibility};
use crate::domain::id::{AgentId, ArticleId, UserId};
use crate::domain::queue::{NotifyNew, Queue};
use crate::domain::said::{MailBody, SafeHtml};
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
use crate::store::Tx;
use crate::store::articles::ArticleRow;
use crate::store::customers::Customer;
use crate::store::intake::Route;
use crate::store::projections::Subject;

/// What can be decided about a held mail by a reaction. A ✅ of the bot's would read as if it were done.
const HELD: &[&str] = &["📥", "🆕", "🗑"];

impl Projection<'_> {
    /// Posts an article into its thread, or edits it there to what was decided about it.
    pub(super) async fn article(&self, id: ArticleId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let article = tx.articles().get(id).await?;
        let ticket = tx.tickets().get(article.ticket).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let room = room_of(&queue)?;
        // It came to stand elsewhere first: its ticket has been moved.
        let is_carried = article.event.is_some() && tx.projections().get(Subject::Article(id), &room).await?.is_none();
        // A ticket that begins with our mail begins in the room, where no reader of its thread sees it.
        let is_first = tx.articles().first_of(ticket.id).await? == Some(id);
        if is_carried && !is_first && tx.threads().room_of(article.event.as_ref()).await?.as_ref() == Some(&room) {
            // An agent's own message, and the ticket is back where it was written.
            drop(tx);
            return self.done().await;
        }
        let mut post = compose(&mut tx, &ticket, &queue, &article, is_carried).await?;
        let telling = Telling::of(tx.remirrors().covers(queue.id, ticket.id).await?);
        drop(tx);
        self.illustrate(&room, id, &mut post.said).await?;
        let below = Some(Root { subject: Subject::Card(ticket.id), first: None });
        let (subject, about) = (Subject::Article(id), Some((ticket.id, Some(id))));
        let is_needed = is_waiting(&article);
        self.show(&Wanted {
            below,
            is_needed,
            telling,
            offers: if is_needed { HELD } else { &[] },
            about,
            ..Wanted::of(subject, room, Some(post))
        })
        .await
    }
}

async fn compose(tx: &mut Tx, ticket: &Ticket, queue: &Queue, article: &ArticleRow, is_carried: bool) -> Outcome<Post> {
    let (marker, clock) = (marker_of(ticket, article), WallClock::new(queue.time_zone, tx.now()));
    let mut post = match (article.kind, article.customer) {
        (Kind::Mail, Some(writer)) => {
            let is_new = !article.is_imported()
                && article.is_of_customer()
                && article.response.is_none()
                && !tx.participants().contains(ticket.id, writer).await?;
            compose_mail(
                (ticket, queue, clock),
                article,
                (&tx.customers().get(writer).await?, is_new),
                marker,
                is_carried,
            )
        }
        (Kind::Answer | Kind::Note | Kind::Forward, _) => {
            let author = tx.articles().author_of(article.id).await?;
            let said = words::agents_article(article, &tx.agents().get(author).await?.user, clock);
            Post::notice(said).marked(Marker::Article(marker, None))
        }
        (Kind::Alert, _) => Post::text(words::alert(&article.text)).marked(Marker::Article(marker, None)),
        // What is to be done about it is said by itself, and calls who has to.
        _ if article.kind == Kind::Bounce => {
            return Ok(Post::notice(words::report(&article.text)).marked(Marker::Article(marker, None)));
        }
        _ => Post::text(Said::plain(&article.text)).marked(Marker::Article(marker, None)),
    };
    if article.is_imported() || is_carried {
        return Ok(Post { tone: Tone::Notice, ..post });
    }
    let is_waiting = is_waiting(article);
    let called = match article.response {
        _ if is_waiting => who_decides(tx, ticket).await?,
        // Who asked is told, also when the ticket is closed.
        None if article.kind == Kind::Mail && article.visibility == Visibility::Internal => {
            who_decides(tx, ticket).await?
        }
        // Locked: its owner. Unlocked: nobody in particular, so that the room's own setting decides.
        None => ticket.owner,
        // An appointment falls through: whoever is or was at it, also when the ticket is closed.
        Some(response) if response.needs_somebody() => ticket.owner.or(ticket.last_owner),
        Some(_) => None,
    };
    if article.is_of_customer() && article.response.is_none() {
        post.mentions.extend(watchers(tx, ticket, called).await?);
    }
    if let Some(agent) = called {
        post.mentions.push(tx.agents().get(agent).await?.user);
        post.tone = Tone::Text;
    } else if let NotifyNew::List(users) = &queue.notify_new
        && is_waiting
    {
        post.mentions.extend(users.iter().cloned());
    }
    Ok(post)
}

/// Whether an agent is still to decide about it.
fn is_waiting(article: &ArticleRow) -> bool {
    article.visibility == Visibility::Held && !article.is_cancelled
}

/// Who is called for what waits in a ticket for a decision, whatever its state: its owner, else who had it last or did
/// something to it last, if they still work there.
async fn who_decides(tx: &mut Tx, ticket: &Ticket) -> Outcome<Option<AgentId>> {
    if ticket.owner.is_some() {
        return Ok(ticket.owner);
    }
    let last = match ticket.last_owner {
        Some(last) => Some(last),
        None => tx.audit().last_agent(ticket.id).await?,
    };
    let Some(last) = last else { return Ok(None) };
    Ok(tx.agents().get(last).await?.works_in(ticket.queue).then_some(last))
}

/// Who watches a ticket and still works there, but for whoever is called anyway.
async fn watchers(tx: &mut Tx, ticket: &Ticket, called: Option<AgentId>) -> Outcome<Vec<UserId>> {
    let mut watchers = Vec::new();
    for agent in tx.watches().of(ticket.id).await? {
        let agent = tx.agents().get(agent).await?;
        if Some(agent.id) != called && agent.works_in(ticket.queue) {
            watchers.push(agent.user);
        }
    }
    Ok(watchers)
}

fn compose_mail(
    (ticket, queue, clock): (&Ticket, &Queue, WallClock),
    article: &ArticleRow,
    (customer, is_new): (&Customer, bool),
    marker: ArticleMarker,
    is_carried: bool,
) -> Post {
    let is_held = article.visibility == Visibility::Held;
    let is_waiting = is_waiting(article);
    let response = article.response.filter(|_| !is_waiting);
    let why = article.rule.as_deref().unwrap_or("its sender does not take part in this ticket");
    let may_want = !is_waiting && response.is_none() && ticket.customer == customer.id;
    let said = words::mail_article(&MailArticle {
        ticket,
        customer,
        clock,
        subject: article.subject.as_deref().filter(|subject| !Words::are_headed(subject, queue, ticket)),
        body: body_of(article),
        response,
        is_new,
        is_by_page: article.route == Some(Route::Page),
        answers_forward: article.visibility == Visibility::Internal,
        held: is_waiting.then_some(why),
        is_discarded: is_held && article.is_cancelled,
        written_at: if is_carried { Some(article.at) } else { article.written_at.filter(|_| article.is_imported()) },
        copies: article.copies.as_deref(),
        wanted: article.wanted_elsewhere(customer).filter(|_| may_want),
    });
    // What only answers another mail notifies nobody, and is nobody's speech.
    match response {
        Some(_) => Post::notice(said).marked(Marker::Article(marker, None)),
        None => Post::text(said).marked(Marker::Article(marker, Some(words::speaker(ticket, customer)))),
    }
}

/// An article's words.
pub(super) fn body_of(article: &ArticleRow) -> MailBody {
    let html = article.html.clone().map(SafeHtml::sanitized);
    MailBody { text: article.text.trim().to_owned(), html, ..MailBody::default() }
}

pub(super) fn marker_of(ticket: &Ticket, article: &ArticleRow) -> ArticleMarker {
    ArticleMarker {
        ticket: ticket.number.clone(),
        id: article.id,
        sender: article.sender.name(),
        visibility: article.visibility.name(),
    }
}

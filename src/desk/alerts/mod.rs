//! What monitoring sends becomes tickets: a group of alerts one, which follows what of it fires.
//!
//! A ticket of alerts has no customer: where one would stand is an address that no mail can reach. So nothing ever leaves the
//! house for it, unless an agent says whom it is for. What monitoring says is foreign text, shown as a customer's is.

mod text;

use chrono::TimeDelta;

use super::words::{self, Said, fits_card};
use super::{Desk, record, refresh_card, say};
use crate::crash;
use crate::domain::alert::{Alerts, News};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{ArticleId, TicketId};
use crate::domain::number::Number;
use crate::domain::queue::{ClosedFollowUp, Queue};
use crate::domain::ticket::{Action, Actor, Ticket, TicketEvent};
use crate::domain::wall_clock::WallClock;
use crate::store::alert_groups::{AlertGroup, Heard};
use crate::store::alert_tokens::AlertToken;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::tickets::NewTicket;
use crate::store::{Result, Tx, jobs};

/// For so long after a ticket was closed, what is sent once more is taken for what was under way before.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(5);

/// What became of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// A ticket.
    Opened,
    /// A word in the ticket that there was.
    Told,
    /// The same, and the ticket is open again.
    Reopened,
    /// The same, and the ticket is closed.
    Closed,
    /// Nothing but a count: it was known.
    Repeated,
    /// Nothing: something is over that nobody had heard of.
    Nothing,
}

/// Takes what was sent of a group, in one transaction.
///
/// # Errors
/// If it is not certain that it is committed: then its sender must send it again.
pub async fn take(desk: &Desk, mut tx: Tx, token: &AlertToken, alerts: &Alerts) -> Result<(Became, Option<Number>)> {
    let key = alerts.key();
    tx.alert_groups().lock(token.id, &key).await?;
    let mut sent = Sent { desk, tx: &mut tx, token, alerts, key };
    let became = match sent.tx.alert_groups().get(token, &key).await? {
        Some(group) => sent.follow_up(&group).await?,
        None if alerts.fires => sent.begin(None).await?,
        None => (Became::Nothing, None),
    };
    crash::point("command.before_commit");
    tx.commit().await?;
    crash::point("command.after_commit");
    Ok(became)
}

/// A group on its way into a ticket.
struct Sent<'a> {
    desk: &'a Desk,
    tx: &'a mut Tx,
    token: &'a AlertToken,
    alerts: &'a Alerts,
    key: [u8; 32],
}

type Taken = Result<(Became, Option<Number>)>;

impl Sent<'_> {
    /// Makes a ticket, or, if within an hour many were made, goes on in the newest of them: a storm of alerts is no flood
    /// of tickets. `follows` is the closed one of the same group.
    async fn begin(&mut self, follows: Option<&Ticket>) -> Taken {
        let most = i64::from(self.desk.settings.burst);
        if let Some(newest) = self.tx.alert_groups().newest_of_many(self.token.id, most).await?
            && let Some(mut ticket) = self.tx.merges().lock_canonical(newest).await?
        {
            let is_closed = ticket.state.is_over();
            self.wake(&mut ticket).await?;
            self.tell_all(&ticket).await?;
            return Ok((if is_closed { Became::Reopened } else { Became::Told }, Some(ticket.number)));
        }
        let ticket = self.make().await?;
        self.tell_all(&ticket).await?;
        if let Some(old) = follows {
            self.link(&ticket, old).await?;
        }
        Ok((Became::Opened, Some(ticket.number)))
    }

    async fn make(&mut self) -> Result<Ticket> {
        let queue = self.tx.queues().get(self.token.queue).await?;
        let source = self.alerts.source;
        // The desk's own address would only stand for one that can't be read, which a test rules out.
        let address = source.address().unwrap_or(queue.address);
        let customer = self.tx.customers().at(&address, &source.to_string()).await?;
        let number = self.desk.numbers.next(self.tx).await?;
        let new = NewTicket { number, queue: queue.id, customer: customer.id, subject: self.alerts.subject() };
        let ticket = self.tx.tickets().create(&new).await?;
        // Nobody writes from there: a mail that says so joins nothing.
        self.tx.participants().remove(ticket.id, customer.id).await?;
        self.tx.audit().record(ticket.id, &Actor::System, &TicketEvent::Created { split_from: None }).await?;
        refresh_card(self.tx, ticket.id);
        Ok(ticket)
    }

    /// What is said of a group that is known.
    async fn follow_up(&mut self, group: &AlertGroup) -> Taken {
        let Some(mut ticket) = self.tx.merges().lock_canonical(group.ticket).await? else {
            return if self.alerts.fires { self.begin(None).await } else { Ok((Became::Nothing, None)) };
        };
        let news = self.alerts.news(&group.firing);
        let is_same = news.is_nothing() && self.alerts.fires == group.fires;
        let is_under_way = group.closed_at.is_some_and(|at| self.tx.now() - at < UNDER_WAY);
        let queue = self.tx.queues().get(ticket.queue).await?;
        // What still fires in a ticket that is closed is not seen by anybody.
        let wakes = self.alerts.fires && ticket.state.is_over() && !(is_same && is_under_way);
        if is_same && !wakes {
            self.tx.alert_groups().repeated(group.id).await?;
            return Ok((Became::Repeated, Some(ticket.number)));
        }
        if wakes && queue.closed_follow_up == ClosedFollowUp::New {
            return self.begin(Some(&ticket)).await;
        }
        let begins = !news.began.is_empty() || self.alerts.fires && !group.fires;
        if wakes || begins {
            self.wake(&mut ticket).await?;
        }
        self.tell(&ticket, &queue, &news).await?;
        let heard = Heard { ticket: ticket.id, fires: self.alerts.fires, firing: &news.firing };
        self.tx.alert_groups().change(group.id, self.token.id, heard).await?;
        let closes = !self.alerts.fires
            && queue.alerts_close
            && !ticket.state.is_over()
            && !self.tx.alert_groups().others_fire(ticket.id, group.id).await?;
        if closes {
            self.close(&mut ticket, &queue).await?;
        }
        let became = match (closes, wakes) {
            (true, _) => Became::Closed,
            (_, true) => Became::Reopened,
            _ => Became::Told,
        };
        Ok((became, Some(ticket.number)))
    }

    /// What waited or was closed is open again, as by a customer's mail.
    async fn wake(&mut self, ticket: &mut Ticket) -> Result<()> {
        let owner_is_here = match ticket.owner {
            Some(owner) => {
                let now = self.tx.now();
                self.tx.agents().get(owner).await?.attends(ticket.queue, now)
            }
            None => false,
        };
        let events = ticket.act(None, Action::FollowUp { owner_is_here }, self.tx.now()).unwrap_or_default();
        record(self.tx, ticket, &Actor::System, &events).await
    }

    async fn close(&mut self, ticket: &mut Ticket, queue: &Queue) -> Result<()> {
        let events = ticket.act(None, Action::EndAlerts, self.tx.now()).unwrap_or_default();
        record(self.tx, ticket, &Actor::System, &events).await?;
        if let Some(room) = &queue.room {
            say(self.tx, room, ticket.id, words::alerts_over(), vec![]);
        }
        Ok(())
    }

    /// Says all that fires, in a ticket in which nothing of the group stands yet.
    async fn tell_all(&mut self, ticket: &Ticket) -> Result<()> {
        let news = self.alerts.news(&std::collections::BTreeSet::new());
        let queue = self.tx.queues().get(ticket.queue).await?;
        self.tell(ticket, &queue, &news).await?;
        let heard = Heard { ticket: ticket.id, fires: self.alerts.fires, firing: &news.firing };
        self.tx.alert_groups().put(self.token.id, &self.key, heard).await
    }

    /// Writes what is new as an article.
    async fn tell(&mut self, ticket: &Ticket, queue: &Queue, news: &News<'_>) -> Result<ArticleId> {
        let clock = WallClock::new(queue.time_zone, self.tx.now());
        let text = text::of(self.alerts, news, clock);
        let on_card = fits_card(&text) && self.tx.articles().first_of(ticket.id).await?.is_none();
        let article = self.write(ticket.id, &text, on_card).await?;
        let ended = news.ended.len() + news.vanished;
        let event = TicketEvent::AlertsChanged { article, firing: news.firing.len(), ended };
        self.tx.audit().record(ticket.id, &Actor::System, &event).await?;
        Ok(article)
    }

    async fn write(&mut self, ticket: TicketId, text: &str, on_card: bool) -> Result<ArticleId> {
        let new = NewArticle {
            ticket,
            kind: Kind::Alert,
            sender: Sender::System,
            visibility: Visibility::Internal,
            origin: Origin::Desk,
            body: Body::plain(text),
            on_card,
        };
        let article = self.tx.articles().add(&new).await?;
        if !on_card {
            self.tx.enqueue(jobs::Article { ticket, article });
        }
        Ok(article)
    }

    /// Ties a ticket to the closed one of the same alerts, and says so in both threads.
    async fn link(&mut self, ticket: &Ticket, old: &Ticket) -> Result<()> {
        self.tx.tickets().link(ticket.id, old.id).await?;
        let follows = TicketEvent::Follows { older: old.number.clone() };
        self.tx.audit().record(ticket.id, &Actor::System, &follows).await?;
        let continued = TicketEvent::ContinuedAs { newer: ticket.number.clone() };
        self.tx.audit().record(old.id, &Actor::System, &continued).await?;
        for (of, said) in [
            (ticket, format!("This goes on from Ticket#{}, which is closed and stays so.", old.number)),
            (old, format!("It fires again; that is Ticket#{} now.", ticket.number)),
        ] {
            if let Some(room) = self.tx.queues().get(of.queue).await?.room {
                say(self.tx, &room, of.id, Said::plain(said), vec![]);
            }
        }
        Ok(())
    }
}

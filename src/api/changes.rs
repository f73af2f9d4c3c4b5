//! What of a ticket is to be different.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::body;
use super::problem::Problem;
use crate::desk::conversation::refusal::{OwnerRefusal, TicketRefusal};
use crate::desk::conversation::{Context, Refusal, Stop, link, lock, marks, moving, owner, pending, state};
use crate::domain::id::UserId;
use crate::domain::moment::{When, whole_seconds};
use crate::domain::number::Number;
use crate::domain::queue::Agent;
use crate::domain::ticket::{State, Ticket};

/// The last year in which something may be due.
const LAST_YEAR: i32 = 9_999;

/// What of a ticket is to be different; what is left away stays as it is, and so does what is so already. All of it is done, in
/// the order of these members, or nothing.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Change)]
pub(super) struct ChangeBody {
    /// Bring it into another queue, which unlocks it
    queue: Option<String>,
    /// What it is about
    #[schema(min_length = 1, max_length = 500)]
    subject: Option<String>,
    /// 1 (very low) to 5 (very high)
    #[schema(minimum = 1, maximum = 5)]
    priority: Option<i16>,
    /// All its tags
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// The number of another ticket that it has to do with, too
    link: Option<String>,
    /// Its state, as agents name it: any unambiguous beginning of a name will do. It takes the lock; closing unlocks, and
    /// mails nobody
    state: Option<String>,
    /// Until when it is pending
    pending_until: Option<DateTime<Utc>>,
    /// Who has it, as a Matrix id, or `me`; null unlocks it
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    owner: Option<Keeper>,
}

/// Who is to have a ticket.
#[derive(Clone, Debug)]
enum Keeper {
    Nobody,
    Agent(String),
}

/// Null is something else than nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Keeper>, D::Error> {
    let name: Option<String> = Deserialize::deserialize(from)?;
    Ok(Some(name.map_or(Keeper::Nobody, Keeper::Agent)))
}

impl ChangeBody {
    /// Makes a ticket so, whose row is locked.
    pub(super) async fn apply(&self, context: &mut Context<'_>, ticket: &mut Ticket) -> Result<(), Problem> {
        if let Some(queue) = &self.queue
            && context.tx.queues().get(ticket.queue).await?.name != *queue
        {
            moving::move_to(context, ticket, queue, None).await?;
        }
        if let Some(subject) = &self.subject {
            let subject = body::subject(subject)?;
            if subject != ticket.subject {
                marks::rename(context, ticket, &subject).await?;
            }
        }
        mark(context, ticket, self.priority, self.tags.as_deref()).await?;
        if let Some(number) = &self.link {
            tie(context, ticket, number).await?;
        }
        if self.state.is_some() || self.pending_until.is_some() {
            let wanted = self.state.as_deref().map(body::state).transpose()?.unwrap_or(ticket.state);
            let until = self.pending_until.map(moment).transpose()?;
            set_state(context, ticket, wanted, until).await?;
        }
        match &self.owner {
            None => Ok(()),
            Some(Keeper::Nobody) if ticket.owner.is_none() => Ok(()),
            Some(Keeper::Nobody) => Ok(lock::unlock(context, ticket).await?),
            Some(Keeper::Agent(name)) => {
                let agent = named(context, name).await?;
                if ticket.owner != Some(agent.id) {
                    owner::give(context, ticket, &agent).await?;
                }
                Ok(())
            }
        }
    }
}

/// How urgent it is, and by what it is found again.
pub(super) async fn mark(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    priority: Option<i16>,
    tags: Option<&[String]>,
) -> Result<(), Problem> {
    if let Some(priority) = priority
        && body::priority(priority)? != ticket.priority
    {
        marks::prioritise(context, ticket, priority).await?;
    }
    if let Some(tags) = tags {
        let tags = body::tags(tags)?;
        let on: Vec<_> = tags.iter().filter(|tag| !ticket.tags.contains(tag)).cloned().collect();
        let off: Vec<_> = ticket.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        if !on.is_empty() || !off.is_empty() {
            marks::tag(context, ticket, on, off).await?;
        }
    }
    Ok(())
}

/// A moment as the record keeps it.
pub(super) fn moment(at: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    if (1_970..=LAST_YEAR).contains(&at.year()) {
        return Ok(whole_seconds(at));
    }
    Err(Problem::wrong("`pending_until` is beyond the calendar."))
}

async fn tie(context: &mut Context<'_>, ticket: &Ticket, number: &str) -> Result<(), Problem> {
    let number = Number::parse(number).ok_or_else(|| Problem::wrong(format!("{number} is no ticket's number.")))?;
    match link::link(context, ticket, &number).await {
        Err(Stop::Refused(Refusal::Ticket(TicketRefusal::AsItIs))) => Ok(()),
        done => Ok(done?),
    }
}

async fn set_state(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    wanted: State,
    until: Option<DateTime<Utc>>,
) -> Result<(), Problem> {
    match (wanted, until) {
        (wanted, Some(until)) if wanted.is_pending() => {
            if (ticket.state, ticket.pending_until) != (wanted, Some(until)) {
                pending::wait(context, ticket, (wanted, When::Moment(until)), None).await?;
            }
        }
        (wanted, Some(_)) => return Err(refused(TicketRefusal::Until(wanted))),
        (wanted, None) if wanted == ticket.state => {}
        (wanted, None) if wanted.is_closed() => state::close(context, ticket, wanted, None).await?,
        (State::Open, None) if ticket.state.is_closed() => state::reopen(context, ticket, None).await?,
        (wanted, None) => state::set(context, ticket, wanted).await?,
    }
    Ok(())
}

fn refused(why: TicketRefusal) -> Problem {
    Stop::from(why).into()
}

/// The agent of that id, who may be whose token it is.
async fn named(context: &mut Context<'_>, name: &str) -> Result<Agent, Problem> {
    if name == "me" {
        return Ok(context.by.clone());
    }
    let agent = match UserId::parse(name) {
        Some(user) => context.tx.agents().by_user(&user).await?.filter(|agent| agent.active),
        None => None,
    };
    let none = || Stop::from(OwnerRefusal::NoSuchAgent { name: name.to_owned(), agents: vec![] });
    Ok(agent.ok_or_else(none)?)
}

//! Answers that go out at a moment.
//!
//! Until then such an answer is no article: nothing is frozen, the ticket keeps its state and its times, and the customer was
//! not written to. What it will do is tried when it is written, so that whatever speaks against it is said at once; when its
//! moment is there, the same rules are asked again.

use chrono::{DateTime, Utc};

use super::answer::{Answered, answer};
use super::context::{Cause, Context};
use super::draft::Draft;
use super::pending::moment;
use super::recipients;
use super::refusal::{EditRefusal, Outcome, SendRefusal, Stop, TicketRefusal};
use crate::desk::outbound::failed::responsible;
use crate::desk::{mark, put_mark};
use crate::domain::id::{AgentId, EmailAddress, EventId, ScheduledId, UserId};
use crate::domain::moment::When;
use crate::domain::queue::Agent;
use crate::domain::ticket::{Action, Actor, State, Ticket, TicketEvent};
use crate::store::files::AgentFile;
use crate::store::jobs::SendScheduled;
use crate::store::scheduled::{Plan, ScheduledRow, ScheduledState};
use crate::store::{Result, Tx};

/// An answer that waits now.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    /// When it goes out, by its queue's clock.
    pub at: String,
    /// What there is to say of it besides.
    pub answered: Answered,
}

/// What speaks against sending an answer whose moment is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The customer has written since.
    CustomerWrote,
    /// It is locked by somebody else, or by nobody.
    LockMoved(Option<UserId>),
    /// It is for somebody else now.
    CustomerChanged(EmailAddress),
    /// It goes to all who take part, and these are others than its writer was shown.
    OthersTakePart(Vec<EmailAddress>),
    /// It is closed, or gone.
    Over(State),
    /// Its writer does not work there any more.
    WriterGone,
}

/// Lets an answer wait for a moment. It takes the ticket, and changes nothing else of it before.
pub async fn schedule(context: &mut Context<'_>, ticket: &mut Ticket, draft: &Draft, when: When) -> Outcome<Scheduled> {
    let plan = plan(context, ticket, draft, when).await?;
    let answered = rehearse(context, ticket, draft).await?;
    let plan = Plan { shown: Some(answered.to[1..].to_vec()), ..plan };
    context.act(ticket, Action::Lock).await?;
    let files = recipients::files(context, ticket, draft).await?;
    let command = context.cause.map(|cause| (cause.room, cause.event));
    let id = context.tx.scheduled().add(ticket.id, (context.by.id, command), &plan, &files).await?;
    context.record(ticket.id, &TicketEvent::AnswerScheduled { at: plan.at }).await?;
    wait(context.tx, id, plan.at);
    Ok(Scheduled { at: by_clock(context, ticket, plan.at).await?, answered })
}

/// Changes an answer that waits, or was stopped, and lets it wait. Like writing it, it takes the ticket. Its files stay as they
/// were.
pub async fn change(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    row: &ScheduledRow,
    (draft, when): (&Draft, When),
) -> Outcome<String> {
    if !row.state.is_open() {
        return Err(EditRefusal::TooLate.into());
    }
    if draft.newest_files != row.plan.attached {
        return Err(EditRefusal::Files.into());
    }
    let plan = plan(context, ticket, draft, when).await?;
    let files = context.tx.scheduled().files(row.id).await?;
    let answered = rehearse(context, ticket, &Draft { newest_files: None, files, ..draft.clone() }).await?;
    let plan = Plan { shown: Some(answered.to[1..].to_vec()), ..plan };
    context.act(ticket, Action::Lock).await?;
    context.tx.scheduled().change(row.id, &plan).await?;
    context.record(ticket.id, &TicketEvent::AnswerScheduled { at: plan.at }).await?;
    if let Some((room, event)) = &row.command {
        put_mark(context.tx, room, event, mark::WAITS);
    }
    wait(context.tx, row.id, plan.at);
    Ok(by_clock(context, ticket, plan.at).await?)
}

/// Takes one back that has not been sent; `false` if it has.
pub async fn cancel(tx: &mut Tx, row: &ScheduledRow, by: &Actor) -> Result<bool> {
    if !row.state.is_open() {
        return Ok(false);
    }
    tx.scheduled().set_state(row.id, ScheduledState::Cancelled).await?;
    tx.audit().record(row.ticket, by, &TicketEvent::ScheduleEnded { is_cancelled: true }).await?;
    if let Some((room, event)) = &row.command {
        put_mark(tx, room, event, mark::NO);
    }
    Ok(true)
}

/// What speaks against sending one now.
pub async fn obstacle(tx: &mut Tx, ticket: &Ticket, row: &ScheduledRow, writer: &Agent) -> Result<Option<Obstacle>> {
    if !writer.works_in(ticket.queue) {
        return Ok(Some(Obstacle::WriterGone));
    }
    if ticket.state.is_over() {
        return Ok(Some(Obstacle::Over(ticket.state)));
    }
    if ticket.customer != row.customer {
        return Ok(Some(Obstacle::CustomerChanged(tx.customers().get(ticket.customer).await?.address)));
    }
    if tx.scheduled().is_written_to_since(ticket.id, row.seen).await? {
        return Ok(Some(Obstacle::CustomerWrote));
    }
    if let Some(others) = others_than_shown(tx, ticket, row).await? {
        return Ok(Some(Obstacle::OthersTakePart(others)));
    }
    match ticket.owner {
        Some(owner) if owner == writer.id => Ok(None),
        Some(owner) => Ok(Some(Obstacle::LockMoved(Some(tx.agents().get(owner).await?.user)))),
        None => Ok(Some(Obstacle::LockMoved(None))),
    }
}

/// Who else would get one now, if these are others than its writer was shown: somebody was let in since, or put out.
async fn others_than_shown(tx: &mut Tx, ticket: &Ticket, row: &ScheduledRow) -> Result<Option<Vec<EmailAddress>>> {
    let (Some(shown), true) = (&row.plan.shown, row.plan.to_all) else { return Ok(None) };
    let others = match recipients::others(tx, ticket, &draft(&row.plan, Vec::new())).await {
        Ok(others) => others.into_iter().map(|other| other.address).collect::<Vec<_>>(),
        // What is refused is refused when it is sent.
        Err(Stop::Refused(_)) => return Ok(None),
        Err(Stop::Store(error)) => return Err(error),
    };
    let is_among = |one: &EmailAddress, all: &[EmailAddress]| all.iter().any(|other| other.key() == one.key());
    let is_same = others.len() == shown.len() && others.iter().all(|other| is_among(other, shown));
    Ok((!is_same).then_some(others))
}

/// Who hears that one was stopped: its writer, or who is responsible if they are gone.
pub async fn who_is_told(tx: &mut Tx, ticket: &Ticket, writer: &Agent) -> Result<Vec<UserId>> {
    if writer.works_in(ticket.queue) { Ok(vec![writer.user.clone()]) } else { responsible(tx, ticket).await }
}

/// Stops one whose moment is there: its writer decides, knowing who gets it now.
pub async fn stop(tx: &mut Tx, row: &ScheduledRow, why: Option<&Obstacle>) -> Result<()> {
    if let Some(Obstacle::OthersTakePart(others)) = why {
        tx.scheduled().set_shown(row.id, others).await?;
    }
    tx.scheduled().set_state(row.id, ScheduledState::Stopped).await?;
    tx.audit().record(row.ticket, &Actor::System, &TicketEvent::ScheduleEnded { is_cancelled: false }).await?;
    if let Some((room, event)) = &row.command {
        put_mark(tx, room, event, mark::UNSURE);
    }
    Ok(())
}

/// Sends one as its writer's answer, by the rules of this moment. `context` acts for the writer, without holding it.
pub async fn send(context: &mut Context<'_>, ticket: &mut Ticket, row: &ScheduledRow) -> Outcome<()> {
    let files = context.tx.scheduled().files(row.id).await?;
    context.tx.scheduled().set_state(row.id, ScheduledState::Sent).await?;
    answer(context, ticket, &draft(&row.plan, files)).await.map(drop)
}

/// The answer that was planned.
fn draft(plan: &Plan, files: Vec<AgentFile>) -> Draft {
    Draft {
        next: plan.next,
        until: plan.until.map(When::Moment),
        cc: plan.cc.clone(),
        to_all: plan.to_all,
        newest_files: None,
        files,
        is_sure: plan.is_sure,
        text: plan.text.clone(),
    }
}

/// Sends a held answer of the agent's, or one that waits for its moment, at once: the one that a message asked for, else
/// their newest in the ticket.
pub async fn send_now(context: &mut Context<'_>, ticket: &mut Ticket, of: Option<&EventId>) -> Outcome<()> {
    if let Some(row) = scheduled(context, ticket, of).await? {
        must_be_own(context, row.agent == context.by.id, row.agent).await?;
        if let Some(others) = others_than_shown(context.tx, ticket, &row).await? {
            return Err(SendRefusal::OthersTakePart(others).into());
        }
        let command = row.command.clone();
        let at = context.cause.map_or_else(|| context.tx.now(), |cause| cause.at);
        let cause = command.as_ref().map(|(room, event)| Cause { room, event, at });
        let settings = context.settings.without_delay();
        let mut at_once = Context {
            tx: &mut *context.tx,
            settings: &settings,
            numbers: context.numbers,
            composer: context.composer,
            by: context.by,
            cause,
        };
        return send(&mut at_once, ticket, &row).await;
    }
    let letter = context.tx.letters().of_command(ticket.id, of).await?.ok_or(SendRefusal::Nothing)?;
    let letter = context.tx.letters().lock(letter).await?;
    let author = context.tx.articles().author_of(letter.article).await?;
    must_be_own(context, author == context.by.id, author).await?;
    if context.tx.letters().release(letter.article).await? { Ok(()) } else { Err(SendRefusal::Nothing.into()) }
}

async fn scheduled(context: &mut Context<'_>, ticket: &Ticket, of: Option<&EventId>) -> Result<Option<ScheduledRow>> {
    let id = if let Some(event) = of {
        context.tx.scheduled().of_event(event).await?
    } else {
        let open = context.tx.scheduled().open_of(ticket.id).await?;
        open.into_iter().find(|(_, agent, ..)| *agent == context.by.id).map(|(id, ..)| id)
    };
    let Some(id) = id else { return Ok(None) };
    Ok(context.tx.scheduled().lock(id).await?.filter(|row| row.ticket == ticket.id && row.state.is_open()))
}

async fn must_be_own(context: &mut Context<'_>, is_own: bool, author: AgentId) -> Outcome<()> {
    if is_own {
        return Ok(());
    }
    Err(SendRefusal::NotYours(context.tx.agents().get(author).await?.user).into())
}

/// What an answer is to be then: a time that it lets the ticket wait for begins when it goes out.
async fn plan(context: &mut Context<'_>, ticket: &Ticket, draft: &Draft, when: When) -> Outcome<Plan> {
    let at = moment(context, ticket, when).await?;
    let calendar = context.tx.timings().of(ticket.queue).await?.calendar;
    if at <= context.tx.now() {
        return Err(TicketRefusal::Past(at.with_timezone(&calendar.zone).naive_local()).into());
    }
    let until = match draft.until {
        Some(until) => Some(until.at(at, &calendar).ok_or(TicketRefusal::TooFar)?),
        None => None,
    };
    Ok(Plan {
        at,
        next: draft.next,
        until,
        cc: draft.cc.clone(),
        to_all: draft.to_all,
        shown: None,
        attached: draft.newest_files,
        is_sure: draft.is_sure,
        text: draft.text.clone(),
    })
}

/// Does all that the answer will do, and takes it back.
async fn rehearse(context: &mut Context<'_>, ticket: &Ticket, draft: &Draft) -> Outcome<Answered> {
    context.tx.savepoint().await?;
    let answered = answer(context, &mut ticket.clone(), draft).await?;
    context.tx.back_to_savepoint().await?;
    Ok(answered)
}

fn wait(tx: &mut Tx, answer: ScheduledId, at: DateTime<Utc>) {
    let wait = (at - tx.now()).to_std().unwrap_or_default();
    tx.enqueue_after(wait, SendScheduled { answer, at });
}

async fn by_clock(context: &mut Context<'_>, ticket: &Ticket, at: DateTime<Utc>) -> Result<String> {
    Ok(context.wall_clock(Some(ticket.queue)).await?.agreed(at))
}

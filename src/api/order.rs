//! What a program wants to have done.

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{Answer, etag, matches};
use super::body;
use super::changes::{self, ChangeBody};
use super::problem::Problem;
use super::shape::{AnsweredShape, ArticleShape, CreatedShape, TicketShape};
use super::visit::seen;
use crate::desk::conversation::answer::{Answered, answer};
use crate::desk::conversation::refusal::{MoveRefusal, NotAllowed};
use crate::desk::conversation::{self, Context, Draft, Locks, Refusal, Stop, begin, find, lock, moving, note};
use crate::domain::api_token::Scope;
use crate::domain::id::{ArticleId, TicketId};
use crate::domain::moment::When;
use crate::domain::number::Number;
use crate::domain::queue::{Queue, Role};
use crate::domain::ticket::{State, Ticket};
use crate::store::files::AgentFile;
use crate::store::page::Page;

/// A note
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNote)]
pub(super) struct NoteBody {
    /// What it says; never seen by the customer
    #[schema(min_length = 1, max_length = 65_536)]
    text: String,
}

/// A mail to the customer
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnswer)]
pub(super) struct AnswerBody {
    /// What it says, in Markdown
    #[schema(min_length = 1, max_length = 65_536)]
    text: String,
    /// The ticket's state afterwards; open if it is left away
    state: Option<String>,
    /// Until when it is pending then
    pending_until: Option<DateTime<Utc>>,
    /// Who else gets it
    #[serde(default)]
    cc: Vec<String>,
    /// Whether all who take part get it
    #[serde(default)]
    all: bool,
    /// Whether it is meant so, though it says what stands in a note, leads into Matrix, or goes where nobody reads
    #[serde(default)]
    sure: bool,
}

/// A ticket that begins with a note, which mails nobody, or with a mail to its customer: exactly one of the two
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTicket)]
pub(super) struct TicketBody {
    /// The queue's name
    queue: String,
    /// Whom it is for: a mail address
    #[schema(format = "email")]
    customer: String,
    /// What it is about
    #[schema(min_length = 1, max_length = 500)]
    subject: String,
    /// 1 (very low) to 5 (very high)
    #[schema(minimum = 1, maximum = 5)]
    priority: Option<i16>,
    /// Its tags
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// The note with which it begins
    note: Option<NoteBody>,
    /// The mail with which it begins; it needs the scope `mail`
    answer: Option<AnswerBody>,
}

/// What a program wants to have done.
#[derive(Clone, Debug)]
pub(super) enum Order {
    /// A ticket.
    Create(TicketBody, Vec<AgentFile>),
    /// A ticket made otherwise.
    Change(Number, ChangeBody, HeaderMap),
    /// A note.
    Note(Number, NoteBody, Vec<AgentFile>),
    /// A mail to the customer.
    Answer(Number, AnswerBody, Vec<AgentFile>),
    /// A ticket taken.
    Lock(Number),
    /// A ticket handed back.
    Unlock(Number),
}

impl Order {
    /// What a token must be for.
    pub(super) fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Create(TicketBody { answer: Some(_), .. }, _) => &[Scope::Write, Scope::Mail],
            Self::Create(..) | Self::Change(..) | Self::Lock(_) | Self::Unlock(_) => &[Scope::Write],
            Self::Note(..) => &[Scope::Note],
            Self::Answer(..) => &[Scope::Mail],
        }
    }

    /// Does it.
    pub(super) async fn carry_out(&self, context: &mut Context<'_>) -> Result<Answer, Problem> {
        match self {
            Self::Create(wanted, files) => create(context, wanted, files).await,
            Self::Change(number, wanted, headers) => {
                let mut ticket = open(context, number).await?;
                if !matches(headers, &etag(&shape(context, ticket.id).await?)) {
                    let detail = "The ticket is not any more what `If-Match` names.";
                    return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed", detail));
                }
                wanted.apply(context, &mut ticket).await?;
                answer_with(context, &ticket, number).await
            }
            Self::Note(number, wanted, files) => {
                let ticket = open(context, number).await?;
                let note = note::write_with_files(context, &ticket, &body::text(&wanted.text)?, files).await?;
                Ok(Answer::of(StatusCode::CREATED, &article(context, ticket.id, note).await?))
            }
            Self::Answer(number, wanted, files) => {
                let mut ticket = open(context, number).await?;
                let answered = answer(context, &mut ticket, &wanted.draft(files)?).await?;
                Ok(Answer::of(StatusCode::CREATED, &answered_shape(context, ticket.id, &answered).await?))
            }
            Self::Lock(number) => {
                let mut ticket = open(context, number).await?;
                lock::lock(context, &mut ticket).await?;
                answer_with(context, &ticket, number).await
            }
            Self::Unlock(number) => {
                let mut ticket = open(context, number).await?;
                lock::unlock(context, &mut ticket).await?;
                answer_with(context, &ticket, number).await
            }
        }
    }
}

impl AnswerBody {
    fn draft(&self, files: &[AgentFile]) -> Result<Draft, Problem> {
        let until = self.pending_until.map(changes::moment).transpose()?;
        Ok(Draft {
            next: self.state.as_deref().map(body::state).transpose()?.unwrap_or(State::Open),
            until: until.map(When::Moment),
            cc: self.cc.iter().map(|address| body::address(address)).collect::<Result<_, _>>()?,
            to_all: self.all,
            newest_files: None,
            files: files.to_vec(),
            is_sure: self.sure,
            text: body::text(&self.text)?,
        })
    }
}

async fn create(context: &mut Context<'_>, wanted: &TicketBody, files: &[AgentFile]) -> Result<Answer, Problem> {
    let (queue, customer) = (workplace(context, &wanted.queue).await?, body::address(&wanted.customer)?);
    let about = (&customer, body::subject(&wanted.subject)?);
    let about = (about.0, about.1.as_str());
    let (mut ticket, first) = match (&wanted.note, &wanted.answer) {
        (Some(note), None) => begin::begin_with_note(context, &queue, about, (&body::text(&note.text)?, files)).await?,
        (None, Some(answer)) => {
            let (ticket, answered) = begin::begin(context, &queue, about, &answer.draft(files)?).await?;
            (ticket, answered.article)
        }
        _ => return Err(Problem::wrong("A ticket begins with a `note` or with an `answer`: one of the two.")),
    };
    changes::mark(context, &mut ticket, wanted.priority, wanted.tags.as_deref()).await?;
    context.tx.settle_times().await?;
    let ticket_shape = shape(context, ticket.id).await?;
    let made = CreatedShape { ticket: ticket_shape, article: article(context, ticket.id, first).await? };
    Ok(Answer::of(StatusCode::CREATED, &made).created(&made.ticket))
}

/// A queue in which the agent works.
async fn workplace(context: &mut Context<'_>, name: &str) -> Result<Queue, Problem> {
    match moving::workplace(context, name).await {
        Err(Stop::Refused(Refusal::Move(MoveRefusal::NoSuchQueue { .. }))) if context.by.role == Role::Observer => {
            Err(Stop::from(NotAllowed::Observer).into())
        }
        found => Ok(found?),
    }
}

/// The ticket that a number leads to, its row locked.
async fn open(context: &mut Context<'_>, number: &Number) -> Result<Ticket, Problem> {
    let ticket = find::leading(context, number).await?;
    Ok(conversation::open(context, ticket, Locks::Ticket).await?)
}

async fn answer_with(context: &mut Context<'_>, ticket: &Ticket, number: &Number) -> Result<Answer, Problem> {
    context.tx.settle_times().await?;
    Ok(Answer::ticket(shape(context, ticket.id).await?, ticket.number != *number))
}

/// A ticket as it is now.
pub(super) async fn shape(context: &mut Context<'_>, ticket: TicketId) -> Result<TicketShape, Problem> {
    let queues = seen(context).await?;
    let head = context.tx.readouts().heads(&[ticket], Some(&queues)).await?.pop();
    head.map(TicketShape::from).ok_or_else(Problem::nothing_here)
}

async fn article(context: &mut Context<'_>, ticket: TicketId, article: ArticleId) -> Result<ArticleShape, Problem> {
    let (queues, page) = (seen(context).await?, Page::behind(ArticleId(article.0 - 1), 1));
    let found = context.tx.article_readouts().of(ticket, &queues, page).await?.pop();
    found.map(ArticleShape::from).ok_or_else(Problem::nothing_here)
}

async fn answered_shape(
    context: &mut Context<'_>,
    ticket: TicketId,
    answered: &Answered,
) -> Result<AnsweredShape, Problem> {
    Ok(AnsweredShape {
        article: article(context, ticket, answered.article).await?,
        to: answered.to.iter().map(ToString::to_string).collect(),
        state: answered.next.name(),
        held_seconds: answered.hold.as_secs(),
    })
}

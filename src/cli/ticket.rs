//! Tickets from the command line: what an operator looks up without a chat. What changes them is in [`super::act`].

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};
use ticketloom::chat;
use ticketloom::chat::subcommand::AgentCommand;
use ticketloom::config::Config;
use ticketloom::desk::conversation::lists::Begin;
use ticketloom::desk::conversation::search::{self, PAGE, Term};
use ticketloom::desk::conversation::{Context, Stop, find, lists};
use ticketloom::domain::id::AgentId;
use ticketloom::domain::number::Number;
use ticketloom::domain::queue::{Agent, Queue, Role};
use ticketloom::domain::ticket::Ticket;
use ticketloom::domain::wall_clock::WallClock;
use ticketloom::service;
use ticketloom::store::ticket_lists::TicketLine;

use super::{act, print, say};

/// How many of a ticket's articles are shown: its newest.
const ARTICLES: i64 = 100;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum TicketCommand {
    /// Show a ticket with what was written in it
    Show {
        /// Its number
        number: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List tickets: those that are open, or all that fit
    List {
        /// Of one queue
        #[arg(long)]
        queue: Option<String>,
        /// In a state, or in one of a type: new, open, pending, closed
        #[arg(long)]
        state: Option<String>,
        /// That an agent has locked
        #[arg(long)]
        owner: Option<String>,
        /// Which page
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        page: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Find tickets by what was written in them, as !search does
    Search {
        /// What is looked for: words in quotes stand side by side; state: owner: from: queue: tag: before: after: narrow it; behind
        /// `--`, -word must not be there
        #[arg(required = true)]
        words: Vec<String>,
        /// Which page
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=100))]
        page: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Act(AgentCommand),
}

pub(crate) async fn ticket(config: &Config, command: TicketCommand) -> anyhow::Result<ExitCode> {
    let desk = service::desk(config, service::connect(config).await?);
    let operator = operator(config);
    let mut tx = desk.store().begin().await?;
    let mut context = Context::of(&desk, &mut tx, &operator, None);
    let said = match command {
        TicketCommand::Show { number, json } => show(&mut context, &number, json).await,
        TicketCommand::List { queue, state, owner, page, json } => {
            let filters = [("queue", queue), ("state", state), ("owner", owner)];
            list(&mut context, filters, (page, json)).await
        }
        TicketCommand::Act(command) => {
            drop(tx);
            act::act(&desk, &operator, command).await
        }
        TicketCommand::Search { words, page, json } => {
            let terms = words.into_iter().map(|text| Term { is_quoted: text.contains(' '), text }).collect::<Vec<_>>();
            found(&mut context, &terms, (page, json)).await
        }
    };
    match said {
        Ok(said) => print(&said),
        Err(Failure::Refused(why)) => {
            say(&why);
            Ok(ExitCode::FAILURE)
        }
        Err(Failure::Other(error)) => Err(error),
    }
}

/// Whoever may run the program here sees all queues, and works in none.
fn operator(config: &Config) -> Agent {
    Agent {
        id: AgentId(0),
        user: config.matrix.user.clone(),
        role: Role::Observer,
        active: true,
        queues: Vec::new(),
        direct: None,
        away_until: None,
    }
}

/// Why there is nothing to print.
pub(super) enum Failure {
    Refused(String),
    Other(anyhow::Error),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::Refused(chat::refused(&refusal)),
            Stop::Store(error) => Self::Other(error.into()),
        }
    }
}

impl From<ticketloom::store::StoreError> for Failure {
    fn from(error: ticketloom::store::StoreError) -> Self {
        Self::Other(error.into())
    }
}

pub(super) type Said = Result<String, Failure>;

async fn list(context: &mut Context<'_>, filters: [(&str, Option<String>); 3], (page, is_json): (i64, bool)) -> Said {
    let [queue, state, owner] = &filters;
    if state.1.is_some() || owner.1.is_some() {
        let given = filters.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}:{value}")));
        let terms: Vec<Term> = given.map(|text| Term { text, is_quoted: false }).collect();
        return found(context, &terms, (page, is_json)).await;
    }
    let queues = match &queue.1 {
        Some(name) => vec![lists::queue_named(context, name).await?],
        None => lists::queues(context).await?,
    };
    let clock = context.wall_clock(queues.first().map(|queue| queue.id)).await?;
    let list = lists::open(context, &queues, true, Begin::at(page)).await?;
    Ok(lines(&list.lines, list.total, (list.page, list.pages()), (clock, is_json)))
}

async fn found(context: &mut Context<'_>, terms: &[Term], (page, is_json): (i64, bool)) -> Said {
    let clock = context.wall_clock(None).await?;
    let found = search::search(context, terms, page).await?;
    let tickets: Vec<TicketLine> = found.lines.into_iter().map(|(line, _)| line).collect();
    Ok(lines(&tickets, found.total, (page, (found.total + PAGE - 1) / PAGE), (clock, is_json)))
}

/// A line a ticket, and how many there are.
fn lines(tickets: &[TicketLine], total: i64, (page, pages): (i64, i64), (clock, is_json): (WallClock, bool)) -> String {
    if is_json {
        let tickets: Vec<Value> = tickets.iter().map(line_json).collect();
        let list = json!({ "tickets": tickets, "total": total, "page": page, "pages": pages });
        return format!("{list:#}\n");
    }
    let mut text = String::new();
    for line in tickets {
        let owner = line.owner.as_ref().map_or("nobody's".to_owned(), |owner| format!("🔒 {owner}"));
        let (state, since) = (line.state.name(), clock.lasting(line.since));
        let _ = writeln!(
            text,
            "{} {} · {} · {state} · {} · {owner} · {since}",
            line.number, line.queue, line.subject, line.customer
        );
    }
    let pages = if pages > 1 { format!(", page {page} of {pages}") } else { String::new() };
    let _ = writeln!(text, "{total} in all{pages}");
    text
}

fn line_json(line: &TicketLine) -> Value {
    json!({
        "number": line.number, "queue": line.queue, "subject": line.subject, "state": line.state.name(),
        "state_type": line.state.type_name(), "customer": line.customer, "owner": line.owner,
        "priority": line.place.priority, "customer_waits": line.customer_waits, "breached": line.is_overdue,
        "since": line.since,
    })
}

async fn show(context: &mut Context<'_>, number: &str, is_json: bool) -> Said {
    let Some(number) = Number::parse(number.trim_start_matches('#')) else {
        return Err(Failure::Refused(format!("{number} is no ticket's number")));
    };
    let found = find::find(context, &number).await?;
    let clock = context.wall_clock(Some(found.queue.id)).await?;
    let (mut whole, mut text) = head(context, &found.ticket, &found.queue).await?;
    let articles = articles(context, &found.ticket, clock).await?;
    if is_json {
        whole["articles"] = articles.into_iter().map(|(article, _)| article).collect();
        return Ok(format!("{whole:#}\n"));
    }
    for (_, words) in articles {
        let _ = write!(text, "\n{words}");
    }
    Ok(text)
}

/// How a ticket stands, as JSON and as people read it.
pub(super) async fn head(
    context: &mut Context<'_>,
    ticket: &Ticket,
    queue: &Queue,
) -> Result<(Value, String), Failure> {
    let clock = context.wall_clock(Some(queue.id)).await?;
    let customer = context.tx.customers().get(ticket.customer).await?.address;
    let owner = match ticket.owner {
        Some(owner) => Some(context.tx.agents().get(owner).await?.user),
        None => None,
    };
    let whole = json!({
        "number": ticket.number, "queue": queue.name, "subject": ticket.subject, "customer": customer,
        "state": ticket.state.name(), "state_type": ticket.state.type_name(), "locked": owner.is_some(),
        "owner": owner, "priority": ticket.priority, "tags": ticket.tags, "pending_until": ticket.pending_until,
        "due": { "first": ticket.due.first, "update": ticket.due.update, "solution": ticket.due.solution },
        "breached": ticket.due.breached_at.is_some(),
    });
    let owner = owner.map_or_else(|| "nobody's".to_owned(), |owner| format!("🔒 {owner}"));
    let until = ticket.pending_until.map(|until| format!(" until {}", clock.lasting(until))).unwrap_or_default();
    let text = format!(
        "#{} {}\n{} · {}{until} · {owner} · {customer} · priority {}\n",
        ticket.number,
        ticket.subject,
        queue.name,
        ticket.state.name(),
        ticket.priority
    );
    Ok((whole, text))
}

/// What was written, oldest first, as JSON and as people read it.
async fn articles(
    context: &mut Context<'_>,
    ticket: &Ticket,
    clock: WallClock,
) -> Result<Vec<(Value, String)>, Failure> {
    let mut articles = Vec::new();
    for (id, _, files) in context.tx.articles().to_be_carried(ticket.id, ARTICLES).await? {
        let article = context.tx.articles().get(id).await?;
        let by = match article.customer {
            Some(customer) => context.tx.customers().get(customer).await?.address.to_string(),
            None if article.sender == ticketloom::domain::article::Sender::Agent => {
                let author = context.tx.articles().author_of(id).await?;
                context.tx.agents().get(author).await?.user.to_string()
            }
            None => article.sender.name().to_owned(),
        };
        let mut names = Vec::new();
        for file in files {
            names.push(context.tx.files().get(file).await?.name);
        }
        let (kind, visibility) = (article.kind.name(), article.visibility.name());
        let with = if names.is_empty() { String::new() } else { format!("\n[{}]", names.join(", ")) };
        let words = format!(
            "— {} · {by} · {kind}, {visibility}\n{}{with}\n",
            clock.lasting(article.at),
            article.text.trim_end()
        );
        let whole = json!({
            "id": id, "ticket": ticket.number, "sender": article.sender.name(), "kind": kind, "by": by,
            "visibility": visibility, "at": article.at, "text": article.text, "files": names,
        });
        articles.push((whole, words));
    }
    Ok(articles)
}

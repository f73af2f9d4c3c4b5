//! Agents' commands as subcommands of the program: the same grammar, use-cases, rules, rights and words, asked for in no room.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap, FromArgMatches, Subcommand};

use super::commands::{self, Command};
use super::entry::Entry;
use super::perform::perform;
use super::place::{Place, THREAD};
use super::reply::Reply;
use super::request::{Request, Said};
use super::{arguments, words};
use crate::crash;
use crate::desk::conversation::refusal::MoveRefusal;
use crate::desk::conversation::{self, Context, NotAllowed, Outcome, Refusal, Stop, find, moving};
use crate::desk::{Desk, mark};
use crate::domain::id::{ArticleId, TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::{Agent, Queue, Role};
use crate::domain::ticket::Ticket;
use crate::store::files::AgentFile;
use crate::store::{Result, Tx};

/// Ids of arguments that no command has itself.
const AT: &str = "subcommand_at";
const BY: &str = "subcommand_as";
const JSON: &str = "subcommand_json";
const ARTICLE: &str = "subcommand_article";
const FILES: &str = "subcommand_files";

/// What somebody wants to have done, as whom.
#[derive(Clone, Debug)]
pub struct AgentCommand {
    command: Command,
    at: At,
    by: UserId,
    article: Option<ArticleId>,
    /// The files that go with it.
    pub files: Vec<PathBuf>,
    /// Whether what came of it is wanted as JSON.
    pub json: bool,
}

/// What it is about.
#[derive(Clone, Debug)]
enum At {
    Ticket(Number),
    Queue(String),
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Done {
    /// The ticket that it was about, if it was about one.
    pub ticket: Option<TicketId>,
    /// The ticket that was made by it.
    pub made: Option<TicketId>,
    /// Whether it is a mail, which is held for a moment.
    pub is_held: bool,
    /// What there is to say.
    pub said: Vec<String>,
}

/// Does it in one transaction; or says why not, in the words of a room, and nothing has happened.
///
/// # Errors
/// If the record failed.
pub async fn carry_out(
    desk: &Desk,
    wanted: AgentCommand,
    files: &[AgentFile],
) -> Result<std::result::Result<Done, String>> {
    let mut tx = desk.store().begin().await?;
    let Some(agent) = tx.agents().by_user(&wanted.by).await?.filter(|agent| agent.active) else {
        return Ok(Err(words::not_allowed(NotAllowed::Stranger).words()));
    };
    match asked(desk, &mut tx, &agent, (wanted, files)).await {
        Ok((reply, _)) if reply.mark == mark::NO => Ok(Err(all(&reply).join("\n"))),
        Ok((reply, ticket)) => {
            crash::point("command.before_commit");
            tx.commit().await?;
            crash::point("command.after_commit");
            let (made, is_held) = (reply.made, reply.mark == mark::WAITS);
            Ok(Ok(Done { ticket, made, is_held, said: all(&reply) }))
        }
        Err(Stop::Refused(refusal)) => Ok(Err(super::refused(&refusal))),
        Err(Stop::Store(error)) => Err(error),
    }
}

/// Rights are looked at here, as for what is written in rooms.
async fn asked(
    desk: &Desk,
    tx: &mut Tx,
    agent: &Agent,
    (wanted, files): (AgentCommand, &[AgentFile]),
) -> Outcome<(Reply, Option<TicketId>)> {
    let mut context = Context::of(desk, tx, agent, None);
    let entry = wanted.command.entry();
    let (ticket, queue) = match &wanted.at {
        At::Ticket(number) => {
            let found = find::find(&mut context, number).await?.ticket.id;
            let ticket = conversation::open(&mut context, found, entry.locks).await?;
            let queue = context.tx.queues().get(ticket.queue).await?;
            (Some(ticket), queue)
        }
        At::Queue(name) => (None, workplace(&mut context, name).await?),
    };
    let (id, place) = (ticket.as_ref().map(|ticket: &Ticket| ticket.id), Place::of(ticket.as_ref(), Some(&queue)));
    let said = Said { article: wanted.article, files, ..Said::nothing() };
    let (queue, list) = (Some(queue), commands::LIST);
    let request = Request { context, cause: None, said, place, queue, ticket, list, behind: None };
    Ok((perform(request, wanted.command).await?, id))
}

/// A queue in which the agent works.
async fn workplace(context: &mut Context<'_>, name: &str) -> Outcome<Queue> {
    match moving::workplace(context, name).await {
        Err(Stop::Refused(Refusal::Move(MoveRefusal::NoSuchQueue { .. }))) if context.by.role == Role::Observer => {
            Err(NotAllowed::Observer.into())
        }
        found => found,
    }
}

fn all(reply: &Reply) -> Vec<String> {
    reply.notices.iter().map(crate::desk::words::Said::words).collect()
}

/// What the program offers: commands about a ticket, and `new`.
fn offered() -> impl Iterator<Item = &'static Entry> {
    let is_offered =
        |entry: &&Entry| !entry.only_in_rooms && (entry.places == THREAD || entry.places == [Place::Queue]);
    commands::LIST.iter().filter(is_offered)
}

/// A command's own arguments, behind what says as whom and about what.
fn declared(entry: &Entry) -> Clap {
    let at = Arg::new(AT).required(true);
    let at = if entry.places == THREAD {
        at.value_name("TICKET").help("The ticket's number").value_parser(arguments::number)
    } else {
        at.value_name("QUEUE").help("The queue's name")
    };
    let by = Arg::new(BY).long("as").value_name("AGENT").required(true).value_parser(user);
    let json = Arg::new(JSON).long("json").action(ArgAction::SetTrue).help("What came of it as JSON");
    let article = Arg::new(ARTICLE).long("article").value_name("ID").value_parser(clap::value_parser!(i64));
    let mut command = Clap::new(entry.verb)
        .arg(at)
        .arg(
            by.help("Who does it, such as @alice:example.org: by their rights, and it stands in the history as theirs"),
        )
        .arg(json);
    if ["split", "why"].contains(&entry.verb) {
        command = command.arg(article.help("Which article, by its id in `ticket show --json`; else the newest mail"));
    }
    if entry.takes_files {
        let files = Arg::new(FILES).long("file").value_name("PATH").action(ArgAction::Append);
        command = command.arg(files.value_parser(clap::value_parser!(PathBuf)).help("A file that goes with it"));
    }
    (entry.arguments)(command)
}

fn user(text: &str) -> std::result::Result<UserId, String> {
    UserId::parse(text).ok_or_else(|| format!("{text} is no Matrix id, such as @alice:example.org"))
}

impl Subcommand for AgentCommand {
    fn augment_subcommands(command: Clap) -> Clap {
        offered().fold(command, |command, entry| command.subcommand(declared(entry)))
    }

    fn augment_subcommands_for_update(command: Clap) -> Clap {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        offered().any(|entry| entry.verb == name)
    }
}

impl FromArgMatches for AgentCommand {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (verb, matches) = matches.subcommand().ok_or_else(missing)?;
        let entry = offered().find(|entry| entry.verb == verb).ok_or_else(missing)?;
        let at = if entry.places == THREAD {
            matches.get_one::<Number>(AT).cloned().map(At::Ticket)
        } else {
            matches.get_one::<String>(AT).cloned().map(At::Queue)
        };
        let article = matches.try_get_one::<i64>(ARTICLE).ok().flatten();
        let files = matches.try_get_many::<PathBuf>(FILES).ok().flatten();
        Ok(Self {
            command: Command::of(entry, matches)?,
            at: at.ok_or_else(missing)?,
            by: matches.get_one::<UserId>(BY).cloned().ok_or_else(missing)?,
            article: article.copied().map(ArticleId),
            files: files.into_iter().flatten().cloned().collect(),
            json: matches.get_flag(JSON),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_about_a_ticket_is_a_subcommand_with_its_own_arguments() {
        let program = AgentCommand::augment_subcommands(Clap::new("ticket"));
        program.clone().debug_assert();
        let offered: Vec<&str> = program.get_subcommands().map(Clap::get_name).collect();
        let missing: Vec<&str> = commands::LIST
            .iter()
            .filter(|entry| entry.places == THREAD && !offered.contains(&entry.verb))
            .map(|entry| entry.verb)
            .collect();
        assert_eq!(missing, ["raw"], "what comes into a room as a file");
        assert!(offered.contains(&"new") && !offered.contains(&"accept"), "{offered:?}");
    }
}

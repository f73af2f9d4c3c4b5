//! What the program does, by subcommand.

mod act;
mod archive;
mod blobs;
mod check;
mod erase;
mod export;
mod manual;
mod reach;
mod remirror;
mod sending;
mod stats;
mod ticket;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use ticketloom::admin::{
    self, AgentCommand, Command, Door, QueueCommand, TemplateCommand, TokenCommand, WebhookCommand,
};
use ticketloom::api;
use ticketloom::chat::reference;
use ticketloom::config::{Config, FILE, Readers, SecretFile, Variables};
use ticketloom::domain::stats::Span;
use ticketloom::mail::deliver::{DeliverOutcome, deliver};
use ticketloom::mail::reader::Limits;
use ticketloom::store::{Schema, Store};
use ticketloom::{domain::id::EmailAddress, service, telemetry};

/// sysexits.h: the address is unknown; try again later; the configuration is wrong.
const EX_NOUSER: u8 = 67;
const EX_TEMPFAIL: u8 = 75;
const EX_CONFIG: u8 = 78;

/// A help desk that lives in Matrix: queues are rooms, tickets are threads, customers write e-mail.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The configuration
    #[arg(long, env = "TICKETLOOM_CONFIG", default_value = FILE, global = true)]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Open the desk and run it until SIGTERM
    Run {
        /// Bring the database up to date before, as `migrate` does
        #[arg(long)]
        migrate: bool,
    },
    /// Check the configuration and everything it names; each finding with its mend
    Check,
    /// Bring the database up to date
    Migrate,
    /// Queues: add, list, set, archive
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Agents: add, remove, list
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Set what stands below a queue's answers
    Signature {
        /// The queue
        queue: String,
        /// The text, with placeholders; empty for none
        text: String,
    },
    /// Texts that agents answer with: set, show, remove, list
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Tickets: show, list, search; and what agents do to them, with --as
    #[command(subcommand)]
    Ticket(ticket::TicketCommand),
    /// Programs that are told what happens: add, list, enable, remove
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Tokens with which programs act for agents: add, revoke, list
    #[command(subcommand)]
    Token(TokenCommand),
    /// Count what was new, answered, closed and reopened, and how long it took
    Stats {
        /// A queue; all, if none is named
        #[arg(long)]
        queue: Option<String>,
        /// Over which days
        #[arg(value_enum, default_value_t = Span::Week)]
        span: Span,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take one mail from standard input, for a mail server's pipe; exit code 75 asks it to try again
    Deliver {
        /// The envelope's recipient: a queue's address, with or without a +part
        recipient: String,
        /// The envelope's sender; empty for the null sender
        #[arg(long)]
        from: Option<String>,
    },
    /// Take an archive of mails into a queue; nothing is sent, and twice is once
    Import(archive::Import),
    /// Read mails again from their raw bytes, after an upgrade; nothing is sent
    Reparse {
        /// A ticket's number, or all
        which: String,
    },
    /// Make a queue's room anew from the record, with all of its tickets; nothing is sent to customers
    Remirror(remirror::Remirror),
    /// Write down all that the record has of a customer: JSON, mails, files, and a manifest with their digests
    Export(export::Export),
    /// Erase a customer: words, files, mails, what stands in rooms; numbers and history stay
    Erase(erase::Erase),
    /// Say where files and large mails are kept: in PostgreSQL or in an object store; and move them
    Blobs(blobs::Blobs),
    /// Say what is still to be sent by mail, stop sending, or go on
    Sending(sending::Sending),
    /// List jobs that were given up, or try one again
    Jobs {
        /// The job to be tried again
        #[arg(long, value_name = "ID")]
        retry: Option<i64>,
    },
    /// Read mails from standard input for this program itself, within limits
    #[command(hide = true)]
    ReadMails {
        /// Bytes of memory for a mail
        memory: u64,
        /// Seconds of work for a mail
        work: u64,
    },
    /// Print bot-commands.md: what agents type
    Commands,
    /// Print the description of the API (openapi.json)
    Openapi,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the pages of the manual into a folder
    #[command(hide = true)]
    Manual {
        /// The folder
        folder: PathBuf,
    },
}

impl Arguments {
    /// The limits of a reader of mails, if this process is to be one.
    pub(crate) fn reads_mails(&self) -> Option<Limits> {
        match self.what {
            What::ReadMails { memory, work } => Some(Limits { memory, work }),
            _ => None,
        }
    }
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        What::Commands => return print(&reference::document("!")),
        What::Openapi => return print(&api::document()),
        What::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "ticketloom", &mut out);
            return print(&String::from_utf8_lossy(&out));
        }
        What::Manual { folder } => {
            manual::write(Arguments::command(), folder).with_context(|| folder.display().to_string())?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let config = match Config::load(&arguments.config, &Variables::of_process()) {
        Ok(config) => config,
        Err(mistakes) => {
            say(&mistakes.to_string());
            let is_delivery = matches!(arguments.what, What::Deliver { .. });
            return Ok(ExitCode::from(if is_delivery { EX_TEMPFAIL } else { EX_CONFIG }));
        }
    };
    match arguments.what {
        What::Run { migrate: first } => {
            let open: Vec<String> = config.secret_files.iter().filter_map(world_readable).collect();
            if !open.is_empty() {
                say(&open.join("\n"));
                return Ok(ExitCode::from(EX_CONFIG));
            }
            telemetry::begin_log(&config.log);
            if first {
                migrate(&config).await?;
            }
            service::run(config).await?;
            Ok(ExitCode::SUCCESS)
        }
        What::Check => check::check(&config, &arguments.config).await,
        What::Migrate => {
            migrate(&config).await?;
            print("the database is up to date\n")
        }
        What::Queue(command) => administer(&config, Command::Queue(command)).await,
        What::Agent(command) => administer(&config, Command::Agent(command)).await,
        What::Signature { queue, text } => administer(&config, Command::Signature { queue, text }).await,
        What::Template(command) => administer(&config, Command::Template(command)).await,
        What::Ticket(command) => ticket::ticket(&config, command).await,
        What::Webhook(command) => administer(&config, Command::Webhook(command)).await,
        What::Token(command) => administer(&config, Command::Token(command)).await,
        What::Stats { queue, span, json } => {
            stats::stats(&service::connect(&config).await?, queue.as_deref(), span, json).await
        }
        What::Deliver { recipient, from } => take_mail(&config, &recipient, from.as_deref()).await,
        What::Import(wanted) => archive::take(&config, wanted).await,
        What::Reparse { which } => archive::reparse(&config, &which).await,
        What::Remirror(wanted) => remirror::remirror(&config, &wanted).await,
        What::Export(wanted) => export::export(&config, wanted).await,
        What::Erase(wanted) => erase::erase(&config, wanted).await,
        What::Blobs(wanted) => blobs::blobs(&config, &wanted).await,
        What::Sending(wanted) => sending::sending(&config, &wanted).await,
        What::Jobs { retry } => jobs(&service::connect(&config).await?, retry).await,
        What::Commands | What::Openapi | What::Completions { .. } | What::Manual { .. } | What::ReadMails { .. } => {
            unreachable!("done above")
        }
    }
}

/// Brings the database up to date.
async fn migrate(config: &Config) -> anyhow::Result<()> {
    let store = Store::connect_for_long_work(config.database.url.reveal(), 4).await;
    let store = store.context("PostgreSQL can't be reached")?;
    match store.schema().await? {
        Schema::Newer => tracing::warn!("{}", service::NEWER),
        Schema::Ahead => bail!("{}", service::AHEAD),
        Schema::Current | Schema::Behind(_) => store.migrate().await?,
    }
    Ok(())
}

/// Sets the desk up.
async fn administer(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let mut tx = service::connect(config).await?.begin().await?;
    let said = admin::run(&mut tx, &config.matrix.user, Door::Program, command).await?;
    tx.commit().await?;
    print(&said)
}

/// What is wrong with a file with a secret that every user of the machine can read.
fn world_readable(file: &SecretFile) -> Option<String> {
    let path = file.path.display();
    let mend = format!("`chmod o-rwx {path}`, and change what is in it if others use this machine");
    (file.readers == Readers::World).then(|| format!("{}: everybody can read {path}; {mend}", file.key))
}

/// Any failure of ours asks the mail server to keep the mail and try again.
async fn take_mail(config: &Config, recipient: &str, from: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(recipient) = EmailAddress::parse(recipient) else {
        say(&format!("{recipient} is no mail address"));
        return Ok(ExitCode::from(EX_NOUSER));
    };
    let mut raw = Vec::new();
    let stored = async {
        tokio::io::AsyncReadExt::read_to_end(&mut tokio::io::stdin(), &mut raw).await?;
        let store = service::connect(config).await?;
        anyhow::Ok(deliver(&store, &recipient, from, raw).await)
    };
    Ok(match stored.await {
        Ok(DeliverOutcome::Stored) => ExitCode::SUCCESS,
        Ok(DeliverOutcome::NoSuchQueue) => {
            say(&format!("no queue takes mail for {recipient}"));
            ExitCode::from(EX_NOUSER)
        }
        Ok(DeliverOutcome::NotStored(why)) => {
            say(&format!("not stored: {why}"));
            ExitCode::from(EX_TEMPFAIL)
        }
        Err(error) => {
            say(&format!("not stored: {error:#}"));
            ExitCode::from(EX_TEMPFAIL)
        }
    })
}

async fn jobs(store: &Store, retry: Option<i64>) -> anyhow::Result<ExitCode> {
    let Some(id) = retry else {
        let mut text = String::new();
        for job in store.dead_jobs().await? {
            let why = job.error.unwrap_or_default();
            let _ = writeln!(text, "{} {} {} tried {} times: {why}", job.id, job.kind, job.payload, job.attempts);
        }
        return print(if text.is_empty() { "no job was given up\n" } else { &text });
    };
    let mut tx = store.begin().await?;
    let found = tx.retry_dead(id).await?;
    tx.commit().await?;
    if found {
        return print("it will be tried again\n");
    }
    say(&format!("no job {id} was given up; `ticketloom jobs` lists those that were"));
    Ok(ExitCode::FAILURE)
}

/// Writes to standard output; a reader that went away is no failure.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Writes a line to standard error.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    say(&format!("ticketloom: {error:#}"));
    ExitCode::FAILURE
}

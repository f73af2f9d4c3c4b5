//! Mails from files, and mails read again.

use std::fmt;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ticketloom::config::Config;
use ticketloom::desk::intake::reparse::{self, Mended};
use ticketloom::domain::id::ArticleId;
use ticketloom::domain::number::Number;
use ticketloom::domain::queue::Queue;
use ticketloom::import::import;
use ticketloom::mail::archive::Archive;
use ticketloom::mail::reader::{ReadError, Reader};
use ticketloom::service;
use ticketloom::store::page::Page;
use ticketloom::store::{Store, StoreError};

use super::{EX_TEMPFAIL, print, say};

/// How many mails are looked up at once.
const A_PAGE: i64 = 1_000;

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// An mbox, a single mail (.eml), a folder of both, a Maildir, or - for an mbox from standard input
    archive: PathBuf,
    /// The queue that they come into
    #[arg(long)]
    queue: String,
    /// Only tell what would become of them; the record stays as it is
    #[arg(long)]
    dry_run: bool,
}

/// 75 if PostgreSQL is away: the same command goes on where this one ended.
pub(crate) async fn take(config: &Config, wanted: Import) -> anyhow::Result<ExitCode> {
    let done = take_archive(config, wanted).await;
    passing_is_75(done)
}

async fn take_archive(config: &Config, wanted: Import) -> anyhow::Result<ExitCode> {
    let store = service::connect_for_long_work(config).await?;
    let queue = named(&store, &wanted.queue).await?;
    let archive = Archive::open(&wanted.archive)?;
    let bar = bar(archive.length, "{bytes} of {total_bytes}");
    let passed = |bytes| bar.inc(bytes);
    let reader = Reader::apart();
    let report = if wanted.dry_run {
        let stage = Store::rehearsal(config.database.url.reveal()).await?;
        import(&service::desk(config, stage), &reader, &queue, archive, passed).await?
    } else {
        // So that a desk that runs meanwhile leaves alone what we have in hand.
        let _presence = store.show_presence(config.database.url.reveal()).await?;
        import(&service::desk(config, store), &reader, &queue, archive, passed).await?
    };
    bar.finish_and_clear();
    let title = if wanted.dry_run { "This would become of them; nothing was stored:" } else { "This became of them:" };
    print(&format!("{title}\n{report}"))
}

async fn named(store: &Store, name: &str) -> anyhow::Result<Queue> {
    let queues = store.begin().await?.queues().all().await?;
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    let none = || {
        if names.is_empty() {
            anyhow!("there is no queue {name}; `ticketloom queue add {name} ADDRESS` adds it")
        } else {
            anyhow!("there is no queue {name}; there are {}", names.join(", "))
        }
    };
    queues.iter().find(|queue| queue.name == name).cloned().ok_or_else(none)
}

/// Reads one ticket's mails again, or all.
pub(crate) async fn reparse(config: &Config, which: &str) -> anyhow::Result<ExitCode> {
    let done = read_again(config, which).await;
    passing_is_75(done)
}

async fn read_again(config: &Config, which: &str) -> anyhow::Result<ExitCode> {
    let number = match which {
        "all" => None,
        which => match Number::parse(which.trim_start_matches('#')) {
            Some(number) => Some(number),
            None => bail!("{which} is no ticket's number; this is how: ticketloom reparse 2026112310000013, or all"),
        },
    };
    let store = service::connect_for_long_work(config).await?;
    let (reader, bar) = (Reader::apart(), bar(None, "{pos} mails"));
    let mut again = ReadAgain::default();
    if let Some(number) = number {
        let articles = store.mail_articles_of(&number).await?;
        if articles.is_empty() {
            bail!("ticket #{number} has no mail, or there is no such ticket");
        }
        again.read(&store, &reader, &articles, &bar).await?;
    } else {
        let mut page = Page::first(A_PAGE);
        loop {
            let articles = store.mail_articles(page).await?;
            let Some(last) = articles.last() else { break };
            again.read(&store, &reader, &articles, &bar).await?;
            page = Page::behind(*last, A_PAGE);
        }
    }
    bar.finish_and_clear();
    print(&again.to_string())
}

/// What came of reading mails again.
#[derive(Default)]
struct ReadAgain {
    mails: usize,
    texts: usize,
    files: usize,
    unreadable: usize,
}

impl ReadAgain {
    async fn read(
        &mut self,
        store: &Store,
        reader: &Reader,
        articles: &[ArticleId],
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        for article in articles {
            self.mails += 1;
            match read_one(store, reader, *article).await? {
                Some(mended) => {
                    self.texts += usize::from(mended.text);
                    self.files += mended.files;
                }
                None => self.unreadable += 1,
            }
            bar.inc(1);
        }
        Ok(())
    }
}

impl fmt::Display for ReadAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read again: {}; texts that differ: {}; new files: {}", self.mails, self.texts, self.files)?;
        if self.unreadable > 0 {
            write!(f, "; not readable, left as they were: {}", self.unreadable)?;
        }
        writeln!(f)
    }
}

async fn read_one(store: &Store, reader: &Reader, article: ArticleId) -> anyhow::Result<Option<Mended>> {
    let Some(raw) = store.raw_of(article).await? else { return Ok(None) };
    match reader.read(raw).await {
        Ok(mail) => Ok(Some(reparse::reparse(store, article, &mail).await?)),
        Err(error @ ReadError::NoReader(_)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Progress for whoever looks on.
pub(super) fn bar(length: Option<u64>, what: &str) -> ProgressBar {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(length, target);
    let template = match length {
        Some(_) => format!("{{wide_bar}} {what}, {{eta}} to go"),
        None => format!("{{spinner}} {what}"),
    };
    let style = ProgressStyle::with_template(&template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A record that is away is no failure of whoever called: the same again, later.
pub(super) fn passing_is_75(done: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    let Err(error) = done else { return done };
    let is_passing = error.chain().any(|cause| cause.downcast_ref::<StoreError>().is_some_and(StoreError::is_passing));
    if !is_passing {
        return Err(error);
    }
    say(&format!("ticketloom: {error:#}; the same command goes on when PostgreSQL is back"));
    Ok(ExitCode::from(EX_TEMPFAIL))
}

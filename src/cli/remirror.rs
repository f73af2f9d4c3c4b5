//! A queue's room is made anew.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use ticketloom::admin::names;
use ticketloom::config::Config;
use ticketloom::desk::remirror;
use ticketloom::domain::queue::Queue;
use ticketloom::service;
use ticketloom::store::Store;
use ticketloom::store::remirrors::Step;

use super::archive::{bar, passing_is_75};
use super::print;

/// How often the bar is looked after.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Args, Debug)]
pub(crate) struct Remirror {
    /// The queue, or several
    #[arg(required_unless_present = "lost", conflicts_with = "lost")]
    queues: Vec<String>,
    /// The homeserver is lost: all queues, the Space and all other rooms, and files are uploaded again
    #[arg(long)]
    lost: bool,
}

/// 75 if PostgreSQL is away.
pub(crate) async fn remirror(config: &Config, wanted: &Remirror) -> anyhow::Result<ExitCode> {
    passing_is_75(begin_or_look(config, wanted).await)
}

async fn begin_or_look(config: &Config, wanted: &Remirror) -> anyhow::Result<ExitCode> {
    let store = service::connect(config).await?;
    let mut all = store.begin().await?.queues().all().await?;
    all.retain(|queue| !queue.archived);
    if let Some(missing) = wanted.queues.iter().find(|name| !all.iter().any(|queue| queue.name == **name)) {
        bail!("there is no queue {missing}; there are {}", names(&all));
    }
    all.retain(|queue| wanted.lost || wanted.queues.contains(&queue.name));
    let ids: Vec<_> = all.iter().map(|queue| queue.id).collect();
    let begun = remirror::begin(&store, &ids, wanted.lost).await?;
    for queue in &all {
        let words = if begun.contains(&queue.id) {
            "gets a new room, in which the running desk shows its tickets anew, open ones first"
        } else {
            "has a new room already, and the running desk goes on with it"
        };
        print(&format!("queue {} {words}\n", queue.name))?;
    }
    if std::io::stderr().is_terminal() {
        for queue in &all {
            show_bar(&store, queue).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Until all is on its way. Whoever stops it stops nothing else: the same command shows it again.
async fn show_bar(store: &Store, queue: &Queue) -> anyhow::Result<()> {
    let mut shown = None;
    while let Some(now) = store.begin().await?.remirrors().get(queue.id).await? {
        let upto = u64::try_from(now.upto.0).unwrap_or_default();
        let place = u64::try_from(now.place.0).unwrap_or_default();
        let bar = shown.get_or_insert_with(|| bar(Some(2 * upto), "queue's tickets"));
        match now.step {
            Step::Open => bar.set_position(place),
            Step::Over => bar.set_position(upto + place),
            Step::Done => {
                bar.finish_and_clear();
                return Ok(());
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

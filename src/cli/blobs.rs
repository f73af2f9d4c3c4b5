//! Where files and large mails are kept, and moving them.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use ticketloom::config::Config;
use ticketloom::domain::id::MailId;
use ticketloom::service;
use ticketloom::store::Store;

use super::archive::{bar, passing_is_75};
use super::print;

/// How many are looked up at once.
const A_PAGE: i64 = 500;

#[derive(Args, Debug)]
pub(crate) struct Blobs {
    /// Move all of them there; a running desk notices nothing, and the same command goes on where it was stopped
    #[arg(long, value_enum, value_name = "WHERE")]
    to: Option<Place>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Place {
    /// The object store that the configuration names
    ObjectStore,
    /// PostgreSQL; only then may the configuration do without the object store
    Postgresql,
}

/// 75 if PostgreSQL or the object store is away.
pub(crate) async fn blobs(config: &Config, wanted: &Blobs) -> anyhow::Result<ExitCode> {
    passing_is_75(move_or_tell(config, wanted).await)
}

async fn move_or_tell(config: &Config, wanted: &Blobs) -> anyhow::Result<ExitCode> {
    let store = service::connect_for_long_work(config).await?;
    if wanted.to.is_some() && config.object_store.is_none() {
        bail!(
            "the configuration names no object store: [object_store] with bucket, access_key_id and secret_access_key"
        );
    }
    match wanted.to {
        Some(Place::ObjectStore) if !store.blobs().takes_away() => {
            bail!("object_store.writes is false, so nothing is put there")
        }
        Some(Place::Postgresql) if store.blobs().takes_away() => {
            bail!("a running desk would move all back: set object_store.writes = false and restart it first")
        }
        Some(Place::ObjectStore) => move_away(&store).await?,
        Some(Place::Postgresql) => move_here(&store).await?,
        None => {}
    }
    let at = store.whereabouts().await?;
    print(&format!(
        "in PostgreSQL: {} of {} bytes\nin the object store: {} of {} bytes\nto be deleted there: {}\n",
        at.here, at.here_bytes, at.away, at.away_bytes, at.gone
    ))
}

async fn move_away(store: &Store) -> anyhow::Result<()> {
    let bar = bar(None, "{pos} moved");
    let mut after = MailId(0);
    loop {
        let (large, last) = store.large_mails_here(after, A_PAGE).await?;
        for mail in large {
            store.make_blob(mail).await?;
            bar.inc(1);
        }
        let Some(last) = last else { break };
        after = last;
    }
    // Those, too, that could not be put there at once.
    let mut after = None;
    loop {
        let page = store.blobs_here(after, A_PAGE).await?;
        for digest in &page {
            store.move_away(*digest).await?;
            bar.inc(1);
        }
        after = page.last().copied();
        if after.is_none() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

async fn move_here(store: &Store) -> anyhow::Result<()> {
    let bar = bar(None, "{pos} moved");
    let mut after = None;
    loop {
        let page = store.blobs_away(after, A_PAGE).await?;
        for digest in &page {
            store.move_here(*digest).await?;
            bar.inc(1);
        }
        after = page.last().copied();
        if after.is_none() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

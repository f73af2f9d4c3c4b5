//! A customer is erased.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use ticketloom::config::Config;
use ticketloom::desk::erase;
use ticketloom::domain::id::EmailAddress;
use ticketloom::service;
use ticketloom::store::Store;
use ticketloom::store::erasures::Step;
use ticketloom::store::holdings::Holdings;

use super::archive::{bar, passing_is_75};
use super::print;

#[derive(Args, Debug)]
pub(crate) struct Erase {
    /// Whom: a mail address
    address: String,
    /// Only tell what would go
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do it: nothing of it can be had back but from a backup
    #[arg(long)]
    yes: bool,
}

/// 75 if PostgreSQL is away: the same command goes on where this one ended.
pub(crate) async fn erase(config: &Config, wanted: Erase) -> anyhow::Result<ExitCode> {
    passing_is_75(erase_now(config, &wanted).await)
}

async fn erase_now(config: &Config, wanted: &Erase) -> anyhow::Result<ExitCode> {
    let text = &wanted.address;
    let Some(address) = EmailAddress::parse(text) else {
        bail!("{text} is no mail address; this is how: ticketloom erase carol@example.org --dry-run");
    };
    let store = service::connect_for_long_work(config).await?;
    let mut tx = store.begin().await?;
    let begun = tx.erasures().of(&address).await?;
    let holdings = tx.holdings().count(&address).await?;
    drop(tx);
    if begun.is_none() && holdings.is_none() {
        bail!("the record has nothing of {address}");
    }
    let would_go = told(&holdings.unwrap_or_default());
    if wanted.dry_run {
        return print(&format!("This would go of {address}; nothing was changed:\n{would_go}"));
    }
    if !wanted.yes {
        bail!("this would go of {address}, for good:\n{would_go}add --yes to do it");
    }
    take_all_steps(&store, &address).await
}

fn told(holdings: &Holdings) -> String {
    let Holdings { tickets, articles, elsewhere, mails } = holdings;
    format!(
        "tickets: {tickets}, with articles: {articles}\ntickets of others in which they wrote or got mail: {elsewhere}\n\
         mails and quarantine entries that became no article: {mails}\n"
    )
}

async fn take_all_steps(store: &Store, address: &EmailAddress) -> anyhow::Result<ExitCode> {
    let erasure = erase::begin(store, address).await?;
    let bar = bar(None, "{pos} steps");
    let mut step = Step::Tickets;
    while erase::in_record(step) {
        step = erase::step(store, erasure).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let left = store.begin().await?.erasures().rooms_left(erasure).await?;
    if left == 0 {
        return print(&format!("{address} is erased\n"));
    }
    print(&format!(
        "{address} is erased in the record; rooms that the running desk has still to go through: {left}. The same command says how \
         many are left\n"
    ))
}

//! What is still to be sent, and whether it is.

use std::fmt::Write;
use std::process::ExitCode;

use clap::Args;
use ticketloom::config::Config;
use ticketloom::service;

use super::archive::passing_is_75;
use super::print;

/// How many mails are listed.
const MOST: i64 = 50;

#[derive(Args, Debug)]
pub(crate) struct Sending {
    /// Send nothing by mail, and tell webhooks nothing, until --resume
    #[arg(long, conflicts_with = "resume")]
    pause: bool,
    /// Send what waits, and go on
    #[arg(long)]
    resume: bool,
}

/// 75 if PostgreSQL is away.
pub(crate) async fn sending(config: &Config, wanted: &Sending) -> anyhow::Result<ExitCode> {
    passing_is_75(tell(config, wanted).await)
}

async fn tell(config: &Config, wanted: &Sending) -> anyhow::Result<ExitCode> {
    let mut tx = service::connect(config).await?.begin().await?;
    if wanted.pause || wanted.resume {
        tx.sending().set_paused(wanted.pause).await?;
    }
    let paused = tx.sending().paused_at().await?;
    let (unsent, all) = tx.sending().unsent(MOST).await?;
    tx.commit().await?;
    let mut text = match paused {
        Some(since) => format!("nothing is sent since {}; --resume goes on\n", since.format("%Y-%m-%d %H:%M UTC")),
        None => "mail is sent, and webhooks are told\n".to_owned(),
    };
    let _ = writeln!(text, "waiting: {all}, of which mails to customers and whom they are for, the oldest {MOST}:");
    for mail in unsent {
        let _ = writeln!(text, "{} {} {}", mail.written_at.format("%Y-%m-%d %H:%M"), mail.recipient, mail.ticket);
    }
    print(&text)
}

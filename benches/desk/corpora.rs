//! Real mail of others: how fast it is read, how fast it comes in, and what that costs in memory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use ticketloom::mail;

use super::stage::{self, Stage};
use super::{CONNECTIONS, line, load, per_second, ratio, real};

/// So many mails are read by the parser alone.
const READ: usize = 50_000;
/// Its memory is looked at for the first time when so many are read.
const WARM: usize = 5_000;
/// So many come in by LMTP at a time, and so often: what the desk's memory is after the first and after the last of
/// them says whether it grows.
const TAKEN: usize = 5_000;
const ROUNDS: usize = 10;

/// All mails of the corpora, if they are there.
pub(crate) fn mails() -> Option<Vec<Vec<u8>>> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let mut paths = Vec::new();
    walk(&corpora, &mut paths);
    paths.sort();
    let mails: Vec<Vec<u8>> = paths.iter().filter_map(|path| fs::read(path).ok()).collect();
    if mails.is_empty() {
        println!("SKIPPED: there are no corpora at {}", corpora.display());
        return None;
    }
    Some(mails)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() {
            walk(&path, found);
        } else if matches!(ending, "eml" | "msg") || (ending == "txt" && path.to_string_lossy().contains("flufl")) {
            found.push(path);
        }
    }
}

/// The parser alone, in one thread of this process.
pub(crate) fn read(mails: &[Vec<u8>]) {
    let (mut bytes, mut readable, mut warm) = (0, 0, 0);
    let began = Instant::now();
    for (number, raw) in mails.iter().cycle().take(READ).enumerate() {
        bytes += raw.len();
        readable += usize::from(mail::read(raw).is_ok());
        if number == WARM {
            warm = stage::rss_of(std::process::id());
        }
    }
    let took = began.elapsed();
    println!("{:<58} {:>10}", "mails in the corpora", mails.len());
    line("read by the parser, one thread", per_second(READ, took), "mails/s");
    line("  the same", real(bytes) / 1e6 / took.as_secs_f64(), "MB/s");
    println!("{:<58} {:>10.3}", "  share that is readable", real(readable) / real(READ));
    let label = format!("RSS after {WARM} and {READ} mails");
    println!("{label:<58} {warm:>10} and {} MB", stage::rss_of(std::process::id()));
}

/// The desk: LMTP to 250, and 250 to article, with the Matrix side away.
pub(crate) async fn take(stage: &mut Stage, mails: &[Vec<u8>]) -> anyhow::Result<()> {
    stage.start("http://127.0.0.1:9").await?;
    let before = stage.rss();
    let bytes: usize = mails.iter().cycle().take(TAKEN).map(Vec::len).sum();
    let (stored, wal) = stage.written().await?;
    let began = Instant::now();
    load::archive(stage, mails, TAKEN, CONNECTIONS).await.context("bringing the corpora")?;
    let taken = began.elapsed();
    stage.until_read().await?;
    let read = began.elapsed();
    line("corpora, LMTP to 250, 8 connections", per_second(TAKEN, taken), "mails/s");
    line("corpora, LMTP to article", per_second(TAKEN, read), "mails/s");
    line("  the same", real(bytes) / 1e6 / read.as_secs_f64(), "MB/s");
    let (stored_then, wal_then) = stage.written().await?;
    ratio("  bytes in PostgreSQL for each byte of mail", (stored_then - stored) / real(bytes), "<= 1.3");
    ratio("  bytes of WAL for each byte of mail", (wal_then - wal) / real(bytes), "<= 2.5");
    let first = stage.rss();
    for _ in 1..ROUNDS {
        load::archive(stage, mails, TAKEN, CONNECTIONS).await.context("bringing the corpora again")?;
        stage.until_read().await?;
    }
    let label = format!("RSS of the desk before, after {TAKEN} and after {}", TAKEN * ROUNDS);
    println!("{label:<58} {before:>10}, {first} and {} MB", stage.rss());
    Ok(())
}

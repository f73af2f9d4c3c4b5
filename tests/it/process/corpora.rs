//! Real mail that nobody of this house wrote goes through all of it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::house::{House, text, until};

/// Folders of bodies without headers.
const BODIES: &[&str] = &["test/emails", "tests/Fixtures", "html_replies", "signature/emails"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// A corpus' file as a mail; `None` if it is something else.
fn mail(path: &Path) -> Option<Vec<u8>> {
    let raw = fs::read(path).expect("a file");
    let place = path.to_string_lossy();
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    if matches!(ending, "eml" | "msg") || (place.contains("flufl.bounce/tests/data") && ending == "txt") {
        return Some(raw);
    }
    if !BODIES.iter().any(|folder| place.contains(folder)) {
        return None;
    }
    let kind = if ending == "html" { "text/html" } else { "text/plain" };
    let head = format!(
        "From: body@corpora.test\r\nSubject: {}\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n",
        path.file_name().and_then(OsStr::to_str).unwrap_or("body")
    );
    Some([head.into_bytes(), raw].concat())
}

/// Lays all mails of the corpora into a folder; how many they are.
fn lay_out(corpora: &Path, folder: &Path) -> i64 {
    fs::create_dir(folder).expect("a folder");
    let mut paths = Vec::new();
    files(corpora, &mut paths);
    let mut mails = 0;
    for raw in paths.iter().filter_map(|path| mail(path)) {
        fs::write(folder.join(format!("{mails:04}.eml")), raw).expect("a file");
        mails += 1;
    }
    mails
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_of_the_corpora_is_kept_and_shown() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !corpora.is_dir() {
        eprintln!("SKIPPED: there are no corpora at {}", corpora.display());
        return;
    }
    let house = House::open().await;
    let folder = house.file("corpora");
    let mails = lay_out(&corpora, &folder);
    assert!(mails > 400, "{mails} mails");
    let began = Instant::now();
    let told = house.must(&["import", &folder.display().to_string(), "--queue", &house.queues[0].name]).await;
    let read = began.elapsed();
    let done = async || {
        let jobs = house.jobs().await;
        assert!(!jobs.iter().any(|job| job.contains(" dead ")), "given up: {jobs:?}");
        jobs.is_empty().then_some(())
    };
    until("everything is shown", 300, done).await;
    eprintln!("{mails} mails read in {read:.1?}, shown in {:.1?}\n{told}", began.elapsed());

    let sum = |query: &'static str| sqlx::query_scalar::<_, i64>(query).fetch_one(&house.record);
    let counted = sum("select coalesce(sum(count), 0)::bigint from quarantine").await.expect("a number");
    let kept = house.count("article where mail_id is not null").await
        + counted
        + house.count("mail_in where fate = 'duplicate'").await;
    let same_bytes = mails - house.count("mail_in").await;
    assert_eq!(kept + same_bytes, mails, "a mail is lost:\n{told}");
    assert_eq!(house.count("letter").await, 0, "nothing goes out");

    let heard = house.alice.transcript(house.room()).await.0;
    let stands: HashSet<&str> = heard.iter().map(|event| text(&event["event_id"])).collect();
    let shown = |what: &str, table: &str| {
        format!(
            "select (select event_id from projection where purpose = '{what}' and subject_id = {table}_id) from {table}"
        )
    };
    let queries = [
        "select event_id from article".to_owned(),
        shown("file", "attachment"),
        shown("quarantine entry", "quarantine"),
    ];
    for query in queries {
        let asked = sqlx::AssertSqlSafe(query.clone());
        let posted: Vec<Option<String>> = sqlx::query_scalar(asked).fetch_all(&house.record).await.expect("the events");
        let missed = posted.iter().filter(|event| !event.as_deref().is_some_and(|event| stands.contains(event)));
        assert_eq!(missed.count(), 0, "not in the room: {query}");
    }
    for event in &heard {
        assert!(!event.to_string().contains("\\u0000"), "a NUL has come through: {event}");
    }
}

//! How real mail that nobody here wrote is read, against what its collectors expect of it.
//!
//! The corpora stand beside the project or where `TICKETLOOM_CORPORA` says; without them the tests say
//! so and are done. `docs/mail.md` has the shares as they were printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::read;
use crate::desk::intake::incoming::{Bounce, IncomingMail, Nature, Verdict};

fn corpora() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("TICKETLOOM_CORPORA").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("SKIPPED: no corpora at {}", folder.display());
        return None;
    }
    Some(folder)
}

/// The expectations of one corpus, each with its file's path; `None` where the corpus is missing.
fn expectations(corpus: &str) -> Option<Vec<(PathBuf, Value)>> {
    let folder = corpora()?.join(corpus);
    let Ok(rows) = std::fs::read_to_string(folder.join("expect.jsonl")) else {
        println!("SKIPPED: no {corpus} among the corpora");
        return None;
    };
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        (folder.join(row["file"].as_str().expect("a file")), row)
    };
    Some(rows.lines().map(row).collect())
}

/// How many of some expectations were met; prints those that were not.
#[derive(Default)]
struct Share {
    met: usize,
    all: usize,
}

impl Share {
    fn count(&mut self, met: bool, miss: impl FnOnce() -> String) {
        self.all += 1;
        if met {
            self.met += 1;
        } else {
            println!("  missed: {}", miss());
        }
    }

    /// Prints the share, and fails below a floor in percent.
    fn at_least(&self, percent: usize, of: &str) {
        println!("{of}: {} of {}", self.met, self.all);
        assert!(self.met * 100 >= self.all * percent, "{of}: {} of {} is below {percent} %", self.met, self.all);
    }
}

/// A file as a mail: bodies without a header get one.
fn as_mail(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).expect("a file");
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => [b"Subject: Re: x\nContent-Type: text/html; charset=utf-8\n\n".as_slice(), &raw].concat(),
        Some("txt") => [b"Content-Type: text/plain; charset=utf-8\n\n".as_slice(), &raw].concat(),
        _ => raw,
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What is new without the lines that stand for what was folded.
fn new_text(mail: &IncomingMail) -> String {
    let kept: Vec<&str> = mail.fresh.text.lines().filter(|line| !line.starts_with("… ")).collect();
    kept.join("\n")
}

#[test]
fn every_file_of_the_corpora_can_be_read() {
    let Some(corpora) = corpora() else { return };
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, PathBuf::new());
    let mut folders = vec![corpora.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let raw = std::fs::read(&path).expect("a file");
            let start = Instant::now();
            let outcome = read(&raw);
            let took = start.elapsed();
            let inside = path.strip_prefix(&corpora).expect("inside");
            let corpus = inside.components().next().expect("a corpus").as_os_str().to_string_lossy().into_owned();
            let count = counts.entry(corpus).or_default();
            count.0 += 1;
            if let Ok(mail) = outcome {
                count.1 += 1;
                read::assert_clean(&mail);
            }
            if took > slowest.0 {
                slowest = (took, inside.to_owned());
            }
        }
    }
    for (corpus, (all, shown)) in counts {
        println!("{corpus}: {all} files read, {shown} of them show something");
    }
    println!("the slowest took {:?}: {}", slowest.0, slowest.1.display());
    assert!(slowest.0 < Duration::from_secs(2), "{slowest:?}");
}

fn share_of_replies(corpus: &str, percent: usize) {
    let Some(rows) = expectations(corpus) else { return };
    // What was forwarded counts as quoted there; here it stays.
    let forwards: BTreeMap<&PathBuf, &Value> =
        rows.iter().filter(|(_, row)| row["field"] == "forwarded_mail").map(|(path, row)| (path, row)).collect();
    let (mut strict, mut lenient) = (Share::default(), Share::default());
    for (path, row) in rows.iter().filter(|(_, row)| row["field"].as_str().is_some_and(|it| it.starts_with("reply"))) {
        let expected = row["expected"].as_str().expect("a text");
        let got = read(&as_mail(path)).map(|mail| new_text(&mail)).unwrap_or_default();
        let (left, right) = (squeezed(&got), squeezed(expected));
        strict.count(left == right, || format!("{}\n--- expected\n{expected}\n--- got\n{got}\n---", row["file"]));
        let forward = forwards.get(path).map(|row| squeezed(row["expected"].as_str().expect("a text")));
        let is_whole = forward.is_some_and(|forward| unquoted(&got).ends_with(&forward));
        lenient.count(left == right || is_whole, || format!("{} in any case", row["file"]));
    }
    strict.at_least(percent, &format!("{corpus}, replies"));
    lenient.at_least(percent, &format!("{corpus}, replies, or forwarded mails that stay whole"));
}

#[test]
fn what_is_new_is_told_from_what_is_quoted() {
    share_of_replies("discourse-email_reply_trimmer", 93);
    share_of_replies("talon", 90);
    share_of_replies("willdurand-EmailReplyParser", 100);
}

/// A text without blanks and without the marks that some put before the lines that they forward.
fn unquoted(text: &str) -> String {
    text.lines().map(|line| squeezed(line.trim_start_matches(['>', ' ']))).collect()
}

/// What the corpus calls forwarded stays where the subject says that it was, whatever else is folded.
#[test]
fn what_was_forwarded_stays() {
    let Some(rows) = expectations("discourse-email_reply_trimmer") else { return };
    let mut share = Share::default();
    for (path, row) in rows.iter().filter(|(_, row)| row["field"] == "forwarded_mail") {
        let mail = String::from_utf8(as_mail(path)).expect("UTF-8");
        let mail = read(format!("Subject: Fwd: x\n{mail}").as_bytes()).expect("readable");
        let (got, expected) = (unquoted(&new_text(&mail)), unquoted(row["expected"].as_str().expect("a text")));
        share.count(got.ends_with(&expected), || format!("{}\n{}", row["file"], mail.fresh.text));
    }
    share.at_least(90, "discourse-email_reply_trimmer, forwarded mails that stay whole");
}

fn bounce_in(path: &Path) -> Option<Bounce> {
    match read(&std::fs::read(path).expect("a file")).ok()?.nature {
        Nature::Bounce(bounce) => Some(bounce),
        _ => None,
    }
}

#[test]
fn bounces_are_recognised() {
    let Some(rows) = expectations("flufl.bounce") else { return };
    let (mut recognised, mut judged, mut told) = (Share::default(), Share::default(), Share::default());
    for (path, row) in &rows {
        // No address expected: some of these are reports about nobody in particular, others are no reports.
        if row["expected"].as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        let bounce = bounce_in(path);
        recognised.count(bounce.is_some(), || format!("{}", row["file"]));
        let Some(bounce) = bounce else { continue };
        told.count(bounce.diagnostic.contains(char::is_alphabetic), || format!("{} says why", row["file"]));
        let verdict = match row["field"].as_str().expect("a field") {
            "bounced_addresses_temporary" => Verdict::Delayed,
            _ => Verdict::Failed,
        };
        judged.count(bounce.verdict == verdict, || format!("{}: {bounce:?}", row["file"]));
    }
    recognised.at_least(97, "flufl.bounce, recognised");
    judged.at_least(97, "flufl.bounce, for good or for now");
    told.at_least(97, "flufl.bounce, with a reason");
}

/// What a bounce says of a field that a corpus has expectations of; `None` if we have no such field.
fn field_of(bounce: Option<&Bounce>, field: &str) -> Option<Value> {
    let verdict = bounce.map(|bounce| bounce.verdict);
    Some(match field {
        "is_bounce" => Value::from(verdict == Some(Verdict::Failed)),
        "dsn_retryable" => Value::from(verdict == Some(Verdict::Delayed)),
        "dsn_status" => Value::from(bounce?.status.clone()),
        "dsn_diagnostic_code" => Value::from(bounce?.diagnostic.clone()),
        "original_message_id" => Value::from(bounce?.original.as_ref().map(|id| format!("<{}>", id.as_str()))),
        "dsn_action" => Value::from(match verdict? {
            Verdict::Failed => "failed",
            Verdict::Delayed => "delayed",
            Verdict::Delivered => "delivered",
            Verdict::Unclear => "unclear",
        }),
        _ => return None,
    })
}

fn share_of_reports(corpus: &str, percent: usize) {
    let Some(rows) = expectations(corpus) else { return };
    let mut share = Share::default();
    for (path, row) in &rows {
        let Some(got) = field_of(bounce_in(path).as_ref(), row["field"].as_str().expect("a field")) else { continue };
        // The desk doesn't tell handing on from delivering, nor names the code's type.
        let expected = match row["expected"].as_str() {
            Some("relayed" | "expanded") => Value::from("delivered"),
            Some(text) => Value::from(text.trim_start_matches("SMTP; ")),
            None => row["expected"].clone(),
        };
        share.count(got == expected, || format!("{row}: {got}"));
    }
    share.at_least(percent, &format!("{corpus}, reports"));
}

#[test]
fn reports_say_what_became_of_the_mail() {
    share_of_reports("postfix-generated-dsn", 100);
    share_of_reports("mikel-mail", 100);
}

/// Every decoded part that the corpus has beside a mail is a file of that mail or stands in its text.
#[test]
fn parts_are_decoded() {
    let Some(corpora) = corpora() else { return };
    let mut share = Share::default();
    for folder in ["mimetools-testmsgs", "testmsgs"] {
        let folder = corpora.join("apache-james-mime4j/core/src/test/resources").join(folder);
        let Ok(entries) = std::fs::read_dir(&folder) else {
            println!("SKIPPED: no {}", folder.display());
            continue;
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let Some((stem, rest)) = name.split_once("_decoded_") else { continue };
            if Path::new(rest).extension().is_some_and(|ending| ending == "xml") {
                continue;
            }
            let Ok(mail) = read(&std::fs::read(folder.join(format!("{stem}.msg"))).expect("its mail")) else {
                continue;
            };
            let part = std::fs::read(&path).expect("a part");
            share.count(holds(&mail, &part), || name.clone());
        }
    }
    if share.all > 0 {
        share.at_least(85, "apache-james-mime4j, decoded parts");
    }
}

/// Whether the part's bytes are one of the files, or its words stand in the text.
fn holds(mail: &IncomingMail, part: &[u8]) -> bool {
    let lean = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect::<Vec<u8>>();
    let wanted = lean(part);
    let text = lean(mail.text.as_bytes());
    let is_in = |whole: &[u8]| wanted.is_empty() || whole.windows(wanted.len()).any(|window| window == wanted);
    // The decoded parts are in the charset that they had.
    let decoded = lean(encoding_rs::WINDOWS_1252.decode(part).0.as_bytes());
    is_in(&text)
        || text.windows(decoded.len().max(1)).any(|window| window == decoded)
        || mail.attachments.iter().any(|file| file.bytes == part || is_in(&lean(&file.bytes)))
}

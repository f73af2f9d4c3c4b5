//! Mails are read in processes of their own: within limits, and none is left behind.

use std::path::Path;

use ticketloom::mail::read;
use ticketloom::mail::reader::{Limits, ReadError, Reader};

use super::house::{House, Plan, program, until};
use super::lmtp::Lmtp;

fn reader(limits: Limits) -> Reader {
    Reader::program(program(), limits)
}

fn mail(words: &str) -> Vec<u8> {
    format!("From: carol@customer.test\r\nSubject: s\r\n\r\n{words}\r\n").into_bytes()
}

/// The readers that a process started.
fn children(of: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{of}/task")).expect("a process");
    let of_task = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.expect("a task").path().join("children")).unwrap_or_default()
    };
    let ids: Vec<u32> =
        tasks.map(of_task).collect::<String>().split_whitespace().filter_map(|id| id.parse().ok()).collect();
    let is_reader =
        |id: &u32| std::fs::read_to_string(format!("/proc/{id}/cmdline")).is_ok_and(|line| line.contains("read-mails"));
    ids.into_iter().filter(is_reader).collect()
}

fn is_running(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn what_is_read_apart_reads_the_same() {
    let reader = reader(Limits::default());
    let raw = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/files.eml")).expect("a mail");
    let mut here = read(&raw).expect("readable");
    here.leave_files_in_place();
    for _ in 0..3 {
        let apart = reader.read(raw.clone()).await.expect("readable");
        assert_eq!(format!("{apart:?}"), format!("{here:?}"));
    }
    let nothing = reader.read(b"\r\n".to_vec()).await;
    assert!(
        matches!(&nothing, Err(ReadError::Unreadable(why)) if why.contains("no header and no text")),
        "{nothing:?}"
    );
}

#[tokio::test]
async fn a_mail_that_needs_too_much_ends_its_reader_alone() {
    let memory = reader(Limits { memory: 1 << 20, work: 20 });
    // Ten times its size is what any mail may need.
    let table = format!("Content-Type: text/html\r\n\r\n{}", "<p>x".repeat(30_000)).into_bytes();
    let read = memory.read(table).await;
    assert!(matches!(read, Err(ReadError::TooExpensive(why)) if why.contains("memory")), "{read:?}");
    assert_eq!(memory.read(mail("still here")).await.expect("readable").text, "still here");
    // Several seconds of work, on fast machines, too: it is ended within the first.
    let large = mail(&"x <a@b.test> wrote: \r\n".repeat(4_000_000));
    let work = reader(Limits { memory: 8 << 30, work: 1 });
    let read = work.read(large).await;
    assert!(matches!(read, Err(ReadError::TooExpensive(why)) if why.contains("time")), "{read:?}");
    assert_eq!(work.read(mail("still here")).await.expect("readable").text, "still here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_were_ended_are_replaced_and_go_when_the_desk_is_killed() {
    let house = House::opened(Plan::default()).await;
    let mut lmtp = Lmtp::open(&house).await;
    let read = async |house: &House, count: i64| {
        until("it is read", 30, async || {
            (house.count("article where mail_id is not null").await == count).then_some(())
        })
        .await;
    };
    lmtp.deliver("carol@customer.test", house.address(), &mail("one")).await;
    read(&house, 1).await;
    let first = children(house.pid());
    assert!(!first.is_empty() && first.len() <= 4, "{first:?}");
    for id in &first {
        // As systemd does to all of a service when it stops.
        std::process::Command::new("kill").arg(id.to_string()).status().expect("kill");
    }
    lmtp.deliver("carol@customer.test", house.address(), &mail("two")).await;
    read(&house, 2).await;
    let second = children(house.pid());
    assert!(!second.is_empty() && second.iter().all(|id| is_running(*id) && !first.contains(id)), "{second:?}");
    house.kill().await;
    let gone = async || second.iter().all(|id| !is_running(*id)).then_some(());
    until("no reader is left", 10, gone).await;
}

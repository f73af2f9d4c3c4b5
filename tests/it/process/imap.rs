//! A mailbox that the desk reads, in a real Dovecot.

use futures_util::TryStreamExt;
use futures_util::stream::{StreamExt, iter};

use super::house::{Customer, House, Plan, deliver, fetch, fetch_from, open_mailbox, unique, until, world};

async fn house() -> House {
    House::opened(Plan { queues: 0, imap: true, ..Plan::default() }).await
}

/// Waits until no mail is left in the mailbox but so many.
async fn left(house: &House, mails: usize) {
    until("the mailbox is read", 60, async || (fetch(house.address()).await.len() == mails).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_in_the_mailbox_becomes_tickets_and_is_put_away() {
    const MAILS: usize = 60;
    let house = house().await;
    house.stop().await;
    let subjects: Vec<String> = (0..MAILS).map(|number| format!("Waiting {number} {}", unique())).collect();
    let write = |subject: String| {
        let house = &house;
        async move { Customer::new().write(house.address(), &subject, "Please help.").await }
    };
    iter(subjects.clone()).map(write).buffer_unordered(8).collect::<Vec<()>>().await;
    left(&house, MAILS).await;
    house.start(&[]);
    house.answers().await;
    left(&house, 0).await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.all_cards(), MAILS);
    assert_eq!(fetch_from(house.address(), "Processed").await.len(), MAILS, "nothing is deleted");
}

/// Without being told, the desk looks every four minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dovecot_tells_of_new_mail() {
    let house = house().await;
    for _ in 0..3 {
        let subject = format!("News {}", unique());
        Customer::new().write(house.address(), &subject, "Please help.").await;
        house.alice.card(house.room(), &subject).await;
        left(&house, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renumbered_mailbox_makes_no_ticket_twice() {
    let house = house().await;
    for number in 0..5 {
        Customer::new().write(house.address(), &format!("Old {number}"), "Please help.").await;
    }
    until("five tickets", 60, async || (house.count("ticket").await == 5).then_some(())).await;
    left(&house, 0).await;
    let before: Vec<(i64, i64)> = mailboxes(&house).await;
    house.stop().await;

    // The mails lie in the folder again, and Dovecot has lost their numbers.
    let mut session = open_mailbox(house.address()).await;
    session.select("Processed").await.expect("the folder");
    session.uid_copy("1:*", "INBOX").await.expect("a copy");
    session.logout().await.expect("a good-bye");
    let (local, domain) = house.address().split_once('@').expect("an address");
    let folder = format!("{}/dovecot/mail/{domain}/{local}/Maildir", world().dir);
    for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let file = entry.expect("an entry").path();
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("dovecot")) && file.is_file() {
            std::fs::remove_file(file).expect("removed");
        }
    }
    Customer::new().write(house.address(), "New 5", "Please help.").await;
    left(&house, 6).await;

    house.start(&[]);
    house.answers().await;
    left(&house, 0).await;
    house.idle().await;
    assert_ne!(mailboxes(&house).await, before, "it has another UIDVALIDITY");
    assert_eq!(house.count("ticket").await, 6);
    assert_eq!(house.count("mail_in where fate = 'duplicate'").await, 5);
    assert_eq!(house.alice.transcript(house.room()).await.all_cards(), 6);
}

async fn mailboxes(house: &House) -> Vec<(i64, i64)> {
    sqlx::query_as("select uid_validity, last_uid from mailbox").fetch_all(&house.record).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_or_unreadable_holds_up_nobody() {
    let house = house().await;
    let customer = Customer::new();
    let large = customer.compose(house.address(), "Large", &"x".repeat(70).repeat(4000), "");
    customer.send(&[house.address()], &large).await;
    deliver("", &[house.address()], b"\r\nneither sender nor subject\r\n").await;
    deliver("", &[house.address()], b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\xff\xfe\x00--\r\n")
        .await;
    let subject = format!("Good {}", unique());
    customer.write(house.address(), &subject, "Please help.").await;
    house.alice.card(house.room(), &subject).await;
    left(&house, 1).await;
    house.idle().await;
    let mut session = open_mailbox(house.address()).await;
    session.select("INBOX").await.expect("the folder");
    let flags: Vec<_> = session.uid_fetch("1:*", "FLAGS").await.expect("flags").try_collect().await.expect("flags");
    assert_eq!(flags.len(), 1);
    assert!(flags[0].flags().all(|flag| flag == async_imap::types::Flag::Recent), "it is as it was");
    assert!(house.log().contains("a mail is too large; it stays in the folder"));
    assert_eq!(house.count("quarantine").await, 3, "the unreadable ones are shown, and the large one's header");
    assert_eq!(house.count("mail_in where left_behind > 256 * 1024 and length(raw) < 4096").await, 1);
    assert_eq!(house.count("quarantine where reason like '%more than is taken%'").await, 1);
    assert_eq!(house.count("ticket").await, 1);
}

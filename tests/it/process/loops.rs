//! Two desks that acknowledge what they get, and a mail server that hides that machines wrote it.

use super::house::{House, Plan, deliver, unique, until};

/// So many mails may pass before they are quiet: one, and an acknowledgement of each (R53).
const MOST: i64 = 3;

/// Whether nothing is under way: neither desk has anything to do, and every mail that one of them sent has
/// arrived at the other.
async fn is_quiet(desks: [&House; 2]) -> bool {
    let mut busy = 0;
    for desk in desks {
        busy += i64::try_from(desk.jobs().await.len()).expect("few");
        busy += desk.count("letter where state <> 'sent'").await;
        busy += desk.count("mail_in where fate = 'waiting'").await;
    }
    let [a, b] = desks;
    // The first mail is nobody's letter.
    let on_its_way =
        [1 + b.count("letter").await - a.count("mail_in").await, a.count("letter").await - b.count("mail_in").await];
    busy == 0 && on_its_way == [0, 0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_desks_fall_silent_though_every_sign_of_a_machine_is_taken_away() {
    let plan = Plan { stripped: true, ..Plan::default() };
    let a = House::opened(plan.clone()).await;
    let b = House::opened_beside(&a, plan).await;
    let subject = format!("It smokes {}", unique());
    let raw = format!(
        "From: {}\r\nTo: {}\r\nSubject: {subject}\r\nMessage-ID: <{}@other.test>\r\n\r\nIt smokes.\r\n",
        b.address(),
        a.address(),
        unique()
    );
    deliver(b.address(), &[a.address()], raw.as_bytes()).await;
    until("the first mail is there", 60, async || (a.count("mail_in").await > 0).then_some(())).await;
    until("both are quiet", 60, async || is_quiet([&a, &b]).await.then_some(())).await;
    let mails = a.count("mail_in").await + b.count("mail_in").await;
    assert!((2..=MOST).contains(&mails), "{mails} mails");
    let signs = "mail_in where position('Auto-Submitted' in convert_from(raw, 'UTF8')) > 0";
    assert_eq!(b.count(signs).await, 0, "the signs were taken away");
    assert_eq!(a.alice.transcript(a.room()).await.cards(&subject).len(), 1);
}

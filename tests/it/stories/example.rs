//! The day's example of `bot-commands.md`, typed.

use ticketloom::chat::example::{self, Where};

use super::world::{ALICE, CAROL, DAVE, HOLD, World};

#[tokio::test]
async fn each_line_of_the_days_example_does_what_the_page_says() {
    let w = World::new().await;
    let case = w.ticket("The router blinks red").await;
    let acknowledged = w.outbox().len();
    let mut taken_back = None;
    for line in example::day("!") {
        let told = match line.place {
            Where::Thread => w.say(ALICE, &case, &line.typed).await,
            Where::Room => w.say_in(ALICE, &case.room, &line.typed).await,
            Where::Direct => w.say_in(ALICE, &w.dm(ALICE), &line.typed).await,
        };
        // Only what is taken back at once is still held when the next line is typed.
        if line.mark == "✉️" {
            assert_eq!(told.marks(), "⏳", "{}", line.typed);
            w.pass(HOLD).await;
        }
        assert_eq!(told.marks(), line.mark, "{}: {}", line.typed, told.answer());
        if line.mark == "⏳" {
            taken_back = Some(told);
        }
    }
    assert_eq!(taken_back.map(|told| told.marks()).as_deref(), Some("❌"), "the one that was undone says so");
    w.pass(HOLD).await;
    let mails: Vec<(String, String)> =
        w.outbox()[acknowledged..].iter().map(|mail| (mail.to.clone(), mail.text.clone())).collect();
    assert_eq!(mails.len(), 3, "what was taken back was never sent: {mails:?}");
    assert!(mails[0].0 == CAROL && mails[0].1.contains("new one today"), "{mails:?}");
    assert!(mails[1].0 == DAVE && mails[1].1.contains("ready"), "{mails:?}");
    assert!(mails[2].0 == CAROL && mails[2].1.contains("Glad"), "{mails:?}");
    assert_eq!(w.count("select count(*) from article where kind = 'note' and text like 'Is that one%'").await, 1);
    assert!(w.card(&case).starts_with("closed successful"), "{}", w.card(&case));
    // The timers of the example are over.
    w.pass(std::time::Duration::from_hours(72)).await;
    w.finish().await;
}

#[tokio::test]
async fn the_example_says_a_desks_own_prefix() {
    assert!(example::day("/desk ").iter().any(|line| line.typed == "/desk lock"));
    assert!(example::day("/desk ").iter().all(|line| !line.typed.starts_with('!')));
}

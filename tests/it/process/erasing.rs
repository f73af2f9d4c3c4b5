//! A customer is erased from the command line and by the running desk, both of which are killed again and again.

use std::process::Command;

use data_encoding::HEXLOWER;

use super::house::{Customer, House, program, unique, until};

/// Where it dies here.
pub(super) const POINTS: [&str; 3] = ["erase.before_commit", "erase.after_commit", "sweep.after_redact"];

/// `ticketloom erase`, killed when it passes a point for the n-th time. Whether it came to its end.
async fn erase(house: &House, address: &str, point: &str, pass: u32) -> bool {
    let mut command = Command::new(program());
    command.arg("--config").arg(house.config()).args(["erase", address, "--yes"]);
    command.env("TICKETLOOM_CRASH", format!("{point}:{pass}"));
    let running = tokio::task::spawn_blocking(move || command.output().expect("the program"));
    let done = running.await.expect("its end");
    done.status.success()
}

/// Whether a word stands there, as text or in bytes.
fn stands(dump: &str, word: &str) -> bool {
    let hex = HEXLOWER.encode(word.as_bytes());
    dump.contains(word) || dump.contains(&hex)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_somebody_however_often_erasing_them_is_killed() {
    let house = House::open().await;
    let customer = Customer::new();
    let words: Vec<String> =
        ["subject", "body", "answer", "note", "edit"].map(|word| format!("{word}{}", unique())).into();
    let [subject, body, answer, note, edit] = &words[..] else { unreachable!("five words") };
    customer.write_with_file(house.address(), subject, body).await;
    let card = house.alice.card(house.room(), subject).await;
    let said = house.alice.say_in(house.room(), &card.root, &format!("!note {note}")).await;
    house.alice.marked(house.room(), &said, "✅").await;
    house.alice.edit(house.room(), &said, &format!("!note {edit}")).await;
    house.alice.say_in(house.room(), &card.root, &format!("!answer {answer}")).await;
    customer.answer().await;
    house.idle().await;
    let address = customer.address.to_lowercase();
    let (dump, past) = (house.dump(), house.alice.past(house.room()).await.to_lowercase());
    for word in words.iter().chain([&address]) {
        assert!(stands(&dump, word) && past.contains(word.as_str()), "{word} is there before");
    }
    let refused = house.run(&["erase", &address], b"").await;
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("add --yes"), "{refused:?}");
    assert!(house.must(&["erase", &address, "--dry-run"]).await.contains("tickets: 1, with articles: "));
    assert_eq!(house.count("erasure").await, 0);

    // With the desk stopped, the command line goes through the record alone, killed at each step.
    house.stop().await;
    let mut killed = 0;
    for point in &POINTS[..2] {
        assert!(!erase(&house, &address, point, 1).await, "{point} is passed");
        killed += 1;
    }
    while !erase(&house, &address, POINTS[killed % 2], 2).await {
        killed += 1;
        assert!(killed < 100, "it never comes to its end");
    }
    assert!(killed > 3, "killed {killed} times");
    assert_eq!(house.count("erasure where step = 'rooms'").await, 1);

    // The desk goes through the rooms, and dies there, too.
    house.start(&[("TICKETLOOM_CRASH", POINTS[2])]);
    let mut deaths = 0;
    until("all rooms are done", 60, async || {
        deaths += usize::from(house.revive());
        (house.count("erasure where step = 'done'").await == 1).then_some(())
    })
    .await;
    assert_eq!(deaths, 1);
    house.idle().await;
    let (dump, past) = (house.dump(), house.alice.past(house.room()).await.to_lowercase());
    for word in words.iter().chain([&address]) {
        assert!(!stands(&dump, word), "{word} still stands in the record");
        assert!(!past.contains(word.as_str()), "{word} still stands in the room");
    }
    assert_eq!(house.count("ticket where subject = '(erased)'").await, 1);
    house.stop().await;
}

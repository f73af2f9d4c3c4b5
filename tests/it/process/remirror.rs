//! A queue's room is made anew on a real homeserver, and the desk dies meanwhile.

use std::collections::HashSet;

use super::house::{Customer, House, Transcript, text, unique, until};

/// Where it dies here.
pub(super) const POINTS: [&str; 2] = ["remirror.before_commit", "remirror.after_commit"];
/// How many tickets there are, every third of them closed.
const TICKETS: usize = 6;

/// The words of a ticket that stand in a room, in their order: the card's root, and what it and its thread say of them.
fn told(transcript: &Transcript, subject: &str, words: &[String]) -> (String, Vec<String>) {
    let cards = transcript.cards(subject);
    assert_eq!(cards.len(), 1, "{subject}");
    let root = cards[0].root.clone();
    let bodies = transcript.bodies(&root);
    let found = |body: &String| words.iter().find(|word| body.contains(word.as_str())).cloned();
    (root, bodies.iter().filter_map(found).collect())
}

/// Who has just joined may hear of the same event by more than one sync.
fn once_each(transcript: Transcript) -> Transcript {
    let mut seen = HashSet::new();
    Transcript(transcript.0.into_iter().filter(|event| seen.insert(event["event_id"].to_string())).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queues_room_is_made_anew_with_all_that_was_said_and_calls_nobody() {
    let house = House::open().await;
    let old = house.room().to_owned();
    let mut tickets = Vec::new();
    for n in 0..TICKETS {
        let customer = Customer::new();
        let (subject, words) = (format!("Subject {}", unique()), [0; 4].map(|_| unique()));
        customer.write_with_file(house.address(), &subject, &words[0]).await;
        let card = house.alice.card(&old, &subject).await;
        house.alice.say_in(&old, &card.root, &format!("!note {}", words[1])).await;
        let ends = if n % 3 == 2 { "--state closed " } else { "" };
        house.alice.say_in(&old, &card.root, &format!("!answer {ends}{}", words[2])).await;
        let answer = customer.answer().await;
        if ends.is_empty() {
            customer.reply(&answer, &words[3]).await;
            until("the reply is there", 30, async || {
                house
                    .alice
                    .transcript(&old)
                    .await
                    .bodies(&card.root)
                    .iter()
                    .any(|body| body.contains(&words[3]))
                    .then_some(())
            })
            .await;
        }
        tickets.push((customer, subject, words));
    }
    house.idle().await;
    let mails = house.count("letter").await;
    let missing = house.run(&["remirror", "nowhere"], b"").await;
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no queue nowhere; there are"), "{missing:?}");

    // It dies at each of its points.
    house.stop().await;
    let queue = &house.queues[0].name;
    assert!(house.must(&["remirror", queue]).await.contains("gets a new room"));
    assert!(house.must(&["remirror", queue]).await.contains("goes on with it"));
    let mut deaths = 0;
    for point in POINTS {
        house.start(&[("TICKETLOOM_CRASH", point)]);
        until("it is dead", 60, async || house.ended().map(drop)).await;
        deaths += usize::from(house.revive());
        until("it is open again", 60, async || house.page("/ready").await.filter(|(status, _)| *status == 200)).await;
        house.stop().await;
    }
    assert_eq!(deaths, POINTS.len());
    house.start(&[("TICKETLOOM_CRASH", "chat.after_send:5")]);
    until("all is on its way", 60, async || {
        house.revive();
        (house.count("remirror where step = 'done'").await == 1).then_some(())
    })
    .await;
    house.idle().await;
    let new: String = sqlx::query_scalar("select room_id from room join queue using (queue_id) where name = $1")
        .bind(queue)
        .fetch_one(&house.record)
        .await
        .expect("a room");
    assert_ne!(new, old);
    house.alice.join(&new).await;
    let transcript = once_each(house.alice.transcript(&new).await);
    assert_eq!(transcript.all_cards(), TICKETS);
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    let before = house.alice.transcript(&old).await;
    for (_, subject, words) in &tickets {
        let (_, there) = told(&before, subject, words);
        let (root, here) = told(&transcript, subject, words);
        // Of each the first time that it is said: a note stands under its own message and above.
        let mut once = there.clone();
        once.dedup();
        let mut now = here.clone();
        now.dedup();
        assert_eq!(now, once, "{subject}");
        assert!(transcript.bodies(&root).iter().any(|body| body.contains("form.pdf")), "{subject}");
    }
    for event in
        house.alice.events(&new).await.iter().filter(|event| event["content"]["org.ticketloom.key"].is_string())
    {
        assert!(event["content"]["m.mentions"]["user_ids"].as_array().is_none_or(Vec::is_empty), "{event}");
        let kind = text(&event["content"]["msgtype"]);
        assert!(matches!(kind, "m.notice" | "m.file" | "m.image"), "{event}");
    }
    assert_eq!(house.count("letter").await, mails, "no mail");
    let last = before.0.iter().rev().find_map(|event| event["content"]["body"].as_str());
    assert!(last.is_some_and(|body| body.contains("a new room")), "{last:?}");

    // Work goes on there.
    let (customer, subject, _) = &tickets[0];
    let (root, _) = told(&transcript, subject, &[]);
    let said = house.alice.say_in(&new, &root, "!answer It goes on.").await;
    house.alice.marked(&new, &said, "✉️").await;
    until("she hears of it", 30, async || {
        customer.answers().await.iter().any(|mail| mail.text.contains("It goes on.")).then_some(())
    })
    .await;
    house.stop().await;
}

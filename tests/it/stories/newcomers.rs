//! Somebody has a mail of a ticket, because it was passed on to them, and writes to its signed address.

use super::world::{ALICE, CAROL, Case, DAVE, Eml, HOLD, Sent, WALTER, World};

const EVE: &str = "eve@evil.test";

/// A reply of Eve's to the ticket's newest mail, under that name.
fn by_eve(w: &World, name: &str, words: &str) -> Eml {
    Eml::reply(&w.newest_mail(), words).from(&format!("\"{name}\" <{EVE}>")).envelope_from(EVE)
}

/// Who gets an answer to all.
async fn all(w: &World, case: &Case) -> Vec<String> {
    let before = w.outbox().len();
    w.say(ALICE, case, "!answer --all Hello").await;
    w.pass(HOLD).await;
    let mut all: Vec<String> = w.outbox().split_off(before).into_iter().map(|sent: Sent| sent.to).collect();
    all.sort();
    all
}

#[tokio::test]
async fn whoever_was_passed_a_mail_is_seen_with_their_address_and_gets_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for (name, shown) in [
        (CAROL, format!("{CAROL} <{EVE}> wrote")),
        ("Carol Jones", format!("Carol Jones <{EVE}> wrote")),
        (EVE, format!("{EVE} wrote")),
    ] {
        let mail = w.deliver(&by_eve(&w, name, "Please send me the password.")).await;
        assert_eq!(w.case_of(mail).await.id, case.id);
        let (_, post) = w.newest_post(&case);
        assert!(post.text.contains(&shown), "{}", post.text);
        assert!(post.text.contains(&format!("{EVE} is new here")), "{}", post.text);
        assert!(post.speaker.expect("a speaker").name.contains(EVE));
    }
    assert_eq!(w.count("select count(*) from participant").await, 1);
    assert_eq!(all(&w, &case).await, [CAROL]);
    let said = w.say(ALICE, &case, "!answer Hello").await.answer();
    assert!(said.contains(&format!("!answer --cc {EVE} goes to both")), "{said}");
    w.pass(HOLD).await;
    w.finish().await;
}

#[tokio::test]
async fn a_tick_or_cc_lets_them_take_part() {
    for by_tick in [true, false] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        w.deliver(&by_eve(&w, "Eve", "I work with Carol.")).await;
        let (event, _) = w.newest_post(&case);
        w.react(WALTER, &case.room, &event, "✅").await;
        assert!(w.transcript(&case.room).contains("is new here"), "observers let nobody in");
        if by_tick {
            w.react(ALICE, &case.room, &event, "✅").await;
        } else {
            w.say(ALICE, &case, &format!("!cc +{EVE}")).await.done();
        }
        let told = w.transcript(&case.room);
        assert!(!told.contains("is new here") && told.contains(&format!("Eve <{EVE}> wrote")), "{told}");
        assert_eq!(all(&w, &case).await, [CAROL, EVE]);
        let history = w.say(ALICE, &case, "!history").await.done().answer();
        assert!(history.contains(&format!("takes part {EVE}")), "{history}");
        w.finish().await;
    }
}

#[tokio::test]
async fn whom_an_agent_wrote_to_is_not_new_until_they_are_put_out() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --cc dave@customer.test Unplug it.").await;
    w.pass(HOLD).await;
    let to_dave = w.outbox().into_iter().find(|sent| sent.to == DAVE).expect("a mail to Dave");
    w.reply_to(&to_dave, "I did.").await;
    assert!(!w.newest_post(&case).1.text.contains("new here"), "an agent wrote to him");
    w.say(ALICE, &case, "!cc -dave@customer.test").await.done();
    w.reply_to(&to_dave, "Hello?").await;
    assert!(w.newest_post(&case).1.text.contains(&format!("{DAVE} is new here")), "{}", w.newest_post(&case).1.text);
    w.finish().await;
}

#[tokio::test]
async fn a_name_stands_alone_if_it_is_the_customers_and_no_address() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    for (name, shown) in [
        ("Carol Jones", "📨 Carol Jones wrote".to_owned()),
        ("bob@customer.test", format!("📨 bob@customer.test <{CAROL}> wrote")),
        ("Bob (at) customer.test", format!("📨 Bob (at) customer.test <{CAROL}> wrote")),
    ] {
        let ours = w.newest_mail();
        let mail = Eml::reply(&ours, "Still.").from(&format!("\"{name}\" <{CAROL}>")).envelope_from(CAROL);
        w.deliver(&mail).await;
        let (_, post) = w.newest_post(&w.only_case().await);
        assert!(post.text.starts_with(&shown), "{}", post.text);
    }
    w.finish().await;
}

//! What is told to whom, and in which order.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tokio::sync::Notify;

use super::super::world::{ALICE, BOB, DAVE, Eml, HOLD, World};
use super::{SECRET, add, calling, everything, hooked, queue, run, tell, webhook};
use crate::receiver::{Answer, Receiver};

#[tokio::test]
async fn what_happens_is_told_in_its_order_signed_and_without_words() {
    let w = World::new().await;
    let receiver = Receiver::new().await;
    let id = hooked(&w, &receiver).await;
    let case = w.ticket("It smokes").await;
    tell(&w).await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(ALICE, &case, "!note She is a SECRETNOTE").await.done();
    w.say(ALICE, &case, "!answer Unplug the SECRETANSWER").await;
    w.pass(HOLD).await;
    w.reply_to(&w.newest_mail(), "It is the SECRETMAIL").await;
    w.say(ALICE, &case, "!close").await.done();
    tell(&w).await;
    let types = receiver.types();
    let wanted = [
        "ticket.created",
        "ticket.locked",
        "ticket.note_written",
        "ticket.answered",
        "ticket.mail_sent",
        "ticket.mail_received",
        "ticket.closed",
    ];
    let places: Vec<_> = wanted.iter().map(|name| types.iter().rposition(|told| told == name)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{types:?}");

    let got = receiver.got();
    let ids: Vec<i64> = got.iter().filter_map(|got| got.json()["id"].as_i64()).collect();
    assert!(ids.iter().copied().eq(1..=i64::try_from(got.len()).expect("a count")), "every one, once: {ids:?}");
    for got in &got {
        for words in ["SECRETNOTE", "SECRETANSWER", "SECRETMAIL", "It smokes."] {
            assert!(!got.body.contains(words), "{}", got.body);
        }
        let at = got.header("webhook-timestamp").parse().expect("a moment");
        let receiver = standardwebhooks::Webhook::new(SECRET).expect("a secret");
        let signed = receiver.sign(got.header("webhook-id"), at, got.body.as_bytes()).expect("a signature");
        assert_eq!(got.header("webhook-signature"), signed);
        let mut hub = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
        hub.update(got.body.as_bytes());
        let hub = HEXLOWER.encode(&hub.finalize().into_bytes());
        assert_eq!(got.header("x-hub-signature-256"), format!("sha256={hub}"));
        assert_eq!(got.header("content-type"), "application/json");
    }
    let last = got.last().expect("a call").json();
    assert_eq!(last["ticket"], w.card_post(&case).ticket.expect("a card").json(), "the ticket as its card has it");
    assert_eq!((&last["by"]["sender"], &last["by"]["agent"]), (&"agent".into(), &ALICE.into()));
    assert_eq!(webhook(&w, id).await.last.expect("a call").0, "status 200");
    assert_eq!(w.count("select count(*) from webhook_delivery").await, 0, "what was told is not kept");
    assert_eq!(
        w.rows("select to_jsonb(webhook)::text from webhook where to_jsonb(webhook)::text like '%nobody keeps%'")
            .await
            .len(),
        0
    );
    w.finish().await;
}

#[tokio::test]
async fn who_asks_for_words_gets_what_the_customer_wrote_and_got_and_never_a_note() {
    let w = World::new().await;
    let (with, without) = (Receiver::new().await, Receiver::new().await);
    add(&w, super::NewWebhook { has_bodies: true, ..everything(&with.url()) }).await;
    hooked(&w, &without).await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!note She is a SECRETNOTE").await.done();
    w.say(ALICE, &case, "As plain text a SECRETTEXT").await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    let stranger = Eml::new(DAVE, &format!("Re: [Ticket#{}] Smoke", case.number), "SECRETSTRANGER");
    w.deliver(&stranger).await;
    w.say(ALICE, &case, "!forward help@vendor.test SECRETFORWARD").await;
    w.pass(HOLD).await;
    w.say(ALICE, &case, &format!("!answer {}", "word ".repeat(9_000))).await;
    w.pass(HOLD).await;
    tell(&w).await;
    let texts: Vec<String> =
        with.got().iter().filter_map(|got| got.json()["text"].as_str().map(ToOwned::to_owned)).collect();
    assert!(texts.iter().any(|text| text == "It smokes."), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("Unplug it.")), "{texts:?}");
    let long = with.got().into_iter().find(|got| got.json()["text_is_cut"] == true).expect("a long answer");
    assert_eq!(long.json()["text"].as_str().map(str::len), Some(20_000));
    let all: String = with.got().into_iter().map(|got| got.body).collect();
    assert!(!all.contains("SECRET"), "{all}");
    assert!(without.got().iter().all(|got| got.json().get("text").is_none()));
    assert_eq!(with.types(), without.types());
    w.finish().await;
}

#[tokio::test]
async fn a_slow_receiver_is_waited_for_by_nobody_else() {
    let w = World::new().await;
    let (slow, quick) = (Receiver::new().await, Receiver::new().await);
    let bell = Arc::new(Notify::new());
    slow.will(Answer::After(Arc::clone(&bell)));
    hooked(&w, &slow).await;
    hooked(&w, &quick).await;
    w.ticket("It smokes").await;
    let all = w.desk.tell_events().await.expect("numbers");
    assert!(all > 1, "{all}");
    let telling = run(&w, calling(&w, &["127.0.0.1"], super::Book::default()));
    let looking = async {
        quick.called(all).await;
        slow.called(1).await;
        assert_eq!(slow.got().len(), 1, "in their order, so nothing overtakes the first");
        bell.notify_one();
    };
    tokio::join!(telling, looking);
    assert_eq!(slow.types(), quick.types());
    w.finish().await;
}

#[tokio::test]
async fn each_is_told_what_it_asked_for() {
    let w = World::new().await;
    let (closed, support, billing) = (Receiver::new().await, Receiver::new().await, Receiver::new().await);
    add(&w, super::NewWebhook { events: vec!["ticket.closed".to_owned()], ..everything(&closed.url()) }).await;
    add(&w, super::NewWebhook { queues: vec![queue(&w, "support").await], ..everything(&support.url()) }).await;
    add(&w, super::NewWebhook { queues: vec![queue(&w, "billing").await], ..everything(&billing.url()) }).await;
    let (case, other) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    tell(&w).await;
    assert!(billing.got().is_empty() && closed.got().is_empty());
    let before = support.got().len();
    w.say(ALICE, &case, "!move billing").await.done();
    tell(&w).await;
    assert!(support.types()[before..].contains(&"ticket.moved".to_owned()), "who loses it is told, too");
    assert!(billing.types().contains(&"ticket.moved".to_owned()), "{:?}", billing.types());
    let before = support.got().len();
    let there = w.where_it_is(&case).await;
    w.say(BOB, &there, "!close").await.done();
    tell(&w).await;
    assert_eq!(support.got().len(), before, "it is no ticket of theirs any more");
    assert_eq!(closed.types(), ["ticket.closed"]);
    assert_eq!(closed.got()[0].json()["ticket"]["number"], case.number.as_str());

    let newer = w.ticket("It smokes again").await;
    w.say(ALICE, &other, &format!("!merge {}", newer.number)).await.done();
    tell(&w).await;
    let told: Vec<_> = support.got().into_iter().map(|got| got.json()).collect();
    let merged = told.iter().find(|told| told["type"] == "ticket.merged").expect("a merge");
    assert_eq!(
        (&merged["ticket"]["number"], &merged["ticket"]["state"]),
        (&other.number.as_str().into(), &"merged".into())
    );
    assert_eq!(merged["other"], newer.number.as_str());
    assert!(
        told.iter().any(|told| told["type"] == "ticket.took_in" && told["ticket"]["number"] == newer.number.as_str())
    );
    w.finish().await;
}

//! Receivers that are away, broken, or gone.

use std::time::Duration;

use ticketloom::domain::id::WebhookId;

use super::super::world::{ALICE, ROOT, World, user};
use super::{NewWebhook, add, admins, agent, call, everything, hooked, tell, webhook};
use crate::receiver::{Answer, Receiver};

const DAY: Duration = Duration::from_hours(24);
/// The waits after the first nine failures.
const WAITS: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

#[tokio::test]
async fn who_was_away_is_told_everything_in_order_under_the_same_ids() {
    let w = World::new().await;
    let gone = Receiver::new().await;
    let (url, address) = (gone.url(), gone.address.to_string());
    drop(gone);
    let id = add(&w, everything(&url)).await;
    w.ticket("It smokes").await;
    tell(&w).await;
    let failing = webhook(&w, id).await;
    assert!(failing.last.expect("a call").0.starts_with("no connection"));
    assert!(failing.failing_since.is_some() && failing.disabled.is_none());

    let back = Receiver::at(&address).await;
    back.will(Answer::Status(503));
    w.wait(Duration::from_secs(4)).await;
    call(&w).await;
    assert!(back.got().is_empty(), "it is not hurried");
    w.wait(Duration::from_secs(1)).await;
    call(&w).await;
    assert_eq!(back.got().len(), 1, "and what comes behind waits");
    w.wait(Duration::from_mins(5)).await;
    call(&w).await;
    let got = back.got();
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"), "the same message");
    assert_eq!(got[0].body, got[1].body, "the same bytes");
    assert_ne!(got[0].header("webhook-timestamp"), got[1].header("webhook-timestamp"), "signed anew");
    let ids: Vec<i64> = got[1..].iter().filter_map(|got| got.json()["id"].as_i64()).collect();
    assert!(ids.iter().copied().eq(1..=w.count("select max(feed_event_id) from feed_event").await), "{ids:?}");
    assert!(webhook(&w, id).await.failing_since.is_none());
    w.finish().await;
}

#[tokio::test]
async fn what_nobody_takes_for_three_days_is_given_up_where_admins_see_it_and_can_be_told_again() {
    let w = World::new().await;
    let room = admins(&w).await;
    let receiver = Receiver::new().await;
    let id = hooked(&w, &receiver).await;
    let case = w.ticket("It smokes").await;
    (0..=WAITS.len()).for_each(|_| receiver.will(Answer::Status(500)));
    w.desk.tell_events().await.expect("numbers");
    call(&w).await;
    for (n, seconds) in WAITS.into_iter().enumerate() {
        w.wait(Duration::from_secs(seconds - 1)).await;
        call(&w).await;
        assert_eq!(receiver.got().len(), n + 1, "not before its time");
        w.wait(Duration::from_secs(1)).await;
        call(&w).await;
    }
    let dead = w.store.dead_jobs().await.expect("a list");
    assert!(dead.len() == 1 && dead[0].kind == "Webhook", "{dead:?}");
    assert_eq!(dead[0].error.as_deref(), Some("10 failed attempts, at last: status 500"));
    let said = w.chat.posts(&room).pop().expect("a notice").1.text;
    assert!(said.contains(&format!("Webhook {id} was not told of an event")), "{said}");
    assert!(said.contains(&format!("ticketloom jobs --retry {}", dead[0].id)), "{said}");
    let all = usize::try_from(w.count("select count(*) from feed_event").await).expect("a count");
    assert_eq!(receiver.got().len(), 10 + all - 1, "what comes behind goes on");

    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(dead[0].id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    receiver.will(Answer::Status(500));
    call(&w).await;
    w.wait(Duration::from_secs(5)).await;
    call(&w).await;
    let got = receiver.got();
    assert_eq!(got.last().expect("a call").header("webhook-id"), got[0].header("webhook-id"));
    assert_eq!(got.len(), 10 + all - 1 + 2);
    assert_eq!(w.where_it_is(&case).await.id, case.id);
    w.finish().await;
}

#[tokio::test]
async fn who_says_410_is_not_called_any_more_until_somebody_says_so() {
    let w = World::new().await;
    let room = admins(&w).await;
    let receiver = Receiver::new().await;
    let owner = Some(agent(&w, ROOT).await);
    let id = add(&w, NewWebhook { owner, ..everything(&receiver.url()) }).await;
    receiver.will(Answer::Status(410));
    w.ticket("It smokes").await;
    tell(&w).await;
    assert_eq!(receiver.got().len(), 1);
    assert_eq!(w.count("select count(*) from webhook_delivery").await, 0, "what waited is not kept");
    let said = w.chat.posts(&room).pop().expect("a notice").1;
    assert!(said.text.contains(&format!("Webhook {id} is not called any more")), "{}", said.text);
    assert_eq!(said.mentions, [user(ROOT)]);
    let list = w.say_in(ROOT, &w.dm(ROOT), "!webhook list").await.done().answer();
    assert!(list.contains("DISABLED since") && list.contains("status 410"), "{list}");
    w.ticket("It still smokes").await;
    tell(&w).await;
    assert_eq!(receiver.got().len(), 1);
    w.say_in(ROOT, &w.dm(ROOT), &format!("!webhook enable {id}")).await.done();
    w.ticket("It smokes again").await;
    tell(&w).await;
    assert!(receiver.types().contains(&"ticket.created".to_owned()) && receiver.got().len() > 1);
    w.finish().await;
}

#[tokio::test]
async fn who_takes_nothing_for_five_days_is_not_called_any_more() {
    let w = World::new().await;
    let room = admins(&w).await;
    let receiver = Receiver::new().await;
    let id = hooked(&w, &receiver).await;
    (0..40).for_each(|_| receiver.will(Answer::Status(500)));
    w.ticket("It smokes").await;
    tell(&w).await;
    for _ in 0..7 {
        w.wait(DAY).await;
        call(&w).await;
    }
    let (_, why) = webhook(&w, id).await.disabled.expect("it is disabled");
    assert!(why.contains("5 days") && why.contains("status 500"), "{why}");
    assert!(w.chat.posts(&room).pop().expect("a notice").1.text.contains("is not called any more"));
    assert_eq!(w.count("select count(*) from job join lane using (lane_id) where class = 'webhook'").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn one_that_is_removed_is_told_nothing_more() {
    let w = World::new().await;
    let receiver = Receiver::new().await;
    let id = hooked(&w, &receiver).await;
    let case = w.ticket("It smokes").await;
    w.desk.tell_events().await.expect("numbers");
    let dm = w.dm(ROOT);
    let list = w.say_in(ROOT, &dm, "!webhook list").await.done().answer();
    assert!(list.contains(&receiver.url()) && list.contains("never called") && !list.contains("whsec"), "{list}");
    w.say_in(ROOT, &dm, &format!("!webhook remove {id}")).await.done();
    call(&w).await;
    assert!(receiver.got().is_empty());
    w.say_in(ROOT, &dm, "!webhook remove 99").await.refused("there is no webhook 99");
    w.say_in(ROOT, &dm, "!webhook add https://hooks.example.org/").await.refused("`ticketloom webhook add`");
    w.say_in(ROOT, &dm, "!webhook add https://hooks.example.org/ --events opened")
        .await
        .refused("there is no such event");
    w.say_in(ALICE, &w.dm(ALICE), "!webhook list").await.refused("only admins can do that");
    assert_eq!(id, WebhookId(1));
    assert_eq!(w.card(&case), "new · nobody's");
    w.finish().await;
}

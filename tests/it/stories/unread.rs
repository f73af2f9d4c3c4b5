//! A customer writes while an agent ends the ticket (R67): nobody ends what they can't have read.

use chrono::{DateTime, Duration, Utc};

use ticketloom::domain::id::{ArticleId, EventId};
use ticketloom::store::intake::{Heard, Shown};

use super::world::{ALICE, Case, Eml, HOLD, World};

/// A ticket that was answered, and the customer's reply to that, shown three seconds after the moment that is returned.
async fn replied(w: &World) -> (Case, DateTime<Utc>) {
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    let before = w.store.now();
    w.tick(std::time::Duration::from_secs(3));
    w.deliver(&Eml::reply(&w.newest_mail(), "Now it burns.")).await;
    w.tick(std::time::Duration::from_secs(3));
    (case, before)
}

#[tokio::test]
async fn what_was_typed_before_a_mail_was_shown_does_not_end_the_ticket() {
    let w = World::new().await;
    let (case, before) = replied(&w).await;
    let other = w.ticket("It stinks").await;
    let card = w.card(&case);
    for command in ["!close Done", "!pending 2d", "!close --state unsuccessful", &format!("!merge {}", other.number)] {
        w.say_late(ALICE, &case, command, before).await.refused("written in the meantime");
        assert_eq!(w.card(&case), card, "{command}");
    }
    w.say(ALICE, &case, "!close Done").await.done();
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn an_answer_typed_before_a_mail_was_shown_is_sent_and_the_ticket_stays_open() {
    let w = World::new().await;
    let (case, before) = replied(&w).await;
    w.say_late(ALICE, &case, "!answer --state closed Bye", before).await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().source.contains("Bye"));
    assert!(w.card(&case).starts_with("open"), "{}", w.card(&case));
    assert!(w.transcript(&case.room).contains("stays open"), "{}", w.transcript(&case.room));
    w.say(ALICE, &case, "!answer --state closed Bye, really").await;
    w.pass(HOLD).await;
    assert!(w.card(&case).starts_with("closed"), "{}", w.card(&case));
    w.finish_with_stale_cards().await;
}

/// A homeserver's clock that is ahead makes nothing read that came in later than the command.
#[tokio::test]
async fn a_message_is_never_from_later_than_when_it_came_in() {
    let w = World::new().await;
    let (case, before) = replied(&w).await;
    let ahead = w.store.now() + Duration::hours(1);
    w.say_late(ALICE, &case, "!pending 2d", before - Duration::hours(1)).await.refused("written in the meantime");
    w.say_late(ALICE, &case, "!lock", ahead).await;
    w.say_late(ALICE, &case, "!close Done", ahead).await.done();
    w.finish_with_stale_cards().await;
}

/// A send takes its time, and one that was lost to a crash is begun again: what counts is what the homeserver says.
#[tokio::test]
async fn a_mail_is_shown_since_the_homeserver_says_so() {
    let w = World::new().await;
    let (case, before) = replied(&w).await;
    let row = "select article_id || ' ' || event_id from article where kind = 'mail' order by article_id desc limit 1";
    let row = w.rows(row).await.remove(0);
    let (article, event) = row.split_once(' ').expect("both");
    let article = ArticleId(article.parse().expect("an id"));
    let shown = async |event: &str, at| {
        let shown = [Shown { article, event: EventId::parse(event).expect("an event"), at }];
        w.store.accept_events("story", None, Heard { shown: &shown, ..Heard::default() }).await.expect("heard");
    };
    let read = before + Duration::seconds(3);
    shown(event, read + Duration::seconds(2)).await;
    w.say_late(ALICE, &case, "!close Done", read + Duration::seconds(1)).await.refused("written in the meantime");
    // An older message that shows the same says nothing.
    shown("$another", before - Duration::hours(1)).await;
    w.say_late(ALICE, &case, "!close Done", read + Duration::seconds(1)).await.refused("written in the meantime");
    shown(event, before - Duration::seconds(1)).await;
    w.say_late(ALICE, &case, "!close Done", before).await.done();
    w.finish_with_stale_cards().await;
}

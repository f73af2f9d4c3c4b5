//! Many mails of many senders, none of whom may be who they say.

use std::time::Duration;

use super::world::{ALICE, AUTOMATIC, CAROL, HOLD, READERS, ROOT, Shown, World, user};

/// How many mails a flood has.
const MAILS: usize = AUTOMATIC as usize + 30;
/// How many acknowledgements may go out: those that are read at the same moment don't see each other's.
const MOST: usize = AUTOMATIC as usize + READERS - 1;

async fn flood(w: &World, wave: &str) {
    for number in 0..MAILS {
        let mail = super::world::Eml::new(&format!("{wave}{number}@victim{number}.test"), "It burns", "It burns.");
        let key = ticketloom::store::intake::DeliveryKey::of_bytes(&mail.recipient, &mail.bytes());
        w.accept(&mail.bytes(), &mail.recipient, &mail.envelope_from, key).await.expect("a new mail");
    }
    w.settle().await;
}

/// What was said of it.
fn told(w: &World) -> Vec<Shown> {
    let rooms = ["support", "billing"].map(|queue| w.chat.posts(&w.room(queue)));
    let posts = rooms.into_iter().flatten().map(|(_, post)| post);
    posts.filter(|post| post.text.contains("Automatic mail is withheld")).collect()
}

#[tokio::test]
async fn a_flood_of_forged_senders_is_all_tickets_few_mails_and_one_notice() {
    let w = World::new().await;
    flood(&w, "a").await;
    let written = w.outbox().len();
    assert!((usize::from(AUTOMATIC)..=MOST).contains(&written), "{written} acknowledgements");
    assert_eq!(w.count("select count(*) from ticket").await, i64::try_from(MAILS).expect("a number"));
    assert_eq!(w.count("select count(*) from quarantine").await, 0);
    let withheld = r#"select count(*) from ticket_event where kind = 'automatic_withheld' and data @> '{"what": "acknowledgement", "why": "hour_spent"}'"#;
    assert_eq!(w.count(withheld).await, i64::try_from(MAILS - written).expect("a number"));
    let [notice] = &told(&w)[..] else { panic!("{} notices", told(&w).len()) };
    assert_eq!((notice.mentions.as_slice(), &notice.thread), ([user(ROOT)].as_slice(), &None));
    assert!(notice.text.contains(&format!("written {AUTOMATIC} of them")), "{}", notice.text);

    // It goes on.
    w.pass(Duration::from_mins(30)).await;
    let case = w.ticket("It smokes").await;
    assert_eq!((w.outbox().len(), told(&w).len()), (written, 1), "neither a mail more nor a notice");
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("no acknowledgement") && history.contains("enough for this hour"), "{history}");
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.newest_mail().to.as_str()), (written + 1, CAROL), "people may write");

    // It is over, and then there is another one.
    w.pass(Duration::from_hours(3)).await;
    w.ticket("It smokes again").await;
    assert_eq!(w.outbox().len(), written + 2, "Carol's share of the day was not used up by what she did not get");
    flood(&w, "b").await;
    assert!(w.outbox().len() <= 2 * MOST + 1, "{} mails", w.outbox().len());
    assert_eq!(told(&w).len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn of_two_at_the_same_moment_one_tells_and_if_it_fails_so_does_the_other() {
    let w = World::new().await;
    for is_kept in [false, true] {
        let (mut one, mut two) = (w.store.begin().await.expect("one"), w.store.begin().await.expect("two"));
        assert!(one.automatic_mails().begins_pause().await.expect("an answer"));
        assert!(!one.automatic_mails().has_reached(1).await.expect("an answer"));
        let end = async { if is_kept { one.commit().await.expect("a commit") } else { drop(one) } };
        let mut pauses = two.automatic_mails();
        let (tells, ()) = tokio::join!(pauses.begins_pause(), end);
        assert_eq!(tells.expect("an answer"), !is_kept, "there is always one who does");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_rejection_counts_like_an_acknowledgement() {
    let w = World::new().await;
    w.sql("update queue set closed_follow_up = 'reject'").await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    let acknowledgement = w.newest_mail();
    flood(&w, "a").await;
    let written = w.outbox().len();
    w.reply_to(&acknowledgement, "It smokes again.").await;
    assert_eq!(w.outbox().len(), written);
    let withheld = r#"select count(*) from ticket_event where kind = 'automatic_withheld' and data @> '{"what": "rejection", "why": "hour_spent"}'"#;
    assert_eq!(w.count(withheld).await, 1);
    w.finish().await;
}

#[tokio::test]
async fn a_part_behind_a_plus_is_no_other_mailbox() {
    let w = World::new().await;
    for number in 0..9 {
        w.mail(&format!("victim+{number}@customer.test"), "It burns", "It burns.").await;
    }
    assert_eq!(w.outbox().len(), 5, "five a day, whatever stands behind the plus");
    w.finish().await;
}

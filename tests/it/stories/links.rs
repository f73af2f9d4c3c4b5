//! Tickets that have to do with each other, and mails that are a matter of their own.

use ticketloom::domain::queue::Role;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, World, reply, user};

async fn two(w: &World) -> (Case, Case) {
    (w.ticket("It smokes").await, w.ticket("It still smokes").await)
}

#[tokio::test]
async fn a_link_is_said_in_both_threads_and_removed_again() {
    let w = World::new().await;
    let (one, other) = two(&w).await;
    w.say(ALICE, &one, &format!("!link {}", other.number)).await.done();
    assert!(w.newest_post(&one).1.text.contains(&format!("Has to do with Ticket#{}", other.number)));
    assert!(w.newest_post(&other).1.text.contains(&format!("Has to do with Ticket#{}", one.number)));
    w.say(BOB, &other, &format!("!link Ticket#{}", one.number)).await.refused("so already");
    w.say(ALICE, &one, &format!("!link {}", one.number)).await.refused("this ticket itself");
    w.say(BOB, &other, &format!("!unlink {}", one.number)).await.done();
    w.say(BOB, &other, &format!("!unlink {}", one.number)).await.refused("so already");
    assert_eq!(w.count("select count(*) from ticket_link").await, 0);
    assert!(w.say(ALICE, &one, "!history").await.answer().contains(&format!("link removed {}", other.number)));
    w.finish().await;
}

#[tokio::test]
async fn what_one_may_not_see_is_not_linked() {
    let w = World::new().await;
    let (one, _) = two(&w).await;
    let bill = w.case_of(w.deliver(&Eml::new(CAROL, "Hidden bill", "What?").to("billing@desk.test")).await).await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let queues = tx.queues().all().await.expect("queues");
    let support = queues.into_iter().find(|queue| queue.name == "support").expect("it").id;
    tx.agents().put(&user(BOB), Role::Agent, &[support]).await.expect("Bob is confined");
    tx.commit().await.expect("a commit");
    let refused = w.say(BOB, &one, &format!("!link {}", bill.number)).await;
    refused.refused("there is no ticket");
    assert!(!refused.answer().contains("Hidden"));
    w.finish().await;
}

#[tokio::test]
async fn a_mail_becomes_a_ticket_of_its_own_for_who_wrote_it() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, &format!("!cc +{DAVE}")).await.done();
    let mail = Eml::new(DAVE, &format!("[Ticket#{}] My invoice", case.number), "And my invoice?").files(&[(
        "bill.txt",
        "text/plain",
        "c21va2U=",
    )]);
    let id = w.deliver(&mail).await;
    let (event, _) = w.thread(&case).into_iter().find(|(_, post)| post.text.contains("And my invoice?")).expect("it");
    w.message(ALICE, &case.room, reply("!split", &event)).await.done();
    let new = w.case_of(id).await;
    assert_ne!(new.id, case.id);
    let card = w.card_post(&new);
    let mark = card.ticket.clone().expect("a card");
    assert_eq!((mark.customer.as_str(), mark.subject.as_str(), mark.owner), (DAVE, "My invoice", None));
    assert!(card.text.contains("And my invoice?") && !card.text.contains(CAROL), "{}", card.text);
    assert!(w.thread(&new).iter().any(|(_, post)| post.file.as_ref().is_some_and(|file| file.name == "bill.txt")));
    assert!(w.newest_post(&case).1.text.contains(&new.number));
    assert!(w.newest_post(&new).1.text.contains(&case.number));
    let more = Eml::new(DAVE, "Re: My invoice", "Well?").header("In-Reply-To", &format!("<{}>", mail.message_id));
    assert_eq!(w.case_of(w.deliver(&more).await).await.id, new.id, "what answers it goes there");
    w.say(BOB, &new, "!answer Here it is").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert!(answer.to == DAVE && !answer.source.contains("smokes"), "one customer's words are not another's");
    w.message(ALICE, &case.room, reply("!split", &event)).await.refused("already");
    assert_eq!(w.count("select count(*) from ticket_link").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn only_a_customers_later_mail_is_split_off() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!split").await.refused("as a reply to a mail");
    w.message(ALICE, &case.room, reply("!split", &case.root)).await.refused("begins with");
    let note = w.say(ALICE, &case, "A note").await.event;
    w.message(ALICE, &case.room, reply("!split", &note)).await.refused("only a customer's mail");
    w.mail(DAVE, &format!("[Ticket#{}]", case.number), "Let me in.").await;
    let (held, _) = w.newest_post(&case);
    w.message(ALICE, &case.room, reply("!split", &held)).await.refused("only a customer's mail");
    w.mail(CAROL, &format!("[Ticket#{}] Another thing", case.number), "A new printer?").await;
    let (event, _) = w.newest_post(&case);
    w.message(ALICE, &case.room, reply("!split A new printer", &event)).await.done();
    assert_eq!(w.rows("select subject from ticket order by ticket_id").await, ["It smokes", "A new printer"]);
    w.finish().await;
}

//! One matter in two tickets.

use super::world::{ALICE, BOB, CAROL, Case, Chance, DAVE, Eml, HOLD, World, text, user};
use ticketloom::domain::queue::Role;
use ticketloom::store::intake::DeliveryKey;

async fn two(w: &World) -> (Case, Case) {
    (w.ticket("It smokes").await, w.ticket("It still smokes").await)
}

#[tokio::test]
async fn mail_to_either_goes_to_the_one_that_is_left() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    let of_old = w.outbox().remove(0);
    let merge = w.say(ALICE, &old, &format!("!merge {}", new.number)).await;
    merge.done();
    assert_eq!(w.card(&old), format!("merged into #{}", new.number));
    assert_eq!(w.card(&new), "new · nobody's", "the other one is as it was");
    let (_, there) = w.newest_post(&new);
    assert!(
        there.text.contains(&format!("Ticket#{}", old.number)) && there.text.contains(merge.event.as_str()),
        "{there:?}"
    );
    let (_, here) = w.newest_post(&old);
    assert!(here.text.contains(&format!("Ticket#{}", new.number)) && here.text.contains(new.root.as_str()), "{here:?}");
    for mail in [
        w.reply_to(&of_old, "To the signed address.").await,
        w.mail(CAROL, &format!("Re: [Ticket#{}] smoke", old.number), "By the number.").await,
        w.deliver(&Eml::new(CAROL, "smoke", "By reference.").header("References", &format!("<{}>", of_old.message_id)))
            .await,
    ] {
        assert_eq!(w.case_of(mail).await.id, new.id);
    }
    assert_eq!(w.outbox().len(), 2, "no new ticket, no acknowledgement");
    w.finish().await;
}

#[tokio::test]
async fn what_is_merged_is_worked_on_there_and_can_be_taken_out_again() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    w.say(BOB, &old, "!lock").await.done();
    let merge = format!("!merge Ticket#{}", new.number);
    w.say(ALICE, &old, &merge).await.refused("has locked this ticket");
    w.say(BOB, &old, &merge).await.done();
    for command in ["!answer Hello", "!lock", "!close", "!state open", "!reopen", "!customer x@y.test", "!cc +x@y.test"]
    {
        w.say(ALICE, &old, command).await.refused(&format!("part of Ticket#{}", new.number)).refused("!unmerge");
    }
    w.say(ALICE, &new, "!unmerge").await.refused("not part of another one");
    w.say(ALICE, &old, "!unmerge").await.done();
    assert_eq!(w.card(&old), format!("open · 🔒 {ALICE}"));
    let mail = w.mail(CAROL, &format!("[Ticket#{}]", old.number), "Here again.").await;
    assert_eq!(w.case_of(mail).await.id, old.id);
    assert!(w.say(ALICE, &new, "!history").await.answer().contains("part taken out"));
    w.finish().await;
}

#[tokio::test]
async fn tickets_of_different_customers_are_merged_only_by_who_is_sure_and_stay_apart() {
    let w = World::new().await;
    let carols = w.ticket("Carol's secret plan").await;
    let daves = w.case_of(w.mail(DAVE, "My printer", "It smokes.").await).await;
    let refused = w.say(ALICE, &carols, &format!("!merge {}", daves.number)).await;
    refused.refused(CAROL).refused(DAVE).refused(&format!("!merge --yes {}", daves.number));
    assert_eq!(w.card(&carols), "new · nobody's");
    w.say(ALICE, &carols, &format!("!merge --yes {}", daves.number)).await.done();
    w.say(ALICE, &daves, "!answer --all To you.").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert_eq!(answer.to, DAVE);
    assert!(!answer.source.contains("secret") && !answer.source.contains(CAROL), "{}", answer.source);
    let mail = w.mail(CAROL, &format!("Re: [Ticket#{}]", carols.number), "And I?").await;
    assert_eq!(w.case_of(mail).await.id, daves.id, "who took part in the one is no stranger in the other");
    assert!(!w.newest_post(&daves).1.text.contains("Not from this customer"));
    w.finish().await;
}

#[tokio::test]
async fn both_ends_are_checked() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    let bill = Eml::new(CAROL, "Hidden bill", "What?").to("billing@desk.test");
    let bill = w.case_of(w.deliver(&bill).await).await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let support =
        tx.queues().all().await.expect("queues").into_iter().find(|queue| queue.name == "support").expect("it").id;
    tx.agents().put(&user(BOB), Role::Agent, &[support]).await.expect("Bob is confined");
    tx.commit().await.expect("a commit");
    let refused = w.say(BOB, &old, &format!("!merge {}", bill.number)).await;
    refused.refused("no ticket");
    assert!(!refused.answer().contains("Hidden"), "what one may not see is not named");
    w.say(BOB, &old, "!merge 2019010110000017").await.refused("no ticket").refused("!merge [--yes] NUMBER");
    w.say(BOB, &old, "!merge nonsense").await.refused("no ticket");
    w.say(BOB, &old, &format!("!merge {}", old.number)).await.refused("this ticket itself");
    w.say(BOB, &old, &format!("!merge {}", new.number)).await.done();
    w.say(BOB, &new, &format!("!merge {}", old.number)).await.refused("merged into it");
    w.say(ALICE, &new, &format!("!merge {}", bill.number)).await.done();
    let mail = w.mail(CAROL, &format!("[Ticket#{}]", old.number), "All the way.").await;
    assert_eq!(w.case_of(mail).await.id, bill.id, "also into another queue");
    w.finish().await;
}

#[tokio::test]
async fn a_mail_on_its_way_into_the_thread_is_read_first() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    let mail = Eml::new(CAROL, &format!("[Ticket#{}]", old.number), "Wait!");
    let raw = mail.bytes();
    w.accept(&raw, &mail.recipient, CAROL, DeliveryKey::of_bytes(&mail.recipient, &raw)).await;
    w.settle_desk().await;
    w.say(ALICE, &old, &format!("!merge {}", new.number)).await.refused("written in the meantime");
    assert_eq!(w.card(&old), "new · nobody's");
    w.finish().await;
}

/// R69: many merges at once, over and over, among two queues.
#[tokio::test]
async fn however_tickets_are_merged_none_is_lost_and_there_is_no_circle() {
    let w = World::new().await;
    let mut cases = Vec::new();
    for n in 0..12 {
        let queue = ["support", "billing"][n % 2];
        let mail = Eml::new(CAROL, &format!("Number {n}"), "Hello.").to(&format!("{queue}@desk.test"));
        cases.push(w.case_of(w.deliver(&mail).await).await);
    }
    let mut chance = Chance::new(20_261_123);
    for _ in 0..150 {
        let (from, to) = (chance.one(&cases).clone(), chance.one(&cases).clone());
        let words = if chance.below(5) == 0 { "!unmerge".to_owned() } else { format!("!merge {}", to.number) };
        w.event(ALICE, &from.room, "m.room.message", text(&words, Some(&from.root))).await;
    }
    w.settle().await;
    assert_eq!(w.count("select count(*) from article where kind = 'mail'").await, 12);
    let way = "with recursive way as (
                   select ticket_id as start, ticket_id, merged_into, 0 as hops from ticket
                   union all select start, ticket.ticket_id, ticket.merged_into, hops + 1
                   from way join ticket on ticket.ticket_id = way.merged_into where hops < 20)";
    assert_eq!(w.count(&format!("{way} select count(*) from way where hops = 20")).await, 0, "no circle");
    for case in &cases {
        let end = format!("{way} select ticket_id from way where start = {} and merged_into is null", case.id);
        let end = w.count(&end).await;
        let mail = w.mail(CAROL, &format!("[Ticket#{}]", case.number), "Where am I?").await;
        assert_eq!(w.case_of(mail).await.id, end, "mail finds the end of its way");
    }
    w.finish().await;
}

#[tokio::test]
async fn who_takes_part_in_one_does_not_get_the_answers_of_the_other() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    w.say(ALICE, &old, &format!("!cc +{DAVE}")).await.done();
    w.say(ALICE, &old, &format!("!merge {}", new.number)).await.done();
    w.say(ALICE, &new, "!answer --all For Carol only").await;
    w.pass(HOLD).await;
    assert!(w.outbox().iter().all(|mail| mail.to == CAROL), "nobody said that Dave takes part there");
    let by_dave = w.mail(DAVE, &format!("[Ticket#{}]", old.number), "And I?").await;
    assert_eq!(w.case_of(by_dave).await.id, new.id, "but he is no stranger there");
    w.say(ALICE, &new, &format!("!cc -{DAVE}")).await.done();
    w.mail(DAVE, &format!("[Ticket#{}]", old.number), "Still?").await;
    assert!(w.newest_post(&new).1.text.contains("Not from this customer"), "until somebody says so");
    w.finish().await;
}

#[tokio::test]
async fn an_answer_refers_only_to_mails_that_its_reader_knows() {
    let w = World::new().await;
    let carols = w.ticket("Carol's secret plan").await;
    let daves = w.case_of(w.mail(DAVE, "My printer", "It smokes.").await).await;
    w.say(ALICE, &carols, &format!("!merge --yes {}", daves.number)).await.done();
    let by_carol = Eml::new(CAROL, &format!("[Ticket#{}]", carols.number), "And I?");
    w.deliver(&by_carol).await;
    w.say(ALICE, &daves, "!answer Only to Dave").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert!(answer.to == DAVE && !answer.source.contains(&by_carol.message_id), "{}", answer.source);
    w.finish().await;
}

#[tokio::test]
async fn a_held_mail_is_decided_about_first() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    w.mail(DAVE, &format!("[Ticket#{}]", old.number), "Let me in.").await;
    let (event, _) = w.newest_post(&old);
    let merge = format!("!merge {}", new.number);
    w.say(ALICE, &old, &merge).await.refused("waits for a decision");
    w.react(ALICE, &old.room, &event, "🗑").await;
    w.say(ALICE, &old, &merge).await.done();
    w.finish().await;
}

#[tokio::test]
async fn a_long_way_of_merges_still_ends_somewhere() {
    let w = World::new().await;
    let mut way = vec![w.ticket("Number 0").await];
    for n in 1..14 {
        let next = w.ticket(&format!("Number {n}")).await;
        w.say(ALICE, way.last().expect("one"), &format!("!merge {}", next.number)).await.done();
        way.push(next);
    }
    let mail = w.mail(CAROL, &format!("[Ticket#{}]", way[0].number), "All the way.").await;
    assert_eq!(w.case_of(mail).await.id, way[13].id);
    w.finish().await;
}

#[tokio::test]
async fn an_open_ticket_does_not_vanish_into_a_closed_one_and_an_owner_hears_of_it() {
    let w = World::new().await;
    let (old, new) = two(&w).await;
    w.say(ALICE, &new, "!close").await.done();
    let merge = format!("!merge {}", new.number);
    w.say(ALICE, &old, &merge).await.refused("is closed successful").refused("!reopen").refused("!merge --yes");
    w.say(BOB, &new, "!reopen").await.done();
    w.say(ALICE, &old, &merge).await.done();
    assert_eq!(w.newest_post(&new).1.mentions, [user(BOB)]);
    w.finish().await;
}

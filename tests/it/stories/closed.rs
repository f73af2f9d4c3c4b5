//! A customer writes to a closed ticket.

use super::world::{ALICE, CAROL, Case, Eml, HOLD, World};

async fn closed(w: &World, policy: &str) -> Case {
    w.sql(&format!("update queue set closed_follow_up = '{policy}'")).await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Unplug it.").await;
    w.pass(HOLD).await;
    case
}

fn again(w: &World, words: &str) -> Eml {
    Eml::reply(&w.newest_mail(), words)
}

#[tokio::test]
async fn reject_files_it_keeps_the_ticket_closed_and_tells_the_customer() {
    let w = World::new().await;
    let case = closed(&w, "reject").await;
    let mail = w.deliver(&again(&w, "It smokes again.")).await;
    assert_eq!(w.case_of(mail).await.id, case.id);
    assert_eq!(w.card(&case), "closed successful, customer told");
    let told = w.newest_mail();
    assert!(told.subject.ends_with("This matter is closed"), "{}", told.subject);
    assert!(told.source.contains("Auto-Submitted: auto-replied") && !told.source.contains("smokes again"));
    w.sql("update queue set rejection = E'Zu\\nTicket {number} ist zu.\\n{queue}'").await;
    w.deliver(&again(&w, "And again.")).await;
    let told = w.newest_mail();
    assert!(told.subject.ends_with(" Zu") && told.source.contains(&format!("Ticket {} ist zu.", case.number)));
    w.finish().await;
}

#[tokio::test]
async fn new_makes_a_ticket_of_its_own_and_links_both() {
    let w = World::new().await;
    let case = closed(&w, "new").await;
    let mail = w.deliver(&again(&w, "Something else smokes.")).await;
    let new = w.case_of(mail).await;
    assert_ne!(new.id, case.id);
    assert_eq!(w.card(&case), "closed successful, customer told");
    let says = |of: &Case, words: String| w.thread(of).iter().any(|(_, post)| post.text.contains(&words));
    assert!(says(&new, format!("goes on from Ticket#{}", case.number)));
    assert!(says(&case, format!("that is Ticket#{} now", new.number)));
    assert_eq!(w.count("select count(*) from ticket_link").await, 1);
    assert!(w.newest_mail().subject.contains(&new.number), "it is acknowledged");
    w.finish().await;
}

#[tokio::test]
async fn a_mere_thank_you_opens_nothing_for_a_while() {
    let w = World::new().await;
    let case = closed(&w, "reopen").await;
    let still = "closed successful, customer told";
    let mail = w.deliver(&again(&w, "Thank you very much, it works!")).await;
    assert_eq!(w.case_of(mail).await.id, case.id);
    assert_eq!((w.card(&case).as_str(), w.marks(&case.room, &case.root).as_str()), (still, "🙏"));
    assert_eq!(w.outbox().len(), 2, "nobody is told anything");
    w.deliver(&again(&w, "Thanks, but it smokes again.")).await;
    assert_eq!(w.card(&case), "open · nobody's");
    w.say(ALICE, &case, "!close").await.done();
    w.sql("update ticket set closed_at = closed_at - interval '4 days'").await;
    w.deliver(&Eml::new(CAROL, &format!("[Ticket#{}]", case.number), "Thank you!")).await;
    assert_eq!(w.card(&case), "open · nobody's", "so late it is looked at");
    w.finish().await;
}

#[tokio::test]
async fn what_is_quoted_below_a_thank_you_is_no_part_of_it() {
    let w = World::new().await;
    let case = closed(&w, "reopen").await;
    let quote =
        "On Mon, 23 Nov 2026 at 10:11, Support <support@desk.test> wrote:\n> Does it still smoke?\n> Unplug it.";
    w.deliver(&again(&w, &format!("Thank you very much!\n\n{quote}\n\n-- \nCarol\nACME, 1 Quay"))).await;
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.deliver(&again(&w, &format!("Thank you. Does it matter?\n\n{quote}"))).await;
    assert_eq!(w.card(&case), "open · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn a_reaction_by_mail_is_filed_and_changes_nothing() {
    let w = World::new().await;
    for policy in ["reopen", "new", "reject"] {
        let case = closed(&w, policy).await;
        w.sql("update ticket set closed_at = closed_at - interval '40 days'").await;
        let (state, sent) = (w.card(&case), w.outbox().len());
        let header = "________________________________\nFrom: Support\nSent: Monday\nTo: Carol\nSubject: x\n\nDoes it still smoke?";
        let mail = w.deliver(&again(&w, &format!("👍 Carol reacted to your message:\n\n{header}"))).await;
        assert_eq!(w.case_of(mail).await.id, case.id, "{policy}");
        assert_eq!((w.card(&case), w.outbox().len()), (state, sent), "{policy}");
    }
    w.finish().await;
}

#[tokio::test]
async fn who_can_not_be_told_of_a_rejection_opens_the_ticket() {
    let w = World::new().await;
    let case = closed(&w, "reject").await;
    let sent = w.outbox().len();
    w.deliver(&again(&w, "It smokes again.").header("Precedence", "list")).await;
    assert_eq!((w.card(&case).as_str(), w.outbox().len()), ("open · nobody's", sent));
    w.finish().await;
}

#[tokio::test]
async fn a_machine_opens_rejects_and_begins_nothing() {
    let w = World::new().await;
    for policy in ["reject", "new"] {
        let case = closed(&w, policy).await;
        let sent = w.outbox().len();
        let away = again(&w, "I am away.").header("Auto-Submitted", "auto-replied");
        assert_eq!(w.case_of(w.deliver(&away).await).await.id, case.id, "{policy}");
        assert_eq!(w.outbox().len(), sent, "{policy}");
    }
    w.finish().await;
}

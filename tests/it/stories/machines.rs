//! "Don't answer by yourself" and "no person wrote this" are two things: lists and machines.

use super::world::{ALICE, CAROL, Case, Eml, HOLD, World};

const VISITOR: &str = "visitor@customer.test";

/// A form on a web page writes for who filled it in.
fn form(subject: &str) -> Eml {
    Eml::new("Website <noreply@web.test>", subject, "It smokes.")
        .envelope_from("noreply@web.test")
        .header("Reply-To", &format!("Vera <{VISITOR}>"))
}

async fn closed(w: &World) -> Case {
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Unplug it.").await;
    w.pass(HOLD).await;
    case
}

#[tokio::test]
async fn what_comes_over_a_list_is_a_ticket_that_nobody_is_told_of() {
    let w = World::new().await;
    for (name, value) in [
        ("Precedence", "list"),
        ("Precedence", "bulk"),
        ("List-ID", "<support.desk.test>"),
        ("Mailing-list", "list support@desk.test; contact support+owners@desk.test"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-OTRS-Loop", "support@elsewhere.test"),
        ("X-Loop", "elsewhere"),
    ] {
        let mail = w.deliver(&Eml::new(CAROL, "It smokes", "It smokes.").header(name, value)).await;
        assert_eq!(w.fate(mail).await, "article", "{name}: {value}");
    }
    let forwarded = Eml::new(CAROL, "By a forwarder", "It smokes.").envelope_from("");
    assert_eq!(w.fate(w.deliver(&forwarded).await).await, "article");
    assert!(w.outbox().is_empty(), "nothing is answered by itself");
    w.finish().await;
}

#[tokio::test]
async fn what_a_customer_writes_over_a_list_opens_a_closed_ticket_again() {
    let w = World::new().await;
    let case = closed(&w).await;
    let again = Eml::reply(&w.newest_mail(), "It is broken again, please help at once!");
    let again = again.header("Precedence", "list").header("List-ID", "<support.desk.test>").envelope_from("");
    assert_eq!(w.case_of(w.deliver(&again).await).await.id, case.id);
    assert_eq!(w.card(&case), "open · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn a_group_that_stands_in_from_is_not_who_wrote() {
    let w = World::new().await;
    let named = |from: &str| Eml::new(from, "It smokes", "It smokes.").envelope_from("support+bounces@desk.test");
    let reply_to = named("\"'Carol' via Support\" <support@desk.test>").header("Reply-To", CAROL);
    let google = named("'Carol' via Support <support@desk.test>")
        .header("X-Original-From", &format!("Carol <{CAROL}>"))
        .header("Reply-To", "support@desk.test")
        .header("Precedence", "list");
    let mailman = named("Carol via Support <talk@lists.test>")
        .header("Reply-To", &format!("talk@lists.test, {CAROL}"))
        .header("List-Post", "<mailto:talk@lists.test>");
    for mail in [reply_to, google, mailman] {
        let case = w.case_of(w.deliver(&mail).await).await;
        let card = w.card_post(&case).text;
        assert!(card.contains(&format!("Carol · {CAROL}")) && !card.contains("Asks for answers"), "{card}");
        w.say(ALICE, &case, "!answer We look.").await;
        w.pass(HOLD).await;
        assert_eq!(w.newest_mail().to, CAROL);
    }
    w.finish().await;
}

#[tokio::test]
async fn who_writes_as_the_desk_itself_is_nobody_without_a_list() {
    let w = World::new().await;
    let forged = Eml::new("Support <support@desk.test>", "It smokes", "Hi.").header("Reply-To", CAROL);
    assert_eq!(w.fate(w.deliver(&forged).await).await, "quarantined");
    let own = Eml::new("'Support' via Support <support@desk.test>", "Re: x", "Hi.")
        .header("X-Original-From", "billing@desk.test")
        .header("Precedence", "list");
    assert_eq!(w.fate(w.deliver(&own).await).await, "quarantined", "what the desk wrote to a list comes back");
    w.finish().await;
}

#[tokio::test]
async fn a_list_proves_nothing_of_who_wrote() {
    let w = World::believing(Some("mx.desk.test")).await;
    let case = w.ticket("It smokes").await;
    let forged = Eml::new("'Carol' via Talk <talk@mallory.test>", &format!("Re: [Ticket#{}]", case.number), "Pay me.")
        .header("Reply-To", CAROL)
        .header("Precedence", "list")
        .header("Authentication-Results", "mx.desk.test; dmarc=pass header.from=mallory.test");
    w.deliver(&forged).await;
    assert!(w.newest_post(&case).1.text.contains("📥 let in"), "{:?}", w.newest_post(&case).1.text);
    w.finish().await;
}

#[tokio::test]
async fn a_queue_says_what_becomes_of_what_machines_begin() {
    let w = World::new().await;
    let monitoring =
        || Eml::new("nagios@monitor.test", "DOWN: mail", "Down.").header("Auto-Submitted", "auto-generated");
    let news = || Eml::new("news@shop.test", "Buy", "Buy!").header("List-Unsubscribe", "<mailto:leave@shop.test>");
    for mail in [monitoring(), form("One"), news()] {
        assert_eq!(w.fate(w.deliver(&mail).await).await, "quarantined", "{mail:?}");
    }
    w.sql("update queue set machines = 'ticket' where name = 'support'").await;
    for mail in [monitoring(), form("Two")] {
        assert_eq!(w.fate(w.deliver(&mail).await).await, "article", "{mail:?}");
    }
    let away = Eml::new(CAROL, "Away", "I am away.").header("Auto-Submitted", "auto-replied");
    assert_eq!(w.fate(w.deliver(&away).await).await, "quarantined", "what only answers begins nothing");
    assert!(w.outbox().is_empty(), "{:?}", w.outbox());
    w.finish().await;
}

#[tokio::test]
async fn an_answer_to_where_nobody_reads_is_refused_with_the_way() {
    let w = World::new().await;
    w.sql("update queue set machines = 'ticket'").await;
    let case = w.case_of(w.deliver(&form("A form")).await).await;
    let card = w.card_post(&case).text;
    assert!(card.contains(&format!("Asks for answers to {VISITOR} (Reply-To)")), "{card}");
    w.say(ALICE, &case, "!answer Hello").await.refused(&format!("!customer {VISITOR}"));
    assert!(w.outbox().is_empty());
    w.say(ALICE, &case, &format!("!customer {VISITOR}")).await.done();
    w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, VISITOR);
    let order = w.deliver(&Eml::new("orders-no-reply@shop.test", "An order", "One lamp.")).await;
    w.say(ALICE, &w.case_of(order).await, "!answer Hello").await.refused("!customer ADDRESS");
    w.finish().await;
}

#[tokio::test]
async fn a_tick_sends_a_forms_answers_to_who_filled_it_in() {
    let w = World::new().await;
    w.deliver(&form("A form")).await;
    let entries = w.chat.posts(&w.room("support"));
    let entry = entries.iter().find(|(_, post)| post.quarantine.is_some()).expect("an entry").0.clone();
    w.react(ALICE, &w.room("support"), &entry, "✅").await;
    let case = w.only_case().await;
    w.react(ALICE, &case.room, &case.root, "✅").await;
    w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, VISITOR);
    w.finish().await;
}

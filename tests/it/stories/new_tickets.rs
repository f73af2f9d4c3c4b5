//! A mail comes in and becomes a ticket.

use super::world::{CAROL, Eml, World};

#[tokio::test]
async fn a_mail_becomes_a_card_that_shows_it() {
    let w = World::new().await;
    w.deliver(&Eml::new("Carol Customer <carol@customer.test>", "Fwd: It smokes", "The printer smokes.")).await;
    assert_eq!(
        w.transcript(&w.room("support")),
        "bot: It smokes —\n  #NUMBER · new · 🔓 unlocked\n  from Carol Customer <carol@customer.test>\n  \n  The printer smokes."
    );
    w.finish().await;
}

#[tokio::test]
async fn a_new_ticket_is_acknowledged_without_an_echo() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let [ack] = &w.outbox()[..] else { panic!("one mail") };
    assert_eq!((ack.to.as_str(), ack.envelope_from.as_deref()), (CAROL, None));
    assert_eq!(ack.subject, format!("[Ticket#{}] It smokes", case.number));
    assert_eq!(ack.header("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert!(ack.text.contains(&case.number) && !ack.text.contains("smokes"), "{}", ack.text);
    w.finish().await;
}

//! Mails that answer a mail which never came here.

use super::world::{ALICE, CAROL, DAVE, Eml, World};

/// A mail that answers one which the desk never saw.
fn answers(from: &str, subject: &str, id: &str) -> Eml {
    Eml::new(from, subject, "Please look at this.").header("References", &format!("<older@x.test> <{id}>"))
}

#[tokio::test]
async fn what_somebody_writes_on_about_a_mail_that_is_not_here_is_one_ticket() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&answers(CAROL, "Re: Offer", "never@seen.test")).await).await;
    let second = answers(CAROL, "AW: Offer", "never@seen.test");
    assert_eq!(w.case_of(w.deliver(&second).await).await.id, case.id);
    let why = w.say(ALICE, &case, "!history").await.answer();
    assert!(!why.contains("held"), "{why}");

    let other = w.case_of(w.deliver(&answers(DAVE, "Re: Offer", "never@seen.test")).await).await;
    assert_ne!(other.id, case.id, "an id proves nothing of who has it");
    let (_, told) = w.newest_post(&other);
    assert!(told.text.contains("Perhaps the same matter") && told.text.contains(&case.number), "{}", told.text);
    assert!(told.mentions.is_empty());
    w.finish().await;
}

#[tokio::test]
async fn a_mail_that_comes_after_its_answer_finds_it() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&answers(CAROL, "Re: Offer", "late@customer.test")).await).await;
    let late = Eml::new(CAROL, "Offer", "First of all.").message_id("late@customer.test");
    assert_eq!(w.case_of(w.deliver(&late).await).await.id, case.id);
    w.finish().await;
}

#[tokio::test]
async fn another_subject_or_a_ticket_that_is_over_takes_nothing_in() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&answers(CAROL, "Re: Newsletter", "news@shop.test")).await).await;
    let other = w.case_of(w.deliver(&answers(CAROL, "My invoice", "news@shop.test")).await).await;
    assert_ne!(other.id, case.id);
    assert!(w.newest_post(&other).1.text.contains(&case.number), "but it is said");
    for case in [&case, &other] {
        w.say(ALICE, case, "!close").await.done();
    }
    let later = w.case_of(w.deliver(&answers(CAROL, "Re: Newsletter", "news@shop.test")).await).await;
    assert!(![case.id, other.id].contains(&later.id));
    assert!(w.thread(&later).is_empty(), "what is over is no hint");
    w.finish().await;
}

#[tokio::test]
async fn in_another_queue_it_is_another_matter() {
    let w = World::new().await;
    let case = w.case_of(w.deliver(&answers(CAROL, "Re: Offer", "never@seen.test")).await).await;
    let billing = answers(CAROL, "Re: Offer", "never@seen.test").to("billing@desk.test");
    let billing = w.case_of(w.deliver(&billing).await).await;
    assert_ne!(billing.id, case.id);
    assert!(w.thread(&billing).is_empty());
    w.finish().await;
}

#[tokio::test]
async fn whose_name_is_forged_joins_nothing() {
    let w = World::believing(Some("mx.desk.test")).await;
    let case = w.case_of(w.deliver(&answers(CAROL, "Re: Offer", "never@seen.test")).await).await;
    let forged = answers(CAROL, "Re: Offer", "never@seen.test").header(
        "Authentication-Results",
        "mx.desk.test; spf=fail smtp.mailfrom=carol@customer.test; dkim=none; dmarc=fail header.from=customer.test",
    );
    assert_ne!(w.case_of(w.deliver(&forged).await).await.id, case.id);
    w.finish().await;
}

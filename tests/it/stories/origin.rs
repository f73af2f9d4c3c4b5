//! Why a mail is where it is, and whom the desk believes.

use super::world::{ALICE, CAROL, Case, Eml, HOLD, WALTER, World, text};

/// A mail that only its subject ties to a ticket, with what the mail server found.
async fn tagged(w: &World, case: &Case, found: Option<&str>) -> &'static str {
    let mut mail = Eml::new(CAROL, &format!("[Ticket#{}]", case.number), "Open it.");
    if let Some(found) = found {
        mail = mail.header("Authentication-Results", &format!("mail.desk.test; {found}"));
    }
    w.deliver(&mail).await;
    w.newest_post(case).1.article.expect("an article").visibility
}

#[tokio::test]
async fn a_number_counts_only_with_a_proof_where_there_is_somebody_to_prove_it() {
    let w = World::believing(Some("mail.desk.test")).await;
    let case = w.ticket("It smokes").await;
    for (found, expected) in [
        (None, "held"),
        (Some("dmarc=fail header.from=customer.test"), "held"),
        (Some("spf=pass smtp.mailfrom=evil.test; dkim=none"), "held"),
        (Some("dmarc=pass header.from=customer.test"), "customer"),
        (Some("dkim=pass header.d=customer.test; spf=fail smtp.mailfrom=customer.test"), "customer"),
    ] {
        assert_eq!(tagged(&w, &case, found).await, expected, "{found:?}");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_forged_sender_does_not_join_by_reference_either_but_by_the_signed_address() {
    let w = World::believing(Some("mail.desk.test")).await;
    let case = w.ticket("It smokes").await;
    let ours = w.newest_mail();
    let fail = ("Authentication-Results", "mail.desk.test; dmarc=fail header.from=customer.test");
    let by_reference = Eml::new(CAROL, "Re: It smokes", "Me.").header("In-Reply-To", &format!("<{}>", ours.message_id));
    w.deliver(&by_reference.clone().header(fail.0, fail.1)).await;
    assert_eq!(w.newest_post(&case).1.article.expect("an article").visibility, "held");
    w.deliver(&by_reference.message_id("another@customer.test")).await;
    assert_eq!(w.newest_post(&case).1.article.expect("an article").visibility, "customer", "an id is hard to guess");
    w.deliver(&Eml::reply(&ours, "Me again.").header(fail.0, fail.1)).await;
    assert_eq!(w.newest_post(&case).1.article.expect("an article").visibility, "customer");
    w.finish().await;
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let w = World::believing(Some("mail.desk.test")).await;
    let case = w.ticket("It smokes").await;
    let mail = Eml::new(CAROL, &format!("[Ticket#{}]", case.number), "Open it.");
    w.deliver(&mail.header("Authentication-Results", "mx.evil.test; dmarc=pass header.from=customer.test")).await;
    assert_eq!(w.newest_post(&case).1.article.expect("an article").visibility, "held");
    w.finish().await;
}

#[tokio::test]
async fn why_tells_the_way_the_rule_and_every_answer_of_the_mail_server() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!why").await.done().answer();
    for part in ["by LMTP for support@desk.test", "envelope sender carol@customer.test", "it refers to no ticket"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains("automatic mail to carol@customer.test: sent") && said.contains("sent: 250"), "{said}");
    let (first, rest) = said.split_once("Its way, and what mail servers said").expect("what is folded away");
    assert!(first.starts_with(&format!("How the mail of {CAROL} came to Ticket#{}\n", case.number)), "{first}");
    assert!(first.contains("it refers to no ticket") && !first.contains("LMTP") && rest.contains("LMTP"), "{said}");
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "And?").await;
    let said = w.say(ALICE, &case, "!why").await.done().answer();
    assert!(said.contains("its subject names this ticket") && !said.contains("automatic mail"), "{said}");
    let answer = w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    let mut on_answer = text("!why", Some(&case.root));
    on_answer["m.relates_to"]["m.in_reply_to"]["event_id"] = serde_json::json!(answer.event);
    on_answer["m.relates_to"]["is_falling_back"] = serde_json::json!(false);
    let said = w.message(ALICE, &case.room, on_answer).await.done().answer();
    assert!(said.contains("answer to carol@customer.test: sent") && !said.contains("LMTP"), "{said}");
    w.say(WALTER, &case, "!why").await.refused("no agent");
    w.finish().await;
}

#[tokio::test]
async fn raw_brings_the_original_byte_for_byte() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "It smokes.\n\n> quoted\n> away");
    w.deliver(&mail).await;
    let case = w.only_case().await;
    w.say(ALICE, &case, "!raw").await.done();
    let (name, mime, bytes) = w.chat.uploads().pop().expect("a file");
    assert_eq!((name.as_str(), mime.as_str()), ("mail-1.eml", "message/rfc822"));
    assert_eq!(bytes, mail.bytes());
    w.finish().await;
}

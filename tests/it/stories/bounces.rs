//! Mail servers and machines write, and nobody answers them.

use super::world::{ALICE, CAROL, Case, Eml, HOLD, Sent, World, user};

/// Alice has closed a ticket with an answer, and it was sent.
async fn answered(w: &World) -> (Case, Sent) {
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.pass(HOLD).await;
    (case, w.newest_mail())
}

/// A delivery report to an address.
fn report(to: &str, action: &str, status: &str) -> Eml {
    let body = format!(
        "--=r\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n--=r\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.customer.test\r\n\r\nFinal-Recipient: rfc822; {CAROL}\r\nAction: {action}\r\n\
         Status: {status}\r\nDiagnostic-Code: smtp; 550 the mailbox is full\r\n\r\n--=r--\r\n"
    );
    Eml::new("MAILER-DAEMON@mx.customer.test", "Undelivered Mail Returned to Sender", &body)
        .to(to)
        .envelope_from("")
        .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"=r\"")
}

#[tokio::test]
async fn a_bounce_finds_its_answer_reopens_the_ticket_and_calls_who_wrote_it() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let to = answer.envelope_from.expect("a signed sender");
    w.deliver(&report(&to, "failed", "5.2.2")).await;
    assert_eq!(w.card(&case), "open · nobody's");
    let thread = w.thread(&case);
    assert!(thread.iter().any(|(_, post)| post.text.contains("(5.2.2)") && post.text.contains("mailbox is full")));
    let called = thread.iter().find(|(_, post)| post.text.contains("did not reach") && !post.mentions.is_empty());
    let (_, called) = called.expect("somebody is called");
    assert_eq!(called.mentions, [user(ALICE)]);
    assert!(called.text.contains("mailbox is full (5.2.2). !customer ADDRESS sets another"), "{}", called.text);
    assert!(w.transcript(&case.room).contains("!answer --state closed Bye  ❌"), "{}", w.transcript(&case.room));
    w.deliver(&report(&to, "failed", "5.2.2")).await;
    assert_eq!(w.thread(&case).iter().filter(|(_, post)| !post.mentions.is_empty()).count(), 1, "once");
    assert_eq!(w.outbox().len(), 2, "nobody answers a bounce");
    w.finish().await;
}

#[tokio::test]
async fn a_report_of_a_delay_marks_and_leaves_the_ticket_alone() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    w.deliver(&report(&answer.envelope_from.expect("a signed sender"), "delayed", "4.4.1")).await;
    assert!(w.transcript(&case.room).contains("⚠️"));
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.finish().await;
}

#[tokio::test]
async fn a_forged_bounce_has_no_effect_and_is_shown_once_with_a_count() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let forged = answer.envelope_from.expect("a signed sender").replace("+b1aaaaaaaa", "+b1aaaaaaab");
    for to in ["support@desk.test", &forged] {
        let bounce = report(to, "failed", "5.1.1").header("References", &format!("<{}>", answer.message_id));
        let bounce = bounce.subject(&format!("Undelivered [Ticket#{}]", case.number));
        let mail = w.deliver(&bounce).await;
        assert_eq!(w.fate(mail).await, "quarantined", "{to}");
    }
    assert_eq!(w.card(&case), "closed successful, customer told");
    let shown: Vec<_> = w.chat.posts(&case.room).into_iter().filter_map(|(_, post)| post.quarantine).collect();
    assert_eq!(shown.iter().map(|mark| mark.count).collect::<Vec<_>>(), [1, 2]);
    assert!(shown.iter().all(|mark| mark.id == shown[0].id), "one entry");
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn a_report_at_the_reply_address_marks_the_answer_too() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    w.deliver(&report(&answer.reply_to, "failed", "5.1.1")).await;
    assert_eq!(w.card(&case), "open · nobody's");
    assert!(w.transcript(&case.room).contains("❌"), "{}", w.transcript(&case.room));
    w.finish().await;
}

#[tokio::test]
async fn what_a_server_writes_to_an_answers_own_address_is_a_report_in_whatever_words() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let to = answer.envelope_from.clone().expect("a signed sender");
    let people = w.rows("select ticket_id || ' ' || customer_id from participant order by 1").await;
    for (from, text) in [
        ("gateway@mx.customer.test", "Kirjettä ei voitu toimittaa."),
        ("Carol <carol@customer.test>", "This address has been retired."),
        ("<>", "Blah."),
        ("", "Blah blah."),
    ] {
        let odd = Eml::new(from, "Hm", text).to(&to).envelope_from("").header("X-Count", from);
        assert_eq!(w.case_of(w.deliver(&odd).await).await.id, case.id, "{from}");
        let thread = w.thread(&case);
        let told = thread.iter().rev().find(|(_, post)| post.text.contains(text)).expect("its words");
        assert!(told.1.text.contains("perhaps not delivered"), "{:?}", told.1);
        let (_, newest) = thread.last().expect("something");
        assert!(newest.text.contains("Perhaps") && newest.mentions == [user(ALICE)], "{newest:?}");
    }
    assert!(w.transcript(&case.room).contains("⚠️"), "{}", w.transcript(&case.room));
    assert_eq!(w.count("select count(*) from article where kind = 'mail' and customer_id is not null").await, 1);
    let away = Eml::new(CAROL, "Re: x", "I am on vacation.").to(&to).envelope_from("");
    w.deliver(&away).await;
    assert!(w.newest_post(&case).1.text.contains("Absence note"), "{:?}", w.newest_post(&case).1);
    let ack =
        Eml::new(CAROL, "Re: x", "We have got it.").to(&to).envelope_from("").header("Auto-Submitted", "auto-replied");
    w.deliver(&ack).await;
    assert!(w.newest_post(&case).1.text.contains("Automatic reply"), "{:?}", w.newest_post(&case).1);
    assert_eq!(
        w.rows("select ticket_id || ' ' || customer_id from participant order by 1").await,
        people,
        "no robot takes part"
    );
    w.finish().await;
}

#[tokio::test]
async fn a_report_to_the_queue_says_about_which_ticket_and_proves_nothing() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let copy = format!(
        "--=r\r\nContent-Type: text/plain\r\n\r\nUndelivered.\r\n--=r\r\nContent-Type: message/delivery-status\r\n\r\n\
         Action: failed\r\nStatus: 5.1.1\r\n\r\n--=r\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{}>\r\n\r\nx\r\n--=r--\r\n",
        answer.message_id
    );
    let report = Eml::new("MAILER-DAEMON@mx.test", "Undelivered", &copy)
        .envelope_from("")
        .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=\"=r\"");
    assert_eq!(w.fate(w.deliver(&report).await).await, "quarantined");
    let posts = w.chat.posts(&case.room);
    let entry = &posts.iter().rfind(|(_, post)| post.quarantine.is_some()).expect("an entry").1.text;
    assert!(entry.contains(&format!("a delivery report about a mail of Ticket#{}", case.number)), "{entry}");
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.finish().await;
}

#[tokio::test]
async fn machines_are_filed_and_never_answered() {
    let w = World::new().await;
    let signs = [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "junk"),
        ("List-Unsubscribe", "<mailto:leave@customer.test>"),
        ("X-Cron-Env", "<LANG=C>"),
        ("X-Autoreply", "yes"),
    ];
    for (name, value) in signs {
        let mail = w.deliver(&Eml::new(CAROL, "Away", "I am away.").header(name, value)).await;
        assert_eq!(w.fate(mail).await, "quarantined", "{name}: {value}");
    }
    w.deliver(&Eml::new("mailer-daemon@customer.test", "Hm", "Hm.")).await;
    assert!(w.outbox().is_empty(), "{:?}", w.outbox());
    assert_eq!(w.count("select count(*) from ticket").await, 0);
    let kept: i64 = w
        .chat
        .posts(&w.room("support"))
        .iter()
        .rev()
        .filter_map(|(_, post)| post.quarantine.as_ref())
        .map(|mark| mark.count)
        .sum();
    assert!(kept >= 7, "{kept}");
    w.finish().await;
}

#[tokio::test]
async fn an_absence_note_joins_its_ticket_and_opens_nothing() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let away = Eml::reply(&answer, "I am away.").envelope_from("").header("Auto-Submitted", "auto-replied");
    assert_eq!(w.case_of(w.deliver(&away).await).await.id, case.id);
    assert_eq!(w.card(&case), "closed successful, customer told");
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn a_desk_that_writes_to_itself_falls_silent() {
    let w = World::new().await;
    let mail = w.deliver(&Eml::new("billing@desk.test", "An invoice for support", "Please pay.")).await;
    assert_eq!(w.fate(mail).await, "quarantined");
    assert!(w.outbox().is_empty() && w.count("select count(*) from ticket").await == 0);
    w.finish().await;
}

#[tokio::test]
async fn a_bounce_of_a_merged_tickets_answer_opens_what_it_is_part_of() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    let other = w.ticket("It still smokes").await;
    w.say(ALICE, &case, &format!("!merge {}", other.number)).await.done();
    w.say(ALICE, &other, "!answer --state closed Bye again").await;
    w.pass(super::world::HOLD).await;
    w.deliver(&report(&answer.envelope_from.expect("a signed sender"), "failed", "5.2.2")).await;
    assert_eq!(w.card(&other), "open · nobody's");
    assert_eq!(w.newest_post(&other).1.mentions, [user(ALICE)]);
    w.finish().await;
}

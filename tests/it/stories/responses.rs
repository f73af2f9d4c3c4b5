//! Mails that only answer another one: they say what they are, call nobody, and open nothing.

use ticketloom::desk::post::Tone;

use super::world::{ALICE, CAROL, Case, Eml, HOLD, Sent, Shown, World, user};

const CLOSED: &str = "closed successful, customer told";

async fn answered(w: &World) -> (Case, Sent) {
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.pass(HOLD).await;
    (case, w.newest_mail())
}

fn receipt(answer: &Sent) -> Eml {
    let body = "--=r\r\nContent-Type: text/plain\r\n\r\nYour message was displayed.\r\n--=r\r\n\
                Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\
                --=r--\r\n";
    Eml::reply(answer, body)
        .subject("Read: your answer")
        .envelope_from("")
        .header("Content-Type", "multipart/report; report-type=disposition-notification; boundary=\"=r\"")
}

fn calendar(answer: &Sent, method: &str, says: &str) -> Eml {
    let body = format!(
        "BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nORGANIZER:mailto:support@desk.test\r\n\
         ATTENDEE;CN=Carol;PARTSTAT={says}:mailto:{CAROL}\r\nSUMMARY:Visit\r\nDTSTART:20261201T090000Z\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    Eml::reply(answer, &body).header("Content-Type", &format!("text/calendar; method={method}; charset=utf-8"))
}

/// What stands in the thread of a mail that came in, the files aside.
async fn shown(w: &World, case: &Case, mail: &Eml) -> Shown {
    assert_eq!(w.case_of(w.deliver(mail).await).await.id, case.id);
    let thread = w.thread(case).into_iter().rev();
    thread.map(|(_, post)| post).find(|post| post.file.is_none() && post.article.is_some()).expect("an article")
}

#[tokio::test]
async fn receipts_and_absence_notes_are_told_apart_and_call_nobody() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    w.say(ALICE, &case, "!reopen").await.done();
    let away = Eml::reply(&answer, "I am away.").subject("Out of transports").header("Auto-Submitted", "auto-replied");
    let ack = Eml::reply(&answer, "We have got your mail.").header("Auto-Submitted", "auto-replied");
    for (mail, what) in [(receipt(&answer), "Read receipt"), (away, "Absence note"), (ack, "Automatic reply")] {
        let post = shown(&w, &case, &mail).await;
        assert!(post.text.contains(what) && post.mentions.is_empty() && post.tone == Tone::Notice, "{post:?}");
        assert!(post.speaker.is_none(), "these are not her words: {post:?}");
    }
    assert_eq!(w.count("select count(*) from participant").await, 1);
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_to_an_invitation_says_which_and_opens_nothing() {
    let w = World::new().await;
    let (case, answer) = answered(&w).await;
    for (method, says, what, calls) in [
        ("REPLY", "ACCEPTED", "Invitation accepted", false),
        ("REPLY", "TENTATIVE", "(tentative)", false),
        ("REPLY", "DECLINED", "Invitation declined", true),
        ("COUNTER", "TENTATIVE", "Another time is proposed", true),
    ] {
        let post = shown(&w, &case, &calendar(&answer, method, says)).await;
        assert!(post.text.contains(what) && post.text.contains("Visit"), "{post:?}");
        assert_eq!(post.mentions, if calls { vec![user(ALICE)] } else { vec![] }, "{says}");
        assert_eq!(w.card(&case), CLOSED, "{says}");
    }
    w.finish().await;
}

#[tokio::test]
async fn what_only_answers_becomes_no_ticket() {
    let w = World::new().await;
    let (_, answer) = answered(&w).await;
    let elsewhere = |what: &str| what.replace("desk.test", "elsewhere.test");
    let other = Sent {
        message_id: elsewhere(&answer.message_id),
        to: "eve@elsewhere.test".to_owned(),
        subject: "Visit".to_owned(),
        reply_to: "support@desk.test".to_owned(),
        ..answer
    };
    for mail in [receipt(&other), calendar(&other, "REPLY", "ACCEPTED")] {
        assert_eq!(w.fate(w.deliver(&mail).await).await, "quarantined");
    }
    w.finish().await;
}

#[tokio::test]
async fn an_answer_quotes_what_the_customer_wrote_and_not_her_absence_note() {
    let w = World::new().await;
    w.sql("update queue set quotes = true").await;
    let (case, answer) = answered(&w).await;
    let away = Eml::reply(&answer, "I am away.").subject("Out of transports").header("Auto-Submitted", "auto-replied");
    w.deliver(&away).await;
    w.say(ALICE, &case, "!answer Once more").await;
    w.pass(HOLD).await;
    let source = w.newest_mail().source;
    assert!(source.contains("It smokes.") && !source.contains("I am away"), "{source}");
    w.finish().await;
}

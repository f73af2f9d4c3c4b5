//! In what language the desk itself writes.

use ticketloom::domain::language::Language;

use super::world::{ALICE, Eml, HOLD, World};

async fn speaks(w: &World, language: Language) {
    w.sql(&format!("update queue set language = '{}'", language.code())).await;
}

#[tokio::test]
async fn automatic_mail_is_in_the_queues_language_and_echoes_nothing_in_any() {
    let w = World::new().await;
    w.sql("update queue set closed_follow_up = 'reject'").await;
    let mut told = std::collections::BTreeSet::new();
    for language in Language::ALL {
        speaks(&w, language).await;
        let from = format!("Pills at pills.test <{}@customer.test>", language.code());
        let mail = w.deliver(&Eml::new(&from, "Cheap pills", "Buy pills now.")).await;
        let case = w.case_of(mail).await;
        let acknowledgement = w.newest_mail();
        w.say(ALICE, &case, "!close").await.done();
        let more = Eml::reply(&acknowledgement, "More pills.").from(&from).subject("More pills");
        assert_eq!(w.case_of(w.deliver(&more).await).await.id, case.id);
        let rejection = w.newest_mail();
        assert_ne!(acknowledgement.message_id, rejection.message_id);
        for mail in [acknowledgement, rejection] {
            assert!(mail.text.contains(&format!("Ticket#{}", case.number)), "{}", mail.text);
            assert!(mail.text.ends_with("\nSupport"), "{}", mail.text);
            let echo = format!("{}{}{}", mail.subject, mail.text, mail.source).to_lowercase();
            assert!(!echo.contains("pill"), "{echo}");
            assert_eq!((mail.header("Auto-Submitted").as_deref(), mail.envelope_from), (Some("auto-replied"), None));
            told.insert(mail.subject.split_once("] ").expect("a tag").1.to_owned());
        }
    }
    assert_eq!(told.len(), 2 * Language::ALL.len(), "each has words of its own: {told:?}");
    w.finish().await;
}

#[tokio::test]
async fn a_queues_own_words_go_before_its_language() {
    let w = World::new().await;
    speaks(&w, Language::De).await;
    w.ticket("It smokes").await;
    assert!(w.newest_mail().subject.ends_with("Wir haben Ihre Nachricht erhalten"));
    w.sql("update queue set acknowledgement = E'Servus\\n{queue} hat {number}.'").await;
    let case = w.ticket("It smokes again").await;
    let own = w.newest_mail();
    assert!(own.subject.ends_with(" Servus"), "{}", own.subject);
    assert_eq!(own.text, format!("Support hat {}.", case.number));
    w.finish().await;
}

#[tokio::test]
async fn an_answer_says_in_the_queues_language_whom_it_quotes_and_its_reply_shows_only_what_is_new() {
    let w = World::new().await;
    w.sql("update queue set quotes = true").await;
    speaks(&w, Language::De).await;
    let case = w.case_of(w.mail("Carol Jones <carol@customer.test>", "It smokes", "It smokes.").await).await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    let quote = "UTC schrieb Carol Jones:\n> It smokes.";
    assert!(answer.text.contains(quote) && answer.text.contains("\nAm "), "{}", answer.text);
    let marked = format!("> {}\n", answer.text.replace('\n', "\n> "));
    w.reply_to(&answer, &format!("It still smokes.\n\nAm 23.11.2026 um 10:11 schrieb Support:\n{marked}")).await;
    let shown = w.newest_post(&case).1.text;
    assert!(shown.contains("It still smokes.") && shown.contains("lines quoted"), "{shown}");
    assert!(!shown.contains("Unplug") && !shown.contains("schrieb"), "{shown}");
    w.finish().await;
}

//! Texts that agents answer with, and what is filled in.

use ticketloom::domain::language::Language;
use ticketloom::store::templates::Template;

use super::world::{ALICE, Case, Eml, HOLD, Sent, World};

impl World {
    async fn template(&self, queue: Option<&str>, language: Option<Language>, name: &str, text: &str) {
        let mut tx = self.store.begin().await.expect("a transaction");
        let queues = tx.queues().all().await.expect("queues");
        let queue = queue.and_then(|name| queues.iter().find(|queue| queue.name == name)).map(|queue| queue.id);
        let template = Template { queue, language, name: name.to_owned(), text: text.to_owned() };
        tx.templates().put(&template).await.expect("set");
        tx.commit().await.expect("a commit");
    }

    async fn answered(&self, case: &Case, words: &str) -> Sent {
        let said = self.say(ALICE, case, words).await;
        self.pass(HOLD).await;
        assert_eq!(said.marks(), "✉️", "{}", said.answer());
        self.newest_mail()
    }
}

#[tokio::test]
async fn a_template_is_filled_in_and_what_is_written_besides_stands_below() {
    let w = World::new().await;
    w.template(None, None, "hello", "Dear {customer.name},\n\n{agent.name} looks into {ticket.number}.").await;
    let case = w.ticket("It smokes").await;
    let sent = w.answered(&case, "!answer --template hello Tomorrow, perhaps.").await;
    let wanted =
        format!("Dear carol@customer.test,\r\n\r\nalice looks into {}.\r\n\r\nTomorrow, perhaps.", case.number);
    assert!(sent.source.contains(&wanted), "{}", sent.source);
    let sent = w.answered(&case, "!answer --template HELLO --state closed").await;
    assert!(sent.source.contains(&format!("alice looks into {}.\r\n", case.number)), "{}", sent.source);
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.finish().await;
}

#[tokio::test]
async fn a_name_is_nothing_but_a_name() {
    let w = World::new().await;
    w.template(None, None, "hello", "Dear {customer.name}, about {ticket.subject}:").await;
    let mail = Eml::new("carol@customer.test", "<b>{date}</b> `x`", "Help.")
        .from("\"*C* [x](https://evil.test)\" <carol@customer.test>");
    let case = w.case_of(w.deliver(&mail).await).await;
    let sent = w.answered(&case, "!answer --template hello").await;
    assert!(sent.source.contains("Dear *C* [x](https://evil.test), about <b>{date}</b> `x`:"), "{}", sent.source);
    assert!(!sent.source.contains("<em>") && !sent.source.contains("<code>"), "{}", sent.source);
    assert!(!sent.source.contains("<b>{date}</b></p>"), "{}", sent.source);
    w.finish().await;
}

#[tokio::test]
async fn a_queues_own_is_taken_before_all_queues_and_another_queues_not_at_all() {
    let w = World::new().await;
    w.template(None, None, "hello", "For all").await;
    w.template(Some("support"), None, "hello", "For support").await;
    w.template(Some("support"), Some(Language::De), "hello", "Auf Deutsch").await;
    w.template(Some("billing"), None, "paid", "For billing").await;
    let case = w.ticket("It smokes").await;
    assert!(w.answered(&case, "!answer --template hello").await.source.contains("For support"));
    w.say(ALICE, &case, "!answer --template paid").await.refused("there is no template paid. There are hello");
    w.sql("update queue set language = 'de' where name = 'support'").await;
    assert!(w.answered(&case, "!answer --template hello").await.source.contains("Auf Deutsch"));
    let said = w.say(ALICE, &case, "!templates").await;
    assert_eq!((said.list().kind.as_str(), said.list().total), ("templates", 1));
    assert!(said.answer().contains("hello · Auf Deutsch"), "{}", said.answer());
    let said = w.say_in(ALICE, &w.dm(ALICE), "!templates").await.answer();
    assert!(said.contains("hello (support) · Auf Deutsch") && said.contains("paid (billing) · For billing"), "{said}");
    let said = w.say(ALICE, &case, "!templates hello").await.answer();
    assert!(said.contains("Auf Deutsch"), "{said}");
    w.finish().await;
}

#[tokio::test]
async fn what_nobody_fills_in_is_never_sent() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let before = w.outbox().len();
    w.template(None, None, "hello", "Dear {custommer.name}").await;
    w.say(ALICE, &case, "!answer --template hello")
        .await
        .refused("Not sent: the template hello has a mistake: {custommer.name}");
    w.sql("update queue set salutation = 'Dear {customer}'").await;
    w.say(ALICE, &case, "!answer Hello")
        .await
        .refused("the queue's salutation has a mistake: {customer} is not filled in");
    w.say(ALICE, &case, "!answer").await.refused("TEXT");
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.card(&case).as_str()), (before, "new · nobody's"));
    w.finish().await;
}

#[tokio::test]
async fn a_held_answer_can_get_a_template_by_an_edit() {
    let w = World::new().await;
    w.template(None, None, "hello", "Dear {customer.name},").await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Hi").await;
    w.edit(ALICE, &said, "!answer --template hello Unplug it.").await;
    w.pass(HOLD).await;
    let source = w.newest_mail().source;
    assert!(source.contains("Dear carol@customer.test,\r\n\r\nUnplug it."), "{source}");
    w.finish().await;
}

#[tokio::test]
async fn salutation_and_signature_are_filled_in() {
    let w = World::new().await;
    w.sql("update queue set salutation = 'Hello {name},', signature = '{agent.name} · {queue.address} · {{x}'").await;
    let case = w.ticket("It smokes").await;
    let source = w.answered(&case, "!answer Unplug it.").await.source;
    assert!(source.contains("Hello carol@customer.test,\r\n\r\nUnplug it.\r\n\r\n--=20\r\nalice"), "{source}");
    assert!(source.contains("support@desk.test =C2=B7 {x}"), "{source}");
    w.finish().await;
}

//! Agents who want mail: what they are told of, and that what they answer stays inside.

use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, HOLD, ROOT, Sent, World, user};

const MAIL: &str = "bob@agents.test";

/// A desk that knows where Bob's mail goes.
async fn desk() -> World {
    let w = World::new().await;
    w.sql(&format!("update agent set mail = '{MAIL}' where user_id = '{BOB}'")).await;
    w
}

async fn notify(w: &World, words: &str) -> String {
    let told = w.say_in(BOB, &w.dm(BOB), &format!("!notify {words}")).await;
    told.done();
    told.answer()
}

/// What Bob got, once the cards had time to be posted.
async fn told(w: &World) -> Vec<Sent> {
    w.pass(std::time::Duration::from_secs(5)).await;
    w.outbox().into_iter().filter(|sent| sent.to == MAIL).collect()
}

#[tokio::test]
async fn new_tickets_and_what_is_said_to_ones_own_are_told_in_one_thread() {
    let w = desk().await;
    assert_eq!(notify(&w, "").await, "You get no mail from me.");
    let said = notify(&w, "mail").await;
    assert!(said.contains(MAIL) && said.contains("new tickets") && said.contains("locked or watch"), "{said}");
    let case = w.ticket("It smokes").await;
    let [first] = &told(&w).await[..] else { panic!("one mail") };
    for there in ["support: It smokes", &case.number, CAROL, "> ", "https://matrix.to/#/", "internal note"] {
        assert!(first.subject.contains(there) || first.text.contains(there), "{there}: {}", first.text);
    }
    assert_eq!(first.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(
        (first.envelope_from.as_deref(), first.page.as_deref()),
        (None, None),
        "nothing with power but one address"
    );
    assert!(!first.subject.contains("Ticket#"), "{}", first.subject);
    // Nobody's ticket, and then Alice's: not Bob's business.
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello?")).await;
    w.say(ALICE, &case, "!lock").await.done();
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello??")).await;
    assert_eq!(told(&w).await.len(), 1);
    w.say(BOB, &case, "!watch").await.done();
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Anybody?")).await;
    let [first, second] = &told(&w).await[..] else { panic!("two mails") };
    assert!(second.text.contains("> Anybody?") && second.text.contains("The customer wrote"), "{}", second.text);
    assert_eq!(first.header("References"), second.header("References"));
    assert_ne!(first.reply_to, second.reply_to);
    notify(&w, "off").await;
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Bye")).await;
    assert_eq!(told(&w).await.len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn words_say_of_what_and_only_of_queues_in_which_one_works() {
    let w = desk().await;
    notify(&w, "mail follow-ups queues").await;
    let case = w.ticket("It smokes").await;
    assert!(told(&w).await.is_empty(), "no new ones were asked for");
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello?")).await;
    assert_eq!(told(&w).await.len(), 1);
    w.say_in(ROOT, &w.dm(ROOT), "!agent add @bob:desk.test --queue billing").await.done();
    w.deliver(&Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello??")).await;
    assert_eq!(told(&w).await.len(), 1, "revoked means now");
    // What no agent decided about, what only answers, and what is internal is no news.
    w.deliver(&Eml::new(DAVE, &format!("Re: [Ticket#{}]", case.number), "Me, too")).await;
    assert_eq!(told(&w).await.len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn what_an_agent_answers_is_their_note_and_reaches_nobody() {
    let w = desk().await;
    notify(&w, "mail").await;
    let case = w.ticket("It smokes").await;
    let mail = told(&w).await.remove(0);
    let before = w.outbox().len();
    let reply = Eml::new(
        MAIL,
        &format!("Re: {}", mail.subject),
        "!answer She must unplug it.\r\n\r\nOn 2026-11-23, Support wrote:\r\n> old\r\n",
    )
    .to(&mail.reply_to)
    .header("In-Reply-To", &format!("<{}>", mail.message_id));
    w.deliver(&reply).await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), before, "nothing leaves");
    let (_, post) = w.newest_post(&case);
    assert!(post.text.contains("Note by") && post.text.contains("!answer She must unplug it."), "{}", post.text);
    assert!(!post.text.contains("old"), "{}", post.text);
    let article = post.article.expect("an article");
    assert_eq!((article.sender, article.visibility), ("agent", "internal"));
    assert_eq!(w.card(&case), "new · nobody's", "a note changes nothing");
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("bob: note"), "{history}");
    assert_eq!(w.rows("select fate from mail_in order by mail_id").await, ["article", "article"]);
    w.finish().await;
}

#[tokio::test]
async fn machines_strangers_and_former_agents_write_no_note() {
    let w = desk().await;
    notify(&w, "mail").await;
    let case = w.ticket("It smokes").await;
    let mail = told(&w).await.remove(0);
    let to = |eml: Eml| eml.to(&mail.reply_to);
    w.deliver(&to(Eml::new(MAIL, "Away", "I am away").header("Auto-Submitted", "auto-replied"))).await;
    w.deliver(&to(Eml::new("eve@elsewhere.test", "Re: x", "I was forwarded this"))).await;
    w.deliver(&to(Eml::new("mailer-daemon@x.test", "Undelivered", "x").envelope_from(""))).await;
    w.say_in(ROOT, &w.dm(ROOT), "!agent add @bob:desk.test --mail new@agents.test").await.done();
    w.deliver(&to(Eml::new(MAIL, "Re: x", "I have Bob's old mailbox"))).await;
    w.say_in(ROOT, &w.dm(ROOT), "!agent remove @bob:desk.test").await.done();
    w.deliver(&to(Eml::new("new@agents.test", "Re: x", "I was Bob"))).await;
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 0);
    assert_eq!(w.count("select count(*) from ticket").await, 1);
    let reasons = w.rows("select reason from quarantine order by quarantine_id").await;
    assert_eq!(reasons.len(), 5, "{reasons:?}");
    assert!(
        reasons[1].contains("not from that agent") && reasons[3] == reasons[1] && reasons[4].contains("no more"),
        "{reasons:?}"
    );
    assert_eq!(w.card(&case), "new · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn it_is_sent_once_at_most_and_the_admins_hear_of_what_is_refused() {
    let w = desk().await;
    w.sql("update queue set acknowledge = false").await;
    notify(&w, "mail").await;
    w.mailer.will(Delivery::Unknown { why: "gone".to_owned() });
    w.ticket("One").await;
    told(&w).await;
    w.pass(std::time::Duration::from_hours(1)).await;
    assert_eq!(told(&w).await.len(), 1);
    w.mailer.will(Delivery::Refused { why: "550 5.1.1 nobody here".to_owned() });
    let admins = ticketloom::domain::id::RoomId::parse("!admins:desk.test").expect("a room");
    w.sql("insert into room (room_id, purpose) values ('!admins:desk.test', 'admins')").await;
    w.ticket("Two").await;
    assert_eq!(told(&w).await.len(), 1);
    let (_, post) = w.chat.posts(&admins).pop().expect("a word");
    assert!(post.text.contains(MAIL) && post.text.contains("550 5.1.1"), "{}", post.text);
    w.mailer.will(Delivery::Deferred { why: "450 later".to_owned() });
    w.ticket("Three").await;
    assert_eq!(told(&w).await.len(), 1);
    w.pass(std::time::Duration::from_mins(5)).await;
    assert_eq!(told(&w).await.len(), 2, "put off is not lost");
    assert_eq!(w.count("select count(*) from agent_mail where outcome is null or bytes is not null").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn nobody_is_told_more_than_sixty_times_an_hour() {
    let w = desk().await;
    notify(&w, "mail new").await;
    let case = w.ticket("It smokes").await;
    for n in 0..59 {
        w.sql(&format!(
            "with one as (insert into article (ticket_id, seq, kind, sender, visibility, text)
                          values ({}, {}, 'note', 'agent', 'internal', '') returning article_id)
             insert into agent_mail (agent_id, ticket_id, article_id, queue_id, recipient, outcome, created_at)
             select (select agent_id from agent where user_id = '{BOB}'), {}, article_id,
                    (select queue_id from queue where name = 'support'), '{MAIL}', 'sent', '2026-11-23T09:00:00Z' from one",
            case.id,
            1000 + n,
            case.id
        ))
        .await;
    }
    assert_eq!(told(&w).await.len(), 1, "the sixtieth");
    w.ticket("One too many").await;
    assert_eq!(told(&w).await.len(), 1);
    w.tick(std::time::Duration::from_hours(2));
    w.ticket("Later").await;
    assert_eq!(told(&w).await.len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn without_an_address_or_with_a_queues_own_it_is_refused() {
    let w = World::new().await;
    let told = w.say_in(BOB, &w.dm(BOB), "!notify mail").await;
    assert!(told.marks() == "❌" && told.answer().contains("--mail ADDRESS"), "{}", told.answer());
    let add = async |address: &str| {
        w.say_in(ROOT, &w.dm(ROOT), &format!("!agent add @bob:desk.test --mail {address}")).await.answer()
    };
    assert!(add("support@desk.test").await.contains("queue's own address"));
    assert!(add("nonsense").await.contains("no address"));
    add(MAIL).await;
    assert_eq!(w.rows(&format!("select mail from agent where user_id = '{}'", user(BOB))).await, [MAIL]);
    notify(&w, "mail").await;
    w.finish().await;
}

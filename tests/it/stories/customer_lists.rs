//! All tickets of a customer, behind a link that is mailed to them.

use std::time::Duration;

use axum::http::StatusCode;

use super::world::{ALICE, Answered, CAROL, DAVE, Eml, HOLD, Sent, World};

/// The link in a mail.
fn link(sent: &Sent) -> String {
    let line = sent.text.lines().find(|line| line.starts_with("https://help.test/l/"));
    line.unwrap_or_else(|| panic!("no link: {}", sent.text)).to_owned()
}

fn mails_with_lists(w: &World) -> Vec<Sent> {
    w.outbox().into_iter().filter(|sent| sent.text.contains("https://help.test/l/")).collect()
}

/// Carol asks on a ticket's page, and follows the link of the mail.
async fn list(w: &World, page: &str) -> (String, Answered) {
    let answer = w.ask_for_all(page).await;
    let path = page.strip_prefix("https://help.test").unwrap_or(page);
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, format!("{path}?mailed").as_str()));
    assert!(w.follow(answer.header("location")).await.text().contains("is on its way to your address"));
    w.settle().await;
    let link = link(&w.newest_mail());
    let list = w.follow(&link).await;
    (link, list)
}

#[tokio::test]
async fn a_mailed_link_lists_what_its_reader_asked_and_nobody_elses() {
    let w = World::new().await;
    let first = w.ticket("It smokes").await;
    let page = w.newest_mail().page.expect("a link");
    w.deliver(&Eml::new(CAROL, "It <b>burns</b>", "Now.")).await;
    w.deliver(&Eml::new(DAVE, "SECRET-OF-DAVE", "Mine.")).await;
    w.say(ALICE, &first, "SECRET-NOTE").await;
    w.say(ALICE, &first, "!answer --state closed Unplug it.").await;
    w.pass(HOLD).await;
    let (link, list) = list(&w, &page).await;
    let mail = w.newest_mail();
    assert_eq!(
        (mail.to.as_str(), mail.envelope_from.as_deref()),
        (CAROL, None),
        "to her alone, and nothing comes back"
    );
    assert_eq!(mail.header("auto-submitted").as_deref(), Some("auto-generated"));
    assert!(mail.page.is_none() && !mail.text.contains("smokes"), "nothing of a ticket stands in it: {}", mail.text);
    let text = list.text();
    assert_eq!(list.status, StatusCode::OK);
    for there in ["It smokes", "It &#60;b&#62;burns&#60;/b&#62;", &first.number, "closed successful", CAROL] {
        assert!(text.contains(there), "{there}: {text}");
    }
    assert!(!text.contains("SECRET") && !text.contains(DAVE) && !text.contains("<script"), "{text}");
    for page in text
        .split("href=\"")
        .filter_map(|part| part.split_once('"'))
        .map(|(link, _)| link)
        .filter(|l| l.contains("/t/"))
    {
        assert_eq!(w.follow(page).await.status, StatusCode::OK, "{page}");
    }
    assert_eq!(text.matches("/t/").count(), 2);
    // Filters that follow it use nothing up, and it is no ticket's link.
    assert_eq!(w.follow(&link).await.text(), text);
    assert_eq!(w.follow(&link.replace("/l/", "/t/")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(w.follow(&page.replace("/t/", "/l/")).await.status, StatusCode::NOT_FOUND);
    w.finish().await;
}

#[tokio::test]
async fn it_is_good_for_an_hour() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    let page = w.newest_mail().page.expect("a link");
    let (link, _) = list(&w, &page).await;
    w.pass(Duration::from_mins(59)).await;
    assert_eq!(w.follow(&link).await.status, StatusCode::OK);
    w.pass(Duration::from_mins(2)).await;
    let over = w.follow(&link).await;
    assert_eq!(over.status, StatusCode::GONE);
    assert!(!over.text().contains("smokes") && !over.text().contains(CAROL), "{}", over.text());
    w.finish().await;
}

#[tokio::test]
async fn whoever_types_an_address_is_not_told_whether_it_is_known() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    let known = w.type_address(CAROL).await;
    let unknown = w.type_address("nobody@elsewhere.test").await;
    assert_eq!(known.status, StatusCode::SEE_OTHER);
    assert_eq!(
        (known.status, known.header("location"), &known.body),
        (unknown.status, unknown.header("location"), &unknown.body)
    );
    w.settle().await;
    let [mail] = &mails_with_lists(&w)[..] else { panic!("one mail") };
    assert_eq!(mail.to, CAROL);
    assert!(w.follow(&link(mail)).await.text().contains("It smokes"));
    assert_eq!(w.type_address("not an address").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = w.type_address("support@desk.test").await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
    w.settle().await;
    assert_eq!(mails_with_lists(&w).len(), 1, "a queue gets none");
    w.finish().await;
}

#[tokio::test]
async fn nobody_can_have_an_address_flooded_nor_its_acknowledgements_used_up() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    let page = w.newest_mail().page.expect("a link");
    for _ in 0..8 {
        w.type_address(CAROL).await;
    }
    w.settle().await;
    assert_eq!(mails_with_lists(&w).len(), 5);
    assert_eq!(w.ask_for_all(&page).await.status, StatusCode::TOO_MANY_REQUESTS);
    w.deliver(&Eml::new(CAROL, "It burns", "Now.")).await;
    assert!(w.newest_mail().subject.contains("Ticket#"), "the next ticket is acknowledged");
    w.pass(Duration::from_hours(25)).await;
    w.type_address(CAROL).await;
    w.settle().await;
    assert_eq!(mails_with_lists(&w).len(), 6);
    w.pass(Duration::from_hours(72)).await;
    w.type_address(CAROL).await;
    w.settle().await;
    assert_eq!(w.count("select count(*) from page_mail").await, 1, "old ones are not kept");
    w.finish().await;
}

#[tokio::test]
async fn who_is_out_of_a_ticket_finds_it_no_more_and_what_was_merged_stands_once() {
    let w = World::new().await;
    let first = w.ticket("It smokes").await;
    let page = w.newest_mail().page.expect("a link");
    let second = w.case_of(w.deliver(&Eml::new(CAROL, "It still smokes", "Now.")).await).await;
    let third = w.case_of(w.deliver(&Eml::new(DAVE, "The bill", "Mine.")).await).await;
    w.say(ALICE, &third, &format!("!cc +{CAROL}")).await.done();
    w.say(ALICE, &second, &format!("!merge {}", first.number)).await.done();
    let (_, text) = list(&w, &page).await;
    let text = text.text();
    assert_eq!(text.matches("<li ").count(), 2, "{text}");
    assert!(text.contains("The bill") && text.contains("It still smokes"), "{text}");
    assert_eq!(text.matches("/t/").count(), 1, "nothing was mailed to her of the bill: {text}");
    w.say(ALICE, &third, &format!("!cc -{CAROL}")).await.done();
    let (link, text) = list(&w, &page).await;
    assert!(!text.text().contains("The bill"), "{}", text.text());
    w.say(ALICE, &first, "!page revoke").await.done();
    assert!(!w.follow(&link).await.text().contains("/t/"), "named, but nothing opens it");
    w.sql("update queue set page = false").await;
    assert_eq!(w.follow(&link).await.status, StatusCode::GONE);
    w.finish().await;
}

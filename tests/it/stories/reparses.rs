//! A mail is read again from its raw bytes.

use ticketloom::desk::intake::reparse::{self, Mended};
use ticketloom::domain::id::ArticleId;
use ticketloom::mail::reader::Reader;
use ticketloom::store::page::Page;

use super::world::{ALICE, CAROL, Eml, HOLD, World};

/// Reads all mails again: what was mended of each.
async fn reparse(w: &World) -> Vec<Mended> {
    let mut mended = Vec::new();
    for article in w.store.mail_articles(Page::first(1_000)).await.expect("the articles") {
        let raw = w.store.raw_of(article).await.expect("an answer").expect("raw bytes");
        let mail = Reader::in_process().read(raw).await.expect("readable");
        mended.push(reparse::reparse(w.desk.store(), article, &mail).await.expect("a reading"));
    }
    w.settle().await;
    mended
}

async fn letters(w: &World) -> i64 {
    w.count("select count(*) from letter").await
}

#[tokio::test]
async fn a_text_that_an_older_version_damaged_is_mended_where_it_stands() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Pull the plug.").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    let reply = Eml::reply(&answer, "Done.").files(&[("plug.png", "image/png", "iVBORw0KGgo=")]);
    w.deliver(&reply).await;
    let before = (letters(&w).await, w.outbox().len(), w.card(&case));
    let (event, good) = w.thread(&case).into_iter().find(|(_, post)| post.text.contains("Done.")).expect("her mail");
    w.sql("update article set text = 'garbage', html = '<b>garbage</b>' where kind = 'mail'").await;
    w.sql("delete from attachment").await;
    w.sql("delete from projection where purpose = 'file'").await;
    // Whatever that version showed.
    w.sql("update projection set digest = null").await;

    assert_eq!(reparse(&w).await, [Mended { text: true, files: 0 }, Mended { text: true, files: 1 }]);
    assert_eq!((letters(&w).await, w.outbox().len(), w.card(&case)), before, "nothing goes out, nothing changes");
    assert_eq!(w.rows("select text from article where kind = 'mail' order by seq").await, ["It smokes.", "Done."]);
    let posts = w.chat.posts(&case.room);
    let edit = posts.iter().rev().find(|(_, post)| post.replaces.as_ref() == Some(&event)).expect("an edit");
    assert_eq!((&edit.1.text, edit.1.mentions.len()), (&good.text, 0));
    assert!(w.card_post(&case).text.contains("It smokes."));
    assert_eq!(w.newest_post(&case).1.file.expect("a file").name, "plug.png");

    assert_eq!(reparse(&w).await, [Mended::default(), Mended::default()]);
    assert_eq!(w.chat.posts(&case.room).len(), posts.len(), "what is the same is not said again");
    w.finish().await;
}

#[tokio::test]
async fn what_has_grown_beyond_the_card_gets_a_message_of_its_own() {
    let w = World::new().await;
    let long = "It smokes and smells.\n".repeat(20);
    let mail = w.mail(CAROL, "It smokes", &long).await;
    let case = w.case_of(mail).await;
    // As if an older version had seen only its beginning.
    let article = ArticleId(w.count("select article_id from article where kind = 'mail'").await);
    w.sql(&format!(
        "update article set text = 'It', on_card = true, event_id = '{}' where article_id = {article}",
        case.root
    ))
    .await;
    w.sql("delete from projection where purpose = 'article'").await;
    reparse(&w).await;
    assert!(w.card_post(&case).article.is_none());
    let (event, post) = w.newest_post(&case);
    assert!(post.text.contains(long.trim()), "{}", post.text);
    assert_eq!(
        w.rows(&format!("select event_id from article where article_id = {article}")).await,
        [event.to_string()]
    );
    w.finish().await;
}

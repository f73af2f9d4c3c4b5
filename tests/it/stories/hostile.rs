//! Mails that mean no good: they become harmless tickets.

use super::world::{ALICE, CAROL, Eml, HOLD, World};
use ticketloom::desk::seams::Fault;

use super::world::Trouble;

/// Nothing that the bot ever said calls anybody.
fn calls_nobody(w: &World) {
    for (_, post) in w.chat.posts(&w.room("support")) {
        assert!(post.mentions.is_empty(), "{:?}", post.mentions);
        let html = post.html.unwrap_or_default();
        assert!(!post.text.contains("@room") && !html.contains("@room"), "{}", post.text);
    }
}

#[tokio::test]
async fn a_customers_text_is_never_a_command() {
    let w = World::new().await;
    for words in ["!close", "!answer --state closed You won", " !lock", "!owner @alice:desk.test", "/me !close"] {
        let mail = w.deliver(&Eml::new(&format!("\"{words}\" <{CAROL}>"), words, &format!("{words}\r\n{words}"))).await;
        let case = w.case_of(mail).await;
        assert_eq!(w.card(&case), "new · nobody's", "{words}");
        w.deliver(&Eml::new(CAROL, &format!("[Ticket#{}]", case.number), words)).await;
        assert_eq!(w.card(&case), "new · nobody's", "{words}");
    }
    w.pass(HOLD).await;
    assert!(w.outbox().iter().all(|mail| mail.header("Auto-Submitted").is_some()));
    calls_nobody(&w);
    w.finish().await;
}

#[tokio::test]
async fn nobody_is_called_by_a_mail() {
    let w = World::new().await;
    let words = "@room @alice:desk.test alice https://matrix.to/#/@alice:desk.test";
    let mail = w.deliver(&Eml::new(&format!("\"@room\" <{CAROL}>"), words, words)).await;
    let case = w.case_of(mail).await;
    let long = format!("{words}\r\n").repeat(60);
    w.deliver(&Eml::new(CAROL, &format!("[Ticket#{}] {words}", case.number), &long).files(&[(
        "@room.txt",
        "text/plain",
        "eA==",
    )]))
    .await;
    let html = "<p>@room <a href=\"https://matrix.to/#/@alice:desk.test\">alice</a></p>";
    w.deliver(&Eml::new(CAROL, "HTML", html).header("Content-Type", "text/html; charset=utf-8")).await;
    calls_nobody(&w);
    w.finish().await;
}

#[tokio::test]
async fn bytes_that_no_store_takes_become_a_ticket() {
    let w = World::new().await;
    let mut raw = Eml::new("carol@customer.test", "Broken \u{0} subject", "before").bytes();
    raw.extend_from_slice(b"NUL \0 and \xff\xfe\xc3\x28 and \x1b[31m and \xed\xa0\x80 after\r\n");
    let mail = w.mail_raw(&raw, "support@desk.test", CAROL).await.expect("new");
    let card = w.card_post(&w.case_of(mail).await);
    assert!(card.text.contains("before") && card.text.contains("after"), "{:?}", card.text);
    assert!(!card.text.contains('\0') && !card.text.contains('\u{1b}'), "{:?}", card.text);
    assert_eq!(w.count("select count(*) from mail_in where length(raw) > 0").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn sixty_kib_of_text_are_cut_with_the_whole_as_a_file() {
    let w = World::new().await;
    let long = "\"quoted\" \\ and \u{1f525} fire\n".repeat(60 * 1024 / 28);
    let mail = w.mail(CAROL, &"Long subject ".repeat(100), &long).await;
    let case = w.case_of(mail).await;
    let [(_, article), (_, file)] = &w.thread(&case)[..] else { panic!("an article and its file") };
    assert!(article.text.len() < 16_000 && article.text.contains("the whole text is in"), "{}", article.text.len());
    assert!(file.file.is_some());
    assert_eq!(String::from_utf8_lossy(&w.chat.uploads()[0].2).trim_end(), long.trim_end());
    assert!(w.card_post(&case).text.len() < 2_000, "the card stays small");
    w.finish().await;
}

#[tokio::test]
async fn nothing_of_a_header_can_be_smuggled_into_an_answer() {
    let w = World::new().await;
    let from = "=?utf-8?q?Eve=0D=0ABcc:_eve@elsewhere.test?= <carol@customer.test>";
    let mail = Eml::new(from, "=?utf-8?q?Hi=0D=0ABcc:_eve@elsewhere.test?=", "Hello").message_id("a@b.test");
    let case = w.case_of(w.deliver(&mail.header("References", "<x\r\n y@z> <c@d>")).await).await;
    w.say(ALICE, &case, "!answer Hello\n.\nBcc: eve@elsewhere.test").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert_eq!(answer.header("Bcc"), None, "{}", answer.source);
    assert_eq!(answer.to, CAROL);
    w.finish().await;
}

#[tokio::test]
async fn what_can_not_be_read_is_shown_with_its_bytes() {
    let w = World::new().await;
    let no_sender = b"Subject: Who am I?\r\n\r\nNobody.\r\n";
    let mail = w.mail_raw(no_sender, "support@desk.test", "").await.expect("new");
    let nothing = w.mail_raw(b"\r\n", "support@desk.test", "").await.expect("new");
    assert_eq!((w.fate(mail).await, w.fate(nothing).await), ("quarantined".to_owned(), "quarantined".to_owned()));
    let posts = w.chat.posts(&w.room("support"));
    let [_, (_, first), (_, file), (_, second), _] = &posts[..] else { panic!("{posts:?}") };
    assert!(first.text.contains("no readable sender") && file.file.is_some(), "{}", first.text);
    assert_eq!(first.quarantine.as_ref().map(|mark| mark.count), Some(1));
    assert!(second.text.contains("no header and no text"), "{}", second.text);
    assert_eq!(w.chat.uploads()[0].2, no_sender);
    assert_eq!(w.count("select count(*) from ticket").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn a_quarantine_entry_promises_no_file_that_it_has_not() {
    let w = World::new().await;
    w.chat.will_upload(Trouble::Fault(Fault::never("it is too large")));
    w.mail_raw(b"Subject: Who am I?\r\n\r\nNobody.\r\n", "support@desk.test", "").await;
    let posts = w.chat.posts(&w.room("support"));
    let [_, (_, entry), (_, kept)] = &posts[..] else { panic!("{posts:?}") };
    assert!(entry.file.is_none() && kept.file.is_none(), "{}", entry.text);
    assert!(kept.text.starts_with("The raw mail (31 bytes) is kept in the record"), "{}", kept.text);
    w.finish().await;
}

#[tokio::test]
async fn a_file_that_matrix_refuses_is_named() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "With a file", "See there.").files(&[("film.mp4", "video/mp4", "AAAA")]);
    w.accept(&mail.bytes(), &mail.recipient, CAROL, ticketloom::store::intake::DeliveryKey::of_bytes("x", b"y")).await;
    w.settle_desk().await;
    w.chat.will_upload(Trouble::Fault(Fault::never("it is too large")));
    w.settle().await;
    let case = w.only_case().await;
    let (_, post) = w.newest_post(&case);
    assert!(post.file.is_none() && post.text.contains("film.mp4") && post.text.contains("too large"), "{}", post.text);
    w.finish().await;
}

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::desk::intake::incoming::Nature;
use crate::domain::article::{Answer, Automatic};
use crate::domain::id::{AgentId, ArticleId, TicketId};
use crate::mail::parse::Headers;
use crate::mail::read;

fn head(name: &str, subject: &str) -> LetterHead {
    let address = |text| EmailAddress::parse(text).expect("sound");
    let id = |text: &str| MessageId::parse(text).expect("sound");
    LetterHead {
        from_name: name.to_owned(),
        from: address("support@desk.test"),
        to_name: name.to_owned(),
        to: address("carol@customer.test"),
        cc: vec![],
        reply_to: address("support+r1abc@desk.test"),
        subject: subject.to_owned(),
        message_id: id("t1.2@desk.test"),
        in_reply_to: Some(id("x@customer.test")),
        references: (0..60).map(|number| id(&format!("{number}@customer.test"))).collect(),
        date: DateTime::from_timestamp(1_795_000_000, 0).expect("a time"),
        page: None,
    }
}

fn answer(markdown: &str) -> Answer {
    let (article, ticket, author) = (ArticleId(1), TicketId(1), AgentId(1));
    Answer { article, ticket, author, markdown: markdown.to_owned() }
}

fn print(name: &str, subject: &str, markdown: &str, signature: &str) -> Vec<u8> {
    MailComposer
        .compose(&Letter::answer(
            head(name, subject),
            &answer(markdown),
            Frame { signature: signature.to_owned(), ..Frame::default() },
        ))
        .expect("printable")
        .text()
        .to_vec()
}

fn signed(signature: &str) -> Frame {
    Frame { signature: signature.to_owned(), ..Frame::default() }
}

fn names(mail: &[u8]) -> Vec<String> {
    let (headers, _) = Headers::read(mail);
    let mut names: Vec<String> = headers.names().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    names.sort();
    names
}

const NAMES: [&str; 10] = [
    "Content-Type",
    "Date",
    "From",
    "In-Reply-To",
    "MIME-Version",
    "Message-ID",
    "References",
    "Reply-To",
    "Subject",
    "To",
];

#[test]
fn an_answer_is_text_and_html() {
    let mail = print("Carol", "Re: [Ticket#1] Help", "Try **this**:\n\n- one\n- <two>\n\n[x](https://x.test)", "ACME");
    let read = read(&mail).expect("readable");
    assert_eq!(read.text, "Try this:\n\n- one\n- <two>\n\nx (https://x.test)\n\n-- \nACME");
    assert_eq!(read.references.len(), REFERENCES);
    assert_eq!(read.references.last().expect("some").as_str(), "59@customer.test");
    assert_eq!(read.nature, Nature::Human);
    assert_eq!(names(&mail), NAMES);
}

#[test]
fn the_link_to_the_page_stands_below_the_signature_once() {
    let link = "https://help.test/t/1abc";
    for (signature, wanted) in [
        ("ACME", "Hello\n\n-- \nACME\n\nIm Web lesen und antworten:\nhttps://help.test/t/1abc"),
        ("", "Hello\n\n-- \nIm Web lesen und antworten:\nhttps://help.test/t/1abc"),
    ] {
        let page = Some((link.to_owned(), Language::De));
        let head = LetterHead { page, ..head("Carol", "x") };
        let mail = MailComposer.compose(&Letter::answer(head, &answer("Hello"), signed(signature))).expect("printable");
        assert_eq!(read(mail.text()).expect("readable").text, wanted);
        let html = html("Hello", &signed(signature), Some(&(link.to_owned(), Language::De)));
        assert_eq!(html.matches(&format!("<a href=\"{link}\">{link}</a>")).count(), 1, "{html}");
    }
}

#[test]
fn an_automatic_letter_says_so_and_is_plain() {
    let words = Automatic { article: ArticleId(1), ticket: TicketId(1), text: "We got it.".to_owned() };
    let mail = MailComposer.compose(&Letter::automatic(head("Carol", "x"), &words)).expect("printable");
    let (headers, _) = Headers::read(mail.text());
    assert_eq!(headers.text("Auto-Submitted"), "auto-replied");
    assert_eq!(headers.text("X-Auto-Response-Suppress"), "All");
    assert!(headers.text("Content-Type").starts_with("text/plain"));
}

#[test]
fn files_are_put_in_where_they_belong_each_time_the_same() {
    let files = [("a.bin", vec![7; 100]), ("empty.txt", vec![]), ("b \u{fc}.png", (0..=255).collect::<Vec<u8>>())];
    let mime = "application/x-thing".to_owned();
    let letter_file = |(name, bytes): &(&str, Vec<u8>)| LetterFile {
        name: (*name).to_owned(),
        mime: mime.clone(),
        digest: Digest::of(bytes),
    };
    let frame = Frame { files: files.iter().map(letter_file).collect(), ..Frame::default() };
    let mail = MailComposer.compose(&Letter::answer(head("Carol", "Files"), &answer("Here they are."), frame));
    let mail = mail.expect("printable");
    let wanted: Vec<Digest> = files.iter().map(|(_, bytes)| Digest::of(bytes)).collect();
    assert_eq!(mail.files().iter().map(|(_, digest)| *digest).collect::<Vec<_>>(), wanted);
    let places = mail.files().iter().map(|(at, _)| *at).zip(files.iter().map(|(_, bytes)| bytes.clone()));
    let whole = Printed::new(mail.text().to_vec(), places.collect()).expect("sound");
    let read = read(&whole.bytes()).expect("readable");
    assert_eq!(read.text, "Here they are.");
    for (read, (name, bytes)) in read.attachments.iter().zip(&files) {
        assert_eq!((read.name.as_str(), &read.bytes), (*name, bytes));
    }
    assert_eq!(read.attachments.len(), files.len());
    assert_eq!(whole.bytes(), whole.clone().bytes());
}

#[test]
fn html_in_markdown_is_shown_and_links_lead_to_the_web_only() {
    let page = html(
        "<script>x</script> a <b>c</b>\n\n<div onclick=x>\n\n[j](javascript:x) ![i](https://x.test/p.gif) <a@x.test>",
        &signed("s<"),
        None,
    );
    for bad in ["<script", "<b>", "<div", "javascript", "<img"] {
        assert!(!page.contains(bad), "{bad}: {page}");
    }
    for good in ["&lt;script", "&lt;b&gt;", "<a href=\"https://x.test/p.gif\">i</a>", "mailto:a@x.test", "s&lt;"] {
        assert!(page.contains(good), "{good}: {page}");
    }
}

#[test]
fn a_bare_address_is_a_link_and_one_in_code_is_not() {
    let page =
        html("See https://x.test/a_b?c=d&e. And `https://y.test`, [z](https://z.test).", &Frame::default(), None);
    assert!(page.contains("<a href=\"https://x.test/a_b?c=d&amp;e\">https://x.test/a_b?c=d&amp;e</a>."), "{page}");
    assert!(page.contains("<code>https://y.test</code>") && page.matches("<a ").count() == 2, "{page}");
    for bad in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"] {
        assert!(!html(bad, &Frame::default(), None).contains("<a "), "{bad}");
    }
}

#[test]
fn a_name_cannot_carry_a_header() {
    let mail = print("Carol\r\nBcc: evil@x.test\0\u{202e}", "a\r\nBcc: evil@x.test", "x", "");
    assert_eq!(names(&mail), NAMES);
    assert!(!String::from_utf8_lossy(&mail).contains("\r\nBcc"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// R63, R64: whatever is put in, the headers are those intended and the text comes out again.
    #[test]
    fn what_is_printed_reads_the_same(
        name in "([a-zü\r\n\0\u{202e}\",<>@:;=?_ ]|=\\?utf-8\\?q\\?=0ABcc:\\?=){0,20}",
        subject in "\\PC{0,80}[\r\n\0]{0,3}\\PC{0,80}",
        markdown in "([a-z .>-]|\r\n|\n\\.\r\n|\r|\n|\0|ü|😀|=){0,200}",
    ) {
        let mail = print(&name, &subject, &markdown, "sig\n.\r\nx");
        prop_assert_eq!(names(&mail), NAMES);
        let (headers, _) = Headers::read(&mail);
        prop_assert_eq!(headers.mailboxes("To").len(), 1);
        prop_assert!(headers.mailboxes("To")[0].address.as_str() == "carol@customer.test");
        prop_assert!(headers.mailboxes("From")[0].address.as_str() == "support@desk.test");
        let lone = mail.iter().enumerate().any(|(at, &byte)| match byte {
            b'\n' => at == 0 || mail[at - 1] != b'\r',
            b'\r' => mail.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        prop_assert!(!lone, "a bare CR or LF");
        prop_assert!(mail.is_ascii());
        let read = read(&mail).expect("readable");
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(squeeze(&read.subject), squeeze(&clean::line(&subject)));
        let expected = plain(&markdown, &signed("sig\n.\nx"), None);
        prop_assert_eq!(read.text.trim_end(), expected.trim_end());
    }
}

//! What the desk itself writes, as it comes back to it.

use chrono::DateTime;

use crate::desk::intake::incoming::{IncomingMail, Nature};
use crate::desk::outbound::letter::{Frame, Letter, LetterHead, Quote};
use crate::desk::outbound::phrases::Phrases;
use crate::desk::seams::Composer;
use crate::domain::article::{Answer, Automatic};
use crate::domain::id::{AgentId, ArticleId, EmailAddress, MessageId, TicketId};
use crate::domain::language::Language;
use crate::mail;
use crate::mail::compose::MailComposer;

fn head() -> LetterHead {
    let address = |text| EmailAddress::parse(text).expect("an address");
    LetterHead {
        from_name: "Support".to_owned(),
        from: address("support@desk.test"),
        to_name: String::new(),
        to: address("carol@customer.test"),
        cc: vec![],
        reply_to: address("support+r1abc@desk.test"),
        subject: "Re: [Ticket#2026112310000013] It smokes".to_owned(),
        message_id: MessageId::parse("t1.2@desk.test").expect("an id"),
        in_reply_to: None,
        references: vec![],
        date: DateTime::from_timestamp(1_795_000_000, 0).expect("a time"),
        page: None,
    }
}

/// An answer that quotes what somebody of that name wrote.
fn answer(language: Language, name: &str) -> Vec<u8> {
    let at = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
    let quote = Quote { from: name.to_owned(), at, language, text: "It smokes.\n\nA lot.".to_owned() };
    let (article, ticket, author) = (ArticleId(1), TicketId(1), AgentId(1));
    let answer = Answer { article, ticket, author, markdown: "Unplug it.".to_owned() };
    MailComposer
        .compose(&Letter::answer(head(), &answer, Frame { quotes: vec![quote], ..Frame::default() }))
        .expect("a letter")
        .text()
        .to_vec()
}

fn read(head: &str, body: &str) -> IncomingMail {
    let mail = format!("From: carol@customer.test\nSubject: Re: x\nMIME-Version: 1.0\n{head}\n\n{body}\n");
    mail::read(mail.as_bytes()).expect("readable")
}

const TEXT: &str = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit";
const HTML: &str = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit";
/// Names of all kinds, and none: then the address stands there.
const NAMES: &[&str] = &["Carol Jones", "carol@customer.test", "Jiří \"Jirka\" Žlutý", "O'Neil, Sam", "4711"];

#[test]
fn the_line_above_a_quote_is_known_for_one_in_every_language() {
    for language in Language::ALL {
        for name in NAMES {
            let ours = mail::read(&answer(language, name)).expect("readable");
            assert!(ours.text.contains(name), "{}", ours.text);
            assert_eq!(ours.fresh.text, "Unplug it.\n\n… 4 lines quoted", "{}", ours.text);
            assert_eq!(ours.fresh.folded, 4);
        }
    }
}

#[test]
fn a_reply_that_quotes_our_quote_shows_only_what_is_new() {
    for language in Language::ALL {
        for name in NAMES {
            let ours = mail::read(&answer(language, name)).expect("readable").text;
            let marked = format!("> {}\n", ours.replace('\n', "\n> "));
            for above in ["On Mon, 23 Nov 2026 at 10:11, Support <support@desk.test> wrote:\n", ""] {
                let reply = read(TEXT, &format!("It still smokes.\n\n{above}{marked}"));
                assert!(reply.fresh.text.starts_with("It still smokes.\n\n… "), "{}", reply.fresh.text);
                assert!(!reply.fresh.text.contains("Unplug") && !reply.fresh.text.contains("A lot"), "{above}{marked}");
            }
            // Some programs put the answer above and leave the old mail as it was.
            let reply = read(TEXT, &format!("It still smokes.\n\n{}", ours.trim_start_matches("Unplug it.\n\n")));
            assert_eq!(reply.fresh.text, "It still smokes.\n\n… 4 lines quoted");
        }
    }
}

#[test]
fn as_html_it_is_known_too() {
    for language in Language::ALL {
        let ours = answer(language, "Carol Jones");
        let html = mail_parser::MessageParser::default().parse(&ours).expect("a mail");
        let html = html.body_html(0).expect("HTML beside the text").into_owned();
        let (_, body) = html.split_once("<body>").expect("a body");
        let body = body.replace("</body></html>", "");
        assert_eq!(read(HTML, &body).fresh.text, "Unplug it.\n\n… 4 lines quoted");
        let above = "On Mon, 23 Nov 2026 at 10:11, Support wrote:";
        let reply =
            read(HTML, &format!("<p>It still smokes.</p><p>{above}</p><blockquote type=\"cite\">{body}</blockquote>"));
        assert!(reply.fresh.text.starts_with("It still smokes.\n\n… "), "{}", reply.fresh.text);
        assert!(!reply.fresh.text.contains("Unplug") && !reply.fresh.text.contains("A lot"), "{}", reply.fresh.text);
    }
}

#[test]
fn automatic_mail_is_seen_as_what_it_is_and_has_short_lines_in_every_language() {
    for language in Language::ALL {
        let phrases = Phrases::of(language);
        for words in [phrases.acknowledgement, phrases.rejection] {
            let words = words.replace("{number}", "2026112310000013").replace("{queue}", "Example Support");
            let (subject, text) = words.split_once('\n').expect("a subject");
            let words = Automatic { article: ArticleId(1), ticket: TicketId(1), text: text.to_owned() };
            let subject = format!("[Ticket#2026112310000013] {subject}");
            let head = LetterHead { subject: subject.clone(), ..head() };
            let mail = MailComposer.compose(&Letter::automatic(head, &words)).expect("a letter").text().to_vec();
            let source = String::from_utf8(mail.clone()).expect("ASCII");
            // RFC 5322 §2.1.1: 78 columns; encoded, so that paragraphs still flow where they are read.
            assert!(source.lines().all(|line| line.len() <= 78), "{source}");
            let read = mail::read(&mail).expect("readable");
            assert_eq!((read.subject.as_str(), read.text.trim_end()), (subject.as_str(), text));
            let Nature::Response { sign, .. } = read.nature else { panic!("{:?}: {source}", read.nature) };
            assert!(sign.starts_with("Auto-Submitted"), "{sign}");
        }
    }
}

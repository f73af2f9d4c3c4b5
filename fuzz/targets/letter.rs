//! Any names, subject, Markdown, quote and file into a letter, and back out of its bytes.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::desk::outbound::letter::{Frame, Letter, LetterFile, LetterHead, Quote};
use ticketloom_fuzz::desk::seams::Composer;
use ticketloom_fuzz::domain::article::Answer;
use ticketloom_fuzz::domain::blob::{Blob, Digest};
use ticketloom_fuzz::domain::id::{AgentId, ArticleId, EmailAddress, MessageId, TicketId};
use ticketloom_fuzz::domain::language::Language;
use ticketloom_fuzz::domain::printed::Printed;
use ticketloom_fuzz::mail::{compose::MailComposer, read};

fuzz_target!(|text: &str| {
    let mut pieces = text.splitn(6, '\u{1}').map(str::to_owned);
    let mut piece = || pieces.next().unwrap_or_default();
    let (name, subject, signature, salutation, quoted, markdown) = (piece(), piece(), piece(), piece(), piece(), piece());
    let address = |text| EmailAddress::parse(text).expect("sound");
    let date = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
    let file = (!quoted.is_empty()).then(|| LetterFile { name: name.clone(), mime: subject.clone(), digest: Digest::of(quoted.as_bytes()) });
    let contents = Blob::from(quoted.clone().into_bytes());
    let files = Vec::from_iter(file);
    let sent = files.len();
    let language = Language::ALL[text.len() % Language::ALL.len()];
    let quote = Some(Quote { from: name.clone(), at: date, language, text: quoted });
    let cc = vec![(subject.clone(), address("dave@customer.test"))];
    let frame = Frame { salutation, signature, quotes: quote.into_iter().collect(), files };
    let head = LetterHead {
        from_name: name.clone(),
        from: address("support@desk.test"),
        to_name: name,
        to: address("carol@customer.test"),
        cc,
        reply_to: address("support+r@desk.test"),
        subject,
        message_id: MessageId::parse("t1.2@desk.test").expect("sound"),
        in_reply_to: None,
        references: Vec::new(),
        date,
        page: Some(("https://desk.test/t/1abc".to_owned(), language)),
    };
    let answer = Answer { article: ArticleId(1), ticket: TicketId(1), author: AgentId(1), markdown };
    let printed = MailComposer.compose(&Letter::answer(head, &answer, frame)).expect("printable");
    let files = printed.files().iter().map(|(at, _)| (*at, contents.clone())).collect();
    let bytes = Printed::new(printed.text().to_vec(), files).expect("sound").bytes();
    assert!(bytes.is_ascii() && !bytes.contains(&0));
    for (at, &byte) in bytes.iter().enumerate() {
        assert!(byte != b'\n' || bytes[at - 1] == b'\r', "a bare line feed");
        assert!(byte != b'\r' || bytes[at + 1] == b'\n', "a bare carriage return");
    }
    assert!(bytes.split(|&byte| byte == b'\n').all(|line| line.len() <= 998), "a line is too long");
    let head = String::from_utf8(bytes.clone()).expect("ASCII");
    let (head, _) = head.split_once("\r\n\r\n").expect("an end of the header");
    let mut names: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Cc", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Reply-To", "Subject", "To"]);
    let mail = read(&bytes).expect("readable");
    assert_eq!(mail.from.expect("a sender").address.as_str(), "support@desk.test");
    assert_eq!(mail.to.len(), 1);
    assert_eq!(mail.cc.len(), 1);
    assert_eq!(mail.attachments.len(), sent);
});

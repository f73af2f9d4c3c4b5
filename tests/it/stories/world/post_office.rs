//! The mail server as the stories see it, and what arrived there.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use mail_parser::MessageParser;
use ticketloom::desk::seams::{BeforeDot, Delivery, Mailer};
use ticketloom::domain::blob::Blob;

/// A mail as it goes out.
pub(crate) type Sealed = ticketloom::desk::seams::Sealed<Blob>;

/// Takes mails, or does with the next ones what it was told.
#[derive(Default)]
pub(crate) struct FakeMailer {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Delivery>,
    attempts: Vec<Sealed>,
    queues: Vec<String>,
    arrived: Vec<Sealed>,
}

impl FakeMailer {
    /// What the next attempt comes to.
    pub(crate) fn will(&self, delivery: Delivery) {
        self.lock().script.push_back(delivery);
    }

    /// Every attempt.
    pub(crate) fn attempts(&self) -> Vec<Sealed> {
        self.lock().attempts.clone()
    }

    /// The queue of every attempt.
    pub(crate) fn queues(&self) -> Vec<String> {
        self.lock().queues.clone()
    }

    /// What arrived.
    pub(crate) fn arrived(&self) -> Vec<Sent> {
        self.lock().arrived.iter().map(Sent::read).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked here")
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, queue: &str, mail: &Sealed, before_dot: &dyn BeforeDot) -> Delivery {
        let delivery = {
            let mut state = self.lock();
            state.attempts.push(mail.clone());
            state.queues.push(queue.to_owned());
            state.script.pop_front().unwrap_or(Delivery::Accepted { reply: "250 2.0.0 queued as 4711".to_owned() })
        };
        let is_past_dot = matches!(delivery, Delivery::Accepted { .. } | Delivery::Unknown { .. });
        if is_past_dot {
            if let Err(fault) = before_dot.mark().await {
                return Delivery::Deferred { why: fault.to_string() };
            }
            self.lock().arrived.push(mail.clone());
        }
        delivery
    }
}

/// A mail as its recipient reads it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) envelope_from: Option<String>,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    pub(crate) message_id: String,
    /// The link to the ticket's page.
    pub(crate) page: Option<String>,
    pub(crate) reply_to: String,
    /// The whole mail as it was sent.
    pub(crate) source: String,
}

impl Sent {
    fn read(sealed: &Sealed) -> Self {
        let bytes = sealed.mail.bytes();
        let mail = MessageParser::default().parse(&bytes).expect("a mail");
        let reply_to = mail.reply_to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
        let text = mail.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        let (text, page) = without_link(&text);
        Self {
            envelope_from: sealed.from.as_ref().map(ToString::to_string),
            to: sealed.to.to_string(),
            subject: mail.subject().unwrap_or_default().to_owned(),
            text,
            page,
            html: mail.body_html(0).map(std::borrow::Cow::into_owned),
            message_id: mail.message_id().unwrap_or_default().to_owned(),
            reply_to: reply_to.to_owned(),
            source: String::from_utf8(bytes.clone()).expect("our mails are ASCII"),
        }
    }

    /// A header as it was written, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.source.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    }
}

/// A mail's text without the link to the ticket's page and the line above it; and that link. There is one at most.
fn without_link(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let found: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("https://help.test/t/")).collect();
    let [at] = found[..] else {
        assert!(found.is_empty(), "several found: {text}");
        return (text.trim_end().to_owned(), None);
    };
    let (above, below) = (lines[..at - 1].join("\n"), lines[at + 1..].join("\n"));
    let above = above.trim_end().trim_end_matches("\n--").trim_end();
    (format!("{above}\n{below}").trim_end().to_owned(), Some(lines[at].to_owned()))
}

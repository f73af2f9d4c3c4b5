//! Mails that people and machines write to the desk.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::post_office::Sent;

/// A mail to the desk, with its envelope.
#[derive(Clone, Debug)]
pub(crate) struct Eml {
    pub(crate) recipient: String,
    pub(crate) envelope_from: String,
    pub(crate) message_id: String,
    from: String,
    subject: String,
    headers: String,
    body: String,
}

impl Eml {
    /// A mail to the support queue.
    pub(crate) fn new(from: &str, subject: &str, body: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            recipient: "support@desk.test".to_owned(),
            envelope_from: from.to_owned(),
            message_id: format!("m{count}@customer.test"),
            from: from.to_owned(),
            subject: subject.to_owned(),
            headers: String::new(),
            body: body.to_owned(),
        }
    }

    /// What a mail program makes of "Reply".
    pub(crate) fn reply(sent: &Sent, body: &str) -> Self {
        let mut mail = Self::new(&sent.to, &format!("Re: {}", sent.subject), body);
        mail.recipient.clone_from(&sent.reply_to);
        mail.header("In-Reply-To", &format!("<{}>", sent.message_id))
    }

    pub(crate) fn to(mut self, recipient: &str) -> Self {
        recipient.clone_into(&mut self.recipient);
        self
    }

    pub(crate) fn from(mut self, from: &str) -> Self {
        from.clone_into(&mut self.from);
        from.clone_into(&mut self.envelope_from);
        self
    }

    pub(crate) fn envelope_from(mut self, from: &str) -> Self {
        from.clone_into(&mut self.envelope_from);
        self
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    pub(crate) fn message_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.message_id);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let _ = write!(self.headers, "{name}: {value}\r\n");
        self
    }

    /// A mail with files beside its text: name, type, base64.
    pub(crate) fn files(mut self, files: &[(&str, &str, &str)]) -> Self {
        let mut body = format!("--=b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n", self.body);
        for (name, mime, base64) in files {
            let _ = write!(
                body,
                "--=b\r\nContent-Type: {mime}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{base64}\r\n"
            );
        }
        self.body = format!("{body}--=b--\r\n");
        self.header("Content-Type", "multipart/mixed; boundary=\"=b\"")
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let kind =
            if self.headers.contains("Content-Type") { "" } else { "Content-Type: text/plain; charset=utf-8\r\n" };
        let Self { from, subject, message_id, headers, body, .. } = self;
        let to = &self.recipient;
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n{kind}{headers}\r\n{body}\r\n"
        )
        .into_bytes()
    }
}

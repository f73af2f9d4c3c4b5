//! A mail that tells an agent of what a customer wrote.

use lettre::message::Message;
use lettre::message::header::{ContentType, InReplyTo, MessageId as MessageIdHeader, References};

use super::{SUBJECT, as_automatic, clean, envelope, mailbox, part};
use crate::desk::agent_mail::AgentMail;

/// Its bytes.
pub(super) fn composed(mail: &AgentMail) -> Result<Vec<u8>, String> {
    let to = mailbox("", &mail.to)?;
    let builder = Message::builder()
        .envelope(envelope(&to)?)
        .date(mail.date.into())
        .from(mailbox(&mail.from_name, &mail.from)?)
        .to(to)
        .reply_to(mailbox("", &mail.reply_to)?)
        .subject(clean::cut(&clean::line(&mail.subject), SUBJECT))
        .header(MessageIdHeader::from(mail.message_id.bracketed()))
        .header(InReplyTo::from(mail.thread.bracketed()))
        .header(References::from(mail.thread.bracketed()));
    let message =
        as_automatic(builder, "auto-generated")?.singlepart(part(ContentType::TEXT_PLAIN, clean::text(&mail.text))?);
    Ok(message.map_err(|error| error.to_string())?.formatted())
}

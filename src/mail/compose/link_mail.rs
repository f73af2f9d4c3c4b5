//! A mail that leads a customer to a list of their tickets.

use lettre::message::Message;
use lettre::message::header::{ContentType, MessageId as MessageIdHeader};

use super::{as_automatic, envelope, mailbox, part};
use crate::desk::page::LinkMail;

/// Its bytes.
pub(super) fn composed(mail: &LinkMail) -> Result<Vec<u8>, String> {
    let to = mailbox("", &mail.to)?;
    let builder = Message::builder()
        .envelope(envelope(&to)?)
        .date(mail.date.into())
        .from(mailbox(&mail.from_name, &mail.from)?)
        .to(to)
        .subject(mail.subject.as_str())
        .header(MessageIdHeader::from(mail.message_id.bracketed()));
    let message =
        as_automatic(builder, "auto-generated")?.singlepart(part(ContentType::TEXT_PLAIN, mail.text.clone())?);
    Ok(message.map_err(|error| error.to_string())?.formatted())
}

//! What a customer wrote on their ticket's page, as a mail: so it goes the way of every mail.

use lettre::message::header::{ContentTransferEncoding, ContentType, MessageId as MessageIdHeader};
use lettre::message::{Attachment, Body, Message, MultiPart, SinglePart};

use super::{NAME, SUBJECT, clean, envelope, mailbox, part};
use crate::desk::page::{Reply, ReplyFile};

/// Its bytes, the same for the same reply but for the boundaries between its parts.
pub(super) fn composed(reply: &Reply) -> Result<Vec<u8>, String> {
    let to = mailbox("", &reply.to)?;
    let builder = Message::builder()
        .envelope(envelope(&to)?)
        .date(reply.at.into())
        .from(mailbox(&reply.from_name, &reply.from)?)
        .to(to)
        .subject(clean::cut(&clean::line(&reply.subject), SUBJECT))
        .header(MessageIdHeader::from(reply.message_id.bracketed()));
    let text = part(ContentType::TEXT_PLAIN, clean::text(&reply.text))?;
    let message = if reply.files.is_empty() {
        builder.singlepart(text)
    } else {
        let mixed = MultiPart::mixed().singlepart(text);
        builder.multipart(reply.files.iter().fold(mixed, |mixed, one| mixed.singlepart(file(one))))
    };
    Ok(message.map_err(|error| error.to_string())?.formatted())
}

fn file(file: &ReplyFile) -> SinglePart {
    let name = clean::line(&file.name);
    let kind = ContentType::parse(&clean::line(&file.mime));
    let kind = kind.or_else(|_| ContentType::parse("application/octet-stream")).unwrap_or(ContentType::TEXT_PLAIN);
    let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64);
    let body = body.unwrap_or_else(Body::new);
    Attachment::new(clean::cut(&name, NAME).to_owned()).body(body, kind)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::desk::intake::incoming::Nature;
    use crate::domain::id::{EmailAddress, MessageId};
    use crate::mail::read;

    #[test]
    fn it_is_read_as_a_persons_mail_with_every_byte() {
        let address = |text| EmailAddress::parse(text).expect("an address");
        let bytes: Vec<u8> = (0..=255).collect();
        let file = ReplyFile { name: "b \u{fc}.bin".to_owned(), mime: "image/x; =".to_owned(), bytes: bytes.clone() };
        let reply = Reply {
            from_name: "Carol\r\nBcc: x@x.test".to_owned(),
            from: address("carol@customer.test"),
            to: address("support+r1abc@desk.test"),
            subject: "Re: [Ticket#2026112310000013] It smokes\r\nX-Evil: 1".to_owned(),
            message_id: MessageId::parse("page.1@desk.test").expect("an id"),
            at: DateTime::from_timestamp(1_795_000_000, 0).expect("a time"),
            text: "It still smokes.\r\n.\r\nFrom here\nHéllo".to_owned(),
            files: vec![file],
        };
        let read = read(&composed(&reply).expect("printable")).expect("readable");
        assert_eq!(read.nature, Nature::Human);
        assert_eq!(read.from.expect("a sender").address, reply.from);
        assert_eq!(read.text, "It still smokes.\n.\nFrom here\nHéllo");
        assert_eq!(read.to.len(), 1);
        assert_eq!((read.attachments.len(), read.attachments[0].name.as_str()), (1, "b ü.bin"));
        assert_eq!(read.attachments[0].bytes.as_ref(), bytes);
        assert_eq!(read.message_id, Some(reply.message_id));
    }
}

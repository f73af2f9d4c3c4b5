//! Makes the bytes of a letter, once: what is printed here is sent at every attempt.
//!
//! Foreign text (a customer's name, a subject) is cleaned before lettre sees it, because a control
//! character in a display name makes lettre 0.11.23 panic. Bodies are quoted-printable with CRLF
//! only, so that no text can end the mail or a line early (R63, R64).

mod agent_mail;
mod link_mail;
mod reply;

use std::fmt::Write;
use std::str::FromStr;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{
    Cc, ContentTransferEncoding, ContentType, HeaderName, HeaderValue, InReplyTo, MessageId as MessageIdHeader,
    References,
};
use lettre::message::{Attachment, Body, Mailbox, Mailboxes, Message, MessageBuilder, MultiPart, SinglePart};
use linkify::{LinkFinder, LinkKind};
use memchr::memmem;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};
use uuid::Uuid;

use super::clean;
use super::unmarked::unmarked;
use crate::desk::agent_mail::AgentMail;
use crate::desk::outbound::letter::{Frame, Letter, LetterFile, LetterHead, Quote};
use crate::desk::outbound::phrases::Phrases;
use crate::desk::page::{LinkMail, Reply};
use crate::desk::seams::Composer;
use crate::domain::blob::Digest;
use crate::domain::id::{EmailAddress, MessageId};
use crate::domain::language::Language;
use crate::domain::printed::Printed;

/// The longest display name in bytes.
const NAME: usize = 200;
/// The longest subject in bytes.
const SUBJECT: usize = 900;
/// How many of the conversation's ids are named, the newest.
const REFERENCES: usize = 20;

/// Composes mails with lettre.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailComposer;

impl Composer for MailComposer {
    fn compose_reply(&self, reply: &Reply) -> Result<Vec<u8>, String> {
        reply::composed(reply)
    }

    fn compose_agent_mail(&self, mail: &AgentMail) -> Result<Vec<u8>, String> {
        agent_mail::composed(mail)
    }

    fn compose_link_mail(&self, mail: &LinkMail) -> Result<Vec<u8>, String> {
        link_mail::composed(mail)
    }

    fn shown(&self, markdown: &str) -> String {
        body(markdown)
    }

    fn compose(&self, letter: &Letter) -> Result<Printed<Digest>, String> {
        let builder = head(letter.head(), letter.is_automatic())?;
        let page = letter.head().page.as_ref();
        let text = plain(letter.markdown(), letter.frame(), page);
        if letter.is_automatic() {
            let message = builder.singlepart(part(ContentType::TEXT_PLAIN, text)?);
            return Ok(Printed::plain(message.map_err(|error| error.to_string())?.formatted()));
        }
        let html = html(letter.markdown(), letter.frame(), page);
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, text)?)
            .singlepart(part(ContentType::TEXT_HTML, html)?);
        let files = &letter.frame().files;
        if files.is_empty() {
            return Ok(Printed::plain(builder.multipart(both).map_err(|error| error.to_string())?.formatted()));
        }
        // Stands for each file's bytes until they are put in; nobody could have written it into the text.
        let mark = Uuid::new_v4().simple().to_string();
        let mixed = MultiPart::mixed().multipart(both);
        let mixed = files.iter().fold(mixed, |mixed, one| mixed.singlepart(file(one, &mark)));
        let mail = builder.multipart(mixed).map_err(|error| error.to_string())?.formatted();
        taken_out(&mail, mark.as_bytes(), files).ok_or_else(|| "its files find no place in it".to_owned())
    }
}

fn head(head: &LetterHead, automatic: bool) -> Result<MessageBuilder, String> {
    let to = mailbox(&head.to_name, &head.to)?;
    let mut builder = Message::builder()
        .envelope(envelope(&to)?)
        .date(head.date.into())
        .from(mailbox(&head.from_name, &head.from)?)
        .to(to)
        .reply_to(mailbox("", &head.reply_to)?)
        .subject(clean::cut(&clean::line(&head.subject), SUBJECT))
        .header(MessageIdHeader::from(ascii(&head.message_id).ok_or("the Message-ID is not ASCII")?));
    let cc = head.cc.iter().map(|(name, address)| mailbox(name, address)).collect::<Result<Vec<_>, _>>()?;
    if !cc.is_empty() {
        builder = builder.header(Cc::from(Mailboxes::from_iter(cc)));
    }
    if let Some(id) = head.in_reply_to.as_ref().and_then(ascii) {
        builder = builder.header(InReplyTo::from(id));
    }
    let known: Vec<String> = head.references.iter().filter_map(ascii).collect();
    if !known.is_empty() {
        let newest = &known[known.len().saturating_sub(REFERENCES)..];
        builder = builder.header(References::from(newest.join(" ")));
    }
    if automatic {
        return as_automatic(builder, "auto-replied");
    }
    Ok(builder)
}

/// RFC 3834 §5 and what Exchange asks for.
fn as_automatic(builder: MessageBuilder, how: &str) -> Result<MessageBuilder, String> {
    let builder = builder.raw_header(named("Auto-Submitted", how)?);
    Ok(builder.raw_header(named("X-Auto-Response-Suppress", "All")?))
}

/// Else lettre makes an envelope of the header as it is written, in which it takes no long local parts.
fn envelope(to: &Mailbox) -> Result<Envelope, String> {
    Envelope::new(None, vec![to.email.clone()]).map_err(|error| error.to_string())
}

fn named(name: &str, value: &str) -> Result<HeaderValue, String> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| error.to_string())?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

/// An id as a header shows it. One with other letters would come out as an encoded-word, which is no
/// id any more, so it is left out.
fn ascii(id: &MessageId) -> Option<String> {
    id.as_str().is_ascii().then(|| id.bracketed())
}

fn mailbox(name: &str, address: &EmailAddress) -> Result<Mailbox, String> {
    let name = clean::line(name);
    let name = clean::cut(&name, NAME).trim_end();
    // Longer than a sender should write it, but somebody's: their server will say whether it is taken. Nothing in an
    // `EmailAddress` could end a header, whatever its length.
    let is_long = address.local().len() > 64 && address.as_str().is_ascii();
    let address = match address.to_send().rsplit_once('@') {
        Some((local, domain)) if is_long => Address::new_dangerous(local, domain),
        _ => Address::from_str(&address.to_send()).map_err(|error| format!("an address can't be used: {error}"))?,
    };
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

fn part(kind: ContentType, text: String) -> Result<SinglePart, String> {
    let body = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| "the text can't be encoded".to_owned())?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// A mail without the marks that stand for its files, and the places where they stood.
fn taken_out(mail: &[u8], mark: &[u8], files: &[LetterFile]) -> Option<Printed<Digest>> {
    let (mut text, mut rest) = (Vec::with_capacity(mail.len()), mail);
    let mut places = Vec::with_capacity(files.len());
    for file in files {
        let at = memmem::find(rest, mark)?;
        text.extend_from_slice(&rest[..at]);
        places.push((text.len(), file.digest));
        rest = &rest[at + mark.len()..];
    }
    text.extend_from_slice(rest);
    Printed::new(text, places)
}

/// A file, with a mark for its bytes. Base64 always, so that no mail server changes a byte of it.
fn file(file: &LetterFile, mark: &str) -> SinglePart {
    let name = clean::line(&file.name);
    let kind = ContentType::parse(&clean::line(&file.mime));
    let kind = kind.or_else(|_| ContentType::parse("application/octet-stream")).unwrap_or(ContentType::TEXT_PLAIN);
    let body = Body::dangerous_pre_encoded(mark.as_bytes().to_vec(), ContentTransferEncoding::Base64);
    Attachment::new(clean::cut(&name, NAME).to_owned()).body(body, kind)
}

/// The Markdown without its marks, in what stands around it; the signature below its line (RFC 3676 §4.3), and there the
/// link to the page, too: mail programs leave out of an answer what stands below that line, and whoever has the link has
/// what the customer sees.
fn plain(markdown: &str, frame: &Frame, page: Option<&(String, Language)>) -> String {
    let mut text = String::new();
    let salutation = clean::text(&frame.salutation);
    if !salutation.trim().is_empty() {
        text.push_str(salutation.trim());
        text.push_str("\n\n");
    }
    text.push_str(unmarked(&clean::text(markdown)).trim_end());
    let signature = clean::text(&frame.signature);
    if !signature.trim().is_empty() {
        text.push_str("\n\n-- \n");
        text.push_str(signature.trim_end());
    }
    if let Some((link, language)) = page {
        text.push_str(if signature.trim().is_empty() { "\n\n-- \n" } else { "\n\n" });
        let _ = write!(text, "{}\n{link}", Phrases::of(*language).page);
    }
    for quote in &frame.quotes {
        text.push_str("\n\n");
        text.push_str(&attribution(quote));
        for line in clean::text(&quote.text).trim_end().lines() {
            text.push_str("\n> ");
            text.push_str(line);
        }
    }
    text.push('\n');
    // What is forwarded may have no words of its own.
    text.trim_start_matches('\n').to_owned()
}

fn attribution(quote: &Quote) -> String {
    let wrote = quote.at.format(Phrases::of(quote.language).wrote).to_string();
    wrote.replace("{name}", &clean::line(&quote.from))
}

/// The Markdown as HTML. What an agent types as HTML is shown as it was typed, images become links,
/// and links lead nowhere but to http, https and mailto.
fn html(markdown: &str, frame: &Frame, page: Option<&(String, Language)>) -> String {
    let mut html = String::from("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n");
    let salutation = clean::text(&frame.salutation);
    if !salutation.trim().is_empty() {
        let _ = writeln!(html, "<p>{}</p>", lines(salutation.trim()));
    }
    html.push_str(&body(markdown));
    let signature = clean::text(&frame.signature);
    if !signature.trim().is_empty() {
        let _ = write!(html, "<p>-- <br>\n{}</p>\n", lines(signature.trim_end()));
    }
    if let Some((link, language)) = page {
        let (link, phrase) = (escape(link), escape(Phrases::of(*language).page));
        let _ = writeln!(html, "<p>{phrase} <a href=\"{link}\">{link}</a></p>");
    }
    for quote in &frame.quotes {
        let text = clean::text(&quote.text);
        let attribution = escape(&attribution(quote));
        let _ = write!(html, "<p>{attribution}</p>\n<blockquote>{}</blockquote>\n", lines(text.trim_end()));
    }
    html.push_str("</body></html>\n");
    html
}

/// The Markdown alone.
fn body(markdown: &str) -> String {
    let markdown = clean::text(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut dead = Vec::new();
    let events = Parser::new_ext(&markdown, options).filter_map(|event| harmless(event, &mut dead));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, with_links(events));
    html
}

/// One event of the Markdown with nothing dangerous in it. `dead` remembers of each open link whether
/// it was taken away, so that its end goes with it.
fn harmless<'a>(event: Event<'a>, dead: &mut Vec<bool>) -> Option<Event<'a>> {
    match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        // A line typed is a line wanted.
        Event::SoftBreak => Some(Event::HardBreak),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dead_now = !is_safe(link_type, &dest_url);
            dead.push(dead_now);
            (!dead_now).then_some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::Start(Tag::Image { dest_url, id, .. }) => {
            let dead_now = !is_safe(LinkType::Inline, &dest_url);
            dead.push(dead_now);
            let link = Tag::Link { link_type: LinkType::Inline, dest_url, title: CowStr::Borrowed(""), id };
            (!dead_now).then_some(Event::Start(link))
        }
        Event::End(TagEnd::Link | TagEnd::Image) => (dead.pop() == Some(false)).then_some(Event::End(TagEnd::Link)),
        event => Some(event),
    }
}

/// The same with bare addresses of pages as links, but where one stands in a link or in code already.
fn with_links<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut inside = 0_usize;
    TextMergeStream::new(events).flat_map(move |event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => inside = inside.saturating_sub(1),
            Event::Text(text) if inside == 0 => return linked(text),
            _ => {}
        }
        vec![event]
    })
}

/// A text with the addresses in it as links.
fn linked<'a>(text: &str) -> Vec<Event<'a>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut events = Vec::new();
    for span in finder.spans(text) {
        let words = CowStr::from(span.as_str().to_owned());
        if span.kind().is_some() && is_safe(LinkType::Inline, &words) {
            let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
            let link = Tag::Link { link_type: LinkType::Autolink, dest_url: words.clone(), title, id };
            events.extend([Event::Start(link), Event::Text(words), Event::End(TagEnd::Link)]);
        } else {
            events.push(Event::Text(words));
        }
    }
    events
}

fn is_safe(kind: LinkType, url: &str) -> bool {
    // pulldown-cmark writes the mailto: of a <carol@customer.test> itself.
    if kind == LinkType::Email {
        return true;
    }
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("<br>\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;

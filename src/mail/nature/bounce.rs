//! Reports about a mail's delivery: RFC 3464, and the shapes that came before it.

use crate::desk::incoming::{Bounce, Verdict};
use crate::domain::id::MessageId;
use crate::mail::clean;
use crate::mail::parse::{Headers, Part};

/// The longest diagnostic in bytes.
const DIAGNOSTIC: usize = 500;
/// How much of a report's text is looked at.
const TEXT: usize = 64 * 1024;

/// Pieces of a subject of reports that are not RFC 3464's, lower case.
const SUBJECTS: &[&str] = &[
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery error",
    "delivery problem",
    "delivery notification",
    "delivery report",
    "returned mail",
    "returned to sender",
    "returned message",
    "mail delivery",
    "mail could not be delivered",
    "failure notice",
    "failed mail",
    "failure delivery",
    "not delivered",
    "message status - undeliverable",
    "delivery delayed",
    "mail system error",
    "warning: message",
    "could not send message",
    "mail failure",
    "nondeliverable",
    "non-deliverable",
    "non remis",
    "unzustellbar",
    "nicht zustellbar",
    "no entregado",
    "message not deliver",
    "error sending message",
    "user unknown",
    "unknown user",
    "permanent delivery",
    "delivery to",
    "quota exceeded",
    "email delivery",
    "message delivery",
    "rejected mail",
    "dsn",
    "benachrichtung zum",
    "delivery of mail",
    "mail rejected",
    "echec de distribution",
    "bounced mail",
    "message delayed",
    "warning - delayed mail",
    "could not be delivered",
    "zustellung",
    "mail returned",
    "nonremise",
];

/// Local parts that reports come from, lower case.
const DAEMONS: &[&str] =
    &["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mdaemon", "mailsystem", "bounce", "daemon"];

/// Words of a report that says that it is not over yet.
const DELAYED: &[&str] = &[
    "delayed",
    "still trying",
    "will retry",
    "will keep trying",
    "not yet been delivered",
    "has not been delivered yet",
    "this is a warning message only",
    "do not need to resend",
    "will be retried",
    "could not be delivered for",
    "warning:",
];

/// What a report says, if the mail is one.
pub(super) fn of(mail: &Part<'_>) -> Option<Bounce> {
    let parts = mail.walk();
    let status = parts
        .iter()
        .find(|part| matches!(part.kind.as_str(), "message/delivery-status" | "message/global-delivery-status"));
    if let Some(status) = status
        && (mail.kind == "multipart/report" || is_from_daemon(&mail.headers))
    {
        let mut bounce = standard(&status.text());
        bounce.original = original(mail, &parts);
        return Some(bounce);
    }
    // A read receipt or a complaint (RFC 8098, RFC 5965) is a report about something else.
    let other_report = parts
        .iter()
        .any(|part| matches!(part.kind.as_str(), "message/disposition-notification" | "message/feedback-report"));
    if other_report || !has_the_shape(mail) {
        return None;
    }
    let text =
        parts.iter().filter(|part| part.kind == "text/plain").map(|part| part.text()).collect::<Vec<_>>().join("\n");
    let mut bounce = by_words(&mail.headers.text("Subject"), clean::cut(&text, TEXT));
    bounce.original = original(mail, &parts);
    Some(bounce)
}

/// RFC 3464: after the fields of the whole report, a block of fields for each recipient. The worst
/// counts; our mails have one recipient.
fn standard(text: &str) -> Bounce {
    let mut worst: Option<Bounce> = None;
    for block in text.replace("\n ", " ").replace("\n\t", " ").split("\n\n") {
        let (fields, _) = Headers::read(block.trim_start().as_bytes());
        let action = fields.text("Action").to_lowercase();
        if action.is_empty() && fields.first("Final-Recipient").is_none() && fields.first("Status").is_none() {
            continue;
        }
        let status = status_in(&fields.text("Status"));
        let verdict = match action.split(' ').next().unwrap_or_default() {
            "delayed" => Verdict::Delayed,
            "delivered" | "relayed" | "expanded" => Verdict::Delivered,
            "failed" => Verdict::Failed,
            _ if status.as_deref().is_some_and(|status| status.starts_with('4')) => Verdict::Delayed,
            _ if status.as_deref().is_some_and(|status| status.starts_with('2')) => Verdict::Delivered,
            _ => Verdict::Failed,
        };
        let diagnostic = fields.text("Diagnostic-Code");
        // The type of the code stands before it: `smtp; 550 …`.
        let diagnostic = diagnostic.split_once(';').map_or(diagnostic.as_str(), |(_, words)| words).trim();
        let diagnostic = clean::cut(diagnostic, DIAGNOSTIC).to_owned();
        let bounce = Bounce { verdict, status, diagnostic, original: None };
        if worst.as_ref().is_none_or(|worst| badness(bounce.verdict) > badness(worst.verdict)) {
            worst = Some(bounce);
        }
    }
    worst.unwrap_or_default()
}

fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 2,
        Verdict::Delayed => 1,
        Verdict::Delivered => 0,
    }
}

/// Whether a mail looks like a report of a server that knows no RFC 3464.
fn has_the_shape(mail: &Part<'_>) -> bool {
    let headers = &mail.headers;
    let subject = headers.text("Subject").to_lowercase();
    let named = SUBJECTS.iter().any(|words| subject.contains(words)) && !subject.starts_with("re:");
    let null_sender = headers.first("Return-Path").is_some_and(|value| value.trim_ascii() == b"<>");
    headers.first("X-Failed-Recipients").is_some() || (named && (null_sender || is_from_daemon(headers)))
}

fn is_from_daemon(headers: &Headers<'_>) -> bool {
    let from = super::local_part(headers);
    let name = headers.text("From").to_lowercase();
    DAEMONS.iter().any(|daemon| from.starts_with(daemon))
        || name.contains("mail delivery")
        || name.contains("mailer-daemon")
}

fn by_words(subject: &str, text: &str) -> Bounce {
    let lower = format!("{subject}\n{text}").to_lowercase();
    let status = status_in(text);
    let delayed = DELAYED.iter().any(|words| lower.contains(words))
        && !status.as_deref().is_some_and(|status| status.starts_with('5'));
    let is_said = |line: &&str| {
        let line = line.to_lowercase();
        status_in(&line).is_some()
            || ["550", "551", "552", "553", "554", "unknown user", "user unknown", "no such user", "mailbox"]
                .iter()
                .any(|words| line.contains(words))
    };
    let diagnostic = text.lines().map(str::trim).find(is_said).unwrap_or_default();
    let verdict = if delayed { Verdict::Delayed } else { Verdict::Failed };
    Bounce { verdict, status, diagnostic: clean::cut(diagnostic, DIAGNOSTIC).to_owned(), original: None }
}

/// The first status code (RFC 3463) in a text: three numbers with dots, the first of them 2, 4 or 5.
fn status_in(text: &str) -> Option<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let word = word.trim_matches('.');
        let numbers: Vec<&str> = word.split('.').collect();
        let sound = numbers.len() == 3
            && matches!(numbers[0], "2" | "4" | "5")
            && numbers[1..].iter().all(|number| (1..=3).contains(&number.len()));
        sound.then(|| word.to_owned())
    })
}

/// The id of the mail that the report is about: in its copy, its header, or the report's text.
fn original(mail: &Part<'_>, parts: &[&Part<'_>]) -> Option<MessageId> {
    for part in parts {
        let copy = matches!(
            part.kind.as_str(),
            "message/rfc822"
                | "message/global"
                | "text/rfc822-headers"
                | "message/global-headers"
                | "message/rfc822-headers"
        );
        if copy && let Some(id) = Headers::read(&part.bytes()).0.ids("Message-ID").into_iter().next() {
            return Some(id);
        }
    }
    let text = mail.text();
    let line = text.lines().find(|line| line.trim_start().to_lowercase().starts_with("message-id:"))?;
    let (_, id) = line.split_once(':')?;
    MessageId::parse(id.split_whitespace().next()?)
}

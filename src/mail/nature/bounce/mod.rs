//! Reports about a mail's delivery: RFC 3464, and the shapes that came before it.

mod reason;
mod words;

use self::reason::{codes, is_vague, reason, status_in};
use self::words::{DAEMONS, DELAYED, FOR_GOOD, MACHINES, REFUSED, SAID, SUBJECTS};
use super::{TEXT, absence, local_part, return_path, text_of};
use crate::desk::intake::incoming::{Bounce, Verdict};
use crate::domain::id::MessageId;
use crate::mail::clean;
use crate::mail::parse::{Headers, Part};

/// The longest diagnostic in bytes.
const DIAGNOSTIC: usize = 500;
const FIELDS: usize = 1 << 20;
/// In how many of its first lines a report says that it is one.
const HEAD: usize = 20;

/// What a report says, if the mail is one.
pub(super) fn of(mail: &Part<'_>, parts: &[&Part<'_>], has_null_sender: bool) -> Option<Bounce> {
    let headers = &mail.headers;
    let is_nobodys = has_null_sender || is_from_nobody(headers);
    let status = parts
        .iter()
        .find(|part| matches!(part.kind.as_str(), "message/delivery-status" | "message/global-delivery-status"));
    let text = text_of(parts);
    let text = clean::cut(&text, TEXT);
    if let Some(status) = status
        && (mail.kind == "multipart/report" || is_nobodys || is_from_daemon(headers))
    {
        let mut bounce = standard(&status.text_within(FIELDS));
        complete(&mut bounce, text);
        bounce.original = original(mail, parts);
        return Some(bounce);
    }
    let subject = headers.text("Subject");
    // A read receipt or a complaint (RFC 8098, RFC 5965) is a report about something else, unless it
    // says that the mail was refused (RFC 5429).
    let other_report = parts
        .iter()
        .any(|part| matches!(part.kind.as_str(), "message/disposition-notification" | "message/feedback-report"));
    let is_report = if other_report {
        is_refusal(headers)
    } else {
        !absence::is_subject(&subject) && has_the_shape(mail, parts, text, is_nobodys)
    };
    if !is_report {
        return None;
    }
    let mut bounce = by_words(&subject, text);
    bounce.original = original(mail, parts);
    Some(bounce)
}

/// Whether From names nobody: missing, empty, or the null sender's `<>`.
fn is_from_nobody(headers: &Headers<'_>) -> bool {
    headers.text("From").trim_matches(['<', '>', '"', ' ']).is_empty()
}

/// Adds to what the fields of a report say what its words say better: a reason where they have none, and a
/// code that is finer than `5.0.0`.
fn complete(bounce: &mut Bounce, text: &str) {
    if bounce.verdict == Verdict::Delivered {
        return;
    }
    if !bounce.diagnostic.contains(char::is_alphabetic) {
        let said = reason(text);
        let both = if said.contains(&bounce.diagnostic) { said } else { format!("{} {said}", bounce.diagnostic) };
        clean::cut(both.trim(), DIAGNOSTIC).clone_into(&mut bounce.diagnostic);
    }
    if bounce.status.as_deref().is_none_or(is_vague) {
        let class = if bounce.verdict == Verdict::Delayed { '4' } else { '5' };
        let class = bounce.status.as_deref().and_then(|status| status.chars().next()).unwrap_or(class);
        let mut found = [bounce.diagnostic.as_str(), text].into_iter().flat_map(codes);
        let finer = found.find(|found| !is_vague(found) && found.starts_with(class));
        bounce.status = finer.or(bounce.status.take());
    }
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
        Verdict::Failed => 3,
        Verdict::Delayed => 2,
        Verdict::Unclear => 1,
        Verdict::Delivered => 0,
    }
}

/// Whether a mail looks like a report of a server that knows no RFC 3464. Who is no mail server needs
/// to say more: people write about undelivered mail, too.
fn has_the_shape(mail: &Part<'_>, parts: &[&Part<'_>], text: &str, is_nobodys: bool) -> bool {
    let headers = &mail.headers;
    if headers.first("X-Failed-Recipients").is_some() {
        return true;
    }
    let is_named = is_named(headers);
    let return_path = return_path(headers);
    let says_so = says_so(text);
    let from = local_part(headers);
    let is_machine = MACHINES
        .iter()
        .any(|machine| from.starts_with(machine) || return_path.as_ref().is_some_and(|path| path.starts_with(machine)));
    if is_nobodys || is_machine {
        let is_servers = is_machine || is_from_nobody(headers);
        let has_copy = || parts.iter().any(|part| is_copy(part));
        return is_named || says_so || ((is_servers || says_no(text)) && has_copy());
    }
    if is_named && is_from_daemon(headers) {
        return true;
    }
    let is_answer = ["In-Reply-To", "References", "User-Agent"].iter().any(|name| headers.first(name).is_some());
    is_named && says_so && !is_answer && names_an_address(text)
}

/// Whether the subject is a report's.
fn is_named(headers: &Headers<'_>) -> bool {
    let subject = headers.text("Subject").to_lowercase();
    let is_persons = ["re:", "fwd:", "fw:", "aw:", "wg:", "tr:", "rv:"].iter().any(|mark| subject.starts_with(mark));
    !is_persons && SUBJECTS.iter().any(|words| subject.contains(words))
}

/// Whether a text says at its beginning that a mail was not delivered.
fn says_so(text: &str) -> bool {
    let head: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(HEAD).collect();
    // Some break the line in the middle of the phrase.
    let head = head.join(" ").to_lowercase();
    SAID.iter().any(|words| head.contains(words))
}

/// Whether a text says of the mail that is attached that somebody did not want it.
fn says_no(text: &str) -> bool {
    let head = clean::cut(text, TEXT / 16).to_lowercase();
    REFUSED.iter().any(|words| head.contains(words))
}

/// Whether an address or a server's code stands in a text.
fn names_an_address(text: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || "<>\"'(),;:".contains(c));
    status_in(text).is_some() || words.any(|word| word.len() > 3 && word.contains('@'))
}

/// A receipt that says that the mail was refused, as Sieve's `reject` sends it.
fn is_refusal(headers: &Headers<'_>) -> bool {
    is_named(headers) && headers.text("Auto-Submitted").to_lowercase().contains("(rejected)")
}

fn is_from_daemon(headers: &Headers<'_>) -> bool {
    let from = local_part(headers);
    let name = headers.text("From").to_lowercase();
    DAEMONS.iter().any(|daemon| from.starts_with(daemon))
        || name.contains("mail delivery")
        || name.contains("mailer-daemon")
}

fn by_words(subject: &str, text: &str) -> Bounce {
    let lower = format!("{subject}\n{text}").to_lowercase();
    let reason = reason(text);
    // 2.x.x is success, or some program's version.
    let found = || codes(&reason).chain(codes(text)).filter(|code| !code.starts_with('2'));
    let status = found().find(|code| !is_vague(code)).or_else(|| found().next());
    let delayed = DELAYED.iter().any(|words| lower.contains(words))
        && !status.as_deref().is_some_and(|status| status.starts_with('5'))
        && !FOR_GOOD.iter().any(|words| lower.contains(words));
    let verdict = if delayed { Verdict::Delayed } else { Verdict::Failed };
    Bounce { verdict, status, diagnostic: clean::cut(&reason, DIAGNOSTIC).to_owned(), original: None }
}

/// The id of the mail that the report is about: in its copy, its header, or the report's text.
fn original(mail: &Part<'_>, parts: &[&Part<'_>]) -> Option<MessageId> {
    for part in parts {
        if is_copy(part)
            && let Some(id) = Headers::read(&part.bytes()).0.ids("Message-ID").into_iter().next()
        {
            return Some(id);
        }
    }
    let text = mail.text_within(FIELDS);
    let is_id = |line: &&str| line.trim_start().get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:"));
    let line = text.lines().find(is_id)?;
    let (_, id) = line.split_once(':')?;
    MessageId::parse(id.split_whitespace().next()?)
}

/// Whether a part is the mail that the report is about, or its header.
fn is_copy(part: &Part<'_>) -> bool {
    matches!(
        part.kind.as_str(),
        "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/global-headers"
            | "message/rfc822-headers"
    )
}

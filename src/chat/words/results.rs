//! What came of a command that was done.

use crate::chat::reply::Voice;
use crate::desk::conversation::answer::Answered;
use crate::desk::conversation::find::Found;
use crate::desk::conversation::forward::Forwarded;
use crate::desk::conversation::origin::Origin;
use crate::desk::conversation::recipients::LeftOut;
use crate::desk::conversation::schedule::{Obstacle, Scheduled};
use crate::desk::conversation::undo::Undone;
use crate::desk::words::{self, Line, Said, Target};
use crate::domain::id::{EmailAddress, UserId};
use crate::domain::number::Number;
use crate::domain::size;
use crate::domain::ticket::State;
use crate::domain::wall_clock::WallClock;
use crate::store::mails::Provenance;
use crate::store::replies::Reply as ServerReply;

/// What there is to say of an answer that is held now.
pub(in crate::chat) fn answered(answered: &Answered, voice: Voice<'_>) -> Vec<Said> {
    let told = goes_to(answered).filter(|_| answered.to.len() > 1 || !answered.files.is_empty());
    let told = told.map(|who| {
        if answered.hold.is_zero() {
            return Said::plain(format!("Goes out now{who}."));
        }
        let hold = humantime::format_duration(answered.hold);
        Said::plain(format!("Held for {hold}{who}. ✉️ on your message sends it now, ❌ stops it, editing changes it."))
    });
    told.into_iter().chain(cautions(answered, voice)).collect()
}

/// Who gets an answer, with which files, and what the ticket is then: ` · to carol@x.test · a.pdf (3 KiB) · then closed
/// successful`. `None`: nothing but the customer's address could be said.
fn goes_to(answered: &Answered) -> Option<String> {
    let to = answered.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let files = if answered.files.is_empty() { String::new() } else { format!(" · {}", files(&answered.files)) };
    let next = if answered.next == State::Open { String::new() } else { format!(" · then {}", answered.next.name()) };
    let said = format!(" · to {to}{files}{next}");
    (answered.to.len() > 1 || !files.is_empty() || !next.is_empty()).then_some(said)
}

/// `a.pdf (3 KiB), b.png (1.2 MiB)`
fn files(files: &[(String, u64)]) -> String {
    files.iter().map(|(name, bytes)| format!("{name} ({})", size::shown(*bytes))).collect::<Vec<_>>().join(", ")
}

/// What whoever wrote it may not have thought of.
fn cautions(answered: &Answered, voice: Voice<'_>) -> Vec<Said> {
    let prefix = voice.prefix;
    let mut notices = Vec::new();
    if answered.is_for_customer_alone {
        notices.push(format!(
            "Nobody else takes part, so this goes to the customer alone. {prefix}cc +ADDRESS lets somebody take part."
        ));
    }
    if let Some(LeftOut { customer, last, takes_part }) = &answered.left_out {
        let both = if *takes_part { "--all".to_owned() } else { format!("--cc {last}") };
        notices.push(format!(
            "This goes to {customer} and not to {last}, who wrote last. {prefix}undo stops it; {prefix}answer {both} goes to both, {prefix}customer {last} to the latter."
        ));
    }
    notices.into_iter().map(Said::plain).collect()
}

/// What there is to say of an answer that waits for a moment now.
pub(in crate::chat) fn scheduled(scheduled: &Scheduled, voice: Voice<'_>) -> Vec<Said> {
    let who = goes_to(&scheduled.answered).unwrap_or_default();
    let mut notices = vec![waits_until(&format!("{}{who}", scheduled.at), voice)];
    notices.extend(cautions(&scheduled.answered, voice));
    notices
}

/// When an answer goes out, and what can be done until then.
pub(in crate::chat) fn waits_until(at: &str, voice: Voice<'_>) -> Said {
    Said::plain(format!(
        "This goes out {at}, if the customer has not written and the lock is yours then. ✉️ on your message sends it now, ❌ drops it, editing changes it; {0}send and {0}undo do, too.",
        voice.prefix
    ))
}

/// What speaks against sending an answer whose moment is there.
pub(in crate::chat) fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::CustomerWrote => "the customer has written since.".to_owned(),
        Obstacle::LockMoved(Some(owner)) => format!("{owner} has locked this ticket since."),
        Obstacle::LockMoved(None) => "this ticket is not locked any more.".to_owned(),
        Obstacle::CustomerChanged(to) => format!("this ticket is {to}'s since."),
        Obstacle::OthersTakePart(others) if others.is_empty() => {
            "nobody else takes part any more, so it would go to the customer alone.".to_owned()
        }
        Obstacle::OthersTakePart(others) => {
            let others = others.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            format!("others take part than when it was written: besides the customer it would go to {others}.")
        }
        Obstacle::Over(state) => format!("this ticket is {}.", state.name()),
        Obstacle::WriterGone => "who wrote it does not work here any more.".to_owned(),
    }
}

/// An answer whose moment is there was stopped.
pub(in crate::chat) fn stopped(writer: &UserId, why: &str, voice: Voice<'_>) -> Said {
    let line =
        Line::from("⏸ The answer of ").user(writer).text(format!(" that was to go out now was not sent: {why} "));
    let line = line
        .text("✉️ on its message, or ")
        .code(format!("{}send", voice.prefix))
        .text(", sends it nevertheless; ❌, or ");
    Said::nothing().line(line.code(format!("{}undo", voice.prefix)).text(", drops it; editing it lets it wait again."))
}

/// What goes to somebody who takes no part in the ticket.
pub(in crate::chat) fn forwarded(to: &EmailAddress, forwarded: &Forwarded) -> Said {
    let Forwarded { mails, files: with } = forwarded;
    let mails = if *mails == 1 { "1 mail".to_owned() } else { format!("{mails} mails") };
    let files = if with.is_empty() { String::new() } else { format!(" and {}", files(with)) };
    Said::plain(format!(
        "This goes to {to}, with {mails}{files}. What they answer comes here, and the customer sees nothing of it."
    ))
}

/// What the program says on its command line: a line each, as it stands there.
pub(in crate::chat) fn program_said(text: &str) -> Said {
    text.trim_end().lines().fold(Said::nothing(), Said::line)
}

/// A held answer, or a change, was taken back.
pub(in crate::chat) fn undone(what: Undone, by: &UserId) -> Said {
    match what {
        Undone::Answer => Said::plain(format!("The answer was taken back by {by}. Nothing was sent.")),
        Undone::Change => Said::plain(format!("Taken back by {by}.")),
    }
}

/// The message of a held answer was taken back, and so was the answer.
pub(in crate::chat) fn answer_redacted() -> Said {
    Said::plain("The answer was taken back before it was sent.")
}

/// A held answer has another text.
pub(in crate::chat) fn answer_changed() -> Said {
    Said::plain("The answer was changed before it was sent.")
}

/// The ticket has another customer, but a held answer goes where it went.
pub(in crate::chat) fn held_answer_goes_to(to: &EmailAddress, voice: Voice<'_>) -> Said {
    Said::plain(format!("The answer that is still held goes to {to}. {}undo stops it.", voice.prefix))
}

/// Answers go where a mail wants them.
pub(in crate::chat) fn answers_go_to(wanted: &EmailAddress) -> Said {
    Said::plain(format!("Answers go to {wanted} from now on, as this mail asks."))
}

/// A sender is blocked.
pub(in crate::chat) fn blocked(address: &EmailAddress) -> Said {
    Said::plain(format!("Mail of {address} goes into quarantine from now on."))
}

/// A file in a thread can't be kept.
pub(in crate::chat) fn file_not_kept(why: &str) -> Said {
    Said::plain(format!("The file could not be kept: {why}. It can't be mailed with --attach."))
}

/// Where a ticket is.
pub(in crate::chat) fn found(found: &Found) -> Said {
    let ticket = &found.ticket;
    let line = format!("#{} {} · {} · {}", ticket.number, ticket.subject, ticket.state.name(), found.queue.name);
    words::zoom(&line, found.end.clone().map(|(room, event)| Target::Event(room, event)))
}

/// How an article came to a ticket, and what was sent for it: first what one asks for mostly, the rest folded away.
pub(in crate::chat) fn origin(number: &Number, origin: &Origin, (clock, voice): (WallClock, Voice<'_>)) -> Said {
    let (mut first, mut rest) =
        origin.mail.as_ref().map(|mail| (why_here(mail), way_of(mail, clock))).unwrap_or_default();
    if origin.folded > 0 {
        let folded = origin.folded;
        rest.push(format!(
            "{folded} lines of quotes and signature were folded away; {}raw has all of it",
            voice.prefix
        ));
    }
    for sent in &origin.sent {
        let what = if sent.is_automatic { "automatic mail" } else { "answer" };
        first.push(format!("{what} to {}: {}", sent.recipient, sent.state.name()));
        rest.extend(sent.replies.iter().map(|reply| answer_of_server(&sent.recipient, reply, clock)));
    }
    if first.is_empty() {
        first.push("This was written here; no mail has to do with it".to_owned());
    }
    let what = origin.from.as_ref().map_or_else(|| "this".to_owned(), |from| format!("the mail of {from}"));
    let said = list(&format!("How {what} came to Ticket#{number}"), &first);
    if rest.is_empty() {
        return said;
    }
    let rest = rest.iter().map(|line| Line::from(line.as_str()));
    said.folded(format!("Its way, and what mail servers said (times in {})", clock.zone()), Said::nothing().list(rest))
}

fn answer_of_server(to: &str, reply: &ServerReply, clock: WallClock) -> String {
    format!("{} to {to}, {}: {}", clock.told(reply.at), reply.became.name(), reply.text)
}

/// Why a mail is here, and what was found of its sender.
fn why_here(mail: &Provenance) -> Vec<String> {
    let authentication = match mail.authenticated.as_deref() {
        Some("pass") => "the mail server found it to be from the domain it says",
        Some(_) => "FAILED, the mail server found it not to be from the domain it says",
        None => "not checked (desk.authserv_id, or nothing was found)",
    };
    let rule = mail.rule.as_deref().unwrap_or("not noted");
    vec![format!("why here: {rule}"), format!("authentication: {authentication}")]
}

/// How a mail came in.
fn way_of(mail: &Provenance, clock: WallClock) -> Vec<String> {
    let from = match mail.envelope_from.as_deref() {
        Some("") => "the null sender",
        Some(sender) => sender,
        None => "unknown",
    };
    let at = clock.told(mail.received_at);
    let (route, recipient, size) = (mail.route.name().to_uppercase(), &mail.recipient, mail.size);
    let mut lines = vec![format!("came at {at} by {route} for {recipient}, {size} bytes, envelope sender {from}")];
    if let Some(last) = mail.last_copy_at {
        let at = clock.told(last);
        let often = if mail.copies == 1 { "once".to_owned() } else { format!("{} times", mail.copies) };
        lines.push(format!("the same mail came again {often}, last at {at}: that was kept and made nothing"));
    }
    lines
}

fn list(title: &str, lines: &[String]) -> Said {
    Said::plain(title).list(lines.iter().map(|line| Line::from(line.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_not_held_is_not_said_to_be() {
        let to = ["carol", "dave"].iter().filter_map(|name| EmailAddress::parse(&format!("{name}@customer.test")));
        let now = Answered {
            article: crate::domain::id::ArticleId(1),
            to: to.collect(),
            next: State::Open,
            hold: Duration::ZERO,
            stays_open: false,
            files: vec![],
            is_for_customer_alone: false,
            left_out: None,
        };
        let voice = Voice { prefix: "!" };
        let said = |answered: &Answered| super::answered(answered, voice)[0].words();
        assert_eq!(said(&now), "Goes out now · to carol@customer.test, dave@customer.test.");
        let held = Answered { hold: Duration::from_secs(10), ..now };
        assert!(said(&held).starts_with("Held for 10s · to carol"), "{}", said(&held));
    }
}

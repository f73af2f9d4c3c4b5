//! What the desk writes to customers by itself: in fixed words, capped, marked as automatic, and with the
//! null sender, so that nothing ever answers it.

use std::time::Duration;

use super::context::Context;
use super::head::{conversation, head, new_message_id};
use super::letter::{Letter, LetterHead};
use super::phrases::Phrases;
use crate::desk::words::withholding;
use crate::desk::{is_ours, tell_room};
use crate::domain::article::{Automatic, Kind, Sealed, Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress};
use crate::domain::queue::{Queue, Role};
use crate::domain::ticket::{Actor, AutomaticKind, Ticket, TicketEvent, WithheldReason};
use crate::store::Result;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::customers::Customer;
use crate::store::letters::NewLetter;

/// How many automatic mails one address gets on a day (R54).
const AUTOMATIC_A_DAY: i32 = 5;

/// An automatic mail's words. They echo nothing of what was written: neither name nor subject nor text,
/// since whoever forged the sender would have us write to somebody else for them (R52).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::desk) struct Words {
    /// What it is for.
    what: AutomaticKind,
    subject: String,
    text: String,
}

impl Words {
    /// A new ticket is acknowledged.
    pub(in crate::desk) fn acknowledgement(queue: &Queue, ticket: &Ticket) -> Self {
        let own = Phrases::of(queue.language).acknowledgement;
        Self::of(AutomaticKind::Acknowledgement, &queue.acknowledgement, own, queue, ticket)
    }

    /// A mail came to a ticket that stays closed.
    pub(in crate::desk) fn rejection(queue: &Queue, ticket: &Ticket) -> Self {
        let own = Phrases::of(queue.language).rejection;
        Self::of(AutomaticKind::Rejection, &queue.rejection, own, queue, ticket)
    }

    /// Whether a mail's subject is that of one of the desk's own: who answers it has not written it.
    pub(in crate::desk) fn are_headed(subject: &str, queue: &Queue, ticket: &Ticket) -> bool {
        [Self::acknowledgement(queue, ticket), Self::rejection(queue, ticket)].iter().any(|own| own.subject == subject)
    }

    fn of(what: AutomaticKind, words: &str, own: &str, queue: &Queue, ticket: &Ticket) -> Self {
        let words = if words.trim().is_empty() { own } else { words };
        let words = words.replace("{number}", ticket.number.as_str()).replace("{queue}", &queue.title);
        let (subject, text) = words.split_once('\n').unwrap_or((words.as_str(), words.as_str()));
        Self { what, subject: subject.trim().to_owned(), text: text.trim().to_owned() }
    }
}

/// Writes to a customer because of an article of theirs, unless there was enough automatic mail; then the ticket's
/// history says so.
pub(in crate::desk) async fn write(
    context: &mut Context<'_>,
    ticket: &Ticket,
    queue: &Queue,
    customer: &Customer,
    (cause, words): (ArticleId, &Words),
) -> Result<()> {
    let written = match withholds(context, queue, customer).await? {
        Some(why) => Err(why),
        None => freeze(context, ticket, queue, customer, (cause, words)).await?,
    };
    let event = match written {
        Ok(()) => TicketEvent::AutomaticWritten { what: words.what },
        Err(why) => TicketEvent::AutomaticWithheld { what: words.what, why },
    };
    context.tx.audit().record(ticket.id, &Actor::System, &event).await
}

/// Freezes an automatic mail and has it sent at once.
async fn freeze(
    context: &mut Context<'_>,
    ticket: &Ticket,
    queue: &Queue,
    customer: &Customer,
    (cause, words): (ArticleId, &Words),
) -> Result<Result<(), WithheldReason>> {
    let article = context
        .tx
        .articles()
        .add(&NewArticle {
            ticket: ticket.id,
            kind: Kind::Automatic,
            sender: Sender::System,
            visibility: Visibility::Customer,
            origin: Origin::Desk,
            body: Body::plain(&words.text),
            on_card: false,
        })
        .await?;
    let automatic = Automatic { article, ticket: ticket.id, text: words.text.clone() };
    let id = context.tx.letters().next_id().await?;
    let message_id = new_message_id(id, queue)?;
    let conversation = conversation(context.tx, (ticket, customer), &[]).await?;
    let head = head((context.tx, context.settings), id, &message_id, (ticket, queue, customer), &conversation).await?;
    let subject = format!("{} {}", ticket.number.tag(), words.subject);
    let head = LetterHead { to_name: String::new(), subject, ..head };
    let mail = match context.composer.compose(&Letter::automatic(head, &automatic)) {
        Ok(mail) => mail,
        Err(what) => return Ok(Err(WithheldReason::NotComposable { what })),
    };
    let sealed = Sealed { from: None, to: customer.address.clone(), mail };
    context
        .tx
        .letters()
        .add(&NewLetter {
            id,
            article,
            ticket: ticket.id,
            is_forward: false,
            cause: Some(cause),
            message_id: &message_id,
            sealed: &sealed,
            sources: &[],
            hold: Duration::ZERO,
            command: None,
        })
        .await?;
    context.tx.message_ids().add(&message_id, ticket.id, article).await?;
    Ok(Ok(()))
}

/// Why an automatic mail to a customer is not written, if it is not (R54): it would not arrive, or come back; the desk has
/// written its share of this hour, whoever they were to; or that address has had its share of the day.
async fn withholds(context: &mut Context<'_>, queue: &Queue, customer: &Customer) -> Result<Option<WithheldReason>> {
    let is_ours = is_ours(context.tx, &customer.address).await?;
    if let Some(why) = forbids(&customer.address, is_ours) {
        return Ok(Some(why));
    }
    if context.tx.automatic_mails().has_reached(context.settings.automatic_an_hour).await? {
        metrics::counter!("ticketloom_automatic_withheld_total").increment(1);
        tell_of_withholding(context, queue).await?;
        return Ok(Some(WithheldReason::HourSpent));
    }
    let may = context.tx.automatic_mails().count_one(&customer.address, AUTOMATIC_A_DAY).await?;
    Ok((!may).then_some(WithheldReason::DaySpent))
}

/// Why nothing is written to an address, however little was.
fn forbids(address: &EmailAddress, is_ours: bool) -> Option<WithheldReason> {
    if address.is_nobodys() {
        Some(WithheldReason::NoAddress)
    } else if is_ours {
        Some(WithheldReason::OwnAddress)
    } else {
        None
    }
}

/// Says once, where it began, that automatic mail is withheld. It calls the admins, since a flood is under way,
/// or the desk has more to do than its share allows.
async fn tell_of_withholding(context: &mut Context<'_>, queue: &Queue) -> Result<()> {
    let Some(room) = &queue.room else { return Ok(()) };
    if !context.tx.automatic_mails().begins_pause().await? {
        return Ok(());
    }
    let most = context.settings.automatic_an_hour;
    tracing::warn!(most, "automatic mail is withheld: enough for this hour");
    let agents = context.tx.agents().all().await?;
    let admins = agents.into_iter().filter(|agent| agent.role == Role::Admin && agent.sees(queue.id));
    let said = withholding(most, &context.settings.prefix);
    tell_room(context.tx, room, said, admins.map(|admin| admin.user).collect());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample;

    #[test]
    fn automatic_words_are_the_queues_own_or_those_of_its_language() {
        let ticket = sample::ticket();
        let number = ticket.number.as_str();
        let own = "  Danke \nIhre Nummer in {queue}: {number}\n";
        for (acknowledgement, subject, text) in [
            (own, "Danke".to_owned(), format!("Ihre Nummer in Support: {number}")),
            ("{queue}\n\nx", "Support".to_owned(), "x".to_owned()),
            // One line is both, rather than a mail without the one or the other.
            ("Thanks for {number}", format!("Thanks for {number}"), format!("Thanks for {number}")),
        ] {
            let queue = Queue { acknowledgement: acknowledgement.to_owned(), ..sample::queue() };
            let words = Words::acknowledgement(&queue, &ticket);
            assert_eq!((words.subject, words.text), (subject, text), "{acknowledgement:?}");
        }
        for blank in ["", " \n "] {
            let queue = Queue { rejection: blank.to_owned(), ..sample::queue() };
            let words = Words::rejection(&queue, &ticket);
            assert_eq!(words.subject, "This matter is closed");
            assert!(words.text.contains(number) && !words.text.contains('{'), "{}", words.text);
        }
    }

    #[test]
    fn a_mail_is_known_by_the_subject_of_ours_that_it_answers() {
        let (ticket, queue) = (sample::ticket(), Queue { rejection: "Closed\nSorry".to_owned(), ..sample::queue() });
        for (subject, is_ours) in [
            ("We have received your message", true),
            ("Closed", true),
            ("This matter is closed", false),
            ("closed", false),
            ("", false),
        ] {
            assert_eq!(Words::are_headed(subject, &queue, &ticket), is_ours, "{subject}");
        }
    }

    #[test]
    fn nothing_is_written_to_nobody_and_to_the_desk_itself() {
        for (address, is_ours, why) in [
            ("carol@x.test", false, None),
            ("support@desk.test", true, Some(WithheldReason::OwnAddress)),
            ("unknown@sender.invalid", false, Some(WithheldReason::NoAddress)),
            ("unknown@sender.invalid", true, Some(WithheldReason::NoAddress)),
        ] {
            assert_eq!(forbids(&sample::address(address), is_ours), why, "{address}");
        }
    }
}

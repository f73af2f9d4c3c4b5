//! What the desk writes to customers by itself: in fixed words, capped, marked as automatic, and with the
//! null sender, so that nothing ever answers it.

use std::time::Duration;

use super::letter::{Letter, LetterHead};
use super::outgoing::new_message_id;
use super::phrases::Phrases;
use crate::desk::words::withholding;
use crate::desk::{Desk, is_ours, tell_room};
use crate::domain::article::{Automatic, Kind, Sealed, Sender, Visibility};
use crate::domain::id::ArticleId;
use crate::domain::queue::{Queue, Role};
use crate::domain::ticket::{Actor, AutomaticKind, Ticket, TicketEvent, WithheldReason};
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::customers::Customer;
use crate::store::letters::NewLetter;
use crate::store::{Result, Tx};

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

impl Desk {
    pub(in crate::desk) async fn acknowledge(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        queue: &Queue,
        customer: &Customer,
        cause: ArticleId,
    ) -> Result<()> {
        self.write_automatically(tx, ticket, queue, customer, (cause, &Words::acknowledgement(queue, ticket))).await
    }

    /// Writes to a customer because of an article of theirs, unless there was enough automatic mail; then the ticket's history says so.
    pub(in crate::desk) async fn write_automatically(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        queue: &Queue,
        customer: &Customer,
        (cause, words): (ArticleId, &Words),
    ) -> Result<()> {
        let withheld = |why| TicketEvent::AutomaticWithheld { what: words.what, why };
        if let Some(why) = self.withholds(tx, queue, customer).await? {
            return tx.audit().record(ticket.id, &Actor::System, &withheld(why)).await;
        }
        let article = tx
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
        let id = tx.letters().next_id().await?;
        let message_id = new_message_id(id, queue)?;
        let conversation = self.conversation(tx, (ticket, customer), &[]).await?;
        let head = self.head(tx, id, &message_id, (ticket, queue, customer), &conversation).await?;
        let subject = format!("{} {}", ticket.number.tag(), words.subject);
        let head = LetterHead { to_name: String::new(), subject, ..head };
        let bytes = match self.composer.compose(&Letter::automatic(head, &automatic)) {
            Ok(bytes) => bytes,
            Err(what) => {
                let event = withheld(WithheldReason::NotComposable { what });
                return tx.audit().record(ticket.id, &Actor::System, &event).await;
            }
        };
        let sealed = Sealed { from: None, to: customer.address.clone(), bytes };
        tx.letters()
            .add(&NewLetter {
                id,
                article,
                ticket: ticket.id,
                cause: Some(cause),
                message_id: &message_id,
                sealed: &sealed,
                hold: Duration::ZERO,
                command: None,
            })
            .await?;
        tx.message_ids().add(&message_id, ticket.id, article).await?;
        let event = TicketEvent::AutomaticWritten { what: words.what };
        tx.audit().record(ticket.id, &Actor::System, &event).await
    }

    /// Why an automatic mail to a customer is not written, if it is not (R54): the desk has written its share of
    /// this hour, whoever they were to, or that address has had its share of the day.
    async fn withholds(&self, tx: &mut Tx, queue: &Queue, customer: &Customer) -> Result<Option<WithheldReason>> {
        if crate::desk::intake::quarantine::is_nobody(&customer.address) {
            return Ok(Some(WithheldReason::NoAddress));
        }
        if is_ours(tx, &customer.address).await? {
            return Ok(Some(WithheldReason::OwnAddress));
        }
        if tx.automatic_mails().has_reached(self.settings.automatic_an_hour).await? {
            metrics::counter!("ticketloom_automatic_withheld_total").increment(1);
            self.tell_of_withholding(tx, queue).await?;
            return Ok(Some(WithheldReason::HourSpent));
        }
        let may = tx.automatic_mails().count_one(&customer.address, AUTOMATIC_A_DAY).await?;
        Ok((!may).then_some(WithheldReason::DaySpent))
    }

    /// Says once, where it began, that automatic mail is withheld. It calls the admins, since a flood is under way,
    /// or the desk has more to do than its share allows.
    async fn tell_of_withholding(&self, tx: &mut Tx, queue: &Queue) -> Result<()> {
        let Some(room) = &queue.room else { return Ok(()) };
        if !tx.automatic_mails().begins_pause().await? {
            return Ok(());
        }
        tracing::warn!(most = self.settings.automatic_an_hour, "automatic mail is withheld: enough for this hour");
        let agents = tx.agents().all().await?;
        let admins = agents.into_iter().filter(|agent| agent.role == Role::Admin && agent.sees(queue.id));
        let said = withholding(self.settings.automatic_an_hour, &self.settings.prefix);
        tell_room(tx, room, said, admins.map(|admin| admin.user).collect());
        Ok(())
    }
}

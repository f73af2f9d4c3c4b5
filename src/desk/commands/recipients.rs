//! Who gets an answer besides the customer, and what goes with it.

use super::answer::Wish;
use super::{Ask, Outcome};
use crate::desk::quarantine::typed_address;
use crate::desk::words::{self, Said};
use crate::desk::{Desk, is_ours, newcomer, reply};
use crate::domain::id::EmailAddress;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::store::customers::Customer;
use crate::store::files::Kept;
use crate::store::{Result, Tx};

/// How many others one answer may go to.
const MOST_OTHERS: usize = 20;
/// How many bytes of files may go with one answer: what most mail servers still take, encoded.
const MOST_BYTES: usize = 18 << 20;

impl Desk {
    /// Everybody but the customer who gets an answer.
    pub(super) async fn others(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        wish: &Wish,
    ) -> Result<std::result::Result<Vec<Customer>, Said>> {
        let mut others: Vec<Customer> = Vec::new();
        if wish.all {
            others = tx.participants().of(ticket.id).await?;
        }
        for address in &wish.cc {
            let address = match self.outside_address(tx, address).await? {
                Ok(address) => address,
                Err(said) => return Ok(Err(said)),
            };
            others.push(tx.customers().at(&address, "").await?);
        }
        others.retain(|other| other.id != ticket.customer && !crate::desk::quarantine::is_nobody(&other.address));
        others.sort_by_key(|other| other.id.0);
        others.dedup_by_key(|other| other.id.0);
        if others.len() > MOST_OTHERS {
            let said = format!(
                "Not sent: that would go to {} people; at most {MOST_OTHERS} others get one answer.",
                others.len()
            );
            return Ok(Err(Said::plain(said)));
        }
        Ok(Ok(others))
    }

    /// An address that somebody typed, unless it is one of the desk's own.
    async fn outside_address(&self, tx: &mut Tx, text: &str) -> Result<std::result::Result<EmailAddress, Said>> {
        let address = match typed_address(text) {
            Ok(address) => address,
            Err(said) => return Ok(Err(said)),
        };
        if is_ours(tx, &address).await? {
            let said = "Not done: that is an address of this desk itself; its mail would come back as a ticket.";
            return Ok(Err(Said::plain(said)));
        }
        Ok(Ok(address))
    }

    /// The files that go with an answer: its own, and the newest of the agent's in the thread.
    pub(super) async fn files_for(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &Ticket,
        wish: &Wish,
    ) -> Result<std::result::Result<Vec<Kept>, Said>> {
        let mut files = Vec::new();
        if let Some(wanted) = wish.attach {
            files = tx.files().newest(ticket.id, ask.agent.id, i64::from(wanted)).await?;
            if files.len() < usize::from(wanted) {
                let said = format!(
                    "Not sent: you have put {} files into this thread, not {wanted}. Put them there first, or leave --attach away.",
                    files.len()
                );
                return Ok(Err(Said::plain(said)));
            }
            files.reverse();
        }
        if let Some(file) = &ask.message.file {
            match tx.fetched_files().get(ask.event).await? {
                Some(Ok(bytes)) => {
                    files.push(Kept { name: words::file_name(&file.name), mime: file.mime.clone(), bytes });
                }
                Some(Err(why)) => {
                    return Ok(Err(Said::plain(format!("Not sent: the file could not be fetched: {why}"))));
                }
                None => return Ok(Err(Said::plain("Not sent: the file could not be fetched."))),
            }
        }
        let size: usize = files.iter().map(|file| file.bytes.len()).sum();
        if size > MOST_BYTES {
            let said = format!(
                "Not sent: the files are {} MiB together, and mail servers rarely take more than {}. A link in the text does it.",
                size >> 20,
                MOST_BYTES >> 20
            );
            return Ok(Err(Said::plain(said)));
        }
        Ok(Ok(files))
    }

    /// Says so if whoever wrote last is not among those who get the answer (R40), or if all are nobody else.
    pub(super) async fn say_who_is_left_out(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &Ticket,
        (others, is_for_all): (&[Customer], bool),
    ) -> Result<()> {
        if is_for_all && others.is_empty() {
            let said = format!(
                "Nobody else takes part, so this goes to the customer alone. {}cc +ADDRESS lets somebody take part.",
                self.settings.prefix
            );
            reply(tx, ask.room, Some(ticket.id), ask.event, Said::plain(said));
        }
        let Some(last) = tx.participants().last_writer(ticket.id).await? else { return Ok(()) };
        if last == ticket.customer || others.iter().any(|other| other.id == last) {
            return Ok(());
        }
        let takes_part = tx.participants().contains(ticket.id, last).await?;
        let (customer, last) =
            (tx.customers().get(ticket.customer).await?.address, tx.customers().get(last).await?.address);
        let prefix = &self.settings.prefix;
        let both = if takes_part { "--all".to_owned() } else { format!("--cc {last}") };
        let said = format!(
            "This goes to {customer} and not to {last}, who wrote last. {prefix}undo stops it; {prefix}answer {both} goes to both, {prefix}customer {last} to the latter."
        );
        reply(tx, ask.room, Some(ticket.id), ask.event, Said::plain(said));
        Ok(())
    }

    /// Lets people take part, or no more.
    pub(super) async fn participants(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &Ticket,
        changes: &[String],
    ) -> Result<Outcome> {
        for change in changes {
            let (joins, address) = match (change.strip_prefix('+'), change.strip_prefix('-')) {
                (Some(address), _) => (true, address),
                (_, Some(address)) => (false, address),
                _ => {
                    let form = format!("{0}cc +ADDRESS or {0}cc -ADDRESS", self.settings.prefix);
                    let said = format!("Not done: {change} says neither + nor -. This is how: {form}");
                    return Ok(Outcome::Refused(Said::plain(said)));
                }
            };
            let address = match self.outside_address(tx, address).await? {
                Ok(address) => address,
                Err(said) => return Ok(Outcome::Refused(said)),
            };
            let other = tx.customers().at(&address, "").await?;
            if joins {
                tx.participants().add(ticket.id, other.id).await?;
                newcomer::show_again(tx, ticket.id, other.id).await?;
                tx.audit().record(ticket.id, &ask.actor(), &TicketEvent::ParticipantAdded { address }).await?;
            } else if other.id == ticket.customer {
                let said = format!(
                    "Not done: {address} is whom this ticket is for. {}customer changes that.",
                    self.settings.prefix
                );
                return Ok(Outcome::Refused(Said::plain(said)));
            } else if tx.participants().remove(ticket.id, other.id).await? {
                tx.audit().record(ticket.id, &ask.actor(), &TicketEvent::ParticipantRemoved { address }).await?;
            } else {
                return Ok(Outcome::Refused(Said::plain(format!("Not done: {address} does not take part."))));
            }
        }
        Ok(Outcome::Done)
    }
}

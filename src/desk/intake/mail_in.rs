//! A mail came in: whose it is, which ticket it belongs to, and what follows.

use std::time::Duration;

use super::across;
use super::filing::keep_files;
use super::incoming::{IncomingMail, MOST_HOPS, Mailbox, Nature};
use super::quarantine::{A_MINUTE, ALONE, AN_HOUR};
use super::related;
use super::repeated::{self, Seen};
use crate::crash;
use crate::desk::{Desk, is_ours, refresh_card, words};
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress, LetterId, MailId, TicketId};
use crate::domain::number::{clean_subject, tags};
use crate::domain::queue::{Machines, Queue};
use crate::domain::ticket::{Actor, AutomaticKind, Ticket, TicketEvent, WithheldReason};
use crate::domain::token::Purpose;
use crate::store::customers::Customer;
use crate::store::jobs::Leased;
use crate::store::mails::StoredMail;
use crate::store::tickets::NewTicket;
use crate::store::{Result, Tx};

/// How many numbers of a subject are looked up.
const MOST_TAGS: usize = 20;

/// Where a mail belongs, and why.
#[derive(Clone, Copy)]
enum Belongs {
    /// Into that ticket: who wrote it takes part in it.
    To(TicketId, &'static str),
    /// Into that ticket: who wrote it has a mail of it, as whoever got one passed on has, and takes part no more by that.
    Beside(TicketId, &'static str),
    /// It claims to belong to that ticket, and nothing proves it.
    Claims(TicketId, &'static str),
    /// Nowhere: it is a new ticket.
    New(&'static str),
}

/// A mail on its way through the desk.
pub(in crate::desk) struct Arrival<'a> {
    pub(in crate::desk) stored: &'a StoredMail,
    pub(in crate::desk) mail: &'a IncomingMail,
    pub(in crate::desk) from: &'a Mailbox,
    pub(in crate::desk) queue: Queue,
    pub(in crate::desk) customer: Customer,
    /// The customer; an archive also has answers of agents.
    pub(in crate::desk) sender: Sender,
    /// Why it goes where it goes, for `!why`.
    pub(in crate::desk) rule: &'static str,
    /// What the house's mail server found of its sender: pass, fail, or nothing.
    pub(in crate::desk) found: Option<&'static str>,
}

impl Arrival<'_> {
    /// Whether the desk may answer it by itself: nothing forbids it, and its envelope has a sender (RFC 3834 §2).
    pub(in crate::desk) fn may_be_answered(&self) -> bool {
        self.mail.nature == Nature::Human && self.stored.envelope_from.as_deref() != Some("")
    }

    /// Whether it begins a ticket, and opens a closed one again: a person wrote it, or a machine that the queue lets.
    pub(in crate::desk) fn acts(&self) -> bool {
        let is_let = matches!(self.mail.nature, Nature::Machine { .. }) && self.queue.machines == Machines::Ticket;
        self.mail.nature.is_person() || is_let
    }
}

impl Desk {
    /// Reads one mail, in one transaction with the end of its job. `read` is what the parser made of
    /// it, or why it could not be read: then it is quarantined, with its raw bytes.
    ///
    /// # Errors
    /// If the record failed: then nothing happened, and the job is tried again.
    pub async fn mail_in(
        &self,
        leased: &Leased,
        mail: MailId,
        read: &std::result::Result<IncomingMail, String>,
    ) -> Result<()> {
        if let Ok(mail) = read {
            keep_files(&self.store, mail).await?;
        }
        let mut tx = self.store.begin().await?;
        if let Some(stored) = tx.mails().get(mail).await?
            && stored.is_waiting
        {
            if stored.is_imported {
                tx.come_last();
            }
            match (read, stored.verdict) {
                (_, Some(verdict)) => self.as_decided(&mut tx, &stored, read, verdict).await?,
                (Ok(mail), None) => self.sort(&mut tx, &stored, mail).await?,
                (Err(why), None) => self.quarantine(&mut tx, &stored, (None, ""), why, ALONE).await.map(drop)?,
            }
        }
        tx.finish(leased).await?;
        crash::point("mail.before_commit");
        tx.commit().await?;
        crash::point("mail.after_commit");
        Ok(())
    }

    async fn sort(&self, tx: &mut Tx, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
        let repeated = match repeated::seen(tx, stored, mail).await? {
            Seen::Never => None,
            Seen::Same(first) => return tx.mails().set_copy_of(stored.id, first).await,
            Seen::Other(first, other) => Some((first, other)),
        };
        let mail = repeated.as_ref().map_or(mail, |(_, other)| other.as_ref());
        let (from, is_by_list) = who_wrote(tx, mail).await?;
        let (writer, about) = (from.map(|from| &from.address), mail.subject.as_str());
        if let Some((reason, within)) = misshapen(stored, mail) {
            return self.quarantine(tx, stored, (writer, about), &reason, within).await.map(drop);
        }
        if stored.is_imported && self.file_archived(tx, stored, mail).await? {
            return Ok(());
        }
        let signed = self.signed_letter(tx, stored, mail).await?;
        if let Some((purpose, letter)) = signed
            && !stored.is_imported
            && self.report(tx, stored, mail, (purpose, letter)).await?
        {
            return Ok(());
        }
        if let Nature::Bounce(bounce) = &mail.nature {
            let reason = super::bounced::misdirected(tx, bounce).await?;
            return self.quarantine(tx, stored, (None, about), &reason, A_MINUTE).await.map(drop);
        }
        let Some(from) = from else {
            return self.quarantine(tx, stored, (None, about), "it has no readable sender", ALONE).await.map(drop);
        };
        if tx.blocks().contains(&from.address).await? {
            let reason = format!("{} is blocked", from.address);
            return self.quarantine(tx, stored, (writer, about), &reason, A_MINUTE).await.map(drop);
        }
        let queue = tx.queues().get(stored.queue).await?;
        // Nobody else may write as the desk, and what the desk itself wrote is no customer's (R51).
        if !stored.is_imported && is_ours(tx, &from.address).await? {
            let reason = "it says that it is from this desk itself";
            return self.quarantine(tx, stored, (writer, about), reason, A_MINUTE).await.map(drop);
        }
        let customer = if stored.is_imported {
            tx.customers().at_from_archive(&from.address, &from.name).await?
        } else {
            tx.customers().at(&from.address, &from.name).await?
        };
        let found = self.found(mail, is_by_list);
        let mut arrival = Arrival { stored, mail, from, queue, customer, sender: Sender::Customer, rule: "", found };
        let belongs = match &repeated {
            Some((first, _)) => self.belongs_to_first(tx, &arrival, *first).await?,
            None => match self.belongs(tx, &arrival, signed).await? {
                Belongs::To(ticket, rule) => {
                    Belongs::To(across::here(tx, &arrival, ticket).await?.unwrap_or(ticket), rule)
                }
                other => other,
            },
        };
        self.file(tx, &mut arrival, belongs, repeated.is_some()).await
    }

    /// Does with a mail what follows from where it belongs.
    async fn file(&self, tx: &mut Tx, arrival: &mut Arrival<'_>, belongs: Belongs, is_repeated: bool) -> Result<()> {
        let (stored, mail) = (arrival.stored, arrival.mail);
        let (writer, about) = (Some(&arrival.from.address), mail.subject.as_str());
        if let (Belongs::Claims(..) | Belongs::New(_), Some(mark)) = (belongs, &mail.spam) {
            return self
                .quarantine(tx, stored, (writer, about), &format!("marked as spam ({mark})"), ALONE)
                .await
                .map(drop);
        }
        let (ticket, rule) = match belongs {
            Belongs::To(ticket, rule) | Belongs::Beside(ticket, rule) | Belongs::Claims(ticket, rule) => (ticket, rule),
            Belongs::New(_) if !arrival.acts() => {
                let sign = mail.nature.sign().unwrap_or_default();
                let reason = format!("automatic mail that belongs to no ticket ({sign})");
                return self.quarantine(tx, stored, (writer, about), &reason, A_MINUTE).await.map(drop);
            }
            Belongs::New(rule) => {
                arrival.rule = rule;
                return self.new_ticket(tx, arrival, None).await;
            }
        };
        if !is_repeated && let Some(first) = repeated::copy_in(tx, stored, mail, ticket).await? {
            across::tell(tx, arrival, first).await?;
            return tx.mails().set_copy_of(stored.id, first).await;
        }
        arrival.rule = rule;
        if let Some(excess) = self.excess(tx, arrival, ticket, matches!(belongs, Belongs::To(..))).await? {
            return self.turn_aside(tx, arrival, ticket, &excess).await;
        }
        if matches!(belongs, Belongs::Claims(..)) {
            self.hold(tx, arrival, ticket).await?;
        } else {
            self.follow_up(tx, arrival, ticket, matches!(belongs, Belongs::To(..))).await?;
        }
        across::tell(tx, arrival, stored.id).await
    }

    /// What the house's mail server found of its sender, as the record has it. Who passed it on over a list proves
    /// nothing of who wrote it.
    pub(in crate::desk) fn found(&self, mail: &IncomingMail, is_by_list: bool) -> Option<&'static str> {
        match mail.authenticated(self.settings.authserv_id.as_deref())? {
            true if is_by_list => None,
            true => Some("pass"),
            false => Some("fail"),
        }
    }

    /// The letter that one of the mail's recipients names, if the address is one of ours and signed.
    async fn signed_letter(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
    ) -> Result<Option<(Purpose, LetterId)>> {
        let keys = tx.desk().keys().await?;
        let envelope = EmailAddress::parse(&stored.recipient);
        let others = mail.delivered_to.iter().chain(mail.to.iter().map(|to| &to.address));
        Ok(envelope.iter().chain(others).find_map(|address| keys.recognise(address)))
    }

    /// product.md §4: signed reply address, then references newest first, then the subject's tag; the
    /// latter two only of somebody who takes part. Who writes to the former without taking part is shown as such: the
    /// address may have come to them with a mail that somebody passed on. Where the house's mail server says who is who
    /// (`authserv_id`), a sender who failed takes part in nothing, and a tag alone, which everybody can
    /// guess, counts only with a pass (R46).
    async fn belongs(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        signed: Option<(Purpose, LetterId)>,
    ) -> Result<Belongs> {
        if let Some((_, letter)) = signed
            && let Some((ticket, _)) = tx.letters().ticket_of(letter).await?
            && let Some(canonical) = tx.merges().canonical(ticket).await?
        {
            let is_known = takes_part(tx, (ticket, canonical), &arrival.customer).await?
                || tx.letters().invites(letter, &arrival.customer.address).await?;
            return Ok(if is_known {
                Belongs::To(canonical, "it came to the signed reply address of a mail of this ticket")
            } else {
                let rule =
                    "it came to the signed reply address of a mail of this ticket, in which its sender takes no part";
                Belongs::Beside(canonical, rule)
            });
        }
        let mail = arrival.mail;
        if arrival.stored.is_from_mailbox
            && let Some(id) = &mail.message_id
            && let Some(ticket) = tx.message_ids().ticket_of_header(arrival.queue.id, id).await?
            && let Some(canonical) = tx.merges().canonical(ticket).await?
            && tx.participants().contains(ticket, arrival.customer.id).await?
        {
            return Ok(Belongs::To(
                canonical,
                "it is the whole of a mail that was too large, of which this ticket had the header",
            ));
        }
        let ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
        let by_reference = tx.message_ids().ticket_of(&ids, Some(arrival.customer.id)).await?;
        let mut claimed = by_reference;
        for number in tags(&mail.subject) {
            if claimed.is_none() {
                claimed = tx.tickets().numbered(&number).await?;
            }
        }
        let Some(claimed) = claimed else {
            return Ok(match related::continued(tx, arrival).await? {
                Some(ticket) => Belongs::To(
                    ticket,
                    "it answers the same mail as this ticket's, which the desk does not have, and its sender takes part",
                ),
                None => Belongs::New("it refers to no ticket"),
            });
        };
        // What was merged goes to what it is part of now, with those who take part in either.
        let Some(ticket) = tx.merges().canonical(claimed).await? else {
            return Ok(Belongs::New("the ticket that it refers to was merged away"));
        };
        if !takes_part(tx, (claimed, ticket), &arrival.customer).await? {
            let rule = "it refers to this ticket, but its sender does not take part in it";
            return Ok(Belongs::Claims(ticket, rule));
        }
        Ok(match (by_reference.is_some(), arrival.found) {
            (_, Some("fail")) => {
                Belongs::Claims(ticket, "it names a sender who takes part, but the mail server found that to be forged")
            }
            (true, _) => Belongs::To(
                ticket,
                "it answers a mail of this ticket (In-Reply-To, References), and its sender takes part",
            ),
            (false, None) if self.settings.authserv_id.is_some() => {
                Belongs::Claims(ticket, "its subject names this ticket, but nothing shows that it is from who it says")
            }
            (false, _) => Belongs::To(ticket, "its subject names this ticket, and its sender takes part"),
        })
    }

    /// What came before with something else goes where the first one is, and is believed no more than that.
    async fn belongs_to_first(&self, tx: &mut Tx, arrival: &Arrival<'_>, first: ArticleId) -> Result<Belongs> {
        let first = tx.articles().get(first).await?;
        let Some(ticket) = tx.merges().canonical(first.ticket).await? else {
            return Ok(Belongs::New(
                "the same mail came before with other files or HTML, to a ticket that was merged away",
            ));
        };
        let rule = "the same mail came before with other files or HTML";
        Ok(if first.visibility == Visibility::Held || arrival.found == Some("fail") {
            Belongs::Claims(ticket, rule)
        } else if takes_part(tx, (first.ticket, ticket), &arrival.customer).await? {
            Belongs::To(ticket, rule)
        } else {
            Belongs::Beside(ticket, rule)
        })
    }

    /// Makes a ticket of a mail, unless its writer has opened so many lately that more are only counted.
    pub(in crate::desk) async fn new_ticket(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        follows: Option<&Ticket>,
    ) -> Result<()> {
        let most = i64::from(self.settings.burst);
        if !arrival.stored.is_imported && tx.tickets().opened_lately(arrival.customer.id, most).await? >= most {
            let why = format!("more than {most} new tickets within an hour from {}", arrival.from.address);
            return self
                .quarantine(tx, arrival.stored, (Some(&arrival.from.address), &arrival.mail.subject), &why, AN_HOUR)
                .await
                .map(drop);
        }
        self.make_ticket(tx, arrival, follows).await.map(drop)
    }

    /// Makes a ticket of a mail; `follows` is the closed one that it would have belonged to.
    pub(in crate::desk) async fn make_ticket(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        follows: Option<&Ticket>,
    ) -> Result<Ticket> {
        let new = NewTicket {
            number: self.next_number(tx).await?,
            queue: arrival.queue.id,
            customer: arrival.customer.id,
            subject: cleaned_subject(tx, &arrival.mail.subject).await?,
        };
        let ticket = tx.tickets().create(&new).await?;
        tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Created { split_from: None }).await?;
        let on_card = words::fits_card(&arrival.mail.fresh.text);
        refresh_card(tx, ticket.id);
        let article = self.add_mail(tx, arrival, &ticket, Visibility::Customer, on_card).await?;
        if let Some(old) = follows {
            self.link(tx, arrival, &ticket, old).await?;
        }
        if arrival.queue.acknowledge && arrival.may_be_answered() {
            if arrival.stored.is_imported {
                let event = TicketEvent::AutomaticWithheld {
                    what: AutomaticKind::Acknowledgement,
                    why: WithheldReason::Imported,
                };
                tx.audit().record(ticket.id, &Actor::System, &event).await?;
            } else {
                self.acknowledge(tx, &ticket, &arrival.queue, &arrival.customer, article).await?;
            }
        }
        related::tell(tx, arrival, &ticket).await?;
        Ok(ticket)
    }

    async fn hold(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
        let Some(ticket) = tx.merges().lock_canonical(ticket).await? else {
            return self.new_ticket(tx, arrival, None).await;
        };
        self.add_mail(tx, arrival, &ticket, Visibility::Held, false).await?;
        refresh_card(tx, ticket.id);
        Ok(())
    }
}

/// Whether somebody takes part in a ticket or in what it is part of now.
async fn takes_part(tx: &mut Tx, (ticket, canonical): (TicketId, TicketId), customer: &Customer) -> Result<bool> {
    Ok(tx.participants().contains(ticket, customer.id).await?
        || tx.participants().contains(canonical, customer.id).await?)
}

/// Who wrote a mail: who it says, or whoever a list put itself before; and whether the latter. A list that has the
/// desk's own address is believed more, since the desk does not write to itself.
pub(in crate::desk) async fn who_wrote<'a>(tx: &mut Tx, mail: &'a IncomingMail) -> Result<(Option<&'a Mailbox>, bool)> {
    let (Some(from), Some(writer)) = (&mail.from, &mail.writer) else { return Ok((mail.from.as_ref(), false)) };
    let is_by_list = writer.is_certain || is_ours(tx, &from.address).await?;
    Ok((Some(if is_by_list { &writer.mailbox } else { from }), is_by_list))
}

/// A subject without what mail programs and this desk put before it.
pub(in crate::desk) async fn cleaned_subject(tx: &mut Tx, subject: &str) -> Result<String> {
    let mut ours = Vec::new();
    for number in tags(subject).into_iter().take(MOST_TAGS) {
        if tx.tickets().numbered(&number).await?.is_some() {
            ours.push(number);
        }
    }
    Ok(clean_subject(subject, &ours))
}

/// Why a mail can't be taken up, whatever it says, and how long more of its kind are one entry with it.
fn misshapen(stored: &StoredMail, mail: &IncomingMail) -> Option<(String, Duration)> {
    if let Some(size) = stored.left_behind {
        let size = shown_size(size);
        let reason = format!(
            "it has {size}, more than is taken (imap.max_size): it stays in its mailbox, and here is its header"
        );
        return Some((reason, ALONE));
    }
    let circles = mail.hops > MOST_HOPS && !stored.is_imported;
    circles.then(|| (format!("it came over more than {MOST_HOPS} mail servers: it goes round in circles"), A_MINUTE))
}

/// A size in bytes, as people say it.
pub(in crate::desk) fn shown_size(bytes: i64) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

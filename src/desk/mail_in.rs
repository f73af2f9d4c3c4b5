//! A mail came in: whose it is, which ticket it belongs to, and what follows.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::incoming::{IncomingFile, IncomingMail, Mailbox, Nature};
use super::{Desk, chat_lane, refresh_card, words};
use crate::crash;
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress, LetterId, MailId, TicketId};
use crate::domain::number::{clean_subject, tags};
use crate::domain::queue::Queue;
use crate::domain::ticket::{Action, State, Ticket};
use crate::domain::token::Purpose;
use crate::store::articles::{Kind, NewArticle};
use crate::store::imports::WITHHELD;
use crate::store::intake::StoredMail;
use crate::store::jobs::{Job, Leased};
use crate::store::people::Customer;
use crate::store::tickets::{Actor, NewTicket};
use crate::store::{Result, Tx};

/// Bytes of text that are shown in a room; an event holds 65,536 with all its copies and escapes.
const LONG_TEXT: usize = 12 << 10;
/// The file that has the whole of a longer one.
const WHOLE_TEXT: &str = "whole-text.txt";
/// A mail that stands in quarantine by itself.
pub(super) const ALONE: Duration = Duration::ZERO;
/// How long an entry of the quarantine takes in more of its kind: reports, and a burst.
pub(super) const A_MINUTE: Duration = Duration::from_mins(1);
/// Up to so many mails an entry is brought up to date at once, and then no more often than that.
const FEW: i64 = 10;
const PAUSE: Duration = Duration::from_secs(5);
const AN_HOUR: Duration = Duration::from_hours(1);
pub(super) const NO_MAIL_OF_OURS: &str = "a delivery report about no mail of this desk";

/// Where a mail belongs.
enum Belongs {
    /// Into that ticket: who wrote it takes part in it.
    To(TicketId),
    /// It claims to belong to that ticket, and nothing proves it.
    Claims(TicketId),
    /// Nowhere: it is a new ticket.
    New,
}

/// A mail on its way through the desk.
pub(super) struct Arrival<'a> {
    pub(super) stored: &'a StoredMail,
    pub(super) mail: &'a IncomingMail,
    pub(super) from: &'a Mailbox,
    pub(super) queue: Queue,
    pub(super) customer: Customer,
    /// The customer; an archive also has answers of agents.
    pub(super) sender: Sender,
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
        let mut tx = self.store.begin().await?;
        if let Some(stored) = tx.stored_mail(mail).await?
            && stored.is_waiting
        {
            if stored.is_imported {
                tx.come_last();
            }
            match read {
                Ok(mail) => self.sort(&mut tx, &stored, mail).await?,
                Err(why) => self.quarantine(&mut tx, &stored, why, ALONE).await?,
            }
        }
        tx.finish(leased).await?;
        crash::point("mail.before_commit");
        tx.commit().await?;
        crash::point("mail.after_commit");
        Ok(())
    }

    async fn sort(&self, tx: &mut Tx, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
        if let Some(key) = content_key(mail)
            && !tx.is_new_content(stored.queue, &key, stored.id).await?
        {
            return tx.set_fate(stored.id, "duplicate").await;
        }
        if stored.is_imported && self.file_archived(tx, stored, mail).await? {
            return Ok(());
        }
        let signed = self.signed_letter(tx, stored, mail).await?;
        if let Nature::Bounce(bounce) = &mail.nature {
            return match signed {
                Some((Purpose::Bounce, letter)) => self.bounced(tx, stored, mail, bounce, letter).await,
                _ => self.quarantine(tx, stored, NO_MAIL_OF_OURS, A_MINUTE).await,
            };
        }
        let Some(from) = &mail.from else {
            return self.quarantine(tx, stored, "it has no readable sender", ALONE).await;
        };
        let queue = tx.queue(stored.queue).await?;
        if tx.queues().await?.iter().any(|queue| queue.address == from.address) && is_automatic(stored, mail) {
            return self.quarantine(tx, stored, "automatic mail of this desk's own", A_MINUTE).await;
        }
        let customer = if stored.is_imported {
            tx.customer_of_archive(&from.address, &from.name).await?
        } else {
            tx.customer_at(&from.address, &from.name).await?
        };
        let arrival = Arrival { stored, mail, from, queue, customer, sender: Sender::Customer };
        match self.belongs(tx, &arrival, signed).await? {
            Belongs::To(ticket) => self.follow_up(tx, &arrival, ticket).await,
            Belongs::Claims(ticket) => self.hold(tx, &arrival, ticket).await,
            Belongs::New => self.new_ticket(tx, &arrival).await,
        }
    }

    /// The letter that one of the mail's recipients names, if the address is one of ours and signed.
    async fn signed_letter(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
    ) -> Result<Option<(Purpose, LetterId)>> {
        let keys = tx.keys().await?;
        let envelope = EmailAddress::parse(&stored.recipient);
        let others = mail.delivered_to.iter().chain(mail.to.iter().map(|to| &to.address));
        Ok(envelope.iter().chain(others).find_map(|address| keys.recognise(address)))
    }

    /// product.md §4: signed reply address, then references newest first, then the subject's tag; the
    /// latter two only of somebody who takes part.
    async fn belongs(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        signed: Option<(Purpose, LetterId)>,
    ) -> Result<Belongs> {
        if let Some((_, letter)) = signed
            && let Some((ticket, _)) = tx.ticket_of_letter(letter).await?
            && takes_mail(tx, ticket).await?
        {
            return Ok(Belongs::To(ticket));
        }
        let mail = arrival.mail;
        let ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
        let mut claimed = tx.ticket_of_messages(&ids).await?;
        for number in tags(&mail.subject) {
            if claimed.is_none() {
                claimed = tx.ticket_numbered(&number).await?;
            }
        }
        match claimed {
            Some(ticket) if !takes_mail(tx, ticket).await? => Ok(Belongs::New),
            Some(ticket) if tx.takes_part(ticket, arrival.customer.id).await? => Ok(Belongs::To(ticket)),
            Some(ticket) => Ok(Belongs::Claims(ticket)),
            None => Ok(Belongs::New),
        }
    }

    async fn new_ticket(&self, tx: &mut Tx, arrival: &Arrival<'_>) -> Result<()> {
        let is_imported = arrival.stored.is_imported;
        let most = i64::from(self.settings.burst);
        if !is_imported && tx.opened_lately(arrival.customer.id, most).await? >= most {
            let why = format!("more than {most} new tickets within an hour from {}", arrival.from.address);
            return self.quarantine(tx, arrival.stored, &why, AN_HOUR).await;
        }
        let new = NewTicket {
            number: self.next_number().await?,
            queue: arrival.queue.id,
            customer: arrival.customer.id,
            subject: clean_subject(&arrival.mail.subject),
        };
        let ticket = tx.create_ticket(&new).await?;
        tx.audit(ticket.id, &Actor::Customer, "created", None, Some(ticket.number.as_str())).await?;
        let on_card = words::fits_card(&arrival.mail.fresh.text);
        refresh_card(tx, ticket.id).await?;
        self.add_mail(tx, arrival, &ticket, Visibility::Customer, on_card).await?;
        if arrival.queue.acknowledge && !is_automatic(arrival.stored, arrival.mail) {
            if is_imported {
                tx.audit(ticket.id, &Actor::System, "no acknowledgement", None, Some(WITHHELD)).await?;
            } else {
                self.acknowledge(tx, &ticket, &arrival.queue, &arrival.customer).await?;
            }
        }
        Ok(())
    }

    async fn follow_up(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
        let mut ticket = tx.lock_ticket(ticket).await?;
        tx.add_participant(ticket.id, arrival.customer.id).await?;
        // What was written long ago opens nothing again.
        if !arrival.stored.is_imported && !is_automatic(arrival.stored, arrival.mail) {
            self.customer_wrote(tx, &mut ticket).await?;
        }
        self.add_mail(tx, arrival, &ticket, Visibility::Customer, false).await?;
        Ok(())
    }

    /// What a follow-up does to state, lock and owner.
    pub(super) async fn customer_wrote(&self, tx: &mut Tx, ticket: &mut Ticket) -> Result<()> {
        let owner_is_here = match ticket.owner {
            Some(owner) => tx.agent(owner).await?.works_in(ticket.queue),
            None => false,
        };
        let changes = ticket.act(None, Action::FollowUp { owner_is_here }).unwrap_or_default();
        if changes.is_empty() {
            return Ok(());
        }
        for change in &changes {
            tx.apply(ticket, change, &Actor::Customer).await?;
        }
        refresh_card(tx, ticket.id).await
    }

    async fn hold(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
        let ticket = tx.lock_ticket(ticket).await?;
        self.add_mail(tx, arrival, &ticket, Visibility::Held, false).await?;
        Ok(())
    }

    /// Writes the mail as an article, with its files, its id and the jobs that show it.
    pub(super) async fn add_mail(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: &Ticket,
        visibility: Visibility,
        on_card: bool,
    ) -> Result<ArticleId> {
        let mail = arrival.mail;
        let (text, is_cut) = shown_text(mail);
        let article = tx
            .add_article(&NewArticle {
                ticket: ticket.id,
                kind: Kind::Mail,
                sender: arrival.sender,
                visibility,
                agent: None,
                customer: Some(arrival.customer.id),
                mail: Some(arrival.stored.id),
                subject: Some(&clean_subject(&mail.subject)),
                text: &text,
                html: shown_html(mail, is_cut),
                whole_text: (mail.fresh.folded > 0 || is_cut).then_some(mail.text.as_str()),
                folded: mail.fresh.folded,
                on_card,
                event: None,
            })
            .await?;
        tx.set_fate(arrival.stored.id, "article").await?;
        if let Some(date) = mail.date {
            tx.set_written_at(article, date).await?;
        }
        if let Some(id) = &mail.message_id {
            tx.add_message_id(id, ticket.id, article).await?;
        }
        if !on_card {
            tx.enqueue(&chat_lane(ticket.id), &Job::Article { article }).await?;
        }
        let whole = is_cut.then(|| whole_text(mail));
        for (position, file) in mail.attachments.iter().chain(&whole).enumerate() {
            let file = tx
                .add_file(article, position + 1, &file.name, &file.mime, file.content_id.as_deref(), &file.bytes)
                .await?;
            tx.enqueue(&chat_lane(ticket.id), &Job::File { file }).await?;
        }
        let what = if visibility == Visibility::Held { "held mail" } else { "mail" };
        let actor = if arrival.sender == Sender::Customer { Actor::Customer } else { Actor::System };
        tx.audit(ticket.id, &actor, what, None, Some(arrival.from.address.as_str())).await?;
        Ok(article)
    }

    /// Puts it into quarantine; into an entry of the same reason that is there since at most `within`.
    pub(super) async fn quarantine(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        reason: &str,
        within: Duration,
    ) -> Result<()> {
        let (entry, count) = tx.quarantine(stored.queue, stored.id, reason, within).await?;
        let wait = if count > FEW { PAUSE } else { Duration::ZERO };
        tx.enqueue_after(&format!("quarantine:{entry}"), &Job::Quarantine { entry }, wait).await
    }
}

/// Whether a ticket still takes mail: one that was merged away would only hide it.
pub(super) async fn takes_mail(tx: &mut Tx, ticket: TicketId) -> Result<bool> {
    Ok(tx.ticket(ticket).await?.state != State::Merged)
}

/// Whether a machine wrote it, also by its envelope: nobody can answer the null sender (RFC 3834 §2).
pub(super) fn is_automatic(stored: &StoredMail, mail: &IncomingMail) -> bool {
    stored.envelope_from.as_deref() == Some("") || mail.nature != Nature::Human
}

/// The same mail by another route has the same one; a mail without an id has none, since nothing but
/// its content would tell it from the next one of its kind.
fn content_key(mail: &IncomingMail) -> Option<Vec<u8>> {
    let id = mail.message_id.as_ref()?;
    Some(Sha256::new().chain_update(id.as_str()).chain_update([0]).chain_update(mail.fingerprint).finalize().to_vec())
}

/// What is shown of a mail: its new text, cut if it is very long, and what could not be read.
pub(super) fn shown_text(mail: &IncomingMail) -> (String, bool) {
    let fresh = &mail.fresh.text;
    let is_cut = fresh.len() > LONG_TEXT;
    let mut text = if is_cut {
        let end = (0..=LONG_TEXT).rev().find(|end| fresh.is_char_boundary(*end)).unwrap_or_default();
        format!("{}\n… (the whole text is in {WHOLE_TEXT})", &fresh[..end])
    } else {
        fresh.clone()
    };
    for trouble in &mail.troubles {
        text.push_str("\n⚠ ");
        text.push_str(trouble);
    }
    (text, is_cut)
}

/// Its HTML, if that shows the same as the text.
pub(super) fn shown_html(mail: &IncomingMail, is_cut: bool) -> Option<&str> {
    if mail.troubles.is_empty() && !is_cut { mail.fresh.html.as_deref() } else { None }
}

/// The file that has the whole of a text that is cut.
pub(super) fn whole_text(mail: &IncomingMail) -> IncomingFile {
    IncomingFile {
        name: WHOLE_TEXT.to_owned(),
        mime: "text/plain".to_owned(),
        bytes: mail.text.clone().into_bytes(),
        content_id: None,
    }
}

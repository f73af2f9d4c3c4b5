//! A mail came in: whose it is, which ticket it belongs to, and what follows.

use sha2::{Digest, Sha256};

use super::incoming::{Bounce, IncomingFile, IncomingMail, Mailbox, Nature, Verdict};
use super::{Desk, chat_lane, mark, put_mark, refresh_card, say, words};
use crate::crash;
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress, LetterId, MailId, TicketId};
use crate::domain::number::{clean_subject, tags};
use crate::domain::queue::Queue;
use crate::domain::ticket::{Action, State, Ticket};
use crate::domain::token::Purpose;
use crate::store::articles::{Kind, NewArticle};
use crate::store::intake::StoredMail;
use crate::store::jobs::{Job, Leased};
use crate::store::people::Customer;
use crate::store::tickets::{Actor, NewTicket};
use crate::store::{Result, Tx};

/// Bytes of text that are shown in a room; an event holds 65,536 with all its copies and escapes.
const LONG_TEXT: usize = 12 << 10;
/// The file that has the whole of a longer one.
const WHOLE_TEXT: &str = "whole-text.txt";

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
struct Arrival<'a> {
    stored: &'a StoredMail,
    mail: &'a IncomingMail,
    from: &'a Mailbox,
    queue: Queue,
    customer: Customer,
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
            match read {
                Ok(mail) => self.sort(&mut tx, &stored, mail).await?,
                Err(why) => self.quarantine(&mut tx, &stored, why, false).await?,
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
        let signed = self.signed_letter(tx, stored, mail).await?;
        if let Nature::Bounce(bounce) = &mail.nature {
            return match signed {
                Some((Purpose::Bounce, letter)) => self.bounced(tx, stored, mail, bounce, letter).await,
                _ => self.quarantine(tx, stored, "a delivery report about no mail of this desk", true).await,
            };
        }
        let Some(from) = &mail.from else {
            return self.quarantine(tx, stored, "it has no readable sender", false).await;
        };
        let queue = tx.queue(stored.queue).await?;
        if tx.queues().await?.iter().any(|queue| queue.address == from.address) && is_automatic(stored, mail) {
            return self.quarantine(tx, stored, "automatic mail of this desk's own", true).await;
        }
        let customer = tx.customer_at(&from.address, &from.name).await?;
        let arrival = Arrival { stored, mail, from, queue, customer };
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
            self.acknowledge(tx, &ticket, &arrival.queue, &arrival.customer).await?;
        }
        Ok(())
    }

    async fn follow_up(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
        let mut ticket = tx.lock_ticket(ticket).await?;
        tx.add_participant(ticket.id, arrival.customer.id).await?;
        if !is_automatic(arrival.stored, arrival.mail) {
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
    async fn add_mail(
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
                sender: Sender::Customer,
                visibility,
                agent: None,
                customer: Some(arrival.customer.id),
                mail: Some(arrival.stored.id),
                subject: Some(&clean_subject(&mail.subject)),
                text: &text,
                html: if mail.troubles.is_empty() && !is_cut { mail.fresh.html.as_deref() } else { None },
                whole_text: (mail.fresh.folded > 0 || is_cut).then_some(mail.text.as_str()),
                folded: mail.fresh.folded,
                on_card,
                event: None,
            })
            .await?;
        tx.set_fate(arrival.stored.id, "article").await?;
        if let Some(id) = &mail.message_id {
            tx.add_message_id(id, ticket.id, article).await?;
        }
        if !on_card {
            tx.enqueue(&chat_lane(ticket.id), &Job::Article { article }).await?;
        }
        let whole = is_cut.then(|| IncomingFile {
            name: WHOLE_TEXT.to_owned(),
            mime: "text/plain".to_owned(),
            bytes: mail.text.clone().into_bytes(),
            content_id: None,
        });
        for (position, file) in mail.attachments.iter().chain(&whole).enumerate() {
            let file = tx
                .add_file(article, position + 1, &file.name, &file.mime, file.content_id.as_deref(), &file.bytes)
                .await?;
            tx.enqueue(&chat_lane(ticket.id), &Job::File { file }).await?;
        }
        let what = if visibility == Visibility::Held { "held mail" } else { "mail" };
        tx.audit(ticket.id, &Actor::Customer, what, None, Some(arrival.from.address.as_str())).await?;
        Ok(article)
    }

    /// A report about a mail of ours, at the address that only its envelope's sender names.
    async fn bounced(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
        bounce: &Bounce,
        letter: LetterId,
    ) -> Result<()> {
        let Some((ticket, _)) = tx.ticket_of_letter(letter).await? else {
            return self.quarantine(tx, stored, "a delivery report about no mail of this desk", true).await;
        };
        let mut ticket = tx.lock_ticket(ticket).await?;
        let row = tx.lock_letter(letter).await?;
        let text = bounce_words(bounce, row.sealed.to.as_str());
        let article = tx
            .add_article(&NewArticle {
                ticket: ticket.id,
                kind: Kind::Bounce,
                sender: Sender::System,
                visibility: Visibility::Internal,
                agent: None,
                customer: None,
                mail: Some(stored.id),
                subject: None,
                text: &text,
                html: None,
                whole_text: Some(&mail.text),
                folded: 0,
                on_card: false,
                event: None,
            })
            .await?;
        tx.set_fate(stored.id, "article").await?;
        tx.enqueue(&chat_lane(ticket.id), &Job::Article { article }).await?;
        match bounce.verdict {
            Verdict::Failed => {
                if tx.bounce_letter(letter, &bounce.diagnostic).await? {
                    self.not_delivered(tx, &mut ticket, &row).await?;
                }
            }
            Verdict::Delayed => {
                if let Some((room, event)) = &row.command {
                    put_mark(tx, room, event, mark::UNSURE).await?;
                }
            }
            Verdict::Delivered => {}
        }
        Ok(())
    }

    /// An answer will not arrive: mark it, reopen what it had closed, and call who is responsible.
    pub(super) async fn not_delivered(
        &self,
        tx: &mut Tx,
        ticket: &mut Ticket,
        row: &crate::store::letters::LetterRow,
    ) -> Result<()> {
        tx.audit(ticket.id, &Actor::System, "not delivered", None, Some(row.sealed.to.as_str())).await?;
        let Some((room, event)) = &row.command else { return Ok(()) };
        put_mark(tx, room, event, mark::NO).await?;
        self.call_back(tx, ticket, row, format!("❌ The answer to {} was not delivered.", row.sealed.to)).await
    }

    /// Reopens what an answer had closed, and says to whoever is responsible why.
    pub(super) async fn call_back(
        &self,
        tx: &mut Tx,
        ticket: &mut Ticket,
        row: &crate::store::letters::LetterRow,
        why: String,
    ) -> Result<()> {
        let Some((room, _)) = &row.command else { return Ok(()) };
        let closed_it =
            row.undo.as_ref().and_then(|undo| serde_json::from_value::<super::outgoing::Before>(undo.clone()).ok());
        if ticket.informed == Some(true) && closed_it.is_some_and(|before| before.after == ticket.state.name()) {
            for change in ticket.act(None, Action::AnswerFailed).unwrap_or_default() {
                tx.apply(ticket, &change, &Actor::System).await?;
            }
            refresh_card(tx, ticket.id).await?;
        }
        let mut called = Vec::new();
        if let Some(agent) = ticket.owner.or(ticket.last_owner) {
            called.push(tx.agent(agent).await?.user);
        }
        say(tx, room, ticket.id, words::Said::plain(why), called).await
    }

    async fn quarantine(&self, tx: &mut Tx, stored: &StoredMail, reason: &str, may_collapse: bool) -> Result<()> {
        let entry = tx.quarantine(stored.queue, stored.id, reason, may_collapse).await?;
        tx.enqueue(&format!("quarantine:{entry}"), &Job::Quarantine { entry }).await
    }
}

/// Whether a ticket still takes mail: one that was merged away would only hide it.
async fn takes_mail(tx: &mut Tx, ticket: TicketId) -> Result<bool> {
    Ok(tx.ticket(ticket).await?.state != State::Merged)
}

/// Whether a machine wrote it, also by its envelope: nobody can answer the null sender (RFC 3834 §2).
fn is_automatic(stored: &StoredMail, mail: &IncomingMail) -> bool {
    stored.envelope_from.as_deref() == Some("") || mail.nature != Nature::Human
}

/// The same mail by another route has the same one; a mail without an id has none, since nothing but
/// its content would tell it from the next one of its kind.
fn content_key(mail: &IncomingMail) -> Option<Vec<u8>> {
    let id = mail.message_id.as_ref()?;
    Some(Sha256::new().chain_update(id.as_str()).chain_update([0]).chain_update(mail.fingerprint).finalize().to_vec())
}

/// What is shown of a mail: its new text, cut if it is very long, and what could not be read.
fn shown_text(mail: &IncomingMail) -> (String, bool) {
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

fn bounce_words(bounce: &Bounce, recipient: &str) -> String {
    let what = match bounce.verdict {
        Verdict::Failed => "was not delivered",
        Verdict::Delayed => "is delayed; the other mail server is still trying",
        Verdict::Delivered => "was delivered",
    };
    let status = bounce.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
    let why = if bounce.diagnostic.is_empty() { String::new() } else { format!("\n{}", bounce.diagnostic) };
    format!("📪 The mail to {recipient} {what}{status}.{why}")
}

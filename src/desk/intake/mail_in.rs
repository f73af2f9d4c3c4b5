//! A mail came in: one transaction from its row to what becomes of it.

use super::arrival::Arrival;
use super::class::{Class, Facts, Signed, classify};
use super::context::Context;
use super::follow_up::follow_up;
use super::held::hold;
use super::incoming::{IncomingMail, Nature};
use super::open::open;
use super::quarantine::{self, About, Excess, Reason};
use super::repeated::{self, Seen};
use super::route::{self, Route, route};
use super::sender::Author;
use super::shown::keep_files;
use super::{across, archive, bounced, burst, clue, to_agent, verdict};
use crate::crash;
use crate::desk::Desk;
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress, LetterId, MailId, TicketId};
use crate::domain::response::Response;
use crate::domain::token::Purpose;
use crate::store::jobs::Leased;
use crate::store::mails::StoredMail;
use crate::store::{Result, Tx};

/// Takes up one mail, in one transaction with the end of its job. `read` is what the parser made of
/// it, or why it could not be read: then it is quarantined, with its raw bytes.
///
/// # Errors
/// If the record failed: then nothing happened, and the job is tried again.
pub async fn receive(
    desk: &Desk,
    leased: &Leased,
    mail: MailId,
    read: &std::result::Result<IncomingMail, String>,
) -> Result<()> {
    if let Ok(mail) = read {
        keep_files(&desk.store, mail).await?;
    }
    let mut tx = desk.store.begin().await?;
    if let Some(stored) = tx.mails().get(mail).await?
        && stored.is_waiting
    {
        if stored.is_imported {
            tx.come_last();
        }
        let mut context = Context::of(desk, &mut tx).await?;
        match (read, stored.verdict) {
            (_, Some(decided)) => verdict::carry_out(&mut context, &stored, read, decided).await?,
            (Ok(mail), None) => take_up(&mut context, &stored, mail).await?,
            (Err(why), None) => {
                let reason = Reason::Unreadable(why.clone());
                quarantine::keep(context.tx, &stored, About::nothing(), &reason).await?;
            }
        }
    }
    tx.finish(leased).await?;
    crash::point("mail.before_commit");
    tx.commit().await?;
    crash::point("mail.after_commit");
    Ok(())
}

/// Does with a mail what follows from what it is. One that came before ends here; what it has otherwise goes on.
async fn take_up(context: &mut Context<'_>, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
    let (first, other) = match repeated::seen(context.tx, stored, mail).await? {
        Seen::Same(first) => return context.tx.mails().set_copy_of(stored.id, first).await,
        Seen::Other(first, other) => (Some(first), Some(other)),
        Seen::Never => (None, None),
    };
    let mail = other.as_deref().unwrap_or(mail);
    let keys = context.tx.desk().keys().await?;
    let envelope = EmailAddress::parse(&stored.recipient);
    let recipients = || envelope.iter().chain(&mail.delivered_to).chain(mail.to.iter().map(|to| &to.address));
    if !stored.is_imported
        && let Some(told) = recipients().find_map(|address| keys.recognise_agent(address))
    {
        return to_agent::receive(context, stored, mail, told).await;
    }
    let author = Author::of(mail, |address| context.is_ours(address));
    let about = About::mail(author.mailbox.map(|from| &from.address), mail);
    let signed = match recipients().find_map(|address| keys.recognise(address)) {
        Some(named) => Some(signed(context.tx, mail, named).await?),
        None => None,
    };
    match classify(&facts(context, stored, mail, author, signed).await?) {
        Class::Report(letter, wording) => bounced::reported(context, stored, mail, letter, wording).await,
        Class::StrayReport => bounced::stray(context.tx, stored, mail).await,
        Class::ArchivedReport => archive::file_report(context.tx, stored, mail).await,
        Class::ArchivedAnswer => archive::file_answer(context, stored, mail).await,
        Class::Quarantine(reason) => quarantine::keep(context.tx, stored, about, &reason).await,
        Class::Incoming => incoming(context, stored, mail, author, (signed.map(|signed| signed.letter), first)).await,
    }
}

/// Looks up what a mail's class is told by.
async fn facts<'a>(
    context: &mut Context<'_>,
    stored: &'a StoredMail,
    mail: &'a IncomingMail,
    author: Author<'a>,
    signed: Option<Signed>,
) -> Result<Facts<'a>> {
    let address = author.mailbox.map(|from| &from.address);
    let is_blocked = match address {
        Some(address) => context.tx.blocks().contains(address).await?,
        None => false,
    };
    let is_by_us = address.is_some_and(|address| context.is_ours(address));
    let is_from_us = mail.from.as_ref().is_some_and(|from| context.is_ours(&from.address));
    Ok(Facts { stored, mail, author, is_blocked, is_by_us, is_from_us, signed })
}

/// The letter that one of the mail's recipients names, with what is to be known of it.
async fn signed(tx: &mut Tx, mail: &IncomingMail, (purpose, letter): (Purpose, LetterId)) -> Result<Signed> {
    let is_from_recipient = answers_by_itself(mail) && is_from_recipient(tx, mail, letter).await?;
    Ok(Signed { letter, purpose, is_from_recipient })
}

fn answers_by_itself(mail: &IncomingMail) -> bool {
    matches!(mail.nature, Nature::Response { what: Response::Automatic, .. })
}

/// Whether a mail is from whom a letter was for. The ticket's row is locked before its letter's (docs/architecture.md).
async fn is_from_recipient(tx: &mut Tx, mail: &IncomingMail, letter: LetterId) -> Result<bool> {
    let (Some(from), Some((ticket, _))) = (&mail.from, tx.letters().ticket_of(letter).await?) else { return Ok(false) };
    tx.tickets().lock(ticket).await?;
    Ok(tx.letters().lock(letter).await?.sealed.to.key() == from.address.key())
}

/// Takes what somebody wrote to us to where it belongs. `first` is the article as which it came before, if it did.
async fn incoming(
    context: &mut Context<'_>,
    stored: &StoredMail,
    mail: &IncomingMail,
    author: Author<'_>,
    (signed, first): (Option<LetterId>, Option<ArticleId>),
) -> Result<()> {
    let Some(from) = author.mailbox else { return Ok(()) };
    let queue = context.queue(stored.queue).await?;
    let customer = if stored.is_imported {
        context.tx.customers().at_from_archive(&from.address, &from.name).await?
    } else {
        context.tx.customers().at(&from.address, &from.name).await?
    };
    let found = author.found(mail, context.settings.authserv_id.as_deref());
    let mut arrival = Arrival { stored, mail, from, queue, customer, sender: Sender::Customer, rule: "", found };
    let (clue, takes_part) = match first {
        Some(first) => clue::as_before(context, &arrival, first).await?,
        None => clue::find(context, &arrival, signed).await?,
    };
    let automatic = if arrival.acts() { None } else { Some(mail.nature.sign().unwrap_or_default()) };
    let facts = route::Facts {
        clue,
        takes_part,
        found,
        is_asked: context.settings.authserv_id.is_some(),
        spam: mail.spam.as_deref(),
        automatic,
    };
    go(context, &mut arrival, route(&facts), first.is_some()).await
}

/// How a mail's author stands to the ticket that it comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// They take part in it.
    Participant,
    /// They have a mail of it.
    Newcomer,
    /// They were asked about it, and the customer is not to know.
    Asked,
    /// They claim to belong to it: an agent decides.
    Stranger,
}

/// Takes a mail its way.
async fn go(context: &mut Context<'_>, arrival: &mut Arrival<'_>, route: Route, is_repeated: bool) -> Result<()> {
    let (ticket, rule, standing) = match route {
        Route::Quarantine(reason) => {
            let about = About::mail(Some(&arrival.from.address), arrival.mail);
            return quarantine::keep(context.tx, arrival.stored, about, &reason).await;
        }
        Route::Open(rule) => {
            arrival.rule = rule;
            return open(context, arrival, None).await;
        }
        Route::Join(ticket, rule) => {
            let sibling = if is_repeated { None } else { across::here(context.tx, arrival, ticket).await? };
            (sibling.unwrap_or(ticket), rule, Standing::Participant)
        }
        Route::Newcomer(ticket, rule) => (ticket, rule, Standing::Newcomer),
        Route::Internal(ticket, rule) => (ticket, rule, Standing::Asked),
        Route::Hold(ticket, rule) => (ticket, rule, Standing::Stranger),
    };
    arrival.rule = rule;
    into(context, arrival, ticket, standing, is_repeated).await
}

/// Files a mail in a ticket that is there, unless that has it already as its copy to another queue, or has had too many. Of
/// one that came before it is known that what is left of it is new.
async fn into(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: TicketId,
    standing: Standing,
    is_repeated: bool,
) -> Result<()> {
    let (stored, mail) = (arrival.stored, arrival.mail);
    if !is_repeated && let Some(first) = repeated::copy_in(context.tx, stored, mail, ticket).await? {
        across::tell(context.tx, arrival, first).await?;
        return context.tx.mails().set_copy_of(stored.id, first).await;
    }
    let takes_part = standing == Standing::Participant;
    let is_known = takes_part || standing == Standing::Asked;
    if let Some(excess) = burst::excess(context, arrival, ticket, is_known).await? {
        return turn_aside(context, arrival, ticket, excess).await;
    }
    match standing {
        Standing::Stranger => hold(context, arrival, ticket, Visibility::Held).await?,
        Standing::Asked => hold(context, arrival, ticket, Visibility::Internal).await?,
        Standing::Participant | Standing::Newcomer => follow_up(context, arrival, ticket, takes_part).await?,
    }
    across::tell(context.tx, arrival, stored.id).await
}

/// Keeps a mail that is one too many for its ticket.
async fn turn_aside(context: &mut Context<'_>, arrival: &Arrival<'_>, ticket: TicketId, excess: Excess) -> Result<()> {
    match context.tx.merges().lock_canonical(ticket).await? {
        Some(ticket) => burst::turn_aside(context, arrival, &ticket, excess).await,
        None => open(context, arrival, None).await,
    }
}

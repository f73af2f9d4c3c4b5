//! A mail becomes an article.

use std::collections::HashSet;

use super::arrival::Arrival;
use super::context::{Context, owns};
use super::incoming::{IncomingMail, Nature};
use super::sender::Authenticated;
use super::shown::{body, files, new_file, shown_text};
use super::{related, subject};
use crate::desk::agent_mail::ask_to_tell;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{ArticleId, EmailAddress};
use crate::domain::queue::Queue;
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::Result;
use crate::store::articles::{NewArticle, Origin, Source};
use crate::store::jobs;
use crate::store::mails::MailFate;

/// How many of the others who got a mail are named.
const MOST_COPIES: usize = 10;

/// Writes the mail as an article, with its files, its id and the jobs that show it.
pub(super) async fn add_mail(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: &Ticket,
    visibility: Visibility,
    on_card: bool,
) -> Result<ArticleId> {
    let mail = arrival.mail;
    let (text, is_cut) = shown_text(mail);
    let reply_to = wanted_elsewhere(arrival, &context.queues).filter(|_| visibility != Visibility::Internal);
    let everybody = mail.to.iter().chain(&mail.cc).map(|other| &other.address);
    let copies = copies(&arrival.from.address, everybody, &context.queues);
    let tx = &mut *context.tx;
    let subject = subject::cleaned(tx, &mail.subject).await?;
    let response = match mail.nature {
        Nature::Response { what, .. } => Some(what),
        _ => None,
    };
    let article = tx
        .articles()
        .add(&NewArticle {
            ticket: ticket.id,
            kind: Kind::Mail,
            sender: arrival.sender,
            visibility,
            origin: Origin::Mail(Source {
                mail: arrival.stored.id,
                customer: arrival.customer.id,
                subject: &subject,
                written_at: mail.date,
                reply_to,
                copies: copies.as_deref(),
                response,
            }),
            body: body(mail, &text, is_cut),
            on_card,
        })
        .await?;
    tx.mails()
        .set_fate(arrival.stored.id, MailFate::Article, arrival.rule, arrival.found.map(Authenticated::name))
        .await?;
    if let Some(id) = &mail.message_id {
        tx.message_ids().add(id, ticket.id, article).await?;
    }
    if visibility == Visibility::Customer {
        related::note(tx, arrival, ticket.id).await?;
    }
    if !on_card {
        tx.enqueue(jobs::Article { ticket: ticket.id, article });
    }
    for (position, file) in files(mail).enumerate() {
        let file = tx.files().add(article, position + 1, &new_file(file, arrival.stored.id)).await?;
        tx.enqueue(jobs::File { ticket: ticket.id, file });
    }
    if visibility == Visibility::Customer && !arrival.stored.is_imported && response.is_none() {
        ask_to_tell(tx, ticket.id, article).await?;
    }
    let from = arrival.from.address.clone();
    let event = match visibility {
        Visibility::Held => TicketEvent::MailHeld { article, from },
        Visibility::Internal => TicketEvent::ForwardAnswered { article, from },
        Visibility::Customer => TicketEvent::MailReceived { article, from },
    };
    let actor = if arrival.sender == Sender::Customer { Actor::Customer } else { Actor::System };
    tx.audit().record(ticket.id, &actor, &event).await?;
    Ok(article)
}

/// Where a mail wants its answer, if that is neither who wrote it nor the desk itself. It is never followed
/// unasked: whoever forges a mail would have us answer to wherever they like (R40).
fn wanted_elsewhere<'a>(arrival: &Arrival<'a>, queues: &[Queue]) -> Option<&'a EmailAddress> {
    if arrival.stored.is_imported {
        return None;
    }
    reply_to(arrival.mail, &arrival.from.address).filter(|wanted| !owns(queues, wanted))
}

/// Where a mail by that author wants its answer, if that is somebody else and a person may be asked for it.
fn reply_to<'a>(mail: &'a IncomingMail, author: &EmailAddress) -> Option<&'a EmailAddress> {
    let wanted = &mail.reply_to.as_ref()?.address;
    let only_answers = matches!(mail.nature, Nature::Response { .. });
    // A list that put itself into From, with the writer beside it, is nobody to answer either.
    let stands_in_from = mail.from.as_ref().is_some_and(|from| from.address.key() == wanted.key());
    let is_author = wanted.key() == author.key();
    (!only_answers && !is_author && !stands_in_from).then_some(wanted)
}

/// Who else a mail went to, as it says: shown, so that an agent can let them take part; by itself nobody does (R49).
fn copies<'a>(
    author: &EmailAddress,
    everybody: impl Iterator<Item = &'a EmailAddress>,
    queues: &[Queue],
) -> Option<String> {
    let mut known: HashSet<String> = HashSet::from([author.key()]);
    let mut others: Vec<&str> =
        everybody.filter(|other| known.insert(other.key()) && !owns(queues, other)).map(EmailAddress::as_str).collect();
    let more = others.len().saturating_sub(MOST_COPIES);
    others.truncate(MOST_COPIES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!others.is_empty()).then(|| others.join(", ") + more.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample::{address, mailbox, queue};
    use crate::domain::response::Response;

    #[test]
    fn an_answer_is_wanted_elsewhere_only_if_that_is_somebody_else() {
        let receipt = Nature::Response { what: Response::Receipt, sign: "x".to_owned() };
        for (from, reply, nature, author, wanted) in [
            ("carol@x.test", None, Nature::Human, "carol@x.test", None),
            ("carol@x.test", Some("carol@x.test"), Nature::Human, "carol@x.test", None),
            ("carol@x.test", Some("Carol@X.test"), Nature::Human, "carol@x.test", None),
            ("carol@x.test", Some("bob@x.test"), Nature::Human, "carol@x.test", Some("bob@x.test")),
            ("carol@x.test", Some("bob@x.test"), receipt, "carol@x.test", None),
            ("list@x.test", Some("list@x.test"), Nature::Human, "carol@x.test", None),
        ] {
            let (from, reply_to_of) = (Some(mailbox(from)), reply.map(mailbox));
            let mail = IncomingMail { from, reply_to: reply_to_of, nature, ..IncomingMail::default() };
            let found = reply_to(&mail, &address(author)).map(EmailAddress::as_str);
            assert_eq!(found, wanted, "{reply:?} of {author}");
        }
    }

    #[test]
    fn the_others_are_named_once_each_and_without_the_desk_and_its_author() {
        let many: Vec<String> = (0..MOST_COPIES + 2).map(|n| format!("n{n}@x.test")).collect();
        let first = many[..MOST_COPIES].join(", ");
        for (everybody, wanted) in [
            (vec![], None),
            (vec!["support@desk.test", "carol@x.test"], None),
            (vec!["Support+x@desk.test", "CAROL@x.test", "bob@x.test"], Some("bob@x.test".to_owned())),
            (vec!["bob@x.test", "Bob@x.test", "dan@x.test"], Some("bob@x.test, dan@x.test".to_owned())),
            (many[..MOST_COPIES].iter().map(String::as_str).collect(), Some(first.clone())),
            (many.iter().map(String::as_str).collect(), Some(format!("{first} and 2 more"))),
        ] {
            let addresses: Vec<_> = everybody.iter().map(|text| address(text)).collect();
            let copies = copies(&address("carol@x.test"), addresses.iter(), &[queue()]);
            assert_eq!(copies, wanted, "{everybody:?}");
        }
    }
}

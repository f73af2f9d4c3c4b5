//! A report about a mail of ours came in.

use super::burst;
use super::class::Wording;
use super::context::Context;
use super::incoming::{Bounce, IncomingMail, Nature, Verdict};
use super::quarantine::{self, About, Reason};
use crate::desk::outbound::failed::{not_delivered, responsible, room_of};
use crate::desk::words::Said;
use crate::desk::{mark, put_mark, say};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{LetterId, MessageId};
use crate::domain::number::{Number, shorten};
use crate::domain::ticket::Ticket;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::jobs;
use crate::store::letters::LetterRow;
use crate::store::mails::{MailFate, StoredMail};
use crate::store::{Result, Tx};

/// How many characters are shown of a report that was not understood.
const WORDS: usize = 300;

/// Files a report about a letter, by a signed address of it, and does what follows.
pub(super) async fn reported(
    context: &mut Context<'_>,
    stored: &StoredMail,
    mail: &IncomingMail,
    letter: LetterId,
    wording: Wording,
) -> Result<()> {
    let Some((ticket, _)) = context.tx.letters().ticket_of(letter).await? else {
        return quarantine::keep(context.tx, stored, About::mail(None, mail), &Reason::StrayReport(None)).await;
    };
    let mut ticket = context.tx.tickets().lock(ticket).await?;
    let row = context.tx.letters().lock(letter).await?;
    let bounce = bounce(mail, wording);
    let rule = "a delivery report, to the signed address of the mail that it is about";
    let is_shown = !burst::is_excess_report(context, (stored, mail), &ticket).await?;
    if is_shown {
        let text = words(&bounce, row.sealed.to.as_str());
        file_report(context.tx, stored, mail, &ticket, (&text, rule)).await?;
    }
    follow(context, &mut ticket, &row, (&bounce, is_shown)).await
}

/// What a report says; of one that is not understood how it begins.
fn bounce(mail: &IncomingMail, wording: Wording) -> Bounce {
    if let (Nature::Bounce(bounce), Wording::Clear) = (&mail.nature, wording) {
        return bounce.clone();
    }
    let diagnostic = beginning(&mail.fresh.text, &mail.subject);
    Bounce { verdict: Verdict::Unclear, diagnostic, ..Bounce::default() }
}

/// Does what follows from a report: whoever wrote the letter sees it at their message, and is called if it won't arrive. Of
/// one that is not shown only a failure counts.
async fn follow(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    row: &LetterRow,
    (bounce, is_shown): (&Bounce, bool),
) -> Result<()> {
    let tx = &mut *context.tx;
    if bounce.verdict == Verdict::Failed && tx.letters().bounce(row.id, &bounce.diagnostic).await? {
        let code = bounce.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
        let why = format!("{}{code}", bounce.diagnostic);
        return not_delivered(tx, ticket, row, (why.trim(), &context.settings.prefix)).await;
    }
    if row.automatic || !is_shown {
        return Ok(());
    }
    if matches!(bounce.verdict, Verdict::Delayed | Verdict::Unclear)
        && let Some((room, event)) = &row.command
    {
        put_mark(tx, room, event, mark::UNSURE);
    }
    if bounce.verdict == Verdict::Unclear
        && let Some(room) = room_of(tx, row).await?
    {
        let said = format!("⚠️ Perhaps the mail to {} was not delivered: please look.", row.sealed.to);
        let called = responsible(tx, ticket).await?;
        say(tx, &room, ticket.id, Said::plain(said), called);
    }
    Ok(())
}

/// Keeps a report that came to no signed address: nothing proves what it is about.
pub(super) async fn stray(tx: &mut Tx, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
    let about = number_of(tx, mail).await?;
    quarantine::keep(tx, stored, About::mail(None, mail), &Reason::StrayReport(about)).await
}

/// The ticket whose mail a report says that it is about.
async fn number_of(tx: &mut Tx, mail: &IncomingMail) -> Result<Option<Number>> {
    match tx.message_ids().ticket_of(&originals(mail), None).await? {
        Some(ticket) => Ok(Some(tx.tickets().get(ticket).await?.number)),
        None => Ok(None),
    }
}

/// The mails that a report says that it is about.
pub(super) fn originals(mail: &IncomingMail) -> Vec<MessageId> {
    match &mail.nature {
        Nature::Bounce(bounce) => bounce.original.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Writes a report as an internal article of a ticket.
pub(super) async fn file_report(
    tx: &mut Tx,
    stored: &StoredMail,
    mail: &IncomingMail,
    ticket: &Ticket,
    (text, rule): (&str, &str),
) -> Result<()> {
    let article = tx
        .articles()
        .add(&NewArticle {
            ticket: ticket.id,
            kind: Kind::Bounce,
            sender: Sender::System,
            visibility: Visibility::Internal,
            origin: Origin::Report(stored.id),
            body: Body { whole_text: Some(&mail.text), ..Body::plain(text) },
            on_card: false,
        })
        .await?;
    tx.mails().set_fate(stored.id, MailFate::Article, rule, None).await?;
    tx.enqueue(jobs::Article { ticket: ticket.id, article });
    Ok(())
}

/// What a mail says, as far as it fits where a report's reason stands.
fn beginning(text: &str, subject: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(if words.is_empty() { subject } else { &words }, WORDS)
}

/// A report in the desk's words.
pub(super) fn words(bounce: &Bounce, recipient: &str) -> String {
    let what = match bounce.verdict {
        Verdict::Failed => "was not delivered",
        Verdict::Delayed => "is delayed; the other mail server is still trying",
        Verdict::Delivered => "was delivered",
        Verdict::Unclear => "was perhaps not delivered; a mail server wrote",
    };
    let status = bounce.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
    let why = if bounce.diagnostic.is_empty() { String::new() } else { format!("\n{}", bounce.diagnostic) };
    format!("📪 The mail to {recipient} {what}{status}.{why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::intake::incoming::Fresh;

    #[test]
    fn a_report_is_said_with_its_code_and_its_reason() {
        for (verdict, status, diagnostic, wanted) in [
            (Verdict::Failed, Some("5.1.1"), "no such user", "was not delivered (5.1.1).\nno such user"),
            (Verdict::Failed, None, "", "was not delivered."),
            (Verdict::Delayed, Some("4.4.1"), "", "is delayed; the other mail server is still trying (4.4.1)."),
            (Verdict::Delivered, None, "relayed", "was delivered.\nrelayed"),
            (Verdict::Unclear, None, "Hm.", "was perhaps not delivered; a mail server wrote.\nHm."),
        ] {
            let (status, diagnostic) = (status.map(str::to_owned), diagnostic.to_owned());
            let bounce = Bounce { verdict, status, diagnostic, ..Bounce::default() };
            assert_eq!(words(&bounce, "carol@x.test"), format!("📪 The mail to carol@x.test {wanted}"), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_no_report_by_its_form_is_one_that_is_not_understood() {
        let clear = Bounce { verdict: Verdict::Delivered, ..Bounce::default() };
        let mail = |nature: Nature, text: &str| IncomingMail {
            nature,
            subject: "Oh dear".to_owned(),
            fresh: Fresh { text: text.to_owned(), ..Fresh::default() },
            ..IncomingMail::default()
        };
        let long = "word ".repeat(100);
        for (nature, wording, text, verdict, diagnostic) in [
            (Nature::Bounce(clear.clone()), Wording::Clear, "x", Verdict::Delivered, String::new()),
            (Nature::Human, Wording::Unclear, "No \n such\tuser", Verdict::Unclear, "No such user".to_owned()),
            (Nature::Human, Wording::Unclear, " \n", Verdict::Unclear, "Oh dear".to_owned()),
            (Nature::Human, Wording::Unclear, &long, Verdict::Unclear, shorten(long.trim_end(), WORDS)),
        ] {
            let bounce = bounce(&mail(nature, text), wording);
            assert_eq!((bounce.verdict, bounce.diagnostic), (verdict, diagnostic), "{text:?}");
        }
    }
}

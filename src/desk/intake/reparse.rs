//! An article is read again from its mail's raw bytes, after the reader has become better (R11).

use super::incoming::IncomingMail;
use super::shown::{body, files, keep_files, new_file, shown_text};
use super::subject;
use crate::desk::{refresh_card, words};
use crate::domain::id::{ArticleId, MailId, TicketId};
use crate::store::jobs;
use crate::store::readings::{ReadAgain, Readable};
use crate::store::{Result, Store, Tx};

/// What reading a mail again has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Whether what is shown of it differs.
    pub text: bool,
    /// How many files were found that were not there before.
    pub files: usize,
}

/// Rebuilds an article from what its mail says. Nothing is sent, and the ticket stays as it is; what
/// stands in the room is edited if it differs, and files that were missed are added.
///
/// # Errors
/// If the record failed: then nothing happened.
pub async fn reparse(store: &Store, article: ArticleId, mail: &IncomingMail) -> Result<Mended> {
    keep_files(store, mail).await?;
    let mut tx = store.begin().await?;
    tx.come_last();
    let Some(before) = tx.readings().get(article).await? else { return Ok(Mended::default()) };
    let ticket = tx.tickets().lock(before.ticket).await?.id;
    let (text, is_cut) = shown_text(mail);
    let subject = subject::cleaned(&mut tx, &mail.subject).await?;
    let now = ReadAgain {
        body: body(mail, &text, is_cut),
        subject: &subject,
        written_at: mail.date,
        // What has grown beyond the card gets a message of its own.
        on_card: before.on_card && words::fits_card(&text),
    };
    let is_changed = before.text != now.body.text || before.html.as_deref() != now.body.html;
    tx.readings().set(article, &now).await?;
    if is_changed {
        show_again(&mut tx, ticket, article, &before, now.on_card).await?;
    }
    let files = add_missed(&mut tx, (ticket, article, before.mail), mail).await?;
    tx.commit().await?;
    Ok(Mended { text: is_changed, files })
}

/// Has what stands in the room edited. If it does not stand there yet, the job that puts it there comes first.
async fn show_again(tx: &mut Tx, ticket: TicketId, article: ArticleId, before: &Readable, on_card: bool) -> Result<()> {
    if before.is_first {
        refresh_card(tx, ticket);
    }
    let leaves_card = before.on_card && !on_card;
    if leaves_card {
        tx.readings().take_off_card(article).await?;
    }
    if !on_card {
        tx.enqueue(jobs::Article { ticket, article });
    }
    Ok(())
}

/// Adds the files that the article has not got.
async fn add_missed(
    tx: &mut Tx,
    (ticket, article, raw): (TicketId, ArticleId, MailId),
    mail: &IncomingMail,
) -> Result<usize> {
    let mut known = tx.files().known_in(article).await?;
    let mut position = known.iter().map(|file| file.position).max().unwrap_or_default();
    let mut added = 0;
    for file in files(mail) {
        let same = known.iter().position(|known| known.is_same(&file.name, &file.mime, file.digest));
        if let Some(same) = same {
            // Twice in the mail is twice in the article.
            known.swap_remove(same);
            continue;
        }
        position += 1;
        let id = tx.files().add(article, position, &new_file(file, raw)).await?;
        tx.enqueue(jobs::File { ticket, file: id });
        added += 1;
    }
    Ok(added)
}

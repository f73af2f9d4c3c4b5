//! The same mail again: by another way, or with something else in it.
//!
//! A Message-ID, sender, date, subject and text that were here before make no second ticket. But whoever writes them can
//! put another file or other HTML beside them, and what was accepted must be seen: so that is shown where the first one is.

use sha2::{Digest, Sha256};

use super::incoming::{Fresh, IncomingFile, IncomingMail};
use super::shown::{files as files_of, shown_html, shown_text};
use crate::domain::id::{ArticleId, MailId, TicketId};
use crate::store::mails::StoredMail;
use crate::store::{Result, Tx};

/// Whether a mail came before.
pub(super) enum Seen {
    /// It did not.
    Never,
    /// As that mail, in all that would be shown of it.
    Same(MailId),
    /// As the mail of that article, but for what is left in this one.
    Other(ArticleId, Box<IncomingMail>),
}

/// Looks whether a queue has seen a mail before, and notes that it has now.
pub(super) async fn seen(tx: &mut Tx, stored: &StoredMail, mail: &IncomingMail) -> Result<Seen> {
    let Some(key) = content_key(stored, mail) else { return Ok(Seen::Never) };
    let whole = whole_key(&key, mail);
    let first = tx.mails().see(stored.queue, &key, stored.id).await?;
    let same = tx.mails().see(stored.queue, &whole, stored.id).await?;
    let first = match (first, same) {
        (None, _) => return Ok(Seen::Never),
        (Some(_), Some(same)) => return Ok(Seen::Same(same)),
        (Some(first), None) => first,
    };
    // One in quarantine is seen there, and so is whatever comes under its name.
    let Some(article) = tx.articles().of_mail(first).await? else { return Ok(Seen::Never) };
    Ok(match difference(tx, article, mail).await? {
        Some(other) => Seen::Other(article, Box::new(other)),
        None => Seen::Same(first),
    })
}

/// The mail by which a ticket has this one already: its copy to another queue. The ticket is locked first, since the copies
/// may be read at the same time.
pub(super) async fn copy_in(
    tx: &mut Tx,
    stored: &StoredMail,
    mail: &IncomingMail,
    ticket: TicketId,
) -> Result<Option<MailId>> {
    let Some(key) = content_key(stored, mail) else { return Ok(None) };
    let Some(ticket) = tx.merges().lock_canonical(ticket).await? else { return Ok(None) };
    tx.mails().of_content(ticket.id, &whole_key(&key, mail)).await
}

/// The same mail by another route has the same one; a mail without an id has none, since nothing but
/// its content would tell it from the next one of its kind. A header alone has another one than its whole mail.
fn content_key(stored: &StoredMail, mail: &IncomingMail) -> Option<Vec<u8>> {
    let id = mail.message_id.as_ref()?;
    let hash = Sha256::new().chain_update(id.as_str()).chain_update([0]).chain_update(mail.fingerprint);
    let hash = if stored.left_behind.is_some() { hash.chain_update(b"header") } else { hash };
    Some(hash.finalize().to_vec())
}

/// The same over all else that is shown.
fn whole_key(content_key: &[u8], mail: &IncomingMail) -> Vec<u8> {
    let html = mail.fresh.html.as_deref().map(str::as_bytes);
    let files =
        mail.attachments.iter().flat_map(|file| [file.name.as_bytes(), file.mime.as_bytes(), file.digest.bytes()]);
    let mut hash = Sha256::new().chain_update(content_key).chain_update([u8::from(html.is_some())]);
    for part in html.into_iter().chain(files) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// What a mail has otherwise than the article that its text already is. `None`: nothing that would be seen.
async fn difference(tx: &mut Tx, article: ArticleId, mail: &IncomingMail) -> Result<Option<IncomingMail>> {
    let before = tx.articles().get(article).await?;
    let mut missing = tx.files().known_in(article).await?;
    let (_, is_cut) = shown_text(mail);
    let mut new = Vec::new();
    for file in files_of(mail) {
        match missing.iter().position(|known| known.is_same(&file.name, &file.mime, file.digest)) {
            Some(same) => drop(missing.swap_remove(same)),
            None => new.push(file.clone()),
        }
    }
    let is_other_html = shown_html(mail, is_cut) != before.html.as_deref();
    if new.is_empty() && missing.is_empty() && !is_other_html {
        return Ok(None);
    }
    Ok(Some(again(mail, new, missing.len(), is_other_html)))
}

/// The mail as it is shown: that it came before, and what is other. The words are ours alone and have no markup, so they may
/// stand before a mail's HTML.
fn again(mail: &IncomingMail, new: Vec<IncomingFile>, missing: usize, is_other_html: bool) -> IncomingMail {
    let others = [
        (!new.is_empty()).then(|| format!("with {} that it had not", files(new.len()))),
        (missing > 0).then(|| format!("without {} that it had", files(missing))),
        is_other_html.then(|| "with other HTML".to_owned()),
    ];
    let others = others.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let words = format!("(The same mail as one before, {others}.)");
    let mut mail = mail.clone();
    mail.attachments = new;
    mail.fresh = if is_other_html {
        Fresh {
            text: format!("{words}\n\n{}", mail.fresh.text),
            html: mail.fresh.html.map(|html| format!("{words} {html}")),
            ..mail.fresh
        }
    } else {
        Fresh { own: words.clone(), text: words, html: None, folded: 0 }
    };
    mail
}

fn files(count: usize) -> String {
    if count == 1 { "a file".to_owned() } else { format!("{count} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> IncomingFile {
        IncomingFile::new(name.to_owned(), "text/plain".to_owned(), bytes.to_vec())
    }

    #[test]
    fn no_two_mails_that_look_different_have_one_key() {
        let with = |html: Option<&str>, attachments: Vec<IncomingFile>| {
            let fresh = Fresh { html: html.map(str::to_owned), ..Fresh::default() };
            whole_key(b"key", &IncomingMail { fresh, attachments, ..IncomingMail::default() })
        };
        let keys = [
            with(None, vec![]),
            with(Some(""), vec![]),
            with(Some("<b>x</b>"), vec![]),
            with(None, vec![file("a", b"bc")]),
            with(None, vec![file("ab", b"c")]),
            with(None, vec![file("a", b"b"), file("c", b"")]),
        ];
        let mut different = keys.to_vec();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), keys.len());
    }

    #[test]
    fn what_came_again_says_what_is_other() {
        let fresh = Fresh { text: "Hello".to_owned(), html: Some("<b>Hello</b>".to_owned()), ..Fresh::default() };
        let mail = IncomingMail { fresh, ..IncomingMail::default() };
        let files = again(&mail, vec![file("a", b"b")], 2, false).fresh;
        assert_eq!(
            (files.text.as_str(), files.html),
            ("(The same mail as one before, with a file that it had not, without 2 files that it had.)", None)
        );
        let html = again(&mail, vec![], 0, true).fresh;
        assert_eq!(html.text, "(The same mail as one before, with other HTML.)\n\nHello");
        assert_eq!(html.html.as_deref(), Some("(The same mail as one before, with other HTML.) <b>Hello</b>"));
    }
}

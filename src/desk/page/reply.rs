//! What a customer writes on the page: a row like a mail's, and then the way of every mail.

use sha2::{Digest, Sha256};

use super::link::Opened;
use super::mail::{Reply, ReplyFile};
use super::view::{MayReply, may_reply};
use crate::desk::Desk;
use crate::domain::id::MessageId;
use crate::domain::token::Purpose;
use crate::store::intake::{Accepted, DeliveryKey, NewMail, Route};
use crate::store::{Result, Tx};

/// What was sent from the page.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The token of the page.
    pub token: String,
    /// The form's own random word: the same form sent twice is one reply.
    pub form: String,
    /// What was typed.
    pub text: String,
    /// The files.
    pub files: Vec<ReplyFile>,
}

/// Why nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The ticket is closed and stays so.
    Closed,
    /// There is nothing in it.
    Empty,
    /// It can't be put into a mail, and what of it.
    NotComposable(String),
}

/// Takes what was sent from a page: when this returns [`Accepted`], it is committed. The transaction, which has only read, ends.
///
/// # Errors
/// If it is not certain that it is committed: then whoever wrote it must keep it and send it again.
pub async fn take(
    desk: &Desk,
    mut tx: Tx,
    opened: &Opened,
    written: Written,
) -> Result<std::result::Result<Accepted, NotTaken>> {
    if may_reply(opened) == MayReply::No {
        return Ok(Err(NotTaken::Closed));
    }
    if written.text.trim().is_empty() && written.files.is_empty() {
        return Ok(Err(NotTaken::Empty));
    }
    let (queue, ticket) = (&opened.queue, &opened.ticket);
    let content = content(&written);
    let key = DeliveryKey::of_form(&written.token, &written.form, &content);
    let id = format!("page.{}@{}", data_encoding::HEXLOWER.encode(&key.digest()[..16]), queue.address.domain());
    let signed = tx.desk().keys().await?.mint(&queue.address, Purpose::Reply, opened.letter);
    let (Some(to), Some(message_id)) = (signed, MessageId::parse(&id)) else {
        return Ok(Err(NotTaken::NotComposable("its queue's address is too long to be signed".to_owned())));
    };
    let reply = Reply {
        from_name: opened.customer.name.clone(),
        from: opened.customer.address.clone(),
        to: to.clone(),
        subject: format!("Re: {} {}", ticket.number.tag(), ticket.subject),
        message_id,
        at: tx.now(),
        text: written.text,
        files: written.files,
    };
    drop(tx);
    let raw = match desk.composer.compose_reply(&reply) {
        Ok(raw) => raw,
        Err(what) => return Ok(Err(NotTaken::NotComposable(what))),
    };
    let mail = NewMail {
        queue: queue.id,
        route: Route::Page,
        recipient: to.as_str().to_owned(),
        envelope_from: Some(opened.customer.address.as_str().to_owned()),
        raw: raw.into(),
        left_behind: None,
        key,
    };
    let accepted = desk.store.accept_mails(vec![mail]).await?;
    Ok(Ok(accepted.into_iter().next().unwrap_or(Accepted::Again)))
}

/// What makes two replies from one form the same one.
fn content(written: &Written) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(written.text.replace("\r\n", "\n").trim());
    for file in &written.files {
        hash.update([0]);
        hash.update(&file.name);
        hash.update([0]);
        hash.update(Sha256::digest(&file.bytes));
    }
    hash.finalize().into()
}

//! `ticketloom deliver`: one mail from a mail server's pipe.

use crate::domain::id::EmailAddress;
use crate::store::Store;
use crate::store::intake::{DeliveryKey, NewMail, Route};

/// What became of a mail from the pipe. The exit codes are those of `sysexits.h`, which mail servers
/// understand: 0, 67 (`EX_NOUSER`: bounce it) and 75 (`EX_TEMPFAIL`: keep it and try again).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliverOutcome {
    /// It is committed, now or by an earlier call with the same bytes.
    Stored,
    /// No queue takes mail for that address.
    NoSuchQueue,
    /// It could not be committed for now; why.
    NotStored(String),
}

/// Commits one mail for one recipient. `envelope_from` is empty for the null sender, `None` if the
/// mail server did not say.
pub async fn deliver(
    store: &Store,
    recipient: &EmailAddress,
    envelope_from: Option<&str>,
    raw: Vec<u8>,
) -> DeliverOutcome {
    let queue = match store.queue_for_address(recipient).await {
        Ok(Some(queue)) => queue,
        Ok(None) => return DeliverOutcome::NoSuchQueue,
        Err(error) => return DeliverOutcome::NotStored(error.to_string()),
    };
    let mail = NewMail {
        queue,
        route: Route::Pipe,
        recipient: recipient.as_str().to_owned(),
        envelope_from: envelope_from.map(ToOwned::to_owned),
        key: DeliveryKey::of_bytes(recipient.as_str(), &raw),
        raw: raw.into(),
        left_behind: None,
    };
    match store.accept_mails(vec![mail]).await {
        Ok(_) => DeliverOutcome::Stored,
        Err(error) => DeliverOutcome::NotStored(error.to_string()),
    }
}

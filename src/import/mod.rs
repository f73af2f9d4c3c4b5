//! An archive comes in: stored as any mail is, read by the same rules, and nothing leaves because of it.
//!
//! That holds whoever reads it, this process or a desk that runs meanwhile, because it stands in the
//! mail's row ([`Route::Import`]). Cards and articles appear when a desk runs.

mod report;

use std::sync::Arc;
use std::time::Duration;

pub use self::report::Report;
use crate::desk::Desk;
use crate::dispatch::Reading;
use crate::domain::id::MailId;
use crate::domain::queue::Queue;
use crate::mail::archive::{Archive, ArchiveError, ArchivedMail};
use crate::mail::parse;
use crate::mail::reader::Reader;
use crate::mail::survey::survey;
use crate::store::StoreError;
use crate::store::intake::{Accepted, DeliveryKey, NewMail, Route, import_lane};
use crate::store::jobs::Class;
use crate::worker;

/// How much is stored before it is read: a desk that runs meanwhile finds a short lane, and an import
/// that is stopped leaves little unread.
const MAILS: usize = 200;
const BYTES: usize = 16 << 20;
/// How long until we look again whether another instance has read what it leased.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Why an import ended early. What came before is done, and is not done again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The record.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports an archive into a queue, on the record that the desk stands on. `passed` hears how many of
/// its bytes are through.
///
/// # Errors
/// If the archive can't be read on, or the record is away.
pub async fn import(
    desk: &Desk,
    reader: &Reader,
    queue: &Queue,
    archive: Archive,
    mut passed: impl FnMut(u64) + Send,
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut batch = Vec::new();
    let mut bytes = 0;
    for mail in archive {
        let mail = mail?;
        bytes += mail.raw.len();
        batch.push(mail);
        if batch.len() >= MAILS || bytes >= BYTES {
            passed(take(desk, reader, queue, std::mem::take(&mut batch), &mut report).await?);
            bytes = 0;
        }
    }
    passed(take(desk, reader, queue, batch, &mut report).await?);
    report.went_out = desk.store().letters_of_imports(&report.tickets()).await?;
    Ok(report)
}

/// Stores some mails, reads them, and notes what became of them. Returns how much of the archive they were.
async fn take(
    desk: &Desk,
    reader: &Reader,
    queue: &Queue,
    mails: Vec<ArchivedMail>,
    report: &mut Report,
) -> Result<u64, ImportError> {
    let store = desk.store();
    let recipient = queue.address.as_str();
    let senders: Vec<Option<String>> = mails.iter().map(|mail| parse::return_path(&mail.raw)).collect();
    let new: Vec<NewMail<'_>> = mails
        .iter()
        .zip(&senders)
        .map(|(mail, sender)| NewMail {
            queue: queue.id,
            route: Route::Import,
            recipient,
            envelope_from: sender.as_deref(),
            raw: &mail.raw,
            left_behind: None,
            key: DeliveryKey::of_bytes(recipient, &mail.raw),
        })
        .collect();
    let accepted = store.accept_mails(&new).await?;
    read_all(desk, reader, queue).await?;
    let mut ids: Vec<MailId> = Vec::with_capacity(accepted.len());
    let mut length = 0;
    for (mail, accepted) in mails.into_iter().zip(&accepted) {
        length += mail.length;
        if let Accepted::New(id) = accepted {
            ids.push(*id);
        }
        report.saw(survey(reader, mail.raw).await, *accepted == Accepted::Again);
    }
    for fate in store.fates(&ids).await? {
        report.became(&fate);
    }
    Ok(length)
}

/// Reads what is stored, together with whoever else reads it.
async fn read_all(desk: &Desk, reader: &Reader, queue: &Queue) -> Result<(), StoreError> {
    let lane = import_lane(queue.id);
    let reading = Arc::new(Reading { desk: desk.clone(), reader: reader.clone() });
    loop {
        let worked = worker::run_lane(desk.store(), Class::Desk, &lane, Arc::clone(&reading) as _).await?;
        if !desk.store().is_busy(&lane).await? {
            return Ok(());
        }
        if !worked {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

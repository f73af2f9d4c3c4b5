//! Running a command.

use super::commands::Command;
use super::reply::{Reply, Voice};
use super::request::Request;
use super::words;
use crate::desk::conversation::Stop;
use crate::store::Result;

/// Runs a command. What one that is refused has written before is taken back.
pub(super) async fn perform(mut request: Request<'_>, command: Command) -> Result<Reply> {
    let (entry, voice) = (command.entry(), Voice::of(request.context.settings));
    request.context.tx.savepoint().await?;
    match command.run(&mut request).await {
        Ok(reply) => Ok(reply),
        Err(Stop::Refused(refusal)) => {
            request.context.tx.back_to_savepoint().await?;
            Ok(Reply::refused(words::refusal(&refusal, &entry.form(voice.prefix), voice)))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}

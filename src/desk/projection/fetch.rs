//! Files that agents put into threads, to be kept.

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::post::Media;
use crate::desk::seams::Fault;
use crate::store::jobs::Fetch;

/// The largest file of an agent that is kept, in bytes.
const MOST_BYTES: u64 = 50 << 20;

impl Projection<'_> {
    /// Fetches a file that an agent put into a thread. One that can't be had is noted as such, so that the
    /// message it came with waits no longer.
    pub(super) async fn fetch(&self, job: &Fetch) -> Outcome {
        let fetched = if job.size > MOST_BYTES {
            Err(Fault::never(format!("it is larger than {} MiB", MOST_BYTES >> 20)))
        } else {
            self.chat.download(&Media(job.media.clone())).await
        };
        let kept = match fetched {
            Ok(bytes) => Ok(self.store.blobs().keep(bytes).await?),
            Err(Fault::Never { why }) => Err(why),
            Err(Fault::Later { why, .. }) if self.leased.is_last_chance() => Err(why),
            Err(later) => return Err(later.into()),
        };
        let mut tx = self.store.begin().await?;
        tx.fetched_files().set(&job.event, kept.as_ref().map_err(String::as_str).copied()).await?;
        tx.finish(self.leased).await?;
        Ok(tx.commit().await?)
    }
}

//! A mail that belongs to no article out: once at most.

use std::time::Duration;

use chrono::TimeDelta;

use crate::desk::failure::Outcome;
use crate::desk::seams::{BeforeDot, Delivery, Fault, Mailer, Sealed};
use crate::desk::words::Said;
use crate::desk::{Desk, tell_room};
use crate::domain::blob::Blob;
use crate::domain::printed::Printed;
use crate::domain::room::Purpose;
use crate::store::Store;
use crate::store::jobs::Leased;
use crate::store::once_mails::{OnceMail, OnceOutcome, OnceRow};

/// How long it is tried: news of yesterday is none.
const GIVE_UP: TimeDelta = TimeDelta::days(1);
/// The pause after a server put it off.
const PAUSE: Duration = Duration::from_mins(2);

/// Hands one mail to the mail server. One whose final dot may have been written is not sent again.
///
/// # Errors
/// The [`Failure`](crate::desk::failure::Failure) that decides when it is tried again.
pub async fn deliver(desk: &Desk, leased: &Leased, mailer: &dyn Mailer, id: OnceMail) -> Outcome {
    let store = desk.store();
    let Some(row) = store.begin().await?.once_mails().get(id).await? else { return done(store, leased).await };
    let Some(bytes) = row.bytes.clone() else { return done(store, leased).await };
    if row.is_past_dot {
        return settled(desk, leased, id, (&row, OnceOutcome::Unknown, "")).await;
    }
    let mail: Printed<Blob> = Printed::plain(bytes);
    // The null sender: nothing that comes back by itself is to be answered, and what is said at once is told.
    let sealed = Sealed { from: None, to: row.to.clone(), mail };
    match mailer.send(&row.queue, &sealed, &DotMark { store, leased, mail: id }).await {
        Delivery::Accepted { .. } => settled(desk, leased, id, (&row, OnceOutcome::Sent, "")).await,
        Delivery::Unknown { why } => settled(desk, leased, id, (&row, OnceOutcome::Unknown, &why)).await,
        Delivery::Refused { why } => settled(desk, leased, id, (&row, OnceOutcome::Failed, &why)).await,
        Delivery::Deferred { why } => {
            let mut tx = store.begin().await?;
            if tx.now() - row.created_at > GIVE_UP {
                drop(tx);
                return settled(desk, leased, id, (&row, OnceOutcome::Failed, &why)).await;
            }
            tx.once_mails().unmark_dot(id).await?;
            tx.commit().await?;
            Err(Fault::Later { after: Some(PAUSE), why }.into())
        }
    }
}

async fn settled(
    desk: &Desk,
    leased: &Leased,
    id: OnceMail,
    (row, outcome, why): (&OnceRow, OnceOutcome, &str),
) -> Outcome {
    let mut tx = desk.store().begin().await?;
    tx.once_mails().settle(id, outcome).await?;
    if let (OnceOutcome::Failed, OnceMail::ToAgent(id)) = (outcome, id)
        && let Some(told) = tx.agent_mails().get(id).await?
        && let Some(room) = tx.rooms().get(Purpose::Admins).await?
    {
        let agent = tx.agents().get(told.agent).await?;
        let prefix = &desk.settings().prefix;
        let said = format!(
            "⚠ A mail that told {} of a customer's mail did not reach {}: {why}. {prefix}agent add {} --mail ADDRESS sets another address.",
            agent.user, row.to, agent.user,
        );
        tell_room(&mut tx, &room, Said::plain(said), vec![]);
    }
    tx.finish(leased).await?;
    Ok(tx.commit().await?)
}

async fn done(store: &Store, leased: &Leased) -> Outcome {
    let mut tx = store.begin().await?;
    tx.finish(leased).await?;
    Ok(tx.commit().await?)
}

struct DotMark<'a> {
    store: &'a Store,
    leased: &'a Leased,
    mail: OnceMail,
}

#[async_trait::async_trait]
impl BeforeDot for DotMark<'_> {
    async fn mark(&self) -> Result<(), Fault> {
        self.store.mark_once_mail(self.leased, self.mail).await.map_err(|error| Fault::later(error.to_string()))
    }
}

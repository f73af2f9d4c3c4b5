//! Nothing is sent from a record that comes from a backup, until somebody says so.

use super::words::Said;
use super::{Desk, tell_room};
use crate::domain::room::Purpose;
use crate::store::Result;

/// What admins are told.
const RESTORED: &str = "This record is in another PostgreSQL or database than before, so it comes from a backup. Nothing is sent by mail or told to \
                        webhooks until you say so, since some of it may have been sent before: `ticketloom sending` on the desk's machine shows what \
                        would be sent, `ticketloom sending --resume` sends it.";

impl Desk {
    /// Looks whether the record comes from a backup, and then pauses sending and tells the admins.
    pub async fn look_where_it_is(&self) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if tx.sending().look_where_it_is().await? {
            tracing::warn!("{RESTORED}");
            if let Some(room) = tx.rooms().get(Purpose::Admins).await? {
                tell_room(&mut tx, &room, Said::plain(RESTORED), vec![]);
            }
        }
        tx.commit().await
    }
}

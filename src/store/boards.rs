//! What boards say: how many tickets of a queue are how, which come first, and who has how many.

use super::ticket_lists::TicketLine;
use super::{Result, Tx};
use crate::domain::id::{QueueId, UserId};

/// Among how many unlocked tickets the first ones are looked for: the most urgent, and of those the oldest. Of more than so
/// many the customer who waits longest may be missed; an index by that would have to be written with every mail.
const CANDIDATES: i64 = 200;

/// How many of a queue's tickets that are not over are how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Nobody's.
    pub unlocked: i64,
    /// Somebody's.
    pub locked: i64,
    /// Of both, those that wait for a time.
    pub pending: i64,
    /// Of both, those that are overdue with something.
    pub breached: i64,
}

/// What boards say.
pub struct Boards<'t>(pub(super) &'t mut Tx);

impl Boards<'_> {
    /// How many tickets of a queue are how.
    pub async fn counts(&mut self, queue: QueueId) -> Result<Counts> {
        Ok(sqlx::query_as!(
            Counts,
            r#"select count(*) filter (where owner_id is null) as "unlocked!", count(owner_id) as "locked!",
                      (select count(*) from ticket where queue_id = $1
                         and state in ('pending reminder', 'pending auto close+', 'pending auto close-')) as "pending!",
                      (select count(*) from ticket where queue_id = $1 and breached_at is not null) as "breached!"
               from ticket
               where queue_id = $1 and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')"#,
            queue.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// A queue's tickets that somebody should look at first: what is overdue, the longest first, whoever has it; then what
    /// nobody has: what waits for no time, the most urgent, the customers who have waited longest.
    pub async fn first(&mut self, queue: QueueId, most: usize) -> Result<Vec<TicketLine>> {
        let overdue = sqlx::query_scalar!(
            "select ticket_id from ticket where queue_id = $1 and breached_at is not null order by breached_at limit $2",
            queue.0,
            i64::try_from(most).unwrap_or(i64::MAX),
        )
        .fetch_all(self.0.connection())
        .await?;
        let unlocked = sqlx::query_scalar!(
            "select ticket_id from ticket
             where queue_id = $1 and owner_id is null and breached_at is null
               and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
             order by priority desc, ticket_id limit $2",
            queue.0,
            CANDIDATES,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut lines = self.0.ticket_lists().lines(&[overdue.as_slice(), &unlocked].concat()).await?;
        let place = |line: &TicketLine| {
            let late = overdue.iter().position(|ticket| *ticket == line.place.ticket.0).unwrap_or(usize::MAX);
            (late, line.state.is_pending(), -line.place.priority, !line.customer_waits, line.since)
        };
        lines.sort_by_key(place);
        lines.truncate(most);
        Ok(lines)
    }

    /// Who has how many of a queue's tickets locked, the most first.
    pub async fn owners(&mut self, queue: QueueId) -> Result<Vec<(UserId, i64)>> {
        let rows = sqlx::query!(
            r#"select user_id, held as "held!" from (
                   select owner_id, count(*) as held from ticket
                   where queue_id = $1 and owner_id is not null
                     and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
                   group by owner_id) as owner
               join agent on agent_id = owner_id order by held desc, user_id"#,
            queue.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().filter_map(|row| Some((UserId::parse(&row.user_id)?, row.held))).collect())
    }
}

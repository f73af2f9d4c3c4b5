//! What boards say: how much there is to do, and what comes first.

use super::lists::{and_more, ticket_line};
use super::{Said, Shows};
use crate::domain::id::UserId;
use crate::domain::queue::Queue;
use crate::domain::wall_clock::WallClock;
use crate::store::boards::Counts;
use crate::store::ticket_lists::TicketLine;

/// A queue's board. Times are clock times and dates: "5 min ago" would need an edit a minute.
#[must_use]
pub fn queue_board(
    queue: &Queue,
    counts: Counts,
    lines: &[TicketLine],
    owners: &[(UserId, i64)],
    clock: WallClock,
) -> Said {
    let Counts { unlocked, locked, pending, breached } = counts;
    let title = format!("📋 {} · {unlocked} unlocked · {locked} locked{}", queue.title, among_them(pending, breached));
    let said = Said::plain(title);
    let shows = Shows { owner: true, queue: false, number: false };
    let said = listed(said, lines, shows, clock);
    // What is listed besides is overdue and locked.
    let unowned = lines.iter().filter(|line| line.owner.is_none()).count();
    let said = if lines.is_empty() { said.line("Nothing waits.") } else { and_more(said, unowned, unlocked) };
    if owners.is_empty() {
        return said;
    }
    let held: Vec<String> = owners.iter().map(|(owner, held)| format!("{} {held}", owner.localpart())).collect();
    said.line(format!("🔒 {}", held.join(" · ")))
}

/// What is counted among the unlocked and the locked, and not beside them.
fn among_them(pending: i64, breached: i64) -> String {
    let pending = (pending > 0).then(|| format!("{pending} pending"));
    let overdue = (breached > 0).then(|| format!("🔥 {breached} overdue"));
    let both: Vec<String> = pending.into_iter().chain(overdue).collect();
    if both.is_empty() { String::new() } else { format!(" · among them {}", both.join(", ")) }
}

/// An agent's: what they have locked, and what nobody has in their queues, with how many there are of each.
#[must_use]
pub fn home_board(
    (locked, all_locked): (&[TicketLine], i64),
    (unlocked, all_unlocked): (&[TicketLine], i64),
    clock: WallClock,
) -> Said {
    let said = Said::plain(format!("🔒 Locked by me · {}", many(all_locked)));
    let said = listed(said, locked, Shows { owner: false, queue: true, number: false }, clock);
    let said = and_more(said, locked.len(), all_locked);
    let said = said.line(format!("📋 My queues, unlocked · {}", many(all_unlocked)));
    let said = listed(said, unlocked, Shows { owner: false, queue: true, number: false }, clock);
    and_more(said, unlocked.len(), all_unlocked)
}

fn many(count: i64) -> String {
    if count == 0 { "none".to_owned() } else { count.to_string() }
}

fn listed(said: Said, lines: &[TicketLine], shows: Shows, clock: WallClock) -> Said {
    if lines.is_empty() {
        return said;
    }
    let shows = Shows { number: true, ..shows };
    said.list(lines.iter().map(|line| ticket_line(line, shows, &clock.lasting(line.since))))
}

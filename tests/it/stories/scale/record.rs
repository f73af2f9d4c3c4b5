//! A record as it is after years.

use super::world::World;

/// Tickets of one in which there is one for each operation.
pub(crate) const ONE_EACH: u32 = 5_000;

/// Fills the record of a furnished desk with that many tickets, six times as many articles and all that belongs to
/// them, without a word in Matrix. `record.sql` says in what proportions.
pub(crate) async fn grow(w: &World, tickets: u32) {
    // What is generated is sound, as the small record shows; looking up each foreign key of ten million rows takes longer
    // than writing them.
    let trusts = if tickets > ONE_EACH { "replica" } else { "origin" };
    w.sql(&format!("set session_replication_role = {trusts}; set work_mem = '64MB'; set maintenance_work_mem = '512MB'; set grown.tickets = {tickets}"))
        .await;
    w.sql(include_str!("record.sql")).await;
    w.sql("set session_replication_role = origin").await;
    w.sql("vacuum analyze").await;
}

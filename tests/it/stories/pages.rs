//! Lists in pages: all of it once and in order, whatever comes or goes in between.

use std::fmt::Debug;

use ticketloom::domain::id::{AgentId, MailId, QuarantineId, QueueId, TicketEventId, TicketId};
use ticketloom::store::Tx;
use ticketloom::store::page::Page;
use ticketloom::store::ticket_lists::TicketPlace;

use super::scale::record;
use super::world::World;

/// More than any list here has.
const ALL: i64 = 10_000;

async fn begin(w: &World) -> Tx {
    w.store.begin().await.expect("a transaction")
}

/// Reads a list in pages of so many rows.
async fn walk<K: Copy + PartialEq + Debug>(most: i64, mut page: impl AsyncFnMut(Page<K>) -> Vec<K>) -> Vec<K> {
    let mut all = Vec::new();
    let mut next = Page::first(most);
    loop {
        let rows = page(next).await;
        assert!(rows.len() <= usize::try_from(most).expect("a few"), "{rows:?}");
        let Some(last) = rows.last() else { return all };
        next = Page::behind(*last, most);
        all.extend(rows);
    }
}

/// The same rows at once, in pages of one and of seven; and at least so many.
async fn same<K: Copy + PartialEq + Debug>(least: usize, mut page: impl AsyncFnMut(Page<K>) -> Vec<K>) {
    let all = page(Page::first(ALL)).await;
    assert!(all.len() >= least, "{} rows show nothing", all.len());
    for most in [1, 7] {
        assert_eq!(walk(most, &mut page).await, all, "in pages of {most}");
    }
}

#[tokio::test]
async fn pages_are_the_whole_list() {
    let w = World::new().await;
    record::grow(&w, 600).await;
    // Among them closed ones that hold a mail.
    w.sql("update article set visibility = 'held' where kind = 'mail' and seq > 2 and ticket_id % 3 = 0").await;
    let id = |query: &'static str| w.count(query);
    let mut tx = begin(&w).await;
    let queues: Vec<QueueId> = tx.queues().all().await.expect("queues").iter().map(|queue| queue.id).collect();
    for locked_too in [false, true] {
        same(20, async |page: Page<TicketPlace>| {
            let (lines, _) = tx.ticket_lists().open(&queues, locked_too, page).await.expect("a list");
            lines.iter().map(|line| line.place).collect()
        })
        .await;
    }
    let owner =
        id("select owner_id from ticket group by owner_id having owner_id is not null order by count(*) desc limit 1")
            .await;
    w.sql(&format!("update ticket set owner_id = {owner} where state in ('new', 'open')")).await;
    same(10, async |page: Page<TicketPlace>| {
        let (lines, _) = tx.ticket_lists().owned_by(AgentId(owner), page).await.expect("a list");
        lines.iter().map(|line| line.place).collect()
    })
    .await;
    same(20, async |page: Page<QuarantineId>| {
        let (lines, _) = tx.quarantine().open(queues[0], page).await.expect("a list");
        lines.iter().map(|line| line.id).collect()
    })
    .await;
    let longest = id("select ticket_id from ticket order by articles desc limit 1").await;
    same(10, async |page: Page<TicketEventId>| {
        let history = tx.audit().of(TicketId(longest), page).await.expect("a history");
        history.lines.iter().rev().map(|line| line.id).collect()
    })
    .await;
    w.sql("update mail_in set quarantine_id = 1 where fate = 'quarantined'").await;
    same(20, async |page: Page<MailId>| tx.quarantine().mails_of(QuarantineId(1), page).await.expect("mails")).await;
    same(20, async |page| w.store.mail_articles(page).await.expect("articles")).await;
    drop(tx);
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn what_comes_and_goes_shifts_no_page() {
    let w = World::new().await;
    for n in 0..9 {
        w.mail(&format!("c{n}@customer.test"), "It smokes", "It smokes.").await;
    }
    let mut tx = begin(&w).await;
    let queues: Vec<QueueId> = tx.queues().all().await.expect("queues").iter().map(|queue| queue.id).collect();
    let (first, total) = tx.ticket_lists().open(&queues, true, Page::first(3)).await.expect("a list");
    assert_eq!((first.len(), total), (3, 9));
    // One that was seen is closed, and one becomes more urgent than all of them.
    w.sql("update ticket set state = 'closed successful' where ticket_id = (select min(ticket_id) from ticket)").await;
    w.sql("update ticket set priority = 5 where ticket_id = (select max(ticket_id) from ticket)").await;
    let (second, total) =
        tx.ticket_lists().open(&queues, true, Page::behind(first[2].place, 3)).await.expect("the next page");
    assert_eq!(total, 8);
    let ids = |lines: &[ticketloom::store::ticket_lists::TicketLine]| -> Vec<i64> {
        lines.iter().map(|line| line.place.ticket.0).collect()
    };
    assert_eq!(ids(&second), [4, 5, 6], "the fourth to sixth, as before");
    drop(tx);
    w.leave().await.drop_it().await;
}

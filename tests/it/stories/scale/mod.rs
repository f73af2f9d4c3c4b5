//! The record when it has grown: every statement finds its rows by an index, and everything still works.

mod operations;
mod pages;
mod paging;
mod plans;
pub(crate) mod record;

use super::world;
use super::world::{ALICE, World};
use operations::{Kind, OPERATIONS};
use plans::Planner;

/// Tickets of a record that is made in seconds.
const SMALL: u32 = 4_000;

/// Indexes without which no statement reads a table from end to end, and what they are for.
const OTHERWISE_NEEDED: &[(&str, &str)] = &[
    ("agent_mail_by_ticket", "a foreign key, looked up when a ticket goes"),
    ("article_held", "another index would be read over all that was ever held; dev/bench scale measures it"),
    ("attachment_by_mail", "a foreign key, looked up when a mail goes"),
    ("blob_here", "another index would be read over all blobs, wherever they are"),
    ("letter_by_recipient", "another index would be read over all letters of the tickets in which somebody takes part"),
    ("letter_file_by_attachment", "a foreign key, looked up when a file goes"),
    ("quarantine_collapse", "another index would be read over all entries of the queue; dev/bench scale measures it"),
    ("quarantine_open", "another index would be read over all entries, decided or not; dev/bench scale measures it"),
    ("quarantine_open_days", "another index would be read over all of the queue's that are undecided"),
    ("quarantine_ticket_by_ticket", "a foreign key, looked up when a ticket goes"),
    ("ticket_breached", "another index would be read over all tickets of the queue, overdue or not"),
    ("ticket_by_state", "another index would be read over all tickets of the queue, whatever their state"),
    ("ticket_closed", "another index would be read over all that was ever closed in the queue"),
    ("ticket_created", "another index would be read over all tickets of the queue, whenever they were made"),
    ("ticket_link_other", "a foreign key, looked up when a ticket goes"),
    (
        "ticket_open",
        "another index would be read over all tickets of the queue, open or not; dev/bench scale measures it",
    ),
    ("ticket_pending", "likewise: what is pending is counted for a queue's board, and few are"),
    ("ticket_watch_by_agent", "a foreign key, looked up when an agent goes"),
];

#[tokio::test]
async fn no_statement_reads_a_growing_table_from_end_to_end() {
    let w = World::new().await;
    record::grow(&w, SMALL).await;
    let mut planner = Planner::new(&w.database.url).await;
    assert!(planner.statements() > 150, "{} statements", planner.statements());
    assert_eq!(planner.empty_tables().await, [""; 0], "record.sql fills nothing into these");
    let refused = planner.refused().await;
    assert!(refused.is_empty(), "{refused:#?}");
    // And they would be refused: each index has a statement that needs it.
    let mut idle = Vec::new();
    for index in planner.plain_indexes().await {
        if planner.refused_without(&index).await.is_empty() {
            idle.push(index);
        }
    }
    let known: Vec<&str> = OTHERWISE_NEEDED.iter().map(|(index, _)| *index).collect();
    assert_eq!(idle, known, "no statement needs these, or those are needed by now");
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn searches_look_as_far_back_as_they_must() {
    let w = World::new().await;
    record::grow(&w, SMALL).await;
    let found = async |words: &str| {
        let told = w.say_in(ALICE, &w.dm(ALICE), &format!("!search {words}")).await;
        told.done().answer()
    };
    // In all articles; then what is younger is found, and that there is more is said.
    let answer = found("late").await;
    assert!(answer.starts_with("Found: over "), "{answer}");
    let oldest = w.rows("select subject from ticket where ticket_id <= 10").await;
    assert!(oldest.iter().all(|subject| !answer.contains(&format!("{subject} "))), "{answer}");
    // In few enough of them: then all are found, wherever they are.
    for word in ["modi", "rapy", "ngkzuta"] {
        let tickets = format!("select count(distinct ticket_id) from search_text where words @@ '''{word}'':*'");
        let (tickets, answer) = (w.count(&tickets).await, found(word).await);
        assert!(tickets > 1 && answer.starts_with(&format!("Found: {tickets}")), "{word}, {tickets}: {answer}");
    }
    let answer = found("order 1").await;
    assert!(answer.starts_with("Found: 1\n") && answer.contains("Order 1 has not arrived"), "{answer}");
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn everything_works_on_a_grown_record() {
    let w = World::new().await;
    record::grow(&w, record::ONE_EACH).await;
    let mut subjects = operations::subjects(&w, OPERATIONS.len()).await;
    assert_eq!(
        subjects.len(),
        OPERATIONS.len(),
        "a ticket for each: if there are too few, record::ONE_EACH is to grow"
    );
    for (operation, subject) in OPERATIONS.iter().zip(&mut subjects) {
        operations::prepare(&w, operation, subject).await;
        operations::perform(&w, operation, subject).await;
        operations::calm(&w).await;
    }
    let names: std::collections::BTreeSet<String> = OPERATIONS.iter().map(operations::Operation::name).collect();
    assert_eq!(names.len(), OPERATIONS.len(), "each has a name of its own");
    let commands = OPERATIONS.iter().filter_map(operations::Operation::verb);
    let tried: std::collections::BTreeSet<&str> = commands.collect();
    for verb in ticketloom::chat::reference::verbs() {
        assert!(tried.contains(verb), "!{verb} is not measured: it belongs into OPERATIONS");
    }
    assert!(OPERATIONS.iter().any(|operation| operation.kind == Kind::List));
    w.leave().await.drop_it().await;
}

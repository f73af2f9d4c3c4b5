//! Somebody is erased: nothing that they wrote, got or are called is left, in the record or in rooms, and nothing else is gone.

use std::collections::BTreeSet;
use std::process::Command;

use data_encoding::HEXLOWER;
use ticketloom::desk::erase;
use ticketloom::domain::id::EmailAddress;
use ticketloom::store::erasures::Step;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, Entry, HOLD, World};

/// Words that nobody else writes.
const WORDS: [&str; 12] = [
    "zanzibark",
    "quorndlebody",
    "vexillogfile",
    "plimsonbytes",
    "grumbacknote",
    "thrombedit",
    "oxidanswer",
    "skwizzsubject",
    "yarboroughtag",
    "fnordreply",
    "mungoelsewhere",
    "dweezilquarantine",
];

/// What erasing does to each column in which words may stand. A new one belongs into one of the two lists: whoever adds a table decides
/// there what becomes of it when a customer is erased.
const EMPTIED: &str = "
    agent_mail: bytes
    api_answer: body
    article: text html whole_text subject reply_to copies
    attachment: name mime content_id media digest encoding blob
    automatic_mail: address_key
    blob: digest bytes
    blocked_sender: address_key
    customer: address address_key name
    dead_job: payload lane error
    erasure: address name
    event_in: body
    file_in: event_id trouble digest
    job: payload
    letter: recipient bytes reply
    last_list: command
    letter_file: digest blob
    letter_reply: reply
    mail_in: envelope_from raw rule digest
    message_ref: message_id
    page_mail: bytes
    quarantine: reason media collapse_key sender outcome subject beginning
    scheduled_answer: cc text shown
    scheduled_file: name mime digest
    search_text: words
    search_word: word
    ticket: subject tags
    ticket_event: data
    unknown_message: message_id
    webhook_delivery: message_id body";

/// Words of the house, of its agents, of the desk itself; names of events and lanes; digests of what is gone.
const KEPT: &str = "
    agent: user_id role mail notify_follow_ups
    agent_mail: recipient outcome
    alert_group: key firing
    api_answer: key request location etag
    api_token: scopes digest
    article: kind sender visibility event_id response
    blob_gone: digest
    dead_job: kind class
    desk: place
    erasure: step
    event_in: event_id room_id sender
    event_ref: event_id room_id
    former_room: room_id
    job: kind last_error
    lane: name class
    last_list: room_id behind
    letter: visibility envelope_from message_id state room_id command_event forward
    letter_reply: became
    mail_in: route recipient delivery_key fate verdict authenticated
    mail_seen: content_key
    mailbox: account folder
    mark: message_event mark room_id event_id
    page_mail: outcome
    pin: room_id event_id
    projection: purpose room_id event_id root_event last_event digest
    quarantine: kind
    queue: name title address address_key intake signature notify_new notify_list posting closed_follow_up salutation acknowledgement
           rejection language machines time_zone hours holidays
    remirror: step
    room: room_id purpose
    scheduled_answer: room_id event_id state next
    signing_key: key
    sync_cursor: device since
    template: name language text
    ticket: number state
    ticket_event: actor kind matrix_event
    webhook: url secret events queues last_result disabled_why";

fn columns(list: &str) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    let mut table = "";
    for word in list.split_whitespace() {
        match word.strip_suffix(':') {
            Some(name) => table = name,
            None => assert!(columns.insert(format!("{table}.{word}")), "{table}.{word} twice"),
        }
    }
    columns
}

#[tokio::test]
async fn what_erasing_does_is_decided_for_every_column_with_words() {
    let w = World::new().await;
    let there = w
        .rows(
            "select table_name || '.' || column_name from information_schema.columns
                  join information_schema.tables using (table_schema, table_name)
             where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'
               and data_type in ('text', 'jsonb', 'bytea', 'tsvector', 'ARRAY')",
        )
        .await;
    let there: BTreeSet<String> = there.into_iter().collect();
    let (emptied, kept) = (columns(EMPTIED), columns(KEPT));
    let decided: BTreeSet<String> = emptied.union(&kept).cloned().collect();
    let open: Vec<&String> = there.symmetric_difference(&decided).collect();
    assert!(open.is_empty(), "not decided, or not there: {open:?}");
    assert_eq!(emptied.intersection(&kept).count(), 0);
    w.finish().await;
}

fn carol() -> EmailAddress {
    EmailAddress::parse(CAROL).expect("an address")
}

/// Everything that a customer can leave behind.
async fn life(w: &World) -> (Case, Case) {
    w.sql(&format!("update agent set mail = 'bob@agents.test' where user_id = '{BOB}'")).await;
    w.say_in(BOB, &w.dm(BOB), "!notify mail").await.done();
    w.sql(
        "insert into webhook (url, secret, events, queues, has_bodies, created_at)
         values ('https://hooks.test/', 'whsec_x', '{}', '{}', true, now())",
    )
    .await;
    let first = Eml::new(CAROL, "The zanzibark is late", "It was quorndlebody.").files(&[(
        "vexillogfile.txt",
        "text/plain",
        "plimsonbytes",
    )]);
    let case = w.case_of(w.deliver(&first).await).await;
    let note = w.say(ALICE, &case, "!note She is a grumbacknote.").await;
    w.edit(ALICE, &note, "!note She is a thrombedit.").await;
    w.say(ALICE, &case, "!subject About skwizzsubject").await.done();
    w.say(ALICE, &case, "!tag +yarboroughtag").await.done();
    w.say(ALICE, &case, "!answer It is oxidanswer.").await;
    w.pass(HOLD).await;
    w.reply_to(&w.newest_mail(), "Then fnordreply.").await;
    w.say_in(ALICE, &w.dm(ALICE), &format!("!search from:{CAROL}")).await.done();
    let other = w.case_of(w.mail(DAVE, "A pipe leaks", "Drop by drop.").await).await;
    w.say(ALICE, &other, &format!("!cc +{CAROL}")).await.done();
    w.say(ALICE, &other, "!answer --all We look at it.").await;
    w.pass(HOLD).await;
    let to_carol = w.outbox().into_iter().rev().find(|sent| sent.to == CAROL).expect("a mail to her");
    w.reply_to(&to_carol, "I heard mungoelsewhere.").await;
    let spam = Eml::new(CAROL, "dweezilquarantine", "Buy!").header("X-Spam-Flag", "YES");
    w.deliver(&spam).await;
    w.pass(std::time::Duration::from_mins(1)).await;
    w.desk.tell_events().await.expect("numbers");
    (case, other)
}

/// The record as PostgreSQL writes it down.
fn dump(w: &World) -> String {
    let done = Command::new("pg_dump").arg(&w.database.url).output().expect("pg_dump");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).to_lowercase()
}

/// Which of these words stand in a dump, as text or in bytes.
fn left<'w>(dump: &str, words: &[&'w str]) -> Vec<&'w str> {
    let hex = |word: &str| HEXLOWER.encode(word.as_bytes());
    words.iter().filter(|word| dump.contains(**word) || dump.contains(&hex(word))).copied().collect()
}

/// What still stands in all rooms.
fn standing(w: &World) -> String {
    let rooms = [w.room("support"), w.room("billing"), w.dm(ALICE), w.dm(BOB)];
    let redacted = w.chat.redacted();
    let mut text = String::new();
    for room in &rooms {
        for entry in w.chat.timeline(room) {
            let (id, words) = match entry {
                Entry::Post(id, shown) => (id, format!("{shown:?}")),
                Entry::Mark(id, _, key) => (id, key),
                Entry::People(id, _, _, words) => (id, words),
            };
            if !redacted.contains(&id) {
                text.push_str(&words);
            }
        }
        let boards = w.chat.boards(room).into_iter().filter(|(id, _)| !redacted.contains(id));
        text.extend(boards.map(|(_, shown)| format!("{shown:?}")));
    }
    text.to_lowercase()
}

#[tokio::test]
async fn nothing_of_somebody_who_is_erased_is_left() {
    let w = World::new().await;
    let (case, other) = life(&w).await;
    let words: Vec<&str> = WORDS.into_iter().chain([CAROL]).collect();
    assert_eq!(left(&dump(&w), &words), words, "all of it is there before");
    let before = standing(&w);
    assert!(words.iter().all(|word| *word == "plimsonbytes" || before.contains(word)), "{before}");
    let events = format!("select count(*) from ticket_event where ticket_id = {}", case.id);
    let happened = w.count(&events).await;

    erase::begin(&w.store, &carol()).await.expect("begun");
    w.settle().await;
    w.pass(std::time::Duration::from_mins(2)).await;
    assert_eq!(w.rows("select step from erasure").await, ["done"]);
    assert_eq!(left(&dump(&w), &words), [""; 0]);
    let still = standing(&w);
    let named: Vec<&&str> = words.iter().filter(|word| still.contains(**word)).collect();
    assert!(named.is_empty(), "{named:?} in {still}");

    // What happened, and that it did, stays.
    assert!(w.count(&events).await >= happened);
    let row = format!("select number || ' ' || subject || ' ' || state from ticket where ticket_id = {}", case.id);
    assert_eq!(w.rows(&row).await, [format!("{} (erased) closed unsuccessful", case.number)]);
    w.say_in(ALICE, &w.dm(ALICE), &format!("!zoom {}", case.number)).await.done();
    // And so does the other customer's.
    let dave = format!("select subject || ' ' || state from ticket where ticket_id = {}", other.id);
    assert_eq!(w.rows(&dave).await, ["A pipe leaks open"]);
    assert!(w.say(ALICE, &other, "!history").await.answer().contains(DAVE));
    let texts = format!("select text from article where ticket_id = {} and kind = 'mail' order by seq", other.id);
    assert_eq!(w.rows(&texts).await, ["Drop by drop.", ""]);
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn who_writes_again_is_a_new_customer_with_a_ticket_that_stays() {
    let w = World::new().await;
    let old = w.ticket("It smokes").await;
    let answer = w.newest_mail();
    let erasure = erase::begin(&w.store, &carol()).await.expect("begun");
    w.settle().await;
    let new = w.case_of(w.reply_to(&answer, "Hello again, zanzibark.").await).await;
    assert_eq!(erase::step(&w.store, erasure).await.expect("a step"), Step::Done);
    assert_ne!(new.id, old.id);
    let subject = format!("select text from article where ticket_id = {} and kind = 'mail'", new.id);
    assert_eq!(w.rows(&subject).await, ["Hello again, zanzibark."]);
    let whose = format!("select address from customer join ticket using (customer_id) where ticket_id = {}", new.id);
    assert_eq!(w.rows(&whose).await, [CAROL]);
    assert!(w.newest_mail().to == CAROL, "it is acknowledged");
    let bytes = "select length(bytes) > 0 from letter order by letter_id desc limit 1";
    assert_eq!(w.rows(bytes).await, ["true"]);
    // And may be erased, too.
    let again = erase::begin(&w.store, &carol()).await.expect("begun again");
    assert_ne!(again, erasure);
    w.settle().await;
    assert_eq!(left(&dump(&w), &[CAROL, "zanzibark"]), [""; 0]);
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn the_history_is_changed_by_nobody_else() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    for wrong in [
        "update ticket_event set data = '{}'",
        "delete from ticket_event",
        "begin; set local ticketloom.erases = 'on'; delete from ticket_event; commit",
        "begin; set local ticketloom.erases = 'on'; update ticket_event set at = now(); commit",
    ] {
        let refused = w.try_sql(wrong).await;
        assert!(refused.is_err(), "{wrong}");
        let _ = w.try_sql("rollback").await;
    }
    w.finish().await;
}

//! Agents' commands as subcommands of the program: as in chat, by the same rules and rights, with the same words.

use std::time::Duration;

use clap::{FromArgMatches, Subcommand};
use ticketloom::chat::reference;
use ticketloom::chat::subcommand::{AgentCommand, Done, carry_out};
use ticketloom::store::files::AgentFile;

use super::rights::right_uses;
use super::roles::right_use;
use super::world::{ALICE, BOB, CAROL, Case, HOLD, STRANGER, WALTER, World};

/// What the program reads of its arguments behind `ticketloom ticket`.
fn read(words: &[&str]) -> Result<AgentCommand, clap::Error> {
    let program = AgentCommand::augment_subcommands(clap::Command::new("ticket").no_binary_name(true));
    AgentCommand::from_arg_matches(&program.try_get_matches_from(words)?)
}

async fn run_with(w: &World, words: &[&str], files: &[AgentFile]) -> Result<Done, String> {
    let wanted = read(words).unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let done = carry_out(&w.desk, wanted, files).await.expect("the record");
    w.settle().await;
    done
}

/// `who` does it to a ticket: `verb`, and what stands behind the number.
async fn act(w: &World, who: &str, case: &Case, verb: &str, rest: &[&str]) -> Result<Done, String> {
    run_with(w, &[&[verb, "--as", who, &case.number], rest].concat(), &[]).await
}

#[tokio::test]
async fn a_ticket_is_worked_on_as_in_its_thread() {
    let w = World::new().await;
    let (case, other) = (w.ticket("It smokes").await, w.ticket("It stinks").await);
    let must = async |who, verb, rest: &[&str]| act(&w, who, &case, verb, rest).await.expect(verb);
    must(ALICE, "lock", &[]).await;
    assert_eq!(w.card(&case), "new · 🔒 @alice:desk.test");
    must(ALICE, "note", &["Is that one of the routers of May?"]).await;
    let (_, note) = w.newest_post(&case);
    assert!(note.text.contains("routers of May") && note.text.contains("alice"), "{}", note.text);
    must(ALICE, "tag", &["vip", "+router"]).await;
    must(ALICE, "priority", &["5"]).await;
    must(ALICE, "subject", &["It smokes a lot"]).await;
    must(ALICE, "link", &[&other.number]).await;
    let said = must(ALICE, "pending", &["2d", "She is on holiday."]).await.said;
    assert!(said[0].starts_with("pending reminder until 25 Nov"), "{said:?}");
    let row = "select state || ' ' || priority || ' ' || subject || ' ' || array_to_string(tags, ',') from ticket where ticket_id = ";
    assert_eq!(w.rows(&format!("{row}{}", case.id)).await, ["pending reminder 5 It smokes a lot router,vip"]);
    let answered = act(&w, ALICE, &case, "answer", &["--state", "closed", "Unplug it."]).await.expect("done");
    assert!(answered.is_held && answered.ticket.is_some_and(|ticket| ticket.0 == case.id), "{answered:?}");
    w.pass(HOLD).await;
    assert!(w.newest_mail().source.contains("Unplug it.") && w.newest_mail().to == CAROL);
    assert_eq!(w.card(&case), "closed successful, customer told");
    must(BOB, "reopen", &["It still smokes"]).await;
    must(BOB, "owner", &["@alice"]).await;
    must(ALICE, "unlock", &[]).await;
    must(ALICE, "close", &["--state", "unsuccessful"]).await;
    w.say(ALICE, &case, "!state open").await.done();
    must(ALICE, "undo", &[]).await;
    assert!(w.card(&case).starts_with("closed unsuccessful"), "{}", w.card(&case));
    must(ALICE, "move", &["billing", "It is about the bill."]).await;
    let history = must(ALICE, "history", &[]).await.said.concat();
    for line in ["billing", "alice", "bob", "closed unsuccessful"] {
        assert!(history.contains(line), "{line}: {history}");
    }
    // What it was pending for is long over then.
    w.pass(Duration::from_hours(48)).await;
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn a_ticket_is_made_split_merged_and_taken_out_again() {
    let w = World::new().await;
    let words = ["new", "--as", ALICE, "support", "--subject", "Your order", "dave@customer.test", "It is ready."];
    let made = run_with(&w, &words, &[]).await.expect("done").made.expect("a ticket");
    w.pass(HOLD).await;
    assert!(w.newest_mail().to == "dave@customer.test" && w.newest_mail().source.contains("It is ready."));
    let (new, case) = (w.case(&made.to_string()).await, w.ticket("It smokes").await);
    act(&w, ALICE, &case, "merge", &["--yes", &new.number]).await.expect("done");
    let refused = act(&w, ALICE, &case, "close", &[]).await.expect_err("it is part of another one");
    assert!(refused.contains("part of") && refused.contains(&new.number), "{refused}");
    act(&w, ALICE, &case, "unmerge", &[]).await.expect("done");
    assert_eq!(w.card(&case), "open · 🔒 @alice:desk.test");
    let mail = w.reply_to(&w.outbox()[1], "And my bill is wrong.").await;
    let article = w.rows(&format!("select article_id from article where mail_id = {mail}")).await;
    let split = act(&w, ALICE, &case, "split", &["--article", &article[0], "The bill"]).await;
    let split = split.expect("done").made.expect("a ticket");
    assert_eq!(w.rows(&format!("select subject from ticket where ticket_id = {split}")).await, ["The bill"]);
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn a_refusal_says_what_the_thread_would_and_nothing_has_happened() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    let before = w.rows("select count(*) || ' ' || (select count(*) from article) from ticket_event").await;
    for (verb, rest) in [
        ("answer", &["Hello"][..]),
        ("close", &[]),
        ("unlock", &[]),
        ("owner", &["@nobody"]),
        ("move", &["nowhere"]),
        ("merge", &[case.number.as_str()]),
        ("untag", &["vip"]),
        ("forward", &[CAROL]),
    ] {
        let told = w.say(BOB, &case, &format!("!{verb} {}", rest.join(" "))).await;
        assert_eq!(told.marks(), "❌", "{verb}");
        let refused = act(&w, BOB, &case, verb, rest).await.expect_err(verb);
        assert_eq!(refused, told.answer(), "{verb}");
    }
    assert_eq!(w.rows("select count(*) || ' ' || (select count(*) from article) from ticket_event").await, before);
    for (words, why) in [
        (&["lock", &case.number][..], "--as"),
        (&["lock", "--as", "alice", &case.number], "alice is no Matrix id"),
        (&["lock", "--as", ALICE, "12"], "there is no ticket 12"),
        (&["state", "--as", ALICE, &case.number, "done"], "there is no state done"),
        (&["raw", "--as", ALICE, &case.number], "raw"),
    ] {
        let error = read(words).expect_err("it is wrong").to_string();
        assert!(error.contains(why), "{words:?}: {error}");
    }
    w.finish().await;
}

/// Agents of another queue, observers, strangers, and who was removed.
#[tokio::test]
async fn who_may_not_in_the_thread_may_not_here() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@bob:desk.test' and name = 'billing'")
        .await;
    let state = "select (select count(*) from ticket_event) || ' ' || (select count(*) from article) || ' ' || \
                 (select count(*) from letter) || ' ' || (select count(*) from blocked_sender)";
    let before = w.rows(state).await;
    let forms = right_uses(&case);
    let mut tried = 0;
    for verb in reference::verbs() {
        let typed = right_use(verb, &case, &forms);
        let rest: Vec<&str> = typed.split(' ').skip(1).collect();
        for who in [BOB, WALTER, STRANGER] {
            let at = if verb == "new" { "support" } else { case.number.as_str() };
            let Ok(wanted) = read(&[&[verb, "--as", who, at], &rest[..]].concat()) else { continue };
            let refused = carry_out(&w.desk, wanted, &[]).await.expect("the record").expect_err(verb);
            assert!(!refused.contains("smokes"), "{verb} by {who}: {refused}");
            tried += 1;
        }
    }
    assert!(tried >= 3 * 29, "{tried} were tried");
    assert_eq!(w.rows(state).await, before);
    act(&w, ALICE, &case, "lock", &[]).await.expect("she may");
    w.sql("update agent set active = false where user_id = '@alice:desk.test'").await;
    let refused = act(&w, ALICE, &case, "close", &[]).await.expect_err("she was removed");
    assert!(refused.contains("you are no agent"), "{refused}");
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn files_go_with_an_answer() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let kept = w.store.blobs().keep(b"kaput".to_vec()).await.expect("kept");
    let file = AgentFile { name: "router.log".to_owned(), mime: "text/plain".to_owned(), kept };
    let done = run_with(&w, &["answer", "--as", ALICE, &case.number, "See there."], &[file]).await.expect("done");
    assert!(done.said.concat().contains("router.log (5 B)"), "{done:?}");
    w.pass(HOLD).await;
    assert!(w.newest_mail().source.contains(&data_encoding::BASE64.encode(b"kaput")));
    assert!(read(&["answer", "--as", ALICE, &case.number, "--file", "/tmp/x", "Hello"]).is_ok());
    assert!(read(&["close", "--as", ALICE, "--file", "/tmp/x", &case.number]).is_err(), "nothing is mailed with it");
    w.finish().await;
}

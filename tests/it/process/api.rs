//! The API as `docs/api.md` shows it, on the program itself.

use std::process::{Command, Stdio};

use super::house::{Customer, House, Plan, unique, until};

/// A desk with pages, on whatever port there is.
pub(super) const WEB: &str = "[web]\nlisten = \"127.0.0.1:0\"\nurl = \"http://127.0.0.1:1\"";

/// The shell's lines of a page.
fn examples(page: &str) -> Vec<String> {
    let blocks = page.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix("sh\n")).map(ToOwned::to_owned).collect()
}

/// Where its pages are, after so many starts.
pub(super) async fn port(house: &House, starts: usize) -> u16 {
    until("it listens", 30, async || {
        let log = house.log();
        let listens = |line: &&str| line.contains("listens") && line.contains("entry=\"web\"");
        let line = log.lines().filter(listens).nth(starts - 1)?;
        let address = line.split("address=").nth(1)?.split_whitespace().next()?;
        address.rsplit(':').next()?.parse().ok()
    })
    .await
}

/// A ticket with a file, and a token for everything: the card's root, the number, and the token.
pub(super) async fn furnished(house: &House, customer: &Customer) -> (String, String, String) {
    let subject = format!("It smokes {}", unique());
    customer.write_with_file(house.address(), &subject, "It smokes.").await;
    let card = house.alice.card(house.room(), &subject).await;
    let said = house.must(&["token", "add", &house.alice.user, "--scopes", "read,note,write,mail"]).await;
    let token = said.lines().next().expect("a token").to_owned();
    let number = sqlx::query_scalar("select number from ticket").fetch_one(&house.record).await.expect("a ticket");
    (card.root, number, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_page_works() {
    let house = House::opened(Plan { more: WEB, ..Plan::default() }).await;
    let customer = Customer::new();
    let (root, number, token) = furnished(&house, &customer).await;
    let file: i64 =
        sqlx::query_scalar("select article_id from attachment").fetch_one(&house.record).await.expect("a file");
    let examples = examples(include_str!("../../../docs/api.md"));
    assert_eq!(examples.len(), 3, "reading, writing and alerts");
    let said = house.must(&["token", "alerts", &house.queues[0].name]).await;
    let hook = said.lines().next().expect("a path").to_owned();
    let port = port(&house, 1).await;
    for example in examples {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", &example]).stdin(Stdio::null());
        shell.env("API", format!("http://127.0.0.1:{port}/api/v1")).env("TOKEN", &token).env("NUMBER", &number);
        shell.env("HOOK", format!("http://127.0.0.1:{port}{hook}"));
        shell.env("QUEUE", &house.queues[0].name).env("CUSTOMER", "zoe@customer.test");
        shell.env("ARTICLE", file.to_string()).env("FILE", house.file("answer"));
        let done = tokio::task::spawn_blocking(move || shell.output()).await.expect("no panic").expect("bash");
        let (said, words) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{example}\n{said}\n{words}\n{}", house.log());
    }
    assert_eq!(house.must(&["openapi"]).await, ticketloom::api::document());
    // What it did stands in the mailbox and in Matrix.
    let answer = customer.answer().await;
    assert!(answer.text.contains("Please unplug it."), "{}", answer.text);
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    let bodies = transcript.bodies(&root);
    assert!(bodies.iter().any(|body| body.contains("Note by") && body.contains("it smokes **again**")), "{bodies:?}");
    assert_eq!(transcript.ticket(&root)["state"], "closed successful");
    assert_eq!(transcript.all_cards(), 4);
    // The path has power, and stands in no log.
    let secret = hook.rsplit('_').next().expect("a secret");
    assert!(!house.log().contains(secret) && !house.log().contains(&token[5..]), "{}", house.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_repeated_after_a_kill_is_done_once() {
    for point in ["command.before_commit", "command.after_commit"] {
        let house = House::opened(Plan { more: WEB, ..Plan::default() }).await;
        let (_, number, token) = furnished(&house, &Customer::new()).await;
        house.idle().await;
        house.stop().await;
        house.start(&[("TICKETLOOM_CRASH", &format!("{point}:1"))]);
        house.answers().await;
        let client = reqwest::Client::new();
        let ask = async |starts: usize| {
            let url = format!("http://127.0.0.1:{}/api/v1/tickets/{number}/notes", port(&house, starts).await);
            let body = serde_json::json!({ "text": "Once" });
            let request = client.post(url).bearer_auth(&token).header("Idempotency-Key", "one").json(&body);
            Ok::<_, reqwest::Error>(request.send().await?.status().as_u16())
        };
        assert!(ask(2).await.is_err(), "{point}: it was killed");
        until("it is killed", 10, async || house.revive().then_some(())).await;
        house.answers().await;
        for _ in 0..2 {
            assert_eq!(ask(3).await.expect("an answer"), 201, "{point}");
        }
        house.idle().await;
        assert_eq!(house.count("article where kind = 'note'").await, 1, "{point}");
    }
}

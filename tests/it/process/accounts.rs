//! Whose account takes which mail, and how the desk logs in there.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;

use super::house::{Customer, House, Mode, Plan, Provider, Proxy, unique, until, world};

/// Opens the house again with another configuration.
async fn reopen(house: &House, change: impl FnOnce(String) -> String) {
    house.stop().await;
    let text = std::fs::read_to_string(house.config()).expect("a file");
    std::fs::write(house.config(), change(text)).expect("a file");
    house.start(&[]);
    house.answers().await;
}

/// Waits until a letter has been tried in vain; those behind it in its lane wait for it.
async fn kept(house: &House) {
    let tried = "letter where state = 'queued' and attempts > 0";
    until("the mail is tried and kept", 60, async || (house.count(tried).await == 1).then_some(())).await;
}

/// A ticket in each of two queues, answered.
async fn answered(house: &House) -> [Customer; 2] {
    let mut customers = Vec::new();
    for queue in &house.queues {
        let (customer, subject) = (Customer::new(), format!("Broken {}", unique()));
        customer.write(&queue.address, &subject, "It does not work.").await;
        let card = house.alice.card(&queue.room, &subject).await;
        house.alice.say_in(&queue.room, &card.root, "!answer Hello").await;
        customers.push(customer);
    }
    customers.try_into().unwrap_or_else(|_| panic!("two queues"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_sends_through_its_own_account_and_the_others_through_the_desks() {
    let house = House::opened(Plan { queues: 2, ..Plan::default() }).await;
    let submission = &world().submission;
    let postfix = SocketAddr::from((Ipv4Addr::LOCALHOST, submission.port));
    let (desk, own) = (Proxy::to(postfix).await, Proxy::to(postfix).await);
    let name = house.queues[1].name.clone();
    let account = format!(
        "[[smtp_account]]\nqueue = \"{name}\"\nhost = \"{}\"\nport = {}\ntls = \"starttls\"\nuser = \"{}\"\n\
         password = \"{}\"\nca_file = \"{}\"\n",
        submission.host, own.port, submission.user, submission.password, submission.ca_file
    );
    let through = format!("port = {}", submission.port);
    reopen(&house, |text| text.replace(&through, &format!("port = {}", desk.port)) + account.as_str()).await;

    own.set(Mode::Cut);
    let [first, second] = answered(&house).await;
    first.answer().await;
    kept(&house).await;
    assert_eq!(second.inbox().await.len(), 0, "it has no other way out");
    own.set(Mode::Open);
    second.answer().await;
    house.idle().await;

    desk.set(Mode::Cut);
    let [first, second] = answered(&house).await;
    second.answer().await;
    kept(&house).await;
    assert_eq!(first.inbox().await.len(), 0, "it has no other way out");
    desk.set(Mode::Open);
    first.answer().await;
    house.idle().await;

    let told = house.must(&["check"]).await;
    assert!(told.contains(&format!("ok    smtp_account for queue {name}")), "{told}");
    own.set(Mode::Cut);
    let mut text = std::fs::read_to_string(house.config()).expect("a file");
    let _ = write!(text, "{}", account.replace(&name, "nobody"));
    std::fs::write(house.config(), text).expect("a file");
    let done = house.run(&["check"], b"").await;
    let told = String::from_utf8(done.stdout).expect("text");
    assert!(told.contains(&format!("WRONG smtp_account for queue {name}")), "{told}");
    assert!(told.contains("there is no queue nobody; `ticketloom queue add nobody ADDRESS` adds it"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_gets_no_access_token_keeps_its_mail_until_it_does() {
    let (house, provider) = (House::open().await, Provider::open().await);
    reopen(&house, |text| {
        let (before, after) = text.split_once("[smtp]").expect("a section");
        let (_, after) = after.split_once("[http]").expect("a section");
        format!("{before}{}[http]{after}", provider.section())
    })
    .await;

    let (_, card) = house.ticket().await;
    kept(&house).await;
    let done = house.run(&["check"], b"").await;
    let told = String::from_utf8(done.stdout).expect("text");
    let why = "oauth2: no access token from 127.0.0.1: it answers 503, and no JSON; see oauth2.token_url";
    assert!(told.contains(&format!("WRONG smtp: connection, TLS and login: {why}")), "{told}");
    assert!(house.log().contains(why), "the log says it");
    provider.set_away(false);
    until("the acknowledgement", 60, async || (provider.mails() == 1).then_some(())).await;

    let answer = async |words: &str| {
        let command = house.alice.say_in(house.room(), &card.root, words).await;
        house.alice.marked(house.room(), &command, "✉️").await;
    };
    answer("!answer One").await;
    assert_eq!(provider.asked().len(), 1, "one token does for two mails");
    provider.revoke();
    answer("!answer Two").await;
    let shown: Vec<String> = ["access-1", "access-1", "access-1", "access-3"]
        .map(|token| format!("user=support@example.org\x01auth=Bearer {token}\x01\x01"))
        .into();
    assert_eq!(provider.shown(), shown, "the refused one is replaced");

    let folder = house.file("state/oauth2");
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file")).collect();
    let modes: Vec<u32> = files.iter().map(|file| file.metadata().expect("there").permissions().mode()).collect();
    assert_eq!(modes.iter().map(|mode| mode & 0o777).collect::<Vec<_>>(), [0o600]);
    reopen(&house, |text| text).await;
    answer("!answer Three").await;
    let refresh: Vec<String> = provider.asked().into_iter().map(|form| form["refresh_token"].clone()).collect();
    assert_eq!(refresh, ["refresh-0", "refresh-1", "refresh-3"], "the newest, after a restart too");
    assert_eq!(provider.mails(), 4);
    house.idle().await;
    let log = house.log();
    assert!(!log.contains("refresh-") && !log.contains("access-"), "no secrets in the log");
}

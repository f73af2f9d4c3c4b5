//! A program is told what happens by the real desk, and checks the signature as its library does; the desk dies while it tells.

use std::path::Path;

use super::house::{Customer, House, Plan, unique, until, world};
use crate::receiver::{Answer, Receiver};

/// Where the desk dies here.
pub(super) const POINTS: [&str; 2] = ["webhook.before_call", "webhook.after_call"];

fn plan() -> Plan {
    // Behind the keys of [desk].
    Plan { more: "[webhooks]\nallow = [\"127.0.0.1\", \"localhost\"]\n", ..Plan::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_told_and_believes_it_also_when_the_desk_dies_in_between() {
    let house = House::opened(plan()).await;
    let receiver = Receiver::new().await;
    let added = house
        .must(&["webhook", "add", &receiver.url(), "--events", "created,answered", "--owner", &house.alice.user])
        .await;
    let secret = added.lines().last().expect("a secret").to_owned();
    let verifier = standardwebhooks::Webhook::new(&secret).expect("a sound secret");
    house.ticket().await;
    until("the first event", 20, async || (receiver.got().len() == 1).then_some(())).await;
    let first = receiver.got().remove(0);
    verifier.verify(first.body.as_bytes(), &first.headers).expect("its signature");
    assert!(verifier.verify(format!("{} ", first.body).as_bytes(), &first.headers).is_err());
    assert_eq!(first.json()["type"], "ticket.created");
    assert_eq!(first.json()["ticket"]["queue"], house.queues[0].name.as_str());
    let list = house.must(&["webhook", "list"]).await;
    assert!(list.contains("ticket.created, ticket.answered") && list.contains("status 200"), "{list}");
    assert!(!list.contains(&secret), "it is shown once");

    for point in POINTS {
        let before = receiver.got().len();
        house.stop().await;
        house.start(&[("TICKETLOOM_CRASH", point)]);
        let (customer, subject) = (Customer::new(), format!("Broken {}", unique()));
        customer.write(house.address(), &subject, "It does not work.").await;
        let mut deaths = 0;
        let told = usize::from(point == "webhook.after_call") + 1;
        until(&format!("what was told around {point}"), 40, async || {
            deaths += usize::from(house.revive());
            (receiver.got().len() == before + told).then_some(())
        })
        .await;
        until("nothing is left to tell", 20, async || (house.count("webhook_delivery").await == 0).then_some(())).await;
        assert_eq!(deaths, 1, "{point}");
        let got = receiver.got();
        let got = &got[before..];
        assert!(
            got.iter().all(|copy| copy.header("webhook-id") == got[0].header("webhook-id") && copy.body == got[0].body)
        );
        for copy in got {
            verifier.verify(copy.body.as_bytes(), &copy.headers).expect("its signature");
        }
    }
    receiver.will(Answer::Status(410));
    house.ticket().await;
    until("it is disabled", 20, async || {
        (house.count("webhook where disabled_at is not null").await == 1).then_some(())
    })
    .await;
    assert!(house.must(&["webhook", "list"]).await.contains("DISABLED"));
    let refused = house.run(&["webhook", "add", "ftp://x.example/"], b"").await;
    assert!(!refused.status.success());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_behind_tls_is_believed_only_with_a_certificate_that_is() {
    let house = House::opened(plan()).await;
    let authority = Path::new(&world().submission.ca_file);
    let receiver =
        Receiver::secure(&authority.with_file_name("server.pem"), &authority.with_file_name("server.key")).await;
    let url = format!("https://localhost:{}/hook", receiver.address.port());
    let added = house.must(&["webhook", "add", &url, "--events", "created"]).await;
    house.ticket().await;
    let refused = "webhook where last_result = 'no connection: invalid peer certificate: UnknownIssuer'";
    until("its certificate is refused", 20, async || (house.count(refused).await == 1).then_some(())).await;
    assert!(receiver.got().is_empty());
    let checked = house.run(&["check"], b"").await;
    let checked = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.contains("WRONG webhook 1: it takes nothing since"), "{checked}");
    house.must(&["webhook", "add", "https://10.9.8.7/"]).await;
    let checked = house.run(&["check"], b"").await;
    let checked = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.contains("WRONG webhook 2: 10.9.8.7 is not public"), "{checked}");
    house.must(&["webhook", "remove", "2"]).await;

    house.stop().await;
    let hasten = "update lane set due = now() where class = 'webhook' and lease is null";
    sqlx::query(hasten).execute(&house.record).await.expect("the record answers");
    house.start(&[("SSL_CERT_FILE", &world().submission.ca_file)]);
    until("it is told", 20, async || (receiver.got().len() == 1).then_some(())).await;
    let got = receiver.got().remove(0);
    let secret = added.lines().last().expect("a secret");
    let verifier = standardwebhooks::Webhook::new(secret).expect("a sound secret");
    verifier.verify(got.body.as_bytes(), &got.headers).expect("its signature");
    house.stop().await;
}

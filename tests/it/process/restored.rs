//! A record that comes from a backup.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::house::{Customer, House, Plan, unique, until, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_record_sends_nothing_until_somebody_says_so() {
    let house = House::opened(Plan { answer_delay: "20s", ..Plan::default() }).await;
    let customer = Customer::new();
    let subject = format!("It smokes {}", unique());
    customer.write(house.address(), &subject, "It smokes.").await;
    let card = house.alice.card(house.room(), &subject).await;
    let said = house.alice.say_in(house.room(), &card.root, "!answer Unplug it.").await;
    house.alice.marked(house.room(), &said, "⏳").await;
    until("the acknowledgement went out", 30, async || (customer.inbox().await.len() == 1).then_some(())).await;
    assert!(house.must(&["sending"]).await.starts_with("mail is sent"));
    house.stop().await;

    // Where it was before, it goes on.
    house.start(&[]);
    house.answers().await;
    assert!(house.must(&["sending"]).await.starts_with("mail is sent"));
    house.stop().await;

    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&house.record).await.expect("a name");
    house.record.close().await;
    let mut admin = PgConnection::connect(world().database.admin_url.as_str()).await.expect("PostgreSQL");
    let copy = format!("create database {name}_restored template {name} owner ticketloom");
    admin.execute(AssertSqlSafe(copy)).await.expect("a copy");
    let mut copy_url = world().database.admin_url.clone();
    copy_url.set_path(&format!("{name}_restored"));
    let config = std::fs::read_to_string(house.config()).expect("the configuration");
    let restored = config.replace(&format!("/{name}\""), &format!("/{name}_restored\""));
    assert_ne!(restored, config);
    std::fs::write(house.config(), restored).expect("the configuration");
    house.start(&[]);
    house.answers().await;
    assert!(house.log().contains("comes from a backup"), "{}", house.log());
    let waiting = house.must(&["sending"]).await;
    assert!(waiting.starts_with("nothing is sent since") && waiting.contains(&subject), "{waiting}");
    assert!(waiting.contains(&customer.address), "{waiting}");
    // Its work goes on, and longer than the answer was held nothing goes out.
    let second = format!("It stinks {}", unique());
    customer.write(house.address(), &second, "It stinks.").await;
    house.alice.card(house.room(), &second).await;
    until("the answer is due", 60, async || {
        let mut copy = PgConnection::connect(copy_url.as_str()).await.ok()?;
        let due = "select count(*) from job join lane using (lane_id) where class = 'mail' and run_at < now() - interval '2 s'";
        let due: i64 = sqlx::query_scalar(due).fetch_one(&mut copy).await.ok()?;
        (due == 2).then_some(())
    })
    .await;
    assert_eq!(customer.inbox().await.len(), 1, "neither the answer nor another acknowledgement");
    assert!(house.must(&["sending", "--resume"]).await.starts_with("mail is sent"));
    until("all went out", 60, async || (customer.inbox().await.len() == 3).then_some(())).await;
    house.alice.marked(house.room(), &said, "✉️").await;
    // And once more by hand.
    assert!(house.must(&["sending", "--pause"]).await.starts_with("nothing is sent since"));
    house.stop().await;
    let drop = format!("drop database {name}_restored with (force)");
    admin.execute(AssertSqlSafe(drop)).await.expect("dropped");
}

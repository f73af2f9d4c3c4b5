//! Files in an object store: the program and moto, which speaks S3's protocol.

use std::process::{Child, Command, Stdio};

use super::house::{Customer, House, Plan, run, unique, until, world};

const BUCKET: &str = "files";

/// A running moto, which forgets everything at its end.
struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    async fn start() -> Self {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let program = std::path::Path::new(&world().root).join(".dev/venv/bin/moto_server");
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self { child: command.spawn().expect("moto starts"), url: format!("http://127.0.0.1:{port}") };
        let bucket = format!("{}/{BUCKET}", moto.url);
        until("moto has a bucket", 60, async || {
            let made = reqwest::Client::new().put(&bucket).send().await.ok()?;
            made.status().is_success().then_some(())
        })
        .await;
        moto
    }

    /// The names of what lies there.
    async fn names(&self) -> Vec<String> {
        let list = reqwest::get(format!("{}/{BUCKET}?list-type=2", self.url)).await.expect("a list");
        let list = list.text().await.expect("a list");
        list.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once('<')?.0.to_owned())).collect()
    }

    /// It answers nobody, and closes no connection; or goes on.
    fn freeze(&self, is_frozen: bool) {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(done.expect("kill").success());
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_mails_lie_in_the_object_store_wait_for_none_and_can_be_moved() {
    let moto = Moto::start().await;
    let url = &moto.url;
    let more: &'static str = Box::leak(Box::new(format!(
        "[object_store]\nendpoint = \"{url}\"\nbucket = \"{BUCKET}\"\nprefix = \"desk/\"\naccess_key_id = \"me\"\n\
         secret_access_key = \"it is me\"\n"
    )));
    let house = House::opened(Plan { more, ..Plan::default() }).await;
    let checked = house.run(&["check"], b"").await;
    let checked = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        checked.lines().any(|line| line.contains("object store: put, read and delete") && line.starts_with("ok")),
        "{checked}"
    );
    assert_eq!(moto.names().await, [""; 0], "what was tried is gone");
    let (customer, long) = (Customer::new(), "It smokes and smells.\r\n".repeat(4_000));
    let subject = format!("It smokes {}", unique());
    customer.write_with_file(house.address(), &subject, &long).await;
    let card = house.alice.card(house.room(), &subject).await;
    let names = moto.names().await;
    assert!(!names.is_empty() && names.iter().all(|name| name.starts_with("desk/")), "{names:?}");
    // The mail, and the file that does not stand in it as it is.
    let one = names.len();
    until("its file is shown", 30, async || {
        let bodies = house.alice.transcript(house.room()).await.bodies(&card.root);
        bodies.iter().any(|body| body.contains("form.pdf")).then_some(())
    })
    .await;
    // It hangs, and mail comes in all the same.
    moto.freeze(true);
    let second = format!("It stinks {}", unique());
    customer.write_with_file(house.address(), &second, &long.replace("smokes", "stinks")).await;
    house.alice.card(house.room(), &second).await;
    let told = house.must(&["blobs"]).await;
    assert!(told.starts_with(&format!("in PostgreSQL: {one} of")), "{told}");
    assert!(told.contains(&format!("in the object store: {one} of")), "{told}");
    moto.freeze(false);
    house.idle().await;
    let told = house.must(&["blobs", "--to", "object-store"]).await;
    assert!(
        told.starts_with("in PostgreSQL: 0 of") && told.contains(&format!("in the object store: {} of", 2 * one)),
        "{told}"
    );
    assert_eq!(moto.names().await.len(), 2 * one);
    // And back, which a desk that writes there would undo.
    let refused = house.run(&["blobs", "--to", "postgresql"], b"").await;
    assert!(
        !refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("object_store.writes = false")
    );
    let config = std::fs::read_to_string(house.config()).expect("the configuration");
    let other = house.file("reading-only.toml");
    std::fs::write(&other, config.replace("[object_store]", "[object_store]\nwrites = false")).expect("a file");
    let moved = run(std::path::Path::new(&other), &["blobs", "--to", "postgresql"], b"").await;
    let told = String::from_utf8_lossy(&moved.stdout).into_owned();
    assert!(told.starts_with(&format!("in PostgreSQL: {} of", 2 * one)), "{told}");
    assert!(told.contains(&format!("to be deleted there: {}", 2 * one)), "{told}");
}

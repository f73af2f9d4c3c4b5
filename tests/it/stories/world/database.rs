//! A database of its own for each story, copied from one that is migrated once.

use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use ticketloom::store::Store;
use tokio::sync::OnceCell;

/// A database, dropped by [`Database::drop_it`].
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Database {
    /// One with the schema.
    pub(crate) async fn new() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(migrated).await;
        Self::copy(template).await
    }

    /// An empty one.
    pub(crate) async fn empty() -> Self {
        Self::copy("template1").await
    }

    async fn copy(template: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("story_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&format!("create database {name} template {template}")).await;
        Self { url: url_of(&name), name }
    }

    /// Its end.
    pub(crate) async fn drop_it(&self) {
        run(&format!("drop database {} with (force)", self.name)).await;
    }
}

/// Makes the template, and clears away what processes left that are no more.
async fn migrated() -> String {
    let mut admin = PgConnection::connect(&admin_url()).await.expect("the test world's PostgreSQL");
    let left: Vec<String> = sqlx::query_scalar("select datname::text from pg_database where datname like 'story\\_%'")
        .fetch_all(&mut admin)
        .await
        .expect("the databases");
    for name in left {
        let pid = name.split('_').nth(1).unwrap_or_default();
        if !std::path::Path::new(&format!("/proc/{pid}")).exists() {
            // Somebody else may be doing the same.
            let _ = admin.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await;
        }
    }
    let name = format!("story_{}_template", std::process::id());
    admin.execute(AssertSqlSafe(format!("create database {name}"))).await.expect("a database");
    let store = Store::connect(&url_of(&name), 4).await.expect("the new database");
    store.migrate().await.expect("the migrations");
    store.close().await;
    name
}

async fn run(statement: &str) {
    let mut admin = PgConnection::connect(&admin_url()).await.expect("the test world's PostgreSQL");
    admin.execute(AssertSqlSafe(statement.to_owned())).await.expect("a database made or dropped");
    admin.close().await.expect("a farewell");
}

fn admin_url() -> String {
    let world = std::env::var("TICKETLOOM_TEST_WORLD")
        .ok()
        .filter(|world| !world.is_empty())
        .expect("these tests need servers: run dev/test, which starts them and names them in TICKETLOOM_TEST_WORLD");
    let world = std::fs::read_to_string(&world).expect("the file that TICKETLOOM_TEST_WORLD names");
    let world: serde_json::Value = serde_json::from_str(&world).expect("the test world's JSON");
    world["database"]["admin_url"].as_str().expect("database.admin_url").to_owned()
}

fn url_of(database: &str) -> String {
    let mut url = url::Url::parse(&admin_url()).expect("a URL");
    url.set_path(database);
    url.to_string()
}

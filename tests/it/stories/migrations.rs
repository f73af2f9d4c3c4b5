//! The schema's past: what was released is never changed, and each later migration is tried on a record that is filled.
//!
//! `migrations/SHA256SUMS` has what is frozen. With a release, its newest migrations are added there (`cd migrations &&
//! sha256sum *.sql > SHA256SUMS`) and, if they are worth it, another filled record beside the first one:
//! `cargo test --test it write_the_record -- --ignored` makes `tests/it/records/VERSION.sql.gz` of the schema as it is.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use ticketloom::store::{MIGRATOR, Schema, Store};

use super::scale::record;
use super::world::{ALICE, CAROL, Database, Eml, World};

/// Tickets of a kept record.
const TICKETS: u32 = 60;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The version that a file's name begins with.
fn version(name: &str) -> i64 {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a file that begins with its version")
}

#[test]
fn what_is_frozen_stays_as_it_was() {
    let sums = std::fs::read_to_string(folder("migrations/SHA256SUMS")).expect("the list of what is frozen");
    let mut newest = 0;
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").expect("sum and name");
        let migration =
            std::fs::read(folder("migrations").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let now = data_encoding::HEXLOWER.encode(&Sha256::digest(&migration));
        assert_eq!(now, sum, "{name} was released: what it lacks is for another migration");
        newest = newest.max(version(name));
    }
    assert!(newest > 0, "nothing is frozen");
    for migration in MIGRATOR.iter() {
        let is_frozen = sums.contains(&format!("  {}_", migration.version));
        assert!(is_frozen || migration.version > newest, "{} would come before what is frozen", migration.version);
    }
}

/// What an older program, which still runs while instances are replaced, would stumble over.
const HARMS: [&str; 7] =
    ["drop table", "drop column", "drop view", " rename ", "set not null", "set data type", "drop default"];

/// Whether a migration leaves programs of before it able to work, or says that it does not.
fn is_fair(script: &str) -> bool {
    let lines = script.lines().filter(|line| !line.trim_start().starts_with("--"));
    let script = lines.collect::<Vec<_>>().join(" ").to_lowercase();
    !HARMS.iter().any(|harm| script.contains(harm)) || script.contains("update schema_floor")
}

#[test]
fn what_older_programs_cant_work_with_says_so() {
    let first = MIGRATOR.iter().find(|migration| migration.description == "schema floor").expect("the first of them");
    for migration in MIGRATOR.iter().filter(|migration| migration.version > first.version) {
        let (version, told) = (migration.version, "see `schema_floor`");
        assert!(is_fair(migration.sql.as_str()), "{version} keeps programs of before from working: {told}");
    }
    assert!(is_fair("-- drop table x\nalter table ticket add column weight integer;"));
    assert!(!is_fair("ALTER TABLE ticket\nRENAME COLUMN subject TO title;"));
    assert!(is_fair("alter table ticket drop column subject; update schema_floor set version = 20271127147000;"));
}

#[tokio::test]
async fn a_filled_record_is_brought_up_to_date_and_works() {
    let records = std::fs::read_dir(folder("tests/it/records")).expect("the kept records");
    let mut tried = 0;
    for record in records {
        let path = record.expect("a file").path();
        let database = restored(&path).await;
        let mut sql = PgConnection::connect(&database.url).await.expect("the record");
        let before = counts(&mut sql).await;
        assert!(before.iter().any(|(table, rows)| table == "article" && *rows > 100), "{path:?}: {before:?}");
        let store = Store::connect(&database.url, 4).await.expect("the record");
        store.migrate().await.unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_eq!(store.schema().await.expect("an answer"), Schema::Current);
        store.close().await;
        let after = counts(&mut sql).await;
        for (table, rows) in &before {
            let now = after.iter().find(|(name, _)| name == table);
            assert!(now.is_none_or(|(_, now)| now >= rows), "{path:?}: {table} had {rows} rows and has {now:?}");
        }
        works(World::on(database, None).await).await;
        tried += 1;
    }
    assert!(tried > 0, "no record is kept");
}

/// A mail is read, lists are shown, a ticket is answered.
async fn works(w: World) {
    let mail = w.deliver(&Eml::new(CAROL, "It smokes", "It smokes.")).await;
    let case = w.case_of(mail).await;
    let list = w.say_in(ALICE, &case.room, "!queue").await.done().answer();
    assert!(list.contains("Order "), "{list}");
    w.say(ALICE, &case, "!history").await.done();
    w.say(ALICE, &case, "!close").await.done();
    let old = "select min(ticket_id) from ticket where state = 'closed successful'";
    let old = w.case(&w.rows(old).await.concat()).await;
    w.say(ALICE, &old, "!reopen").await.done();
    assert!(w.card(&old).contains("open · 🔒 @alice"), "{}", w.card(&old));
    w.leave().await.drop_it().await;
}

/// How many rows each table has.
async fn counts(sql: &mut PgConnection) -> Vec<(String, i64)> {
    let tables = "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *sql).await.expect("the tables");
    let mut counts = Vec::new();
    for table in tables {
        let count = AssertSqlSafe(format!("select count(*) from {table}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(&mut *sql).await.expect("a count");
        counts.push((table, count));
    }
    counts
}

/// A database from a kept record.
async fn restored(path: &Path) -> Database {
    let file = std::fs::File::open(path).expect("a kept record");
    let mut script = String::new();
    GzDecoder::new(file).read_to_string(&mut script).expect("a script");
    let database = Database::empty().await;
    let mut sql = PgConnection::connect(&database.url).await.expect("an empty database");
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut sql).await.expect("a restored record");
    database
}

#[tokio::test]
#[ignore = "writes into tests/it/records: for when the schema is frozen"]
async fn write_the_record() {
    let w = World::new().await;
    record::grow(&w, TICKETS).await;
    let dump = Command::new("pg_dump")
        .args(["--inserts", "--rows-per-insert=100", "--no-owner", "--no-privileges", &w.database.url])
        .output()
        .expect("pg_dump");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    // What is for psql alone begins with a backslash.
    let script = String::from_utf8(dump.stdout).expect("a script");
    let script: String = script.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n");
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().expect("a migration");
    std::fs::create_dir_all(folder("tests/it/records")).expect("a folder");
    let file = std::fs::File::create(folder("tests/it/records").join(format!("{newest}.sql.gz"))).expect("a file");
    let mut packed = GzEncoder::new(file, Compression::best());
    packed.write_all(script.as_bytes()).and_then(|()| packed.finish().map(drop)).expect("written");
    w.leave().await.drop_it().await;
}

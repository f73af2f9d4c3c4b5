//! How PostgreSQL would find the rows of a statement, whatever its arguments.
//!
//! Every statement of the store is looked at, since all of them stand in `.sqlx`, where the compiler needs them: a new one
//! can't be forgotten. Sequential scans are switched off, so that PostgreSQL plans one only if no index helps at all; then
//! the size of the record does not matter. What an index can do but does slowly is what `dev/bench scale` measures.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// Tables that are as large as the house, not as its past: nobody minds reading them from end to end.
const SMALL_TABLES: &[&str] = &[
    "agent",
    "agent_queue",
    "api_token",
    "api_token_queue",
    "automatic_pause",
    "desk",
    "erasure",
    "former_room",
    "mailbox",
    "pg_database",
    "queue",
    "remirror",
    "room",
    "signing_key",
    "sync_cursor",
    "template",
    "webhook",
];

/// Statements that read a table from end to end, and why they may.
const ALLOWED: &[(&str, &str)] = &[
    ("select class, count(*) as \"count!\" from dead_job", "metrics: what was given up, which is looked after by hand"),
    (
        "select class, count(*) as \"count!\", coalesce(extract(epoch",
        "metrics: it takes at most a hundredth of the time",
    ),
    ("select count(*) filter (where not is_away)", "`ticketloom blobs`, when an operator asks how much is where"),
    ("select count(*) as \"all!\" from job join lane", "`ticketloom sending`, when an operator asks what waits"),
    ("select letter_id, letter.recipient, number", "likewise"),
    (
        "select quarantine_id from quarantine where queue_id = $1 and day = $2",
        "one day's entries, when an agent decides about all of them; what they became is less than the entries",
    ),
];

/// An index, as a plan names it.
struct Index {
    table: String,
    first_column: String,
    is_partial: bool,
}

/// PostgreSQL, asked for plans.
pub(crate) struct Planner {
    sql: PgConnection,
    /// Each statement's text and how it is called.
    statements: Vec<(String, String)>,
    indexes: HashMap<String, Index>,
}

impl Planner {
    /// Prepares every statement of the store on a database.
    pub(crate) async fn new(url: &str) -> Self {
        let mut sql = PgConnection::connect(url).await.expect("the record");
        let settings = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off";
        sql.execute(settings).await.expect("settings");
        let mut statements = Vec::new();
        for (n, (text, arguments)) in statements_of_the_store().into_iter().enumerate() {
            let prepare = AssertSqlSafe(format!("prepare s{n} as {text}"));
            sqlx::raw_sql(prepare).execute(&mut sql).await.unwrap_or_else(|error| panic!("{text}: {error}"));
            let nulls = vec!["null"; arguments].join(", ");
            let call = if arguments == 0 { format!("s{n}") } else { format!("s{n}({nulls})") };
            statements.push((text, call));
        }
        let indexes = indexes(&mut sql).await;
        Self { sql, statements, indexes }
    }

    /// How many statements there are.
    pub(crate) fn statements(&self) -> usize {
        self.statements.len()
    }

    /// The indexes that keep no rule, by name.
    pub(crate) async fn plain_indexes(&mut self) -> Vec<String> {
        let query = "select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indrelid
                     where not indisunique and relnamespace = 'public'::regnamespace order by 1";
        sqlx::query_scalar(query).fetch_all(&mut self.sql).await.expect("the indexes")
    }

    /// Growing tables without a row: PostgreSQL's plans for them say nothing.
    pub(crate) async fn empty_tables(&mut self) -> Vec<String> {
        let query = "select relname::text from pg_class
                     where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples <= 0 order by 1";
        let empty: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut self.sql).await.expect("the tables");
        empty.into_iter().filter(|table| !SMALL_TABLES.contains(&table.as_str())).collect()
    }

    /// The statements that read a growing table from end to end, each behind what its plan does.
    pub(crate) async fn refused(&mut self) -> Vec<String> {
        let mut refused = Vec::new();
        for (text, call) in &self.statements {
            let explain = AssertSqlSafe(format!("explain (format json) execute {call}"));
            let plan: Value =
                sqlx::query_scalar(explain).persistent(false).fetch_one(&mut self.sql).await.expect("a plan");
            let mut does = Vec::new();
            read(&plan[0]["Plan"], false, &self.indexes, &mut does);
            hashed(&plan[0]["Plan"], &plan.to_string(), &self.indexes, &mut does);
            let is_allowed = ALLOWED.iter().any(|(beginning, _)| text.starts_with(beginning));
            if !does.is_empty() && !is_allowed {
                refused.push(format!("{}: {text}", does.join(", ")));
            }
        }
        refused
    }

    /// The same if that index were not there.
    pub(crate) async fn refused_without(&mut self, index: &str) -> Vec<String> {
        self.sql.execute("begin").await.expect("a transaction");
        let drop = AssertSqlSafe(format!("drop index {index}"));
        sqlx::raw_sql(drop).execute(&mut self.sql).await.expect("an index less");
        let refused = self.refused().await;
        self.sql.execute("rollback").await.expect("the index again");
        refused
    }
}

/// What a part of a plan, and what is below it, does from end to end; `is_limited`: whoever asks for its rows stops early.
fn read(node: &Value, is_limited: bool, indexes: &HashMap<String, Index>, does: &mut Vec<String>) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let kind = text("Node Type");
    let index = indexes.get(text("Index Name"));
    let table = index.map_or(text("Relation Name"), |index| index.table.as_str());
    if !SMALL_TABLES.contains(&table) {
        if kind == "Seq Scan" {
            does.push(format!("reads all of {table}"));
        }
        if let Some(index) = index
            && !index.is_partial
            && !names(text("Index Cond"), &index.first_column)
            && !(is_limited && node.get("Filter").is_none())
        {
            does.push(format!("reads all of {}", text("Index Name")));
        }
    }
    let passes_on = matches!(kind, "Limit" | "LockRows" | "Result");
    let is_limited = kind == "Limit" || is_limited && passes_on;
    for below in node["Plans"].as_array().into_iter().flatten() {
        read(below, is_limited, indexes, does);
    }
}

/// The subqueries below a node whose rows are all gathered beforehand, however many there are for these arguments: of the
/// customer who writes most, say, while PostgreSQL knows only that most have few. A scalar subquery in place of `exists`
/// is looked up row by row.
fn hashed(node: &Value, whole: &str, indexes: &HashMap<String, Index>, does: &mut Vec<String>) {
    let name = node["Subplan Name"].as_str().unwrap_or_default();
    if name.starts_with("SubPlan") && whole.contains(&format!("(hashed {name})")) {
        let growing = |table: &String| !SMALL_TABLES.contains(&table.as_str());
        does.extend(tables(node, indexes).into_iter().filter(growing).map(|table| format!("gathers rows of {table}")));
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        hashed(below, whole, indexes, does);
    }
}

/// The tables that a part of a plan reads.
fn tables(node: &Value, indexes: &HashMap<String, Index>) -> Vec<String> {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let table = indexes.get(text("Index Name")).map_or(text("Relation Name"), |index| index.table.as_str());
    let own = (!table.is_empty()).then(|| table.to_owned());
    let below = node["Plans"].as_array().into_iter().flatten().flat_map(|below| tables(below, indexes));
    own.into_iter().chain(below).collect()
}

/// Whether a condition speaks of a column.
fn names(condition: &str, column: &str) -> bool {
    condition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == column)
}

/// Text and number of arguments of every statement that the store's macros have checked.
fn statements_of_the_store() -> Vec<(String, usize)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = std::fs::read_dir(folder).expect("what sqlx knows of the statements");
    let statement = |path: std::path::PathBuf| {
        let file = std::fs::read(&path).expect("a file");
        let file: Value = serde_json::from_slice(&file).expect("JSON");
        let arguments = file["describe"]["parameters"]["Left"].as_array().map_or(0, Vec::len);
        (file["query"].as_str().expect("a statement").to_owned(), arguments)
    };
    let mut all: Vec<_> = files.map(|file| statement(file.expect("a file").path())).collect();
    all.sort();
    all
}

async fn indexes(sql: &mut PgConnection) -> HashMap<String, Index> {
    let query =
        "select indexrelid::regclass::text, indrelid::regclass::text, coalesce(attname::text, ''), indpred is not null
                 from pg_index left join pg_attribute on attrelid = indrelid and attnum = indkey[0]";
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(query).fetch_all(sql).await.expect("the indexes");
    let index = |(name, table, first_column, is_partial)| (name, Index { table, first_column, is_partial });
    rows.into_iter().map(index).collect()
}

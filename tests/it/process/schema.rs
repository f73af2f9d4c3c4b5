//! The API as its description has it: Schemathesis asks the program for all that the description allows, and for what it does
//! not, and every answer must be one that it names. See <https://schemathesis.readthedocs.io>.

use std::process::Command;

use super::api::{WEB, furnished, port};
use super::house::{Customer, House, Plan, world};

/// What it looks at. Its other checks want what are not the API's rules: that whatever the description allows is done, and that
/// who comes without a token too often is still told 401.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,use_after_free,unsupported_method";

fn operations() -> usize {
    let document: serde_json::Value = serde_json::from_str(&ticketloom::api::document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let methods = paths.values().filter_map(serde_json::Value::as_object).flat_map(serde_json::Map::keys);
    methods.filter(|method| ["get", "post", "patch", "put", "delete"].contains(&method.as_str())).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_is_answered_as_the_description_says() {
    let house = House::opened(Plan { more: WEB, ..Plan::default() }).await;
    let (_, number, token) = furnished(&house, &Customer::new()).await;
    let api = format!("http://127.0.0.1:{}/api/v1", port(&house, 1).await);
    let program = std::path::Path::new(&world().root).join(".dev/venv/bin/schemathesis");
    let reports = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(program);
    command.current_dir(reports.path()).args(["run", &format!("{api}/openapi.json")]);
    command.args(["-H", &format!("Authorization: Bearer {token}"), "--checks", CHECKS]);
    command.args(["--phases", "coverage,fuzzing", "--max-examples", "25", "--seed", "1", "--continue-on-failure"]);
    command.args(["--no-color", "--warnings", "off", "--generation-allow-x00", "true"]);
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("Schemathesis");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}\n{}", String::from_utf8_lossy(&done.stderr), house.log());
    assert!(said.contains(&format!("Tested: {}\n", operations())), "all operations: {said}");
    // Whatever was asked, the ticket is there, and the program that was asked still runs.
    let there: bool = sqlx::query_scalar("select exists (select from ticket where number = $1)")
        .bind(&number)
        .fetch_one(&house.record)
        .await
        .expect("the record");
    assert!(there, "{number}");
    house.idle().await;
}

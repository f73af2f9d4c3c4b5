//! What packages and images rest on: a configuration of variables alone, and the manual.

use std::process::{Command, Output};

use ticketloom::config::FILE;

use super::house::{House, Plan, program, run};

/// sysexits.h.
const EX_CONFIG: i32 = 78;

/// The program with no file and these variables alone.
async fn run_by_variables(variables: &[(String, String)], arguments: &[&str]) -> Output {
    assert!(!std::path::Path::new(FILE).exists(), "{FILE} is this machine's own");
    let mut command = Command::new(program());
    command.args(arguments).env_clear().envs(variables.iter().cloned());
    tokio::task::spawn_blocking(move || command.output().expect("the program runs")).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_file_variables_are_all_settings() {
    let house = House::built(Plan::default(), false).await;
    let file: toml::Table = std::fs::read_to_string(house.config()).expect("a file").parse().expect("TOML");
    let mut variables = Vec::new();
    for (section, keys) in &file {
        let keys = keys.as_table().expect("no list");
        let word = |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = |key: &String| format!("TICKETLOOM_{section}_{key}").to_uppercase();
        variables.extend(keys.iter().map(|(key, value)| (name(key), word(value))));
    }
    let done = run_by_variables(&variables, &["queue", "list"]).await;
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && told.contains(&house.queues[0].address), "{done:?}");

    variables.retain(|(name, _)| name != "TICKETLOOM_SMTP_HOST");
    let done = run_by_variables(&variables, &["queue", "list"]).await;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(EX_CONFIG));
    assert!(told.contains("is not there, so all settings are to be variables"), "{told}");
    assert!(
        told.contains("smtp.host: is missing; right is host = \"mail.example.org\" (or TICKETLOOM_SMTP_HOST)"),
        "{told}"
    );

    let done = run_by_variables(&[], &["check"]).await;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.code() == Some(EX_CONFIG) && told.contains("name another file with --config"), "{told}");
}

#[tokio::test]
async fn the_manual_has_a_page_for_each_subcommand() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().to_str().expect("a path");
    let done = run(std::path::Path::new("/nonexistent/ticketloom.toml"), &["manual", path], b"").await;
    assert!(done.status.success(), "{done:?}");
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(page("ticketloom.1").contains("ticketloom\\-run"));
    assert!(page("ticketloom-queue-set.1").contains("time\\-zone"));
    let format = page("ticketloom.toml.5");
    assert!(format.contains(".SH [lmtp]") && format.contains("listen = \"127.0.0.1:2400\""), "{format}");
    assert!(!folder.path().join("ticketloom-manual.1").exists(), "it is for who makes packages");
}

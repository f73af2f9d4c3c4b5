//! What the house promises of itself: who may know whom, and how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

use ticketloom::chat::reference;

/// A source file: its path from the project's root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text without its unit tests, which stand at the end.
    fn product(&self) -> &str {
        self.text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default()
    }

    /// The lines of the product that are no comments, with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = |(_, line): &(usize, &str)| !line.trim_start().starts_with("//");
        self.product().lines().enumerate().map(|(n, line)| (n + 1, line)).filter(code)
    }

    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    assert!(files.len() > 50, "there is more source than {}", files.len());
    let read = |path: PathBuf| Source {
        text: fs::read_to_string(&path).expect("UTF-8"),
        path: path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned(),
    };
    let is_product = |source: &Source| !source.path.ends_with("/tests.rs") && !source.path.contains("/tests/");
    files.into_iter().map(read).filter(is_product).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// No file outside of these folders names one of these words.
fn only_in(folders: &[&str], words: &[&str]) {
    for source in sources().iter().filter(|source| !source.is_in(folders)) {
        for (n, line) in source.lines() {
            let named = words.iter().find(|word| line.contains(*word));
            assert!(named.is_none(), "{}:{n} names {} outside of {folders:?}: {line}", source.path, named.expect("it"));
        }
    }
}

/// No file inside of this folder names one of these words.
fn never_in(folder: &str, words: &[&str]) {
    for source in sources().iter().filter(|source| source.is_in(&[folder])) {
        for (n, line) in source.lines() {
            let named = words.iter().find(|word| line.contains(*word));
            assert!(named.is_none(), "{}:{n} names {} in {folder}: {line}", source.path, named.expect("it"));
        }
    }
}

#[test]
fn only_the_store_knows_sql() {
    only_in(&["src/store/"], &["sqlx::", "sqlx;", "PgPool", "PgConnection"]);
}

#[test]
fn only_the_matrix_side_knows_matrix() {
    // The log's filter names its modules.
    only_in(&["src/matrix/", "src/telemetry.rs"], &["matrix_sdk::", "matrix_sdk;", "ruma::"]);
}

#[test]
fn only_the_matrix_side_writes_html_for_rooms() {
    for folder in ["src/desk/", "src/command/", "src/store/", "src/domain/"] {
        never_in(folder, &["<br>", "<p>", "<li>", "<ul>", "<em>", "<code>", "<strong", "<blockquote", "href="]);
    }
    // No text becomes HTML: an article's is what its mail's reader made.
    only_in(&["src/domain/said.rs", "src/desk/projection/article.rs"], &["SafeHtml::sanitized"]);
}

#[test]
fn only_the_mail_side_knows_mail() {
    only_in(&["src/mail/"], &["lettre::", "mail_parser::", "async_imap::", "smtp_proto::"]);
}

#[test]
fn only_access_tokens_are_asked_for_by_http_and_receivers_of_webhooks_called() {
    // The Matrix side names the client that its SDK brings along; `check` asks for what customers' links lead to.
    only_in(&["src/mail/oauth2/", "src/matrix/", "src/webhook/", "src/cli/reach.rs"], &["reqwest::"]);
}

#[test]
fn whoever_is_below_does_not_know_who_is_above() {
    let top = ["crate::service", "crate::worker", "crate::dispatch"];
    let doors = ["crate::chat", "crate::matrix", "crate::mail", "crate::web", "crate::webhook", "crate::api"];
    let above_the_desk = [&top[..], &doors].concat();
    let above_the_store = [&above_the_desk[..], &["crate::desk", "crate::admin"]].concat();
    never_in("src/domain/", &[&above_the_store[..], &["crate::store"]].concat());
    never_in("src/store/", &above_the_store);
    never_in("src/desk/", &above_the_desk);
    never_in("src/desk/", &["crate::admin"]);
    never_in("src/admin/", &above_the_desk);
    never_in("src/chat/", &[&top[..], &["crate::matrix", "crate::mail"]].concat());
    never_in(
        "src/api/",
        &[&top[..], &["crate::matrix", "crate::mail", "crate::chat", "crate::web", "crate::admin"]].concat(),
    );
    // What comes in from Matrix is read into what the chat door takes.
    never_in("src/matrix/", &[&top[..], &["crate::mail"]].concat());
    never_in("src/mail/", &[&top[..], &["crate::matrix", "crate::chat", "crate::webhook"]].concat());
    never_in("src/webhook/", &[&top[..], &["crate::matrix", "crate::chat", "crate::mail", "crate::store"]].concat());
}

#[test]
fn the_domain_is_pure() {
    let impure =
        ["tokio", "sqlx", "serde_json", "async ", "std::fs", "std::net", "std::env", "std::process", "SystemTime::"];
    never_in("src/domain/", &impure);
    let known = [
        "chrono",
        "chrono_tz",
        "data_encoding",
        "hmac",
        "serde",
        "sha2",
        "std",
        "subtle",
        "super",
        "self",
        "crate",
        "state",
        "unicode_normalization",
    ];
    for source in sources().iter().filter(|source| source.is_in(&["src/domain/"])) {
        for (n, line) in source.lines() {
            let Some(used) = line.strip_prefix("use ").or_else(|| line.strip_prefix("pub use ")) else { continue };
            let name = used.split([':', ';']).next().unwrap_or_default();
            assert!(known.contains(&name), "{}:{n} uses {name}", source.path);
        }
    }
}

#[test]
fn the_time_is_told_by_a_clock() {
    // The Matrix side compares moments of the homeserver's clock.
    only_in(&["src/domain/time.rs", "src/matrix/"], &["Utc::now()", "Local::now()", "SystemTime::now()"]);
}

#[test]
fn rules_go_by_the_clock_of_their_transaction() {
    // Leases and due dates go by PostgreSQL's clock, which all instances share; when the cursor moved decides nothing.
    let by_postgres = ["src/store/jobs/", "src/store/presence.rs"];
    for source in sources().iter().filter(|source| source.is_in(&["src/store/"]) && !source.is_in(&by_postgres)) {
        for (n, line) in source.lines().filter(|(_, line)| !line.contains("moved_at = now()")) {
            let said = line.replace(".now()", "").replace("Instant::now()", "").replace("fn now()", "");
            assert!(!said.contains("now()"), "{}:{n} asks PostgreSQL for the time: {line}", source.path);
        }
    }
}

#[test]
fn whoever_holds_a_transaction_holds_no_seam_that_talks() {
    for source in sources().iter().filter(|source| source.is_in(&["src/desk/", "src/store/"])) {
        for signature in source.product().split("fn ").skip(1) {
            let signature = signature.split(['{', ';']).next().unwrap_or_default();
            let talks = ["dyn Chat", "dyn Mailer", "dyn Caller"].iter().any(|seam| signature.contains(seam));
            assert!(!(talks && signature.contains("Tx")), "{}: fn {signature}", source.path);
        }
    }
}

#[test]
fn a_file_that_grows_becomes_a_folder() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= 450, "{} has {lines} lines", source.path);
    }
}

#[test]
fn nothing_is_left_to_be_done_or_to_chance() {
    let words = [".unwrap()", "todo!(", "unimplemented!(", "dbg!(", "println!(", "eprintln!(", "FIXME", "XXX"];
    never_in("src/", &words);
}

#[test]
fn every_mutant_stands_somewhere_and_is_in_no_usual_build() {
    for (name, _) in ticketloom::mutant::MUTANTS {
        let call = format!("mutant!(\"{name}\")");
        let stands = sources().iter().any(|source| source.lines().any(|(_, line)| line.contains(&call)));
        assert!(stands, "{name} is nowhere");
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    assert!(manifest.contains("\nmutants = []\n") && !manifest.contains("\ndefault ="), "they are asked for by name");
}

#[test]
fn the_page_of_commands_is_what_the_bot_reads() {
    let page = fs::read_to_string(root().join("bot-commands.md")).expect("bot-commands.md");
    assert_eq!(page, reference::document("!"), "print it again: cargo run -- commands > bot-commands.md");
}

#[test]
fn the_tree_names_no_machine_of_ours() {
    let own = [
        concat!("/wo", "rk/"),
        concat!("index.cra", "tes.io"),
        concat!("static.cra", "tes.io"),
        concat!("py", "pi.org"),
    ];
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "migrations", "docs", "dev", "dist", ".ci"] {
        all_files(&root().join(folder), &mut files);
    }
    for file in ["Cargo.toml", "README.md", "bot-commands.md", "clippy.toml", "rustfmt.toml", "CHANGELOG.md"] {
        files.push(root().join(file));
    }
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue }; // a picture, or not there
        let named = own.iter().find(|word| text.contains(*word));
        assert!(named.is_none(), "{} names {}", file.display(), named.expect("it"));
    }
}

fn all_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { all_files(&path, files) } else { files.push(path) }
    }
}

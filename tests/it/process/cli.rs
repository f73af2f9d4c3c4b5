//! What an operator types and sees: mistakes, subcommands, `check`, stopping, pages, the log.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::house::{Customer, House, Mode, Plan, fetch, program, run, text, unique, until, world};

/// sysexits.h.
const EX_NOUSER: i32 = 67;
const EX_TEMPFAIL: i32 = 75;
const EX_CONFIG: i32 = 78;

/// The refusal of a language that the desk does not speak.
const KNOWN: &str = "possible values: en, de, fr, es, it, nl, pt, pl, cs, sv, da, fi]";

#[tokio::test]
async fn all_mistakes_of_a_configuration_are_told_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = dir.path().join("ticketloom.toml");
    let wrong = "[desk]\nstate_dir = \"here\"\n[database]\nurl = \"mysql://x\"\n[matrix]\nhomeserver = \"matrix\"\n\
                 user = \"tickets\"\n[smtp]\nhost = \"mail.example.org\"\ntsl = \"none\"\n[mial]\nx = 1\n";
    std::fs::write(&config, wrong).expect("a file");
    for subcommand in ["run", "check", "migrate"] {
        let done = run(&config, &[subcommand], b"").await;
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(EX_CONFIG), "{subcommand}: {told}");
        let mistakes = [
            "desk.state_dir",
            "database.url",
            "matrix.homeserver",
            "matrix.user",
            "matrix.password",
            "smtp.tsl",
            "mial",
        ];
        for mistake in mistakes {
            assert!(told.contains(mistake), "{mistake} is not told of:\n{told}");
        }
    }
    // A mail server would bounce what ends with 78.
    let done = run(&config, &["deliver", "support@desk.test"], b"Subject: x\n\nx\n").await;
    assert_eq!(done.status.code(), Some(EX_TEMPFAIL));
    let nowhere = run(&dir.path().join("nothing.toml"), &["run"], b"").await;
    assert_eq!(nowhere.status.code(), Some(EX_CONFIG));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("nothing.toml"));
}

/// A configuration of nobody's desk, in a directory that everybody may enter, with the bot's password in a file there.
fn nobodys_desk(mode: u32) -> (tempfile::TempDir, PathBuf) {
    let open = std::fs::Permissions::from_mode(0o755);
    let dir = tempfile::Builder::new().permissions(open).tempdir().expect("a directory");
    let (config, password) = (dir.path().join("ticketloom.toml"), dir.path().join("password"));
    std::fs::write(&password, "hunter2\n").expect("a file");
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(mode)).expect("permissions");
    let text = format!(
        "[desk]\nstate_dir = \"{0}/state\"\n[database]\nurl = \"postgres://nobody@%2Fnonexistent/none\"\n\
         [matrix]\nhomeserver = \"http://127.0.0.1:1\"\nuser = \"@tickets:desk.test\"\npassword_file = \"{1}\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = 1\n",
        dir.path().display(),
        password.display()
    );
    std::fs::write(&config, text).expect("a file");
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    (dir, config)
}

#[tokio::test]
async fn a_password_that_everybody_can_read_opens_no_desk() {
    for (mode, run_says, check_says) in [
        (0o644, Some("everybody can read"), "WRONG files with secrets: matrix.password_file: everybody can read"),
        (0o640, None, "--    files with secrets: matrix.password_file: the group of"),
        (0o600, None, "ok    files with secrets"),
    ] {
        let (_dir, config) = nobodys_desk(mode);
        let done = run(&config, &["run"], b"").await;
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code() == Some(EX_CONFIG), run_says.is_some(), "{mode:o}: {told}");
        assert!(told.contains(run_says.unwrap_or("PostgreSQL can't be reached")), "{mode:o}: {told}");
        let done = run(&config, &["check"], b"").await;
        let found = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(found.contains(check_says), "{mode:o}: {found}");
        assert!(!told.contains("hunter2") && !found.contains("hunter2"));
    }
}

#[tokio::test]
async fn a_desk_that_may_open_too_few_files_says_how_many_it_needs() {
    let (_dir, config) = nobodys_desk(0o600);
    for subcommand in ["run", "check"] {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "ulimit -n 100 && exec \"$0\" --config \"$1\" \"$2\""]);
        let done = shell.arg(program()).arg(&config).arg(subcommand).output().expect("a shell");
        let told = [done.stdout, done.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!done.status.success(), "{told}");
        assert!(told.contains("100 are allowed") && told.contains("right is LimitNOFILE="), "{subcommand}: {told}");
    }
}

#[tokio::test]
async fn what_needs_no_configuration_asks_for_none() {
    let nothing = std::path::Path::new("/nonexistent/ticketloom.toml");
    let commands = run(nothing, &["commands"], b"").await;
    assert!(commands.status.success());
    let printed = String::from_utf8(commands.stdout).expect("text");
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("bot-commands.md");
    assert_eq!(std::fs::read_to_string(kept).expect("bot-commands.md is there"), printed);
    let completions = run(nothing, &["completions", "bash"], b"").await;
    assert!(completions.status.success());
    assert!(String::from_utf8_lossy(&completions.stdout).contains("complete -F _ticketloom"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queues_time_is_set_from_the_command_line() {
    let house = House::built(Plan::default(), false).await;
    let name = house.queues[0].name.clone();
    let calendar = tempfile::Builder::new().suffix(".ics").tempfile().expect("a file");
    std::fs::write(calendar.path(), CHRISTMAS).expect("written");
    let file = calendar.path().to_str().expect("a path");
    let hours = "mo-fr 9:00-12:30,13:30-17:00; sa 10:00-12:00";
    let set = ["queue", "set", &name];
    let works = ["--time-zone", "Europe/Berlin", "--hours", hours, "--holidays", file, "--unlock-after", "8h"];
    house.must(&[&set[..], &works].concat()).await;
    let promises = ["--first-response", "4h", "--solution", "40h 90%", "--warn", "80%"];
    house.must(&[&set[..], &promises].concat()).await;
    let list: Value = serde_json::from_str(&house.must(&["queue", "list", "--json"]).await).expect("JSON");
    let queue = list.as_array().expect("a list").iter().find(|queue| queue["name"] == name.as_str()).expect("itself");
    assert_eq!(queue["hours"], "mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00");
    assert_eq!(queue["holidays"], serde_json::json!(["2026-12-25 Christmas"]));
    assert_eq!((text(&queue["first_response"]), text(&queue["solution"])), ("4h 80%", "40h 90%"));
    assert_eq!((&queue["update"], text(&queue["unlock_after"])), (&Value::Null, "8h"));
    let list = house.must(&["queue", "list"]).await;
    let shown = "(Europe/Berlin), 1 holidays\n  first answer 4h 80% · solution 40h 90% · unlocks after 8h\n";
    assert!(list.contains(shown), "{list}");

    let wrong = [
        "--hours",
        "mo 9-17",
        "--holidays",
        "Christmas",
        "--first-response",
        "4d",
        "--warn",
        "0",
        "--update",
        "1h 200%",
    ];
    let done = house.run(&[&set[..], &wrong].concat(), b"").await;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success());
    for form in ["09:00-12:30", "2026-12-25 Christmas", "such as 4h", "“0” is no share", "“200%” is no share"] {
        assert!(told.contains(form), "nothing of {form} in {told}");
    }
    let done = house.run(&[&set[..], &["--hours", "mo 9:00-9:01"]].concat(), b"").await;
    assert!(String::from_utf8_lossy(&done.stderr).contains("--solution 40h: with these working hours"), "{done:?}");
    let none = ["--first-response", "none", "--solution", "none", "--unlock-after", "none", "--hours", ""];
    house.must(&[&set[..], &none].concat()).await;
    assert!(!house.must(&["queue", "list"]).await.contains("first answer"));
}

/// An iCalendar file with a holiday.
const CHRISTMAS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Christmas\r\n\
                         DTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_and_agents_are_kept_from_the_command_line() {
    let house = House::built(Plan::default(), false).await;
    let queue = house.queues[0].clone();
    assert_eq!(house.must(&["migrate"]).await, "the database is up to date\n", "a second time, too");
    let list: Value = serde_json::from_str(&house.must(&["queue", "list", "--json"]).await).expect("JSON");
    assert_eq!((text(&list[0]["name"]), text(&list[0]["address"])), (queue.name.as_str(), queue.address.as_str()));
    assert_eq!(list[0]["room_id"], Value::Null);
    let again = house.must(&["queue", "add", &queue.name, &queue.address]).await;
    assert!(again.contains("is there already"), "{again}");
    house
        .must(&["queue", "set", &queue.name, "--title", "First Aid", "--acknowledge", "false", "--language", "de"])
        .await;
    let list: Value = serde_json::from_str(&house.must(&["queue", "list", "--json"]).await).expect("JSON");
    assert_eq!((text(&list[0]["title"]), text(&list[0]["language"])), ("First Aid", "de"));
    assert!(house.must(&["queue", "list"]).await.contains("(no room yet)"));

    house.must(&["agent", "add", "@carl:desk.test", "--role", "admin", "--queue", &queue.name]).await;
    assert!(house.must(&["agent", "list"]).await.contains(&format!("@carl:desk.test admin of {}\n", queue.name)));
    house.must(&["agent", "add", "@root:desk.test", "--role", "admin"]).await;
    assert!(house.must(&["agent", "list"]).await.contains("@root:desk.test admin of all queues\n"));
    house.must(&["agent", "remove", "@carl:desk.test"]).await;
    let list: Value = serde_json::from_str(&house.must(&["agent", "list", "--json"]).await).expect("JSON");
    let carl = list.as_array().expect("a list").iter().find(|agent| agent["user_id"] == "@carl:desk.test");
    assert_eq!(carl.expect("still listed")["active"], false);
    assert_eq!(house.must(&["jobs"]).await, "no job was given up\n");

    let other = format!("other-{}@desk.test", unique());
    let wrong: [(&[&str], &str); 17] = [
        (&["queue", "add", "Support!", "support@desk.test"], "lower-case letters, digits, - and _, such as support"),
        (&["queue", "add", "support", "support"], "such as support@example.org"),
        (&["queue", "add", &queue.name, &other], "ticketloom queue set"),
        (&["queue", "add", "another", &queue.address], "belongs to another queue"),
        (&["queue", "add", "another", &other, "--language", "tlh"], KNOWN),
        (&["queue", "set", &queue.name, "--language", "German"], KNOWN),
        (&["queue", "set", "nobody", "--title", "x"], &format!("there is no queue nobody; there are {}", queue.name)),
        (&["agent", "add", "carl"], "such as @alice:example.org"),
        (&["agent", "add", "@carl:desk.test", "--queue", "nobody"], "there is no queue nobody"),
        (&["agent", "add", &house.bot, "--role", "admin"], "is the bot itself"),
        (&["agent", "remove", "@nobody:desk.test"], "ticketloom agent list"),
        (
            &["queue", "set", &queue.name, "--acknowledgement", "Hello\n\n{name}"],
            "only {number} and {queue} are filled in",
        ),
        (&["queue", "set", &queue.name, "--rejection", "Closed"], "the first line is the subject"),
        (&["agent", "add", "@root:desk.test", "--role", "admin", "--queue", &queue.name], "is the only admin"),
        (&["agent", "remove", "@root:desk.test"], "is the only admin"),
        (&["agent", "add", "@root:desk.test", "--role", "observer"], "is the only admin"),
        (&["jobs", "--retry", "1"], "`ticketloom jobs` lists"),
    ];
    for (arguments, form) in wrong {
        let done = house.run(arguments, b"").await;
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success(), "{arguments:?} succeeds");
        assert!(told.contains(form), "{arguments:?} tells: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipe_hands_mail_over_or_keeps_it() {
    let house = House::built(Plan::default(), false).await;
    let mail = Customer::new().compose(house.address(), "By pipe", "Please help.", "");
    let deliver = async |recipient: &str| house.run(&["deliver", recipient, "--from", "a@customer.test"], &mail).await;
    let plus = house.address().replace('@', "+part@");
    for recipient in [house.address(), house.address(), &plus] {
        assert_eq!(deliver(recipient).await.status.code(), Some(0));
    }
    assert_eq!(house.count("mail_in").await, 2, "the same twice is one");
    assert_eq!(deliver("nobody@desk.test").await.status.code(), Some(EX_NOUSER));
    assert_eq!(deliver("nobody").await.status.code(), Some(EX_NOUSER));
    house.postgres.set(Mode::Cut);
    let kept = deliver(house.address()).await;
    assert_eq!(kept.status.code(), Some(EX_TEMPFAIL));
    assert!(String::from_utf8_lossy(&kept.stderr).contains("not stored"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_names_what_is_wrong() {
    let house = House::opened(Plan { imap: true, ..Plan::default() }).await;
    let check = async || {
        let done = house.run(&["check"], b"").await;
        (done.status.code(), String::from_utf8(done.stdout).expect("text"))
    };
    let (code, told) = check().await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("a running desk has the session"), "{told}");
    house.stop().await;
    let (code, told) = check().await;
    assert_eq!(code, Some(0), "{told}");
    let is_known = |line: &str| line.starts_with("ok ") || line.starts_with("--    desk.authserv_id: is not set, so a");
    assert!(told.lines().all(is_known), "{told}");
    assert_eq!(told.lines().filter(|line| !line.starts_with("ok ")).count(), 1, "{told}");
    for looked in [
        "configuration",
        "files with secrets",
        "open files",
        "database: schema",
        "smtp:",
        "imap for queue",
        "lmtp listener",
        "rooms, members",
    ] {
        assert!(told.contains(looked), "{looked} is not looked at: {told}");
    }

    let good = std::fs::read_to_string(house.config()).expect("a file");
    let (bad_smtp, imap) = (good.replace(&world().submission.password, "wrong"), &house.queues[1].name);
    let bad = bad_smtp.replace(&format!("queue = \"{imap}\""), "queue = \"nobody\"");
    std::fs::write(house.config(), bad).expect("a file");
    let (code, told) = check().await;
    assert_eq!(code, Some(1), "{told}");
    let wrong: Vec<&str> = told.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert_eq!(wrong.len(), 3, "{told}");
    assert!(wrong[0].contains("smtp") && wrong[0].contains("AUTH"), "{told}");
    assert!(wrong[1].contains("no [[imap]] names it"), "{told}");
    assert!(wrong[2].contains("`ticketloom queue add nobody ADDRESS --intake imap`"), "{told}");
    std::fs::write(house.config(), &good).expect("a file");

    let bot = house.bot();
    bot.set_state(house.room(), "m.room.name", json!({ "name": "Drifted" })).await;
    let levels = ["rooms", house.room(), "state", "m.room.power_levels", ""];
    let mut content = bot.ask(Method::GET, &levels, json!({})).await.expect("power levels");
    content["users"].as_object_mut().expect("users").remove(&house.alice.user);
    bot.set_state(house.room(), "m.room.power_levels", content).await;
    let (code, told) = check().await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("Drifted") && told.contains(&house.alice.user), "{told}");
    house.start(&[]);
    house.answers().await;
    until("the rooms are mended", 30, async || house.log().contains("Drifted").then_some(())).await;
    house.idle().await;
    house.stop().await;
    let (code, told) = check().await;
    assert_eq!(code, Some(0), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_whether_customers_reach_the_desk() {
    let house = House::open().await;
    let without = std::fs::read_to_string(house.config()).expect("a file");
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let reached_at = |url: &str| {
        let web = format!("{without}\n[web]\nlisten = \"127.0.0.1:{port}\"\nurl = \"{url}\"\n");
        std::fs::write(house.config(), web).expect("a file");
    };
    let check = async || {
        let done = house.run(&["check"], b"").await;
        let told = String::from_utf8(done.stdout).expect("text");
        let wrong: Vec<String> = told.lines().filter(|line| line.starts_with("WRONG")).map(str::to_owned).collect();
        assert_eq!(done.status.code(), Some(i32::from(!wrong.is_empty())), "{told}");
        (told, wrong)
    };
    house.stop().await;
    let own = format!("http://127.0.0.1:{port}");
    reached_at(&own);
    let (told, wrong) = check().await;
    assert!(wrong.is_empty() && told.contains(&format!("--    web.url {own}: not looked at")), "{told}");
    house.start(&[]);
    house.answers().await;
    let (told, wrong) = check().await;
    assert!(wrong.is_empty(), "{told}");
    for good in [format!("ok    web listener at 127.0.0.1:{port}"), format!("ok    web.url {own}")] {
        assert!(told.contains(&good), "{good}: {told}");
    }
    reached_at("http://help.invalid");
    let (told, wrong) = check().await;
    let [open, lost] = wrong.as_slice() else { panic!("{told}") };
    assert!(open.contains("begin web.url with https://") && lost.contains("nobody answers there"), "{told}");
    assert!(told.contains("--    web.proxies: is empty"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_well_and_loses_nothing() {
    const TICKETS: usize = 4;
    let house = House::open().await;
    let mut tickets = Vec::new();
    for _ in 0..TICKETS {
        tickets.push(house.ticket().await);
    }
    let mut commands = Vec::new();
    for (_, card) in &tickets {
        commands.push(house.alice.say_in(house.room(), &card.root, "!answer It works again.").await);
    }
    let subjects: Vec<String> = (0..20).map(|_| format!("Under way {}", unique())).collect();
    let write = |subject: &String| {
        let (address, subject) = (house.address().to_owned(), subject.clone());
        async move { Customer::new().write(&address, &subject, "Please help.").await }
    };
    futures_util::future::join_all(subjects.iter().map(write)).await;
    house.stop().await;
    let leased = "lane where lease is not null";
    assert_eq!(house.count(leased).await, 0, "what was under way was finished");

    house.start(&[]);
    house.answers().await;
    for ((customer, _), command) in tickets.iter().zip(&commands) {
        house.alice.marked(house.room(), command, "✉️").await;
        customer.answer().await;
    }
    let read = async || (house.count("mail_in where fate = 'article'").await == 24).then_some(());
    // Twice on a busy machine two of the 24 stood still for half a minute, and nobody knows yet who had them.
    let soon = tokio::time::timeout(Duration::from_secs(20), until("all mails are read", 60, read)).await;
    if soon.is_err() {
        let standing = house.standing().await;
        until(&format!("all mails are read; after 20 s there was {standing:#?}"), 60, read).await;
    }
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    for ((customer, _), command) in tickets.iter().zip(&commands) {
        assert_eq!(customer.answers().await.len(), 1);
        assert_eq!(transcript.marks(command), ["✉️"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_no_server() {
    let house = House::open().await;
    for (postgres, synapse) in [(Mode::Open, Mode::Cut), (Mode::Cut, Mode::Open), (Mode::Cut, Mode::Cut)] {
        house.synapse.set(synapse);
        let mails = house.count("mail_in").await;
        Customer::new().write(house.address(), "Under way", "Please help.").await;
        until("it is accepted", 30, async || (house.count("mail_in").await > mails).then_some(())).await;
        house.postgres.set(postgres);
        house.stop().await;
        house.postgres.set(Mode::Open);
        house.synapse.set(Mode::Open);
        house.start(&[]);
        house.answers().await;
    }
    house.idle().await;
    assert_eq!(house.alice.transcript(house.room()).await.all_cards(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_tell_how_it_stands() {
    let house = House::open().await;
    house.ticket().await;
    let (status, health) = house.page("/health").await.expect("an answer");
    assert!(status == 200 && health.contains(env!("CARGO_PKG_VERSION")), "{status} {health}");
    until("/ready says yes", 30, async || house.page("/ready").await.filter(|(status, _)| *status == 200)).await;
    let (status, metrics) = house.page("/metrics").await.expect("an answer");
    assert_eq!(status, 200);
    let gauges = [
        "ticketloom_backlog{class=\"intake\"}",
        "ticketloom_dead_jobs{class=\"mail\"} 0",
        "ticketloom_oldest_job_seconds{class=\"chat\"}",
        "ticketloom_sync_age_seconds",
        "ticketloom_jobs_total{kind=\"Card\",outcome=\"done\"}",
        "ticketloom_job_seconds_bucket",
    ];
    for gauge in gauges {
        assert!(metrics.contains(gauge), "{gauge} is not in\n{metrics}");
    }
    house.postgres.set(Mode::Cut);
    let (status, ready) = house.page("/ready").await.expect("an answer");
    assert!(status == 503 && ready.contains("\"database\":false"), "{status} {ready}");
    assert_eq!(house.page("/health").await.map(|(status, _)| status), Some(200), "it lives");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_gives_nobody_away() {
    let house =
        House::opened(Plan { imap: true, log: "format = \"json\"\nlevel = \"debug\"", ..Plan::default() }).await;
    let (alice, room) = (&house.alice, house.room());
    let mut secrets = vec!["pineapple".to_owned(), "marmalade".to_owned(), "wheelbarrow".to_owned()];
    for address in house.queues.iter().map(|queue| &queue.address) {
        let queue = house.queues.iter().find(|queue| queue.address == *address).expect("itself");
        for local in ["carol", "perm-carol"] {
            let customer = Customer { address: format!("{local}-{}@customer.test", unique()) };
            let subject = format!("pineapple {}", unique());
            customer.write(address, &subject, "Where is my marmalade?").await;
            let card = alice.card(&queue.room, &subject).await;
            let answer = alice.say_in(&queue.room, &card.root, "!answer In the wheelbarrow.").await;
            let mark = if local == "carol" { "✉️" } else { "❌" };
            alice.marked(&queue.room, &answer, mark).await;
            secrets.push(customer.address);
        }
    }
    // What can't be read is logged as a fault: also without what stands in it.
    Customer::new().send(&[house.address()], b"Subject: pineapple\r\n\r\nmarmalade\r\n").await;
    alice.say(room, "!lock the marmalade").await;
    alice.say(room, "!pineapple").await;
    until("it is quarantined", 30, async || (house.count("quarantine").await == 1).then_some(())).await;
    house.idle().await;
    house.stop().await;
    let log = house.log();
    assert!(log.lines().count() > 100, "a log of everything");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
    let world = world();
    let database = world.database.url.password().expect("a password");
    secrets.extend([&world.submission.password, &world.imap.customer_password].map(ToOwned::to_owned));
    secrets.extend([database.to_owned(), house.bot_password.clone(), house.bot().token]);
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_agents_do_in_threads_the_program_does_for_them() {
    let house = House::open().await;
    let (customer, card) = house.ticket().await;
    let alice = house.alice.user.clone();
    let number = card.number.as_str();
    let locked = house.must(&["ticket", "lock", "--as", &alice, number]).await;
    assert!(locked.contains(&format!("🔒 {alice}")), "{locked}");
    house.must(&["ticket", "note", "--as", &alice, number, "One of the routers of May."]).await;
    let log = house.file("router.log");
    std::fs::write(&log, "kaput").expect("written");
    let file = log.to_str().expect("a path");
    let answer =
        ["ticket", "answer", "--as", &alice, "--json", "--file", file, number, "--state", "closed", "Unplug it."];
    let done: Value = serde_json::from_str(&house.must(&answer).await).expect("JSON");
    assert_eq!((&done["held"], &done["ticket"]["state"]), (&json!(true), &json!("closed successful")));
    let mail = customer.answer().await;
    assert!(mail.text.contains("Unplug it."), "{}", mail.text);
    let mails = fetch(&customer.address).await;
    assert!(mails.iter().any(|mail| String::from_utf8_lossy(mail).contains("router.log")), "the file came along");
    until("the thread shows both", 30, async || {
        let said = house.alice.transcript(house.room()).await.bodies(&card.root).join("\n");
        (said.contains("routers of May") && said.contains("Unplug it.")).then_some(())
    })
    .await;
    let bob = house.bob.user.clone();
    house.must(&["ticket", "reopen", "--as", &alice, number]).await;
    let done = house.run(&["ticket", "close", "--as", &bob, number], b"").await;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.code() == Some(1) && told.contains(&format!("{alice} has locked this ticket")), "{told}");
    let done = house.run(&["ticket", "answer", "--as", &alice, "--file", "/nonexistent", number, "Hi"], b"").await;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && told.starts_with("--file /nonexistent: "), "{told}");
    house.idle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_looks_tickets_up_without_chat() {
    let house = House::open().await;
    let (customer, card) = house.ticket().await;
    house.idle().await;
    let queue = house.queues[0].name.clone();
    let shown = house.must(&["ticket", "show", &card.number]).await;
    assert!(shown.starts_with(&format!("#{} ", card.number)) && shown.contains(&format!("{queue} · new")), "{shown}");
    assert!(shown.contains(&format!("· {} · mail, customer\n", customer.address)), "{shown}");
    let whole: Value =
        serde_json::from_str(&house.must(&["ticket", "show", &card.number, "--json"]).await).expect("JSON");
    assert_eq!((&whole["state"], &whole["owner"], &whole["breached"]), (&json!("new"), &Value::Null, &json!(false)));
    assert_eq!(whole["articles"][0]["by"], customer.address.as_str());
    let word = whole["articles"][0]["text"].as_str().and_then(|text| text.split_whitespace().next()).expect("a word");
    let by_state = ["ticket", "list", "--queue", &queue, "--state", "new", "--json"];
    for asked in
        [&["ticket", "list", "--queue", &queue, "--json"][..], &by_state, &["ticket", "search", word, "--json"]]
    {
        let list: Value = serde_json::from_str(&house.must(asked).await).expect("JSON");
        assert_eq!(list["tickets"][0]["number"], card.number.as_str(), "{asked:?}: {list}");
    }
    let listed = house.must(&["ticket", "list"]).await;
    assert!(listed.contains(&card.number) && listed.ends_with("1 in all\n"), "{listed}");
    for (asked, why) in [
        (&["ticket", "show", "2026112310000013"][..], "no ticket"),
        (&["ticket", "show", "x"], "x is no ticket's number"),
        (&["ticket", "list", "--owner", "nobody"], "nobody"),
        (&["ticket", "list", "--queue", "nowhere"], "nowhere"),
    ] {
        let done = house.run(asked, b"").await;
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && told.contains(why), "{asked:?}: {told}");
    }
}

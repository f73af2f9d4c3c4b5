use super::*;
use crate::config::{MailProof, OAuth2Grant, Tls};

const WHOLE: &str = r#"
    [desk]
    state_dir = "/var/lib/ticketloom"
    [database]
    url = "postgres://desk@localhost/desk"
    [matrix]
    homeserver = "https://matrix.example.org"
    user = "@tickets:example.org"
    password = "hunter2"
    [lmtp]
    listen = "127.0.0.1:2400"
    [[imap]]
    queue = "billing"
    host = "imap.example.org"
    user = "billing@example.org"
    password = "hunter2"
    [smtp]
    host = "mail.example.org"
"#;

fn mistakes(text: &str) -> Vec<String> {
    Config::parse(text, &Variables::default()).map_or_else(|mistakes| mistakes.0, |_| Vec::new())
}

#[test]
fn a_short_configuration_is_enough() {
    let config = Config::parse(WHOLE, &Variables::default()).expect("sound");
    assert_eq!((config.desk.prefix.as_str(), config.desk.automatic_an_hour), ("!", 200));
    assert_eq!(config.smtp.server.tls, Tls::Starttls);
    assert_eq!(config.imap[0].server.port, 993);
    assert!(!format!("{config:?}").contains("hunter2"), "a secret is never shown");
}

#[test]
fn the_environment_goes_before_the_file() {
    let variables = Variables::from([("TICKETLOOM_DESK_ANSWER_DELAY", "3s")]);
    let config = Config::parse(WHOLE, &variables).expect("sound");
    assert_eq!(config.desk.answer_delay, Duration::from_secs(3));
}

#[test]
fn all_mistakes_are_told_at_once_each_with_the_right_form() {
    let text = WHOLE
        .replace("/var/lib/ticketloom", "somewhere")
        .replace("@tickets:example.org", "tickets")
        .replace("[database]", "automatic_an_hour = 0\n    [database]")
        .replace("127.0.0.1:2400", "everywhere")
        .replace("[smtp]", "[smtp]\ntsl = \"none\"\nretry_unknown = 5")
        .replace("queue = \"billing\"", "queue = \"Billing!\"");
    let mistakes = mistakes(&format!("{text}\n[mail]\nx = 1"));
    let keys: Vec<&str> = mistakes.iter().filter_map(|mistake| mistake.split(':').next()).collect();
    let expected = [
        "desk.state_dir",
        "desk.automatic_an_hour",
        "matrix.user",
        "lmtp.listen",
        "imap[1].queue",
        "smtp.retry_unknown",
        "smtp.tsl",
        "mail",
    ];
    assert_eq!(keys, expected, "{mistakes:#?}");
    assert!(mistakes[0].contains("right is state_dir = \"/var/lib/ticketloom\""), "{}", mistakes[0]);
}

#[test]
fn an_empty_file_names_all_that_is_missing() {
    let told = mistakes("").join("\n");
    for key in
        ["desk.state_dir", "database.url", "matrix.homeserver", "matrix.user", "matrix.password_file", "smtp.host"]
    {
        assert!(told.contains(&format!("{key}: is missing")), "{key} in {told}");
    }
}

/// [`WHOLE`] with more lines in `[smtp]`, which is its end.
fn smtp(more: &str) -> String {
    format!("{WHOLE}\n{more}")
}

const GRANT: &str = r#"
    user = "support@example.org"
    [smtp.oauth2]
    token_url = "https://login.example.org/token"
    client_id = "desk"
"#;

fn keys(mistakes: &[String]) -> Vec<&str> {
    mistakes.iter().filter_map(|mistake| mistake.split(':').next()).collect()
}

#[test]
fn a_queue_may_have_an_account_of_its_own() {
    let account = r#"
        [[smtp_account]]
        queue = "billing"
        host = "mail.example.net"
        port = 465
        tls = "implicit"
        user = "billing@example.net"
        password = "hunter2"
        [[smtp_account]]
        queue = "sales"
        host = "relay.example.net"
    "#;
    let config = Config::parse(&smtp(account), &Variables::default()).expect("sound");
    let [billing, sales] = config.smtp_accounts.as_slice() else { panic!("two accounts") };
    assert_eq!((billing.queue.as_str(), billing.server.port, billing.server.tls), ("billing", 465, Tls::Implicit));
    assert!(billing.server.login.is_some());
    assert_eq!((sales.server.port, sales.server.tls), (587, Tls::Starttls));
    assert!(sales.server.login.is_none());
}

#[test]
fn the_mistakes_of_accounts_are_told_with_all_others() {
    let account = r#"
        retry_unknown = "soon"
        [[smtp_account]]
        queue = "billing"
        host = "mail.example.net"
        [[smtp_account]]
        queue = "billing"
        prot = 25
        [[smtp_account]]
        queue = "Billing!"
        host = "mail.example.net"
        retry_unknown = "1s"
    "#;
    let told = mistakes(&smtp(account));
    let expected = [
        "smtp.retry_unknown",
        "smtp_account[2].queue",
        "smtp_account[2].host",
        "smtp_account[2].prot",
        "smtp_account[3].queue",
        "smtp_account[3].retry_unknown",
    ];
    assert_eq!(keys(&told), expected, "{told:#?}");
    assert!(told[1].contains("\"billing\" has another account"), "{}", told[1]);
    let told = mistakes(&WHOLE.replace("[smtp]", "[smtp_account]\nqueue = \"billing\"\n[smtp]"));
    assert!(told[0].contains("right is [[smtp_account]] with two brackets"), "{told:?}");
}

#[test]
fn an_access_token_takes_the_place_of_a_password() {
    let proof = |more: &str, variables: &Variables| {
        let config = Config::parse(&smtp(&format!("{GRANT}{more}")), variables).unwrap_or_else(|told| panic!("{told}"));
        assert!(!format!("{config:?}").contains("secret-"), "a secret is never shown");
        config.smtp.server.login.expect("a login").proof
    };
    let MailProof::Grant(grant) = proof("refresh_token = \"secret-r\"\nscope = \"a b\"", &Variables::default()) else {
        panic!("a grant")
    };
    assert_eq!((grant.client_id.as_str(), grant.scope.as_deref()), ("desk", Some("a b")));
    assert!(matches!(grant.grant, OAuth2Grant::Refresh { client_secret: None, .. }));
    let variable = Variables::from([("TICKETLOOM_SMTP_OAUTH2_CLIENT_SECRET", "secret-c")]);
    let MailProof::Grant(grant) = proof("", &variable) else { panic!("a grant") };
    assert!(matches!(grant.grant, OAuth2Grant::Client { .. }));
    let file = "user = \"support@example.org\"\noauth2 = { token_file = \"/run/token\" }";
    let config = Config::parse(&smtp(file), &Variables::default()).expect("sound");
    assert!(matches!(config.smtp.server.login.map(|login| login.proof), Some(MailProof::TokenFile(_))));
    let imap =
        WHOLE.replacen("password = \"hunter2\"\n    [smtp]", "oauth2.token_file = \"/run/token\"\n    [smtp]", 1);
    let config = Config::parse(&imap, &Variables::default()).expect("sound");
    assert!(matches!(config.imap[0].server.login.as_ref().map(|login| &login.proof), Some(MailProof::TokenFile(_))));
}

#[test]
fn the_mistakes_of_access_tokens_have_their_keys() {
    let told = |more: &str| mistakes(&smtp(more));
    let key = |more: &str, key: &str, words: &str| {
        let told = told(more);
        assert_eq!(keys(&told), [key], "{more}: {told:#?}");
        assert!(told[0].contains(words), "{}", told[0]);
    };
    let secret = "client_secret = \"s\"";
    let user = "user = \"support@example.org\"";
    key(&format!("password = \"p\"{GRANT}{secret}"), "smtp.oauth2", "stands beside password");
    key(GRANT, "smtp.oauth2.refresh_token_file", "client_secret_file alone");
    key(&format!("{}{secret}", GRANT.replace(user, "")), "smtp.user", "since there is oauth2");
    key(&format!("{GRANT}{secret}\ntoken_file = \"/run/token\""), "smtp.oauth2.token_file", "stands beside");
    key(&format!("{user}\noauth2 = \"token\""), "smtp.oauth2", "right is [smtp.oauth2]");
    key(&format!("{user}\noauth2.token_file = \"token\""), "smtp.oauth2.token_file", "is not right");
    key(&format!("{GRANT}{secret}\nscopes = \"a\""), "smtp.oauth2.scopes", "there are client_id");
    key(user, "smtp.password_file", "(or oauth2)");
    for url in
        ["http://login.example.org/token", "login.example.org", "ftp://localhost/", "http://127.0.0.1.example.org/"]
    {
        key(
            &format!("{}{secret}", GRANT.replace("https://login.example.org/token", url)),
            "smtp.oauth2.token_url",
            url,
        );
    }
    let here = format!("{}{secret}", GRANT.replace("https://login.example.org", "http://127.0.0.1:8080"));
    assert_eq!(told(&here), Vec::<String>::new(), "nobody listens on the way to this machine itself");
    let all = told(&format!("{user}\noauth2.scope = \"a\""));
    assert_eq!(keys(&all), ["smtp.oauth2.token_url", "smtp.oauth2.client_id", "smtp.oauth2.refresh_token_file"]);
}

#[test]
fn a_misspelt_level_of_the_log_is_a_mistake() {
    for (level, is_right) in [
        ("info", true),
        ("info,ticketloom::mail=debug", true),
        ("ticketloom[job{id}]=trace", true),
        ("inof", false),
        ("ticketloom::mail", false),
        ("ticketloom=loud", false),
    ] {
        let read = Config::parse(&format!("{WHOLE}\n[log]\nlevel = \"{level}\""), &Variables::default());
        assert_eq!(read.is_ok(), is_right, "{level}: {read:?}");
    }
}

fn told(variables: &Variables) -> Vec<String> {
    Config::parse(WHOLE, variables).map_or_else(|mistakes| mistakes.0, |_| Vec::new())
}

#[test]
fn a_misspelt_variable_is_a_mistake_and_the_right_one_is_named() {
    for (wrong, right) in [
        ("TICKETLOOM_DESK_ANSWER_DELY", "; right is perhaps TICKETLOOM_DESK_ANSWER_DELAY"),
        ("TICKETLOOM_DATABASE_URI", "; right is perhaps TICKETLOOM_DATABASE_URL"),
        ("TICKETLOOM_LMPT_LISTEN", "; right is perhaps TICKETLOOM_LMTP_LISTEN"),
        ("TICKETLOOM_HTTP_CONECTIONS", "; right is perhaps TICKETLOOM_HTTP_CONNECTIONS"),
        ("TICKETLOOM_SMTP_OAUTH2_CLIENT_SECRET_FLIE", "; right is perhaps TICKETLOOM_SMTP_OAUTH2_CLIENT_SECRET_FILE"),
        ("TICKETLOOM_IMAP_PASSWORD", "those of lists have a number, such as TICKETLOOM_IMAP_1_HOST"),
        ("TICKETLOOM_SMTP_ACCOUNT_QUEUE", "those of lists have a number"),
        ("TICKETLOOM_IMAP_1_FOLDR", "; right is perhaps TICKETLOOM_IMAP_1_FOLDER"),
        ("TICKETLOOM_IMAP_100_FOLDER", "there is no such variable"),
        ("TICKETLOOM_XYZ", "there is no such variable"),
    ] {
        let told = told(&Variables::from([(wrong, "secret-value")]));
        assert_eq!(keys(&told), [wrong], "{told:?}");
        assert!(told[0].contains(right) && !told[0].contains("secret-value"), "{}", told[0]);
    }
}

#[test]
fn entries_of_lists_are_variables_with_their_number() {
    let variables = Variables::from([
        ("TICKETLOOM_IMAP_1_FOLDER", "Support"),
        ("TICKETLOOM_IMAP_2_QUEUE", "sales"),
        ("TICKETLOOM_IMAP_2_HOST", "imap.example.net"),
        ("TICKETLOOM_IMAP_2_USER", "sales@example.net"),
        ("TICKETLOOM_IMAP_2_OAUTH2_TOKEN_FILE", "/run/token"),
        ("TICKETLOOM_SMTP_ACCOUNT_1_QUEUE", "sales"),
        ("TICKETLOOM_SMTP_ACCOUNT_1_HOST", "relay.example.net"),
    ]);
    let config = Config::parse(WHOLE, &variables).expect("sound");
    let [billing, sales] = config.imap.as_slice() else { panic!("two mailboxes: {:?}", config.imap) };
    assert_eq!((billing.queue.as_str(), billing.folder.as_str()), ("billing", "Support"));
    assert_eq!((sales.queue.as_str(), sales.server.host.as_str()), ("sales", "imap.example.net"));
    let proof = sales.server.login.as_ref().map(|login| &login.proof);
    assert!(matches!(proof, Some(MailProof::TokenFile(_))), "{proof:?}");
    assert_eq!(config.smtp_accounts.len(), 1);
    let gap = told(&Variables::from([("TICKETLOOM_IMAP_3_QUEUE", "sales")]));
    assert_eq!(keys(&gap), ["imap[2].queue", "imap[2].host", "imap[3].host"]);
    assert!(gap[0].ends_with("(or TICKETLOOM_IMAP_2_QUEUE)"), "{}", gap[0]);
}

#[test]
fn variables_of_others_are_no_mistake() {
    let others = ["TICKETLOOM_CONFIG", "TICKETLOOM_SERVICE_HOST", "TICKETLOOM_PORT", "TICKETLOOM_PORT_2400_TCP_ADDR"];
    for name in others {
        assert_eq!(told(&Variables::from([(name, "x")])), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_variable_of_a_section_that_is_not_there_asks_for_the_rest_of_it() {
    let told = told(&Variables::from([("TICKETLOOM_HTTP_CONNECTIONS", "10")]));
    assert_eq!(keys(&told), ["http.listen"], "{told:?}");
}

#[test]
fn a_misspelt_key_or_section_names_the_right_one() {
    let told = mistakes(&format!("{WHOLE}\ntsl = \"none\"\n[matirx]\n"));
    assert!(told[0].starts_with("smtp.tsl: there is no such key; right is perhaps tls; there are"), "{told:?}");
    assert!(told[1].starts_with("matirx: there is no such section; right is perhaps matrix; there are"), "{told:?}");
}

#[test]
fn what_is_no_toml_is_told_by_its_place_and_never_by_its_words() {
    for (wrong, place) in [
        ("password = \"hunter2", "line 2, column "),
        ("password = hunter2", "line 2, column "),
        ("password hunter2", "line 2, column "),
        ("password = 'hunter2' 'hunter2'", "line 2, column "),
        ("password = \"\\hunter2\"", "line 2, column "),
        ("hunter2 = 1\nhunter2 = 1", "line 3, column "),
        ("hunter2 = 1\nhunter2.x = 1", "line 3, column "),
        ("password = \"\"\"hunter2", "line 3, column "),
        ("ö = 1 hunter2", "line 2, column "),
    ] {
        let told = mistakes(&format!("[smtp]\n{wrong}\n"));
        assert!(told.len() == 1 && told[0].contains(place), "{wrong:?}: {told:?}");
        assert!(!told[0].contains("hunter2") && told[0].len() > place.len() + 10, "{wrong:?}: {}", told[0]);
    }
}

#[test]
fn who_else_can_read_a_file_with_a_secret_is_known() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let outside = tempfile::tempdir().expect("a directory");
    let mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
    };
    let inside = outside.path().join("inside");
    std::fs::create_dir(&inside).expect("a directory");
    let (file, link) = (inside.join("password"), outside.path().join("link"));
    std::fs::write(&file, "secret\n").expect("a file");
    symlink(&file, &link).expect("a link");
    for (door, own, expected) in [
        (0o755, 0o600, Readers::Owner),
        (0o755, 0o640, Readers::Group),
        (0o755, 0o644, Readers::World),
        (0o755, 0o604, Readers::World),
        (0o750, 0o644, Readers::Group),
        (0o700, 0o644, Readers::Owner),
    ] {
        mode(outside.path(), 0o755);
        mode(&inside, door);
        mode(&file, own);
        for path in [&file, &link] {
            let text = WHOLE.replacen("password = \"hunter2\"", &format!("password_file = {path:?}"), 1);
            let config = Config::parse(&text, &Variables::default()).expect("sound");
            let [found] = config.secret_files.as_slice() else { panic!("one file: {:?}", config.secret_files) };
            assert_eq!((found.key.as_str(), &found.path), ("matrix.password_file", path));
            assert_eq!(found.readers, expected, "{door:o} {own:o}");
        }
    }
}

#[test]
fn a_mail_that_may_come_has_room_in_memory() {
    let told = mistakes(&WHOLE.replace("[database]", "mail_memory = \"20MiB\"\n    [database]"));
    assert_eq!(keys(&told), ["desk.mail_memory"], "{told:?}");
}

/// What the package installs: every key, most of them switched off.
const EXAMPLE: &str = include_str!("../../../dist/ticketloom.toml");

/// The keys of the example, as variables.
fn keys_of_the_example() -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines().map(|line| line.trim_start_matches('#')) {
        if let Some(name) = line.strip_prefix("[[") {
            section = format!("{}_1", name.trim_end_matches(']'));
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').replace('.', "_");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            keys.insert(format!("TICKETLOOM_{section}_{key}").to_uppercase());
        }
    }
    keys
}

#[test]
fn the_example_names_every_key_and_no_other() {
    let example = keys_of_the_example();
    let list = ["TICKETLOOM_IMAP_1_QUEUE", "TICKETLOOM_SMTP_ACCOUNT_1_QUEUE"].map(|name| (name, "support"));
    let variables = Variables::from(list);
    let reader = Reader {
        table: &Table::new(),
        variables: &variables,
        known: RefCell::default(),
        mistakes: RefCell::default(),
        secret_files: RefCell::default(),
        has_secrets: Cell::new(false),
    };
    assert!(reader.config().is_err(), "next to nothing is configured");
    let all = reader.known.take();
    // A secret in the file itself is no example, and one section shows for all what access tokens are.
    let has_example = |name: &String| {
        let elsewhere = name.contains("_1_OAUTH2_");
        elsewhere || example.contains(name) || example.contains(&format!("{name}_FILE"))
    };
    let forgotten: Vec<&String> = all.iter().filter(|name| !has_example(name)).collect();
    assert_eq!(forgotten, Vec::<&String>::new(), "keys without an example");
    let unknown: Vec<&String> = example.difference(&all).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "examples of no key");
}

#[test]
fn every_line_of_the_example_can_be_switched_on() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "postgres://desk@localhost/desk\n").expect("written");
    let excluded = ["#access_token_file = ", "#token_file = ", "#url_file = "];
    let mut lines: Vec<String> = Vec::new();
    for line in EXAMPLE.lines().filter(|line| !excluded.iter().any(|key| line.starts_with(key))) {
        let setting = line.trim_start_matches('#');
        let has = |word: &str| lines.iter().any(|line| line == word);
        // The account that has access tokens has no password.
        let is_password = setting.starts_with("password_file") && has("[smtp]") && !has("[smtp.oauth2]");
        if setting.starts_with(' ') || is_password {
            continue;
        }
        let own_file = |(key, _): (&str, &str)| format!("{key} = {:?}", secret.path());
        lines.push(setting.split_once(" = \"/etc/ticketloom/").map_or_else(|| setting.to_owned(), own_file));
    }
    let text = lines.join("\n");
    let config = Config::parse(&text, &Variables::default()).unwrap_or_else(|told| panic!("{told}\n{text}"));
    assert_eq!((config.imap.len(), config.smtp_accounts.len()), (1, 1));
    assert!(config.lmtp.is_some() && config.http.is_some() && config.web.is_some() && config.webhooks.allow.len() == 3);
    assert!(matches!(config.smtp.server.login.map(|login| login.proof), Some(MailProof::Grant(_))));
}

use super::*;

const WHOLE: &str = r#"
    [desk]
    state_dir = "/var/lib/ticketloom"
    [database]
    url = "postgres://desk@localhost/desk"
    [matrix]
    homeserver = "https://matrix.example.org"
    user = "@tickets:example.org"
    password = "secret"
    [lmtp]
    listen = "127.0.0.1:2400"
    [[imap]]
    queue = "billing"
    host = "imap.example.org"
    user = "billing@example.org"
    password = "secret"
    [smtp]
    host = "mail.example.org"
"#;

fn mistakes(text: &str) -> Vec<String> {
    Config::parse(text, &|_| None).map_or_else(|mistakes| mistakes.0, |_| Vec::new())
}

#[test]
fn a_short_configuration_is_enough() {
    let config = Config::parse(WHOLE, &|_| None).expect("sound");
    assert_eq!((config.desk.prefix.as_str(), config.desk.automatic_an_hour), ("!", 200));
    assert_eq!(config.smtp.server.tls, Tls::Starttls);
    assert_eq!(config.imap[0].server.port, 993);
    assert!(!format!("{config:?}").contains("secret"), "a secret is never shown");
}

#[test]
fn the_environment_goes_before_the_file() {
    let environment = |name: &str| (name == "TICKETLOOM_DESK_ANSWER_DELAY").then(|| "3s".to_owned());
    let config = Config::parse(WHOLE, &environment).expect("sound");
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

mod endpoint;

use std::os::unix::fs::PermissionsExt;

pub(in crate::mail) use endpoint::Endpoint;
use tempfile::TempDir;

use super::*;
use crate::config::MailProof;

/// A grant at an endpoint, and the directory of its state.
struct Desk {
    endpoint: Endpoint,
    state: TempDir,
}

impl Desk {
    async fn open() -> Self {
        Self { endpoint: Endpoint::open().await, state: tempfile::tempdir().expect("a directory") }
    }

    /// As after a start.
    fn grant(&self) -> Arc<Grant> {
        let MailProof::Grant(config) = self.endpoint.login().proof else { panic!("a grant") };
        Arc::new(Grant::new(&config, self.state.path()).expect("sound"))
    }
}

async fn got(grant: &Arc<Grant>, refused: Option<&Secret>, now: Instant) -> Secret {
    grant.token(Some("mail"), refused, now).await.unwrap_or_else(|why| panic!("{why}"))
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_rules_say_and_kept() {
    let desk = Desk::open().await;
    let (grant, now) = (desk.grant(), Instant::now());
    assert_eq!(got(&grant, None, now).await.reveal(), "token-1");
    assert_eq!(got(&grant, None, now + Duration::from_mins(57)).await.reveal(), "token-1");
    assert_eq!(got(&grant, None, now + Duration::from_mins(59)).await.reveal(), "token-2", "shortly before its end");
    let asked = desk.endpoint.asked();
    let expected =
        [("grant_type", "refresh_token"), ("refresh_token", "refresh-0"), ("client_id", "desk"), ("scope", "mail")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(asked, [expected.clone().into(), expected.into()]);

    let client = OAuth2Grant::Client { client_secret: Secret::new("s&=ü") };
    let config = OAuth2Config { scope: None, ..desk.endpoint.config(client) };
    let grant = Arc::new(Grant::new(&config, desk.state.path()).expect("sound"));
    grant.token(None, None, now).await.expect("a token");
    let expected = [("grant_type", "client_credentials"), ("client_id", "desk"), ("client_secret", "s&=ü")];
    assert_eq!(desk.endpoint.asked()[2], expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn who_asks_at_the_same_time_shares_the_answer() {
    let desk = Desk::open().await;
    let (grant, now) = (desk.grant(), Instant::now());
    let all = futures_util::future::join_all((0..8).map(|_| got(&grant, None, now))).await;
    assert!(all.iter().all(|token| token.reveal() == "token-1"));
    assert_eq!(desk.endpoint.asked().len(), 1);
    let refused = Secret::new("token-1");
    let all = futures_util::future::join_all((0..8).map(|_| got(&grant, Some(&refused), now))).await;
    assert!(all.iter().all(|token| token.reveal() == "token-2"), "nobody gets the refused one again");
    assert_eq!(desk.endpoint.asked().len(), 2);
    // Another scope is another token.
    grant.token(None, None, now).await.expect("a token");
    assert_eq!(desk.endpoint.asked().len(), 3);
}

#[tokio::test]
async fn a_new_refresh_token_survives_a_restart_and_is_nobody_elses() {
    let desk = Desk::open().await;
    let now = Instant::now();
    desk.endpoint.will(200, r#"{"access_token":"a","expires_in":60,"refresh_token":"refresh-1"}"#);
    desk.endpoint.will(200, r#"{"access_token":"b","expires_in":60,"refresh_token":"refresh-2"}"#);
    let grant = desk.grant();
    got(&grant, None, now).await;
    got(&grant, None, now + Duration::from_mins(2)).await;
    let folder = desk.state.path().join("oauth2");
    let files: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    let [file] = files.as_slice() else { panic!("one file: {files:?}") };
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(file)), (0o700, 0o600));
    got(&desk.grant(), None, now).await;
    let shown: Vec<String> = desk.endpoint.asked().into_iter().map(|form| form["refresh_token"].clone()).collect();
    assert_eq!(shown, ["refresh-0", "refresh-1", "refresh-2"]);
    std::fs::remove_file(file).expect("removed");
    std::fs::create_dir(file).expect("made");
    let why = desk.grant().token(None, None, now).await.expect_err("nobody knows which token is the newest");
    assert!(why.contains(&file.display().to_string()), "{why}");
    assert_eq!(desk.endpoint.asked().len(), 3);
}

#[tokio::test]
async fn what_goes_wrong_is_said_without_secrets_and_tried_again() {
    let desk = Desk::open().await;
    let (grant, now) = (desk.grant(), Instant::now());
    let repeats = r#"{"error":"invalid_grant","error_description":"refresh-0 of carol@example.org"}"#;
    for (status, body, words) in [
        (400, repeats, "sign in again"),
        (503, "Service Unavailable", "503"),
        (302, "elsewhere", "302"),
        (200, "{}", "without a token"),
    ] {
        desk.endpoint.will(status, body);
        let why = grant.token(Some("mail"), None, now).await.expect_err("no token");
        assert!(why.starts_with("oauth2: no access token from 127.0.0.1: "), "{why}");
        assert!(why.contains(words) && !why.contains("refresh-0") && !why.contains("carol"), "{why}");
    }
    desk.endpoint.will(200, &" ".repeat(70_000));
    assert!(grant.token(Some("mail"), None, now).await.is_err());
    assert_eq!(got(&grant, None, now).await.reveal(), "token-6");
}

#[tokio::test]
async fn nobody_there_is_said_without_secrets() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let desk = Desk::open().await;
    let grant = OAuth2Grant::Client { client_secret: Secret::new("confidential") };
    let token_url = format!("http://127.0.0.1:{port}/token?key=confidential").parse().expect("a URL");
    let config = OAuth2Config { token_url, ..desk.endpoint.config(grant) };
    let grant = Arc::new(Grant::new(&config, desk.state.path()).expect("sound"));
    let why = grant.token(None, None, Instant::now()).await.expect_err("no token");
    assert!(why.contains("no connection") && !why.contains("confidential"), "{why}");
}

#[test]
fn a_token_is_used_until_shortly_before_its_end() {
    assert_eq!(usable(Duration::from_hours(1)), Duration::from_mins(58));
    assert_eq!(usable(Duration::from_mins(1)), Duration::from_secs(30));
    assert_eq!(usable(Duration::ZERO), Duration::ZERO);
}

#[test]
fn a_token_ends_no_line() {
    assert!(token("ya29.A-_~+/=").is_some());
    assert!(["", "a\r\nb", "a\x01b", "ü"].iter().all(|text| token(text).is_none()));
}

//! Whether `[web]` can be reached: its listener, and the URL that stands in customers' mails.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ticketloom::api;
use ticketloom::config::WebConfig;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found of something that was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Good,
    /// Not wrong, and not looked at either.
    Later(String),
    Wrong(String),
}

/// What came of asking for the API's description.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// A status, where it leads elsewhere if it does, and whether it is this version's description, or another one's.
    Status { status: u16, leads_to: Option<String>, is_this: bool, is_ticketloom: bool },
    /// None, and why.
    Nothing(String),
}

/// Looks at all of `[web]`: what, and what was found.
pub(super) async fn look(web: &WebConfig) -> Vec<(String, Found)> {
    let here = ask(&format!("http://{}", local(web.listen))).await;
    let is_running = matches!(here, Answer::Status { is_ticketloom: true, .. });
    let port = tokio::net::TcpListener::bind(web.listen).await.map(drop).map_err(|error| error.to_string());
    let url = web.url.as_str().trim_end_matches('/');
    let mut found = vec![(format!("web listener at {}", web.listen), listener(&here, port))];
    found.push(("web.url: https".to_owned(), secure(&web.url)));
    let reached = if is_running {
        reached(url, web.listen, &ask(url).await)
    } else {
        Found::Later("not looked at, since no desk runs here; start it to have it looked at from outside".to_owned())
    };
    found.push((format!("web.url {url}"), reached));
    if web.proxies.is_empty() && is_running && !leads_here(&web.url, web.listen) {
        let why = "is empty: behind a proxy, all customers and programs have one address, and share its limits. Name the \
                   proxy's address, such as proxies = \"127.0.0.1\"";
        found.push(("web.proxies".to_owned(), Found::Later(why.to_owned())));
    }
    found
}

/// Where a listener on all addresses is reached from here.
fn local(listen: SocketAddr) -> SocketAddr {
    let mut local = listen;
    match listen {
        SocketAddr::V4(address) if address.ip().is_unspecified() => local.set_ip([127, 0, 0, 1].into()),
        SocketAddr::V6(address) if address.ip().is_unspecified() => local.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    local
}

/// Whether a URL is the listener's own: then there is no proxy.
fn leads_here(url: &url::Url, listen: SocketAddr) -> bool {
    url.scheme() == "http" && url.port_or_known_default() == Some(listen.port())
}

/// Either the running desk answers there, or the port is free for it.
fn listener(here: &Answer, port: Result<(), String>) -> Found {
    match (here, port) {
        (Answer::Status { is_this: true, .. }, _) | (Answer::Nothing(_), Ok(())) => Found::Good,
        (Answer::Status { is_ticketloom: true, .. }, _) => Found::Wrong(
            "a desk of another version runs there; restart it, or run its own `ticketloom check`".to_owned(),
        ),
        (Answer::Status { .. }, _) => {
            Found::Wrong("another program listens there; give web.listen a port of its own".to_owned())
        }
        (Answer::Nothing(_), Err(why)) => Found::Wrong(format!("{why}; see web.listen")),
    }
}

fn secure(url: &url::Url) -> Found {
    let is_local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    match url.scheme() {
        "https" => Found::Good,
        _ if is_local => Found::Later("http, which is good for nothing but trying it on this machine".to_owned()),
        _ => Found::Wrong(
            "it is http: whoever reads along has the links of all customers, and the tokens of all programs. Let a reverse \
             proxy have a certificate, and begin web.url with https://"
                .to_owned(),
        ),
    }
}

fn reached(url: &str, listen: SocketAddr, answer: &Answer) -> Found {
    let forward = format!("let the proxy forward it to http://{}", local(listen));
    match answer {
        Answer::Status { is_this: true, .. } => Found::Good,
        Answer::Status { is_ticketloom: true, .. } => Found::Wrong(format!(
            "a desk of another version answers there, and not the one at {listen}; {forward}, or correct web.url"
        )),
        Answer::Status { leads_to: Some(place), .. } => {
            Found::Wrong(format!("it leads to {place}; web.url is to begin with what is there at last"))
        }
        Answer::Status { status: status @ 502..=504, .. } => {
            Found::Wrong(format!("the proxy there does not reach the desk ({status}); {forward}"))
        }
        Answer::Status { status, .. } => Found::Wrong(format!(
            "what answers there is not this desk ({status}); {forward}, or correct web.url ({url})"
        )),
        Answer::Nothing(why) => Found::Wrong(format!(
            "nobody answers there ({why}); look after its name in DNS, the proxy's port and its certificate"
        )),
    }
}

/// Asks for the API's description, which needs no token. Nothing is followed: it is to stand where it is looked for.
async fn ask(base: &str) -> Answer {
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
    let client = match client.build() {
        Ok(client) => client,
        Err(error) => return Answer::Nothing(last_word(&error)),
    };
    let answer = match client.get(format!("{base}{}/openapi.json", api::PATH)).send().await {
        Ok(answer) => answer,
        Err(error) => return Answer::Nothing(last_word(&error)),
    };
    let status = answer.status().as_u16();
    let leads_to = answer.headers().get(reqwest::header::LOCATION).and_then(|place| place.to_str().ok());
    let leads_to = leads_to.filter(|_| (300..400).contains(&status)).map(ToOwned::to_owned);
    let text = answer.text().await.unwrap_or_default();
    let title = serde_json::from_str::<serde_json::Value>(&text).ok().map(|json| json["info"]["title"].clone());
    let is_ticketloom = title.is_some_and(|title| title == "Ticketloom");
    Answer::Status { status, leads_to, is_this: text == api::document(), is_ticketloom }
}

/// What the system or TLS said at last.
fn last_word(error: &reqwest::Error) -> String {
    let mut last = None;
    let mut source = error.source();
    while let Some(error) = source {
        last = Some(error.to_string());
        source = error.source();
    }
    last.unwrap_or_else(|| if error.is_timeout() { "no answer within 10 s".to_owned() } else { error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Answer {
        Answer::Status { status, leads_to: None, is_this: false, is_ticketloom: false }
    }

    fn wrong(found: &Found) -> &str {
        match found {
            Found::Wrong(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn links_that_others_can_read_are_wrong() {
        let secure = |url: &str| secure(&url.parse().expect("a URL"));
        assert_eq!(secure("https://help.example.org/"), Found::Good);
        assert!(wrong(&secure("http://help.example.org/")).contains("https://"));
        for url in ["http://127.0.0.1:41081", "http://[::1]:1", "http://localhost:1"] {
            assert!(matches!(secure(url), Found::Later(_)), "{url}");
        }
    }

    #[test]
    fn what_answers_has_to_be_this_desk() {
        let listen: SocketAddr = "0.0.0.0:8081".parse().expect("an address");
        let reached = |answer: &Answer| reached("https://help.example.org", listen, answer);
        let this = Answer::Status { status: 200, leads_to: None, is_this: true, is_ticketloom: true };
        assert_eq!(reached(&this), Found::Good);
        assert!(wrong(&reached(&status(502))).contains("let the proxy forward it to http://127.0.0.1:8081"));
        assert!(wrong(&reached(&status(200))).contains("not this desk"));
        let leads_to = Some("https://www.example.org/".to_owned());
        let elsewhere = Answer::Status { status: 301, leads_to, is_this: false, is_ticketloom: false };
        assert!(wrong(&reached(&elsewhere)).contains("https://www.example.org/"));
        assert!(wrong(&reached(&Answer::Nothing("refused".to_owned()))).contains("refused"));
        let other = Answer::Status { status: 200, leads_to: None, is_this: false, is_ticketloom: true };
        assert!(wrong(&reached(&other)).contains("another version"));
    }

    #[test]
    fn a_port_is_the_desks_or_free() {
        let nothing = || Answer::Nothing("refused".to_owned());
        assert_eq!(listener(&nothing(), Ok(())), Found::Good);
        assert!(wrong(&listener(&nothing(), Err("permission denied".to_owned()))).contains("see web.listen"));
        assert!(wrong(&listener(&status(404), Err("in use".to_owned()))).contains("another program"));
    }
}

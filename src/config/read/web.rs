//! The customers' pages and the API.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;

use super::super::WebConfig;
use super::form::{connections, size};
use super::{MAX_SIZE, Read, Reader};

/// How many requests a second a token makes at most.
const API_RATE: NonZeroU32 = NonZeroU32::new(300).expect("more than nothing");

impl Reader<'_> {
    /// `None`: not configured.
    pub(super) fn web(&self) -> Read<Option<WebConfig>> {
        let web = self.section("web");
        let keys = ["listen", "url", "connections", "connections_per_address", "proxies", "max_size", "api_rate"];
        if web.is_absent(&keys) {
            return Ok(None);
        }
        let listen = web.required("listen", "\"127.0.0.1:8081\"", |word| SocketAddr::from_str(word).ok());
        let url = web.required("url", "\"https://help.example.org\", as customers reach it", public_url);
        let most = web.or("connections", 256, "256", connections);
        let per_address = web.or("connections_per_address", 256, "256", connections);
        let proxies = web.or("proxies", Vec::new(), "\"127.0.0.1, ::1\", addresses", addresses);
        let max_size = web.or("max_size", MAX_SIZE, "\"25MiB\"", size);
        let api_rate = web.or("api_rate", API_RATE, "300, requests a second", |word| word.parse().ok());
        web.end();
        Ok(Some(WebConfig {
            listen: listen?,
            url: url?,
            connections: most?,
            connections_per_address: per_address?,
            proxies: proxies?,
            max_size: max_size?,
            api_rate: api_rate?,
        }))
    }
}

/// A URL that something can be put behind.
fn public_url(word: &str) -> Option<url::Url> {
    let url = url::Url::parse(word.trim_end_matches('/')).ok()?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain).then_some(url)
}

fn addresses(word: &str) -> Option<Vec<IpAddr>> {
    word.split(',').map(|one| one.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_a_url_that_something_can_be_put_behind() {
        for (word, is_sound) in [
            ("https://help.example.org", true),
            ("https://help.example.org/desk/", true),
            ("http://127.0.0.1:8081", true),
            ("help.example.org", false),
            ("ftp://help.example.org", false),
            ("https://help.example.org/?a=b", false),
            ("https://help.example.org/#a", false),
            ("https://me@help.example.org/", false),
        ] {
            assert_eq!(public_url(word).is_some(), is_sound, "{word}");
        }
    }

    #[test]
    fn proxies_are_addresses() {
        assert_eq!(addresses("127.0.0.1, ::1").map(|all| all.len()), Some(2));
        assert_eq!(addresses("localhost"), None);
    }
}

//! What webhooks may call though it is not public.

use std::net::IpAddr;

use url::Host;

/// A host, and perhaps one port of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    host: Host<String>,
    port: Option<u16>,
}

impl Allowed {
    /// Reads a name or an address, such as `n8n.lan`, `10.0.0.5` or `[::1]:8080`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            let host = match address {
                IpAddr::V4(address) => Host::Ipv4(address),
                IpAddr::V6(address) => Host::Ipv6(address),
            };
            return Some(Self { host, port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
            None => (text, None),
        };
        Some(Self { host: Host::parse(host).ok()?, port })
    }

    /// Whether it is that port of that host.
    #[must_use]
    pub fn is<S: AsRef<str>>(&self, host: &Host<S>, port: u16) -> bool {
        let is_host = match (&self.host, host) {
            (Host::Domain(one), Host::Domain(other)) => one == other.as_ref(),
            (Host::Ipv4(one), Host::Ipv4(other)) => one == other,
            (Host::Ipv6(one), Host::Ipv6(other)) => one == other,
            _ => false,
        };
        is_host && self.port.is_none_or(|one| one == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_with_or_without_a_port() {
        let host = |text: &str| Host::parse(text).expect("a host");
        for (text, named, port) in [
            ("10.0.0.5", "10.0.0.5", 443),
            ("N8N.lan", "n8n.lan", 5678),
            ("127.0.0.1:8080", "127.0.0.1", 8080),
            ("::1", "[::1]", 1),
            ("[::1]", "[::1]", 1),
            ("[::1]:8080", "[::1]", 8080),
            ("bücher.example:80", "xn--bcher-kva.example", 80),
        ] {
            assert!(Allowed::parse(text).expect(text).is(&host(named), port), "{text}");
        }
        assert!(!Allowed::parse("127.0.0.1:8080").expect("one").is(&host("127.0.0.1"), 8081));
        assert!(!Allowed::parse("10.0.0.5").expect("one").is(&host("n8n.lan"), 80));
        for text in ["", "https://n8n.lan", "n8n.lan:x", "n8n.lan:0", "a b", "10.0.0.0/8", "n8n.lan/x"] {
            assert_eq!(Allowed::parse(text), None, "{text}");
        }
    }
}

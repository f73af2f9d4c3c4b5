//! Which addresses may be called. A webhook's address is whatever somebody typed, and what it leads to whatever a name server says:
//! without this, the desk would call its own network for them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use super::lookup::Lookup;
use crate::config::Allowed;

/// The addresses of a receiver, each of which may be called.
///
/// # Errors
/// Why it is not called.
pub(super) async fn vetted(url: &Url, allowed: &[Allowed], lookup: &dyn Lookup) -> Result<Vec<SocketAddr>, String> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err("its address names no host".to_owned());
    };
    let addresses = match &host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => lookup.addresses(name).await.map_err(|error| format!("{name} leads nowhere: {error}"))?,
    };
    if addresses.is_empty() {
        return Err(format!("{host} leads nowhere"));
    }
    let is_named = allowed.iter().any(|allowed| allowed.is(&host, port));
    let is_allowed = |address: &IpAddr| {
        let literal: Host<&str> = match unwrapped(*address) {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        is_named || allowed.iter().any(|allowed| allowed.is(&literal, port))
    };
    if let Some(refused) = addresses.iter().find(|address| !is_public(**address) && !is_allowed(address)) {
        let allow = "webhooks.allow names what may be called all the same";
        return Err(match host {
            Host::Domain(name) => format!("{name} leads to {refused}, which is not public; {allow}"),
            _ => format!("{refused} is not public; {allow}"),
        });
    }
    match url.scheme() {
        "https" => {}
        "http" if addresses.iter().all(is_allowed) => {}
        scheme => return Err(format!("only https is called, not {scheme}, but for what webhooks.allow names")),
    }
    Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

/// An IPv4 address in IPv6's clothes as what it is.
fn unwrapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4),
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

/// Whether an address belongs to the whole internet (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match unwrapped(address) {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special: [([u8; 4], u32); 15] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 31, 196, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        // Multicast, reserved, broadcast.
        ([224, 0, 0, 0], 3),
    ];
    let is_in =
        |(network, bits): &([u8; 4], u32)| (address.to_bits() ^ u32::from_be_bytes(*network)) >> (32 - bits) == 0;
    !special.iter().any(is_in)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // NAT64 (RFC 6052): what an IPv6 host calls when it means an IPv4 address.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_global_unicast = segments[0] & 0xe000 == 0x2000;
    // 2001::/23 (Teredo, ORCHID, benchmarks), documentation, 6to4, documentation.
    let is_special = segments[0] == 0x2001 && segments[1] < 0x200
        || segments[..2] == [0x2001, 0xdb8]
        || segments[0] == 0x2002
        || segments[0] == 0x3fff && segments[1] < 0x1000;
    is_global_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use std::io;

    use async_trait::async_trait;

    use super::*;

    #[test]
    fn only_the_whole_internet_is_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "2003::1",
        ] {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
    }

    struct Book(&'static str, &'static [&'static str]);

    #[async_trait]
    impl Lookup for Book {
        async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            let addresses = self.1.iter().map(|address| address.parse().expect("an address")).collect();
            if name == self.0 { Ok(addresses) } else { Err(io::Error::other("no such name")) }
        }
    }

    async fn asked(url: &str, allowed: &[&str], book: &Book) -> Result<Vec<String>, String> {
        let allowed: Vec<Allowed> = allowed.iter().map(|word| Allowed::parse(word).expect("a place")).collect();
        let addresses = vetted(&Url::parse(url).expect("a URL"), &allowed, book).await?;
        Ok(addresses.into_iter().map(|address| address.to_string()).collect())
    }

    #[tokio::test]
    async fn what_is_not_public_is_called_only_if_the_operator_names_it() {
        let public = Book("hooks.example.org", &["8.8.8.8", "2606:4700::1111"]);
        let mixed = Book("hooks.example.org", &["8.8.8.8", "10.0.0.5"]);
        let lan = Book("n8n.lan", &["10.0.0.5"]);
        let yes: &[(&str, &[&str], &Book)] = &[
            ("https://hooks.example.org/x", &[], &public),
            ("https://8.8.8.8:8443/", &[], &public),
            ("https://hooks.example.org/x", &["10.0.0.5"], &mixed),
            ("https://n8n.lan/x", &["n8n.lan"], &lan),
            ("http://N8N.lan/x", &["n8n.lan"], &lan),
            ("http://n8n.lan:5678/x", &["n8n.lan:5678"], &lan),
            ("http://n8n.lan:5678/x", &["10.0.0.5:5678"], &lan),
            ("http://n8n.lan/x", &["10.0.0.5"], &lan),
            ("http://127.0.0.1:8080/", &["127.0.0.1:8080"], &lan),
            ("http://[::1]:8080/", &["[::1]:8080"], &lan),
            ("http://0x7f.1:8080/", &["127.0.0.1"], &lan),
            ("http://[::ffff:10.0.0.5]/", &["10.0.0.5"], &lan),
        ];
        for (url, allowed, book) in yes {
            assert!(asked(url, allowed, book).await.is_ok_and(|addresses| !addresses.is_empty()), "{url} {allowed:?}");
        }
        let no: &[(&str, &[&str], &Book, &str)] = &[
            ("http://hooks.example.org/x", &[], &public, "only https"),
            ("https://hooks.example.org/x", &[], &mixed, "leads to 10.0.0.5"),
            ("http://hooks.example.org/x", &["10.0.0.5"], &mixed, "only https"),
            ("https://n8n.lan/x", &[], &lan, "leads to 10.0.0.5"),
            ("https://n8n.lan/x", &["n8n.lan:5678"], &lan, "not public"),
            ("https://n8n.lan/x", &["10.0.0.50"], &lan, "not public"),
            ("https://other.lan/x", &["n8n.lan"], &lan, "leads nowhere"),
            ("https://127.0.0.1/", &[], &lan, "not public"),
            ("https://2130706433/", &[], &lan, "127.0.0.1 is not public"),
            ("https://0x7f.1/", &[], &lan, "127.0.0.1 is not public"),
            ("https://[::1]/", &[], &lan, "not public"),
            ("https://[::ffff:7f00:1]/", &[], &lan, "not public"),
            ("https://169.254.169.254/latest/meta-data", &[], &lan, "not public"),
            ("ftp://8.8.8.8/", &["8.8.8.8"], &lan, "only https"),
        ];
        for (url, allowed, book, why) in no {
            let refused = asked(url, allowed, book).await.expect_err(url);
            assert!(refused.contains(why), "{url}: {refused}");
        }
        assert_eq!(
            asked("https://hooks.example.org/", &[], &public).await,
            Ok(vec!["8.8.8.8:443".to_owned(), "[2606:4700::1111]:443".to_owned()])
        );
    }
}

//! Who asks.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{Extensions, HeaderMap};

use super::http::Peer;

/// Where a request came from: the other end of the connection or, if that is a proxy of ours, whom that names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub IpAddr);

impl Caller {
    /// The address, or of IPv6 the network of 64 bits: somebody there has all of it.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address @ IpAddr::V4(_) => address,
        }
    }

    /// Who makes a request, behind these proxies of ours.
    #[must_use]
    pub fn asking(extensions: &Extensions, headers: &HeaderMap, proxies: &[IpAddr]) -> Self {
        let peer = extensions.get::<Peer>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0);
        Self::of(peer, headers, proxies)
    }

    /// The last address that is no proxy of ours: what stands before it anybody could have written.
    fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Self {
        let mut caller = peer;
        let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let mut named = named.flat_map(|value| value.split(',')).collect::<Vec<_>>();
        while proxies.contains(&caller) {
            let Some(next) = named.pop().and_then(|word| word.trim().parse::<IpAddr>().ok()) else { break };
            caller = next.to_canonical();
        }
        Self(caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let proxies = [address("127.0.0.1"), address("10.0.0.1")];
        for (peer, named, caller) in [
            ("192.0.2.1", "", "192.0.2.1"),
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("127.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
            ("127.0.0.1", "198.51.100.7, 10.0.0.1", "198.51.100.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "what, ever", "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", named.parse().expect("a value"));
            assert_eq!(Caller::of(address(peer), &headers, &proxies), Caller(address(caller)), "{peer} {named}");
        }
    }
}

//! Where a webhook may lead. Anybody may name an address: it must not be one of ours (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;

/// The longest address (bytes).
const LONGEST: usize = 500;

/// Whether this address belongs to the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [a, b, ..] = ip.segments();
    // Global unicast alone, without what carries an IPv4 address inside, and without examples.
    (0x2000..0x4000).contains(&a) && a != 0x2002 && !(a == 0x2001 && (b == 0 || b == 0xdb8 || b < 0x200))
}

/// The address as a URL, if a webhook may be named so at all. Where its name leads is looked up at each sending.
pub(super) fn url(text: &str, allow_private: bool) -> Option<Url> {
    let url: Url = (text.len() <= LONGEST).then_some(text)?.parse().ok()?;
    let scheme = url.scheme() == "https" || (allow_private && url.scheme() == "http");
    let port = url.port_or_known_default()?;
    // Low ports are other services' (mail, shells): a POST there may be taken for a command.
    let port = allow_private || matches!(port, 443 | 1024..);
    let plain = url.username().is_empty() && url.password().is_none();
    (scheme && port && plain && url.has_host()).then_some(url)
}

/// The one address that will be connected to. Every address of the name must be public: a name that leads here and
/// there is not trusted to lead there. Connecting to what was looked up keeps the name from changing in between.
pub(super) async fn resolve(url: &Url, allow_private: bool) -> Result<SocketAddr, String> {
    let host = url.host_str().ok_or("no host")?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or("no port")?;
    let found = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| error.to_string())?;
    let found: Vec<SocketAddr> = found.collect();
    if !allow_private && found.iter().any(|addr| !is_public(addr.ip())) {
        return Err("the address is not public".to_owned());
    }
    found.first().copied().ok_or_else(|| "no address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::",
            "64:ff9b::7f00:1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "172.32.0.1",
            "203.0.114.1",
            "2606:4700::1111",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(outside.parse().expect("an address")), "{outside}");
        }
    }

    #[test]
    fn an_address_is_https_without_a_password_and_not_on_a_low_port() {
        for wrong in [
            "http://example.kr/",
            "https://u:p@example.kr/",
            "https://example.kr:25/",
            "file:///etc/passwd",
            "https://",
            "x",
            "gopher://example.kr/",
        ] {
            assert!(url(wrong, false).is_none(), "{wrong}");
        }
        assert!(url("https://example.kr/hook?x=1", false).is_some());
        assert!(url("https://example.kr:8443/", false).is_some());
        assert!(url("http://127.0.0.1:9/", true).is_some());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_looked_up() {
        for inside in [
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
        ] {
            let url = url(inside, false).expect("a URL");
            assert!(resolve(&url, false).await.is_err(), "{inside}");
        }
    }
}

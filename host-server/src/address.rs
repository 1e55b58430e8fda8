//! Networks, and from which address a request comes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// An address, or a network of them: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an address or a network, as 192.0.2.7 or 10.0.0.0/8, without bits behind the mask"
)]
pub struct CidrError;

/// Returns an address with as many of its first bits as are said, as a number of 128 bits.
fn masked(address: IpAddr, bits: u8) -> u128 {
    let (number, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let bits = u32::from(bits.min(width));
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    number & mask
}

impl Cidr {
    /// Says whether an address is in the network. An IPv4 address that is written as IPv6 (`::ffff:…`) is the IPv4 one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4()
            && masked(address, self.bits) == masked(self.network, self.bits)
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| CidrError)?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let is_digits = |bits: &&str| bits.bytes().all(|b| b.is_ascii_digit());
        let bits = match bits {
            Some(bits) => Some(bits)
                .filter(is_digits)
                .and_then(|bits| bits.parse().ok()),
            None => Some(width),
        };
        let bits = bits.filter(|bits| *bits <= width).ok_or(CidrError)?;
        // `10.1.2.3/8` is a slip more often than not; `::ffff:10.0.0.0/104` would never match anything.
        let is_whole = masked(network, bits) == masked(network, width);
        if !is_whole || network.to_canonical() != network {
            return Err(CidrError);
        }
        Ok(Self { network, bits })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.network.is_ipv4() { 32 } else { 128 };
        match self.bits {
            bits if bits == width => write!(f, "{}", self.network),
            bits => write!(f, "{}/{bits}", self.network),
        }
    }
}

/// The address that a request comes from; `None` where whoever serves the router does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) Option<IpAddr>);

/// What is counted as one place: an IPv4 address, or the /64 that one line of IPv6 has (RFC 6177).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place(u128);

impl Place {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // No network of IPv6 that anybody has begins with so many zeros.
            IpAddr::V4(v4) => Self(u128::from(v4.to_bits())),
            v6 @ IpAddr::V6(_) => Self(masked(v6, 64)),
        }
    }
}

/// How many addresses of `X-Forwarded-For` are looked at, from the right.
const MAX_HOPS: usize = 32;

/// Returns who asks: the peer, or, as long as that is a proxy which is trusted, the one that it has put into
/// `X-Forwarded-For`. What stands further left was written by someone who is not trusted.
pub(crate) fn asking(peer: IpAddr, forwarded: &[&str], trusted: &[Cidr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|cidr| cidr.contains(address));
    let mut found = peer.to_canonical();
    let hops = forwarded.iter().rev().flat_map(|line| line.rsplit(','));
    for hop in hops.take(MAX_HOPS) {
        if !is_trusted(found) {
            break;
        }
        match hop_address(hop.trim()) {
            Some(address) => found = address.to_canonical(),
            // A trusted proxy has written something else: so far is known.
            None => break,
        }
    }
    found
}

/// Reads one address of `X-Forwarded-For`: alone, or with a port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let alone = bare.unwrap_or(hop).parse().ok();
    alone.or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_what_is_in_them() {
        for (network, address, is_in) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.6", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::1", "::1", true),
        ] {
            let cidr: Cidr = network.parse().expect(network);
            assert_eq!(
                cidr.contains(address.parse().expect(address)),
                is_in,
                "{network} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in [
            "",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0",
            "::/129",
            "localhost",
            "::ffff:10.0.0.0/104",
            "fe80::1%eth0",
        ] {
            assert_eq!(bad.parse::<Cidr>(), Err(CidrError), "{bad}");
        }
    }

    /// 74. Only what a trusted proxy has written counts.
    #[test]
    fn who_asks_is_the_last_one_that_is_not_trusted() {
        let trusted: Vec<Cidr> = ["10.0.0.0/8", "fd00::/8"]
            .map(|t| t.parse().expect(t))
            .to_vec();
        for (peer, forwarded, expected) in [
            ("203.0.113.9", &["1.2.3.4"][..], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("10.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["1.2.3.4:5678"], "1.2.3.4"),
            ("10.0.0.1", &["[2001:db8::1]:5678"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("::ffff:10.0.0.1", &["::ffff:1.2.3.4"], "1.2.3.4"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["6.6.6.6, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6,"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
        ] {
            let found = asking(peer.parse().expect(peer), forwarded, &trusted);
            assert_eq!(found.to_string(), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_line_of_ipv6_is_one_place() {
        let place = |text: &str| Place::of(text.parse().expect(text));
        assert_eq!(place("2001:db8::1"), place("2001:db8::ffff:0:0:1"));
        assert_ne!(place("2001:db8::1"), place("2001:db8:0:1::1"));
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
        assert_eq!(place("192.0.2.1"), place("::ffff:192.0.2.1"));
    }
}

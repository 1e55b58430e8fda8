//! What kind of address an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Kinds of addresses, by who may be behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The internet's.
    Public,
    /// Of a network that is not everyone's: private, shared, for tests and documents, or not given out yet.
    Private,
    /// This machine.
    Loopback,
    /// Nothing that a request is meant for: no machine at all, many at once, or the service that hands out a cloud machine's
    /// own credentials.
    Never,
}

/// Tells the kind of an address. One that has another inside is of that one's kind.
pub(crate) fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) => of_v4(v4),
        IpAddr::V6(v6) => of_v6(v6),
    }
}

fn of_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // Link-local as a whole: clouds answer there with credentials (169.254.169.254, 169.254.170.2).
        [169, 254, ..]
        // "This network", multicast, reserved and broadcast (RFC 6890).
        | [0 | 224..=255, ..]
        // The same service at Alibaba, Oracle and Azure, the last of them at an address of the internet.
        | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Kind::Never,
        [127, ..] => Kind::Loopback,
        [10, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        // Shared by the customers of a carrier (RFC 6598).
        | [100, 64..=127, ..]
        // Protocol assignments, relays of 6to4, tests of throughput, documents.
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Kind::Private,
        _ => Kind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Kind {
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        of_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Never,
        // Compatible (deprecated), mapped, translated (RFC 2765, 6052) and 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => inside(high, low),
        // Link-local, multicast, and the metadata service of Amazon.
        [0xfe80..=0xfebf | 0xff00..=0xffff, ..] | [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => {
            Kind::Never
        }
        // Protocol assignments (Teredo has an address inside that it hides), documents.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Kind::Private,
        // All that is given out to the world (RFC 4291).
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Private,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Kind, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(kind(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_of_their_kind() {
        check(
            Kind::Public,
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2001:4860:4860::8888",
                "::ffff:1.1.1.1",
                "64:ff9b::101:101",
                "2002:101:101::",
            ],
        );
        check(
            Kind::Private,
            &[
                "10.0.0.0",
                "10.255.255.255",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "198.18.0.1",
                "198.19.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "203.0.113.9",
                "fc00::1",
                "fdff::1",
                "fec0::1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "64:ff9b:1::1",
                "::ffff:10.0.0.1",
                "::ffff:0:10.0.0.1",
                "::10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::",
                "4000::1",
            ],
        );
        check(
            Kind::Loopback,
            &[
                "127.0.0.1",
                "127.255.255.255",
                "::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "::127.0.0.1",
            ],
        );
        check(
            Kind::Never,
            &[
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "169.254.170.2",
                "100.100.100.200",
                "192.0.0.192",
                "168.63.129.16",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "fe80::1",
                "febf::1",
                "ff02::1",
                "fd00:ec2::254",
                "::ffff:a9fe:a9fe",
                "::ffff:0.0.0.0",
                "64:ff9b::a9fe:a9fe",
                "2002:a9fe:a9fe::",
            ],
        );
    }
}

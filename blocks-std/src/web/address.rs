//! Which machine an address means, told without asking anyone.

use graphloom::Text;
use graphloom::block::{Literals, Needs};

/// The machine that an address names.
///
/// Only for what is told about a request, and for choosing what to put into it: the client judges the address itself, by a
/// parser of its own. So anything unusual is not read at all: a name in front (`user@`), escapes, letters beyond ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'u> {
    pub(super) host: &'u str,
    pub(super) port: u16,
}

impl<'u> Address<'u> {
    pub(super) fn read(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let usual = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => 443,
            _ if scheme.eq_ignore_ascii_case("http") => 80,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let (host, port) = match authority.rsplit_once(':') {
            // A colon inside brackets is a part of an address.
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        let letters = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
        let in_brackets = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let plain = match in_brackets {
            Some(address) => address
                .bytes()
                .all(|c| c.is_ascii_hexdigit() || matches!(c, b':' | b'.')),
            None => host.bytes().all(letters),
        };
        (plain && !host.is_empty() && port > 0).then_some(Self { host, port })
    }

    /// Returns the machine as a pattern of hosts is written.
    pub(super) fn pattern(self) -> Text {
        match self.port {
            80 | 443 => Text::from(self.host.to_lowercase()),
            port => Text::from(format!("{}:{port}", self.host.to_lowercase())),
        }
    }
}

/// Returns the need of the machine that a literal address names; `*` where what arrives decides.
pub(super) fn host_need(literals: &Literals<'_>, pin: &str) -> Needs {
    let host = literals.text(pin).and_then(Address::read);
    Needs::default().host(host.map_or_else(|| Text::from("*"), Address::pattern))
}

/// Returns an address without what is behind its path, and without a name in front of its machine: that is where secrets
/// would stand.
pub(super) fn shown(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = path.split_once("://").unwrap_or(("", path));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let machine = authority.rsplit('@').next().unwrap_or_default();
    let mut shown = match scheme {
        "" => String::new(),
        scheme => format!("{scheme}://"),
    };
    shown.extend([machine, path]);
    match shown.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}…", shown.get(..at).unwrap_or_default()),
        None => shown,
    }
}

/// A message shows this many characters of an address.
const MAX_SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use graphloom::host::HostPattern;
    use graphloom::value;

    use super::*;

    #[test]
    fn the_machine_is_read_or_nothing_is() {
        let check = |url: &str, expected: Option<&str>| {
            let found = Address::read(url).map(Address::pattern);
            assert_eq!(found.as_deref(), expected, "{url}");
            if let Some(pattern) = found {
                assert!(HostPattern::parse(&pattern).is_ok(), "{pattern}");
            }
        };
        check("https://API.Example.com/a:1?b@c", Some("api.example.com"));
        check("HTTP://example.com:80", Some("example.com"));
        check("https://example.com:8443/", Some("example.com:8443"));
        check("http://[::1]:8080/x", Some("[::1]:8080"));
        check("http://[::1]", Some("[::1]"));
        for odd in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://:80",
            "https://good@evil",
            r"https://good\@evil",
            "https://a b",
            "https://a%2eb",
            "https://bücher.example",
            "https://a:0",
            "https://a:99999",
            "https://{{host}}/",
            "https://[x]/",
        ] {
            check(odd, None);
        }
    }

    #[test]
    fn needs_are_told_of_literals_only() {
        let inputs = value!({"url": "https://a.example/x", "other": 5});
        let literals = Literals::new(inputs.as_map().unwrap());
        assert_eq!(host_need(&literals, "url").hosts, ["a.example"]);
        assert_eq!(host_need(&literals, "other").hosts, ["*"]);
        assert_eq!(host_need(&literals, "none").hosts, ["*"]);
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        assert_eq!(
            shown("https://u:p@a.example:1/b?key=1#x"),
            "https://a.example:1/b"
        );
        assert_eq!(shown("u:p@a.example"), "a.example");
        assert_eq!(shown("é".repeat(300).as_str()).chars().count(), 201);
    }
}

//! Names of machines that something may go to.

use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::Text;

/// One name, or all names under one, and perhaps a port: `api.example.com`, `*.example.com`, `localhost:8080`, `[::1]:80`.
///
/// `*.example.com` stands for everything under `example.com` and not for `example.com` itself; `*` alone for everything.
/// Without a port it stands for 80 and 443, the ports of the web, with `:*` for all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPattern {
    text: Text,
    /// Lower-case; what is under a name begins with its dot; empty for all.
    name: Text,
    under: bool,
    port: Port,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Port {
    Web,
    Any,
    One(u16),
}

/// A text that names no machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" names no host: expected a name as api.example.com, *.example.com or *, and perhaps a port behind a colon"
)]
#[non_exhaustive]
pub struct HostPatternError {
    /// What was found.
    pub text: String,
}

impl HostPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`HostPatternError`] where it is none: a scheme, a path, a star within a name.
    pub fn parse(text: &str) -> Result<Self, HostPatternError> {
        let wrong = || HostPatternError {
            text: text.to_owned(),
        };
        let (name, port) = match text.rsplit_once(':') {
            // A colon inside brackets is a part of an address.
            Some((name, port)) if !port.contains(']') => {
                let port = match port {
                    "*" => Port::Any,
                    digits => match digits.parse::<u16>() {
                        Ok(port) if port > 0 => Port::One(port),
                        _ => return Err(wrong()),
                    },
                };
                (name, port)
            }
            _ => (text, Port::Web),
        };
        let (name, under) = match name {
            "*" => ("", true),
            name => match name.strip_prefix('*') {
                Some(rest) if rest.starts_with('.') && rest.len() > 1 => (rest, true),
                Some(_) => return Err(wrong()),
                None => (name, false),
            },
        };
        let name = plain(name);
        let letters = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let fits = match name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
        {
            Some(address) => address
                .chars()
                .all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.')),
            None => name.chars().all(letters) && (under || !name.is_empty()),
        };
        if !fits {
            return Err(wrong());
        }
        Ok(Self {
            text: Text::from(text),
            name: Text::from(name),
            under,
            port,
        })
    }

    /// Says whether a host, as it stands in a parsed URL, and a port are meant.
    #[must_use]
    pub fn matches(&self, host: &str, port: u16) -> bool {
        let host = plain(host);
        let fits = match self.under {
            true => host.ends_with(self.name.as_str()) && host.len() > self.name.len(),
            false => host == self.name.as_str(),
        };
        fits && match self.port {
            Port::Any => true,
            Port::Web => matches!(port, 80 | 443),
            Port::One(own) => port == own,
        }
    }
}

/// The form in which names are compared: lower-case, without the dot that a full name may end with.
fn plain(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_lowercase()
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Names of machines. Empty: none. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostSet(Arc<[HostPattern]>);

impl HostSet {
    /// Returns a set of these patterns.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse<S: AsRef<str>>(
        patterns: impl IntoIterator<Item = S>,
    ) -> Result<Self, HostPatternError> {
        let patterns = patterns.into_iter();
        patterns
            .map(|text| HostPattern::parse(text.as_ref()))
            .collect()
    }

    /// Says whether one of the patterns means this host and port.
    #[must_use]
    pub fn matches(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|pattern| pattern.matches(host, port))
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the patterns.
    pub fn iter(&self) -> impl Iterator<Item = &HostPattern> {
        self.0.iter()
    }
}

impl FromIterator<HostPattern> for HostSet {
    fn from_iter<I: IntoIterator<Item = HostPattern>>(patterns: I) -> Self {
        Self(patterns.into_iter().collect())
    }
}

impl fmt::Display for HostSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, pattern) in self.0.iter().enumerate() {
            write!(f, "{}{pattern}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, host: &str, port: u16, expected: bool) {
        let parsed = HostPattern::parse(pattern).unwrap();
        assert_eq!(
            parsed.matches(host, port),
            expected,
            "{pattern} {host}:{port}"
        );
        assert_eq!(parsed.to_string(), pattern);
    }

    #[test]
    fn patterns_mean_what_they_say() {
        check("api.example.com", "API.example.com.", 443, true);
        check("api.example.com", "api.example.com", 8443, false);
        check("api.example.com", "evil-api.example.com", 443, false);
        check("api.example.com:8443", "api.example.com", 8443, true);
        check("api.example.com:8443", "api.example.com", 443, false);
        check("*.example.com", "a.b.example.com", 80, true);
        check("*.example.com", "example.com", 443, false);
        check("*.example.com", "badexample.com", 443, false);
        check("*", "anything", 443, true);
        check("*:*", "anything", 25, true);
        check("[::1]:8080", "[::1]", 8080, true);
        check("127.0.0.1:9", "127.0.0.1", 9, true);
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for text in [
            "",
            "https://a.b",
            "a/b",
            "a b",
            "a*.b",
            "*a",
            "*.",
            "a:0",
            "a:70000",
            "a:",
            "user@a",
            "[x]",
            "a?b",
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}

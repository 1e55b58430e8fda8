//! Which pages of other origins may read answers in a browser: none, unless the settings name them.

use std::fmt;
use std::str::FromStr;

/// The origin of a page, as a browser sends it: `https://app.example.com`, `http://localhost:5173`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an origin, as https://app.example.com")]
pub struct OriginError;

impl Origin {
    /// Returns it as a browser sends it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Takes scheme, host and perhaps a port and nothing else; `*` and `null` would be everyone.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let place = rest.filter(|place| !place.is_empty()).ok_or(OriginError)?;
        let fits = |b: u8| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
        };
        if !place.bytes().all(fits) {
            return Err(OriginError);
        }
        // A browser leaves the port out where it is the scheme's own: such an entry would never match.
        let own = if text.starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        if place.ends_with(own) && !place.ends_with(']') {
            return Err(OriginError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_sends_is_an_origin() {
        for good in [
            "https://app.example.com",
            "http://localhost:5173",
            "http://[::1]:8080",
        ] {
            assert_eq!(
                good.parse::<Origin>().map(|o| o.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://a/",
            "https://A.example",
            "https://a.example:443",
            "http://a.example:80",
            "https://*.example.com",
            "ftp://a.example",
            "https://a.example b",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError), "{bad}");
        }
    }
}

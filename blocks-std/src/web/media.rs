//! What kind of bytes a body has, and how they say a text.

use encoding_rs::{Encoding, UTF_8};

/// A media type as a `Content-Type` header line says it (RFC 9110, section 8.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Media {
    /// Type and subtype in lower case; empty where nothing is said.
    pub(super) essence: String,
    /// How a text is written in bytes.
    pub(super) charset: Option<String>,
}

impl Media {
    pub(super) fn read(header: Option<&str>) -> Self {
        let mut parts = header.unwrap_or_default().split(';');
        let essence = parts.next().unwrap_or_default().trim().to_lowercase();
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let is_it = name.trim().eq_ignore_ascii_case("charset");
            is_it.then(|| value.trim().trim_matches(['"', '\'']).to_owned())
        });
        Self { essence, charset }
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.essence.as_str(), "application/json" | "text/json")
            || self.essence.ends_with("+json")
    }

    pub(super) fn is_text(&self) -> bool {
        let others = [
            "application/ecmascript",
            "application/javascript",
            "application/x-javascript",
            "application/x-ndjson",
            "application/x-www-form-urlencoded",
            "application/x-yaml",
            "application/xml",
            "application/yaml",
        ];
        let essence = self.essence.as_str();
        essence.starts_with("text/")
            || others.contains(&essence)
            || essence.ends_with("+xml")
            || essence.ends_with("+yaml")
    }

    /// Returns bytes as a text: by a byte order mark, else by the charset that was said (the names and meanings of
    /// <https://encoding.spec.whatwg.org>), else as UTF-8. What has no meaning becomes the replacement character.
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        let said = self.charset.as_deref();
        let encoding = said
            .and_then(|name| Encoding::for_label(name.as_bytes()))
            .unwrap_or(UTF_8);
        encoding.decode(bytes).0.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let read = |header| Media::read(Some(header));
        assert!(read("Application/JSON; charset=utf-8").is_json());
        assert!(read("application/problem+json").is_json());
        assert!(!read("application/jsonx").is_json() && !read("application/jsonx").is_text());
        assert!(read("text/html;charset=x").is_text() && read("image/svg+xml").is_text());
        assert_eq!(Media::read(None), Media::default());
    }

    #[test]
    fn texts_are_read_by_their_charset() {
        let check = |header: &str, bytes: &[u8], expected: &str| {
            assert_eq!(Media::read(Some(header)).text(bytes), expected, "{header}");
        };
        check("text/plain; charset=ISO-8859-1", b"caf\xe9", "café");
        check("text/plain; Charset=\"utf-8\"", "café".as_bytes(), "café");
        check("text/plain; charset=shift_jis", b"\x93\xfa\x96\x7b", "日本");
        check("text/plain; charset=none-such", "é".as_bytes(), "é");
        check("text/plain", b"\xff\xfeh\0i\0", "hi");
        check("text/plain", b"\xef\xbb\xbfhi", "hi");
        check("text/plain", b"a\xff", "a\u{fffd}");
    }
}

//! Takes out of a line what looks like a secret, and what would make two lines of one.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::auth::KEY_PREFIX;

/// What stands in the place of what was taken out.
const REDACTED: &str = "[redacted]";

/// Keys of this server; what an `Authorization` has; tokens that somebody has signed; names with passwords and parameters in
/// addresses; members of JSON and fields that are named as secrets are.
#[expect(clippy::unwrap_used, reason = "a test reads it")]
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    let names = "token|secret|password|passwd|api_?-?key|authorization|cookie|signature";
    let all = [
        format!("(?<key>{KEY_PREFIX})[A-Za-z0-9_-]{{4,}}"),
        r"(?i:(?<scheme>\b(?:bearer|basic)\s+))[A-Za-z0-9._~+/=-]{4,}".to_owned(),
        r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*".to_owned(),
        r"(?<user>://)[^/\s:@]+:[^/\s@]+@".to_owned(),
        r"(?<query>[?&](?:[^=&\s]*(?i:token|secret|password|key|sig)[^=&\s]*|code|state)=)[^&\s\x22]+".to_owned(),
        format!(r#"(?<field>(?i:[A-Za-z0-9_-]*(?:{names}))\\?"?\s*[:=]\s*\\?"?(?:(?i:bearer|basic)\s+)?)[^\s",\\\[]{{4,}}"#),
    ];
    Regex::new(&all.join("|")).unwrap()
});

/// Returns the line as it may be seen.
pub(super) fn line(text: &str) -> String {
    let seen = SECRETS.replace_all(text, |found: &Captures<'_>| {
        let names = ["key", "scheme", "user", "query", "field"];
        let kept = names.iter().find_map(|name| found.name(name));
        let kept = kept.map_or("", |kept| kept.as_str());
        let end = if kept == "://" { "@" } else { "" };
        format!("{kept}{REDACTED}{end}")
    });
    one(&seen).into_owned()
}

/// Makes one line of several: whoever can have a line end written could write a line of their own.
fn one(text: &str) -> Cow<'_, str> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    if !body.contains(|c: char| c.is_control() && c != '\t') {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in body.chars() {
        if c.is_control() && c != '\t' {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped.push('\n');
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_not_written() {
        for (written, seen) in [
            (
                "a key glk_abcdEFGH-_12 here\n",
                "a key glk_[redacted] here\n",
            ),
            (
                "Authorization: Bearer abc.def-123\n",
                "Authorization: Bearer [redacted]\n",
            ),
            (
                r#"{"authorization":"Bearer abcdef"}"#,
                r#"{"authorization":"Bearer [redacted]"}"#,
            ),
            (
                r#"{"password":"canary-1","a":1}"#,
                r#"{"password":"[redacted]","a":1}"#,
            ),
            (
                r#"{\"client_secret\": \"canary\"}"#,
                r#"{\"client_secret\": \"[redacted]\"}"#,
            ),
            ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "[redacted]"),
            (
                "https://ann:pass@example.com/x",
                "https://[redacted]@example.com/x",
            ),
            (
                "GET /cb?code=canary&state=zig&a=b",
                "GET /cb?code=[redacted]&state=[redacted]&a=b",
            ),
            ("/x?access_token=canary", "/x?access_token=[redacted]"),
            (
                "status=200 route=/v1/keys/{key}",
                "status=200 route=/v1/keys/{key}",
            ),
            ("the token is in /data/token", "the token is in /data/token"),
        ] {
            assert_eq!(line(written), seen);
        }
    }

    #[test]
    fn an_event_is_one_line() {
        assert_eq!(line("a\nb\u{1b}[31m\rc\td\n"), "a\\nb\\u{1b}[31m\\rc\td\n");
        assert_eq!(line("plain\n"), "plain\n");
    }
}

//! The one token of a request.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use graphloom::Text;

use super::invalid;
use crate::ids::random;
use crate::problem::{Problem, ServerCode};

/// What a token is known by: its SHA-256. A token has at least 256 bits that nobody can guess, so that a slow hash would
/// serve nobody but those who want to keep the server busy.
pub(crate) type TokenHash = [u8; 32];

/// How long a token may be.
const MAX_TOKEN: usize = 16 << 10;

/// What keys of this server begin with, so that they are found where they should not be.
pub(crate) const KEY_PREFIX: &str = "glk_";

/// How long the rest is: 32 bytes in base64.
const KEY_REST: usize = 43;

/// Draws a key that nobody can guess.
///
/// # Errors
/// The system gives no random numbers.
pub(crate) fn draw() -> Result<String, Problem> {
    let bytes: [u8; 32] = random()?;
    Ok(format!("{KEY_PREFIX}{}", BASE64.encode(bytes)))
}

/// Returns the one token of a request: `Authorization: Bearer TOKEN`, or `X-API-Key: KEY`.
///
/// # Errors
/// `AUTH_MISSING` where there is none, or more than one; `AUTH_INVALID` for what cannot be one.
pub(super) fn of(headers: &HeaderMap) -> Result<Text, Problem> {
    let bearer = headers.get_all(header::AUTHORIZATION).iter();
    let key = headers.get_all("x-api-key").iter();
    let mut all = bearer.map(|v| (true, v)).chain(key.map(|v| (false, v)));
    let missing = |why: &str| Problem::new(ServerCode::AuthMissing, why.to_owned());
    let (Some((is_bearer, only)), None) = (all.next(), all.next()) else {
        return Err(missing("send one token, by `Authorization: Bearer TOKEN`"));
    };
    let only = only.to_str().map_err(|_| invalid())?;
    let token = if is_bearer {
        let (scheme, token) = only.split_once(' ').ok_or_else(invalid)?;
        // The scheme is written in any case (RFC 9110, 11.1).
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid());
        }
        token
    } else {
        only
    };
    if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(invalid());
    }
    Ok(Text::from(token))
}

/// Says whether a token looks like a key of this server: nothing else is looked up.
pub(super) fn is_key(token: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    token
        .strip_prefix(KEY_PREFIX)
        .is_some_and(|rest| rest.len() == KEY_REST && rest.bytes().all(fits))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn token(lines: &[(&'static str, &[u8])]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value).expect("a value");
            headers.append(HeaderName::from_static(name), value);
        }
        let found = of(&headers).map_err(|problem| problem.code());
        found.map(|token| token.to_string())
    }

    #[test]
    fn one_token_is_taken_and_nothing_else() {
        const A: &str = "authorization";
        const K: &str = "x-api-key";
        let long = [b"Bearer ".as_slice(), &[b'x'; MAX_TOKEN + 1]].concat();
        for (lines, expected) in [
            (vec![(A, b"Bearer t".as_slice())], Ok("t")),
            (vec![(A, b"bearer t")], Ok("t")),
            (vec![(A, b"BEARER t")], Ok("t")),
            (vec![(K, b"t")], Ok("t")),
            (vec![], Err("AUTH_MISSING")),
            (
                vec![(A, b"Bearer t"), (A, b"Bearer t")],
                Err("AUTH_MISSING"),
            ),
            (vec![(A, b"Bearer t"), (K, b"t")], Err("AUTH_MISSING")),
            (vec![(A, b"Bearer")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer ")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer  t")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer t ")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer t,Bearer u")], Err("AUTH_INVALID")),
            (vec![(A, b"Basic dDp0")], Err("AUTH_INVALID")),
            (vec![(A, b"t")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer \xff")], Err("AUTH_INVALID")),
            (vec![(A, b"Bearer t\tu")], Err("AUTH_INVALID")),
            (vec![(K, b"")], Err("AUTH_INVALID")),
            (vec![(A, &long)], Err("AUTH_INVALID")),
        ] {
            let shown: Vec<_> = lines
                .iter()
                .map(|(n, v)| (n, &v[..v.len().min(40)]))
                .collect();
            assert_eq!(token(&lines), expected.map(str::to_owned), "{shown:?}");
        }
    }

    #[test]
    fn only_what_looks_like_a_key_is_looked_up() {
        assert!(is_key(&format!("glk_{}", "A".repeat(43))));
        for bad in [
            "glk_",
            "A",
            &"A".repeat(47),
            &format!("glk_{}", "A".repeat(44)),
            &format!("glk_{}=", "A".repeat(42)),
        ] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}

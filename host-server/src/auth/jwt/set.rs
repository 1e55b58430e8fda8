//! Public keys as issuers publish them: JWKS (RFC 7517, 7518, 8037).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use graphloom::Value;
use graphloom::json::{Limits, read_value};

use super::KeyError;
use super::key::Key;

/// How many keys a document may have.
const MAX_KEYS: usize = 64;

/// Keys by their names.
#[derive(Debug)]
pub(super) struct KeySet {
    by_id: HashMap<String, Key>,
    /// The only key, which tokens need not name.
    only: Option<Key>,
}

impl KeySet {
    /// Reads a document. Keys of kinds, curves and uses that are not ours are passed over: issuers publish those too.
    pub(super) fn read(json: &[u8]) -> Result<Self, KeyError> {
        let wrong =
            |what: &str| KeyError::new(format!("expected a set of keys (JWKS), found {what}"));
        let value = read_value(json, &Limits::default()).map_err(|_| wrong("no JSON"))?;
        let keys = value.get("keys").and_then(Value::as_list);
        let keys = keys.ok_or_else(|| wrong("no list under \"keys\""))?;
        if keys.len() > MAX_KEYS {
            return Err(wrong(&format!("{} keys, more than {MAX_KEYS}", keys.len())));
        }
        let mut all = Vec::new();
        for value in keys.iter() {
            match key(value) {
                Some(Ok(key)) => all.push((value.get("kid").and_then(Value::as_str), key)),
                Some(Err(error)) => tracing::warn!(%error, "a key of the issuer is passed over"),
                None => {}
            }
        }
        let only = match all.as_slice() {
            [] => {
                return Err(wrong(
                    "none that tokens are verified with (RSA, P-256 or Ed25519)",
                ));
            }
            [(_, key)] => Some(key.clone()),
            _ => None,
        };
        let mut by_id = HashMap::new();
        for (id, key) in all {
            if let Some(id) = id {
                by_id.entry(id.to_owned()).or_insert(key);
            }
        }
        Ok(Self { by_id, only })
    }

    /// Returns the key of this name; the only one for who names none.
    pub(super) fn find(&self, id: Option<&str>) -> Option<Key> {
        match id {
            Some(id) => self.by_id.get(id).cloned(),
            None => self.only.clone(),
        }
    }
}

/// Reads a key; `None` for one that is not ours to use. A secret is none: nobody publishes it.
fn key(value: &Value) -> Option<Result<Key, KeyError>> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    if let Some(uses) = value.get("key_ops").and_then(Value::as_list)
        && !uses.iter().any(|usage| usage.as_str() == Some("verify"))
    {
        return None;
    }
    let number = |name: &str| {
        let bytes = text(name).and_then(|text| BASE64.decode(text).ok());
        bytes.ok_or_else(|| KeyError::new(format!("the key has no number {name:?} in base64url")))
    };
    let (algorithm, read): (_, &dyn Fn() -> Result<Key, KeyError>) =
        match (text("kty")?, text("crv")) {
            ("RSA", _) => ("RS256", &|| Key::rsa(&number("n")?, &number("e")?)),
            ("EC", Some("P-256")) => ("ES256", &|| {
                Key::p256(&[&[4], number("x")?.as_slice(), number("y")?.as_slice()].concat())
            }),
            ("OKP", Some("Ed25519")) => ("EdDSA", &|| Key::ed25519(&number("x")?)),
            _ => return None,
        };
    // RFC 9864 gives EdDSA with this curve a name of its own.
    let named = text("alg").unwrap_or(algorithm);
    if named != algorithm && (algorithm, named) != ("EdDSA", "Ed25519") {
        return None;
    }
    Some(read())
}

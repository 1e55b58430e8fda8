//! A token in its three parts, and what its head says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use graphloom::Value;
use graphloom::json::{Limits, read_value};

use super::key::Key;
use crate::auth::Refused;

/// How deep the JSON of a token may be.
const MAX_DEPTH: u32 = 16;
/// How long the name of a key may be.
const MAX_KEY_ID: usize = 256;

/// What a head must not have: parameters that bring a key along or say where one is (RFC 8725, 3.10), that change how the
/// rest is read, and that would have to be understood.
const FORBIDDEN: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"];

/// What a head may say that the token is; `at+jwt` is RFC 9068. Other types are for other uses (RFC 8725, 3.11).
const TYPES: [&str; 4] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

/// A token whose signature is yet to be verified.
pub(super) struct Compact<'a> {
    /// What is signed: head and payload as they were sent.
    signed: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    algorithm: String,
    key_id: Option<String>,
}

/// Reads base64 as it is the only way to write those bytes: anything else would be a second token of the same signature.
fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    let wrong = Refused::Invalid("a part of it is not base64url");
    BASE64.decode(part).map_err(|_| wrong)
}

/// Reads a JSON object. A key that stands twice is refused: who else reads the token may take the other one.
fn object(bytes: &[u8]) -> Result<Value, Refused> {
    let limits = Limits::default().with_max_depth(MAX_DEPTH);
    let value = read_value(bytes, &limits)
        .ok()
        .filter(|v| v.as_map().is_some());
    value.ok_or(Refused::Invalid("a part of it is no JSON object"))
}

impl<'a> Compact<'a> {
    /// Takes a token apart.
    pub(super) fn read(token: &'a str) -> Result<Self, Refused> {
        let three = Refused::Invalid("it is neither a key of this server nor in three parts");
        let (signed, signature) = token.rsplit_once('.').ok_or(three.clone())?;
        let (head, payload) = signed.split_once('.').ok_or(three.clone())?;
        if payload.contains('.') {
            return Err(three);
        }
        let head = object(&decode(head)?)?;
        if FORBIDDEN.iter().any(|name| head.get(name).is_some()) {
            return Err(Refused::Invalid(
                "its head brings a key along, or what would have to be understood",
            ));
        }
        let text = |name: &str| match head.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refused::Invalid("a parameter of its head is no text")),
        };
        if let Some(kind) = text("typ")? {
            let kind = kind.to_ascii_lowercase();
            if !TYPES.contains(&kind.as_str()) {
                return Err(Refused::Invalid("it is a token for another use"));
            }
        }
        let key_id = text("kid")?;
        if key_id.is_some_and(|id| id.len() > MAX_KEY_ID) {
            return Err(Refused::Invalid("the name of its key is too long"));
        }
        let algorithm = text("alg")?.ok_or(Refused::Invalid("its head names no algorithm"))?;
        Ok(Self {
            signed,
            payload,
            signature: decode(signature)?,
            algorithm: algorithm.to_owned(),
            key_id: key_id.map(str::to_owned),
        })
    }

    /// Returns which key it names.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Returns what it says, if it is signed for this key by this key's algorithm.
    pub(super) fn verified(&self, key: &Key) -> Result<Value, Refused> {
        if self.algorithm != key.algorithm() {
            return Err(Refused::Invalid(
                "it names another algorithm than its key has",
            ));
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(Refused::Invalid("its signature does not hold"));
        }
        object(&decode(self.payload)?)
    }
}

//! Content hashes: one name for all equal values, the same in every process and version.
//!
//! The hash is SHA-256 over a canonical form: each part begins with a tag for its type, texts and containers have their
//! length before them, and the keys of a map are sorted bytewise. The integer 1 and the number 1.0 differ; -0.0 is 0.0
//! and there is one NaN. Equal values ([`PartialEq`]) have equal hashes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{Text, Value};

/// The SHA-256 of something in canonical form; written `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Returns a hash from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text is not a content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a content hash; expected `sha256:` and 64 lower-case hexadecimal digits")]
pub struct HashError;

impl FromStr for ContentHash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let digits = text.strip_prefix("sha256:").ok_or(HashError)?.as_bytes();
        if digits.len() != 64 {
            return Err(HashError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let nibble = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(HashError),
                };
                *byte = *byte << 4 | nibble;
            }
        }
        Ok(Self(bytes))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Value {
    /// Returns the content hash. Equal values have equal hashes.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        CanonicalHasher::new("value").value(self).finish()
    }
}

// A tag is a promise: changing one changes every hash that was ever written down.
const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const UINT: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const LIST: u8 = 7;
const MAP: u8 = 8;
const BLOB: u8 = 9;
const SEALED: u8 = 10;
const NEGATIVE_ZERO: u8 = 11;

/// Hashes a sequence of texts, numbers and values in canonical form. Two sequences have the same hash only if they are
/// equal part by part: no part can run into the next.
#[derive(Debug, Clone)]
#[must_use]
pub struct CanonicalHasher(Sha256);

impl CanonicalHasher {
    /// Begins a hash. The domain says what is hashed, so that different things never share a hash.
    pub fn new(domain: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.write_text(domain);
        hasher
    }

    /// Adds a text.
    pub fn text(mut self, text: &str) -> Self {
        self.write_text(text);
        self
    }

    /// Adds a number; the same as the value of that number.
    pub fn u64(mut self, number: u64) -> Self {
        self.write_u64(number);
        self
    }

    /// Adds a value.
    pub fn value(mut self, value: &Value) -> Self {
        self.write_value(value);
        self
    }

    /// Returns the hash of all that was added.
    #[must_use]
    pub fn finish(self) -> ContentHash {
        ContentHash(self.0.finalize().into())
    }

    /// Adds a text, for callers that hold the hasher by reference.
    pub fn write_text(&mut self, text: &str) {
        self.tagged(TEXT, text.len() as u64);
        self.0.update(text.as_bytes());
    }

    /// Adds a number, for callers that hold the hasher by reference.
    pub fn write_u64(&mut self, number: u64) {
        let tag = if i64::try_from(number).is_ok() {
            INT
        } else {
            UINT
        };
        self.tagged(tag, number);
    }

    /// Adds a value, for callers that hold the hasher by reference.
    pub fn write_value(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.update([NULL]),
            Value::Bool(false) => self.0.update([FALSE]),
            Value::Bool(true) => self.0.update([TRUE]),
            Value::Int(n) => self.tagged(INT, n.cast_unsigned()),
            Value::Uint(n) => self.write_u64(*n),
            Value::Float(n) => self.tagged(FLOAT, canonical_bits(*n)),
            Value::Text(text) => self.write_text(text),
            Value::List(list) => {
                self.tagged(LIST, list.len() as u64);
                list.iter().for_each(|item| self.write_value(item));
            }
            Value::Map(map) => {
                self.tagged(MAP, map.len() as u64);
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                for (key, value) in entries {
                    self.write_text(key);
                    self.write_value(value);
                }
            }
            Value::Blob(blob) => {
                self.tagged(BLOB, blob.bytes);
                self.write_text(&blob.hash);
                match &blob.media_type {
                    Some(media_type) => self.write_text(media_type),
                    None => self.0.update([NULL]),
                }
            }
            Value::Sealed(sealed) => {
                self.0.update([SEALED]);
                self.write_text(sealed.key_id());
                self.write_text(sealed.ciphertext());
            }
        }
    }

    /// Adds a value with all that code can tell of it: the order of a map's keys and the sign of zero too, which equal
    /// values may differ in.
    pub(crate) fn write_exactly(&mut self, value: &Value) {
        match value {
            Value::Float(n) if *n == 0.0 && n.is_sign_negative() => {
                self.0.update([NEGATIVE_ZERO]);
            }
            Value::List(list) => {
                self.begin_list(list.len());
                list.iter().for_each(|item| self.write_exactly(item));
            }
            Value::Map(map) => {
                self.begin_map(map.len());
                for (key, value) in map {
                    self.write_text(key);
                    self.write_exactly(value);
                }
            }
            other => self.write_value(other),
        }
    }

    /// Begins a map of so many entries; each is a text and a value, in the bytewise order of the texts.
    pub(crate) fn begin_map(&mut self, entries: usize) {
        self.tagged(MAP, entries as u64);
    }

    /// Begins a list of so many values.
    pub(crate) fn begin_list(&mut self, items: usize) {
        self.tagged(LIST, items as u64);
    }

    fn tagged(&mut self, tag: u8, number: u64) {
        self.0.update([tag]);
        self.0.update(number.to_be_bytes());
    }
}

fn canonical_bits(float: f64) -> u64 {
    if float.is_nan() {
        0x7ff8_0000_0000_0000
    } else if float == 0.0 {
        0
    } else {
        float.to_bits()
    }
}

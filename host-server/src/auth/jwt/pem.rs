//! Public keys in PEM (RFC 7468): `SubjectPublicKeyInfo` of the three kinds that are taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::KeyError;
use super::key::Key;

/// `id-ecPublicKey` with `prime256v1` (RFC 5480, 2.1).
const P256: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
    0x03, 0x01, 0x07,
];
/// `id-Ed25519` (RFC 8410, 3).
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// `rsaEncryption` with its `NULL` (RFC 3279, 2.3.1).
const RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;

/// Reads the one public key of a text.
pub(super) fn read(pem: &str) -> Result<Key, KeyError> {
    let der = unwrap(pem)?;
    let broken = || KeyError::new("the public key is damaged");
    let (whole, rest) = take(SEQUENCE, &der).ok_or_else(broken)?;
    let (kind, bits) = take(SEQUENCE, whole).ok_or_else(broken)?;
    let (bits, more) = take(BITS, bits).ok_or_else(broken)?;
    let [0, key @ ..] = bits else {
        return Err(broken());
    };
    if !rest.is_empty() || !more.is_empty() {
        return Err(broken());
    }
    if kind == P256 {
        return Key::p256(key);
    }
    if kind == ED25519 {
        return Key::ed25519(key);
    }
    if kind == RSA {
        let (numbers, rest) = take(SEQUENCE, key).ok_or_else(broken)?;
        let (n, e) = take(INTEGER, numbers).ok_or_else(broken)?;
        let (e, more) = take(INTEGER, e).ok_or_else(broken)?;
        if !rest.is_empty() || !more.is_empty() {
            return Err(broken());
        }
        return Key::rsa(n, e);
    }
    Err(KeyError::new("expected a key of RSA, P-256 or Ed25519"))
}

/// Returns what stands between the lines of a PEM.
fn unwrap(pem: &str) -> Result<Vec<u8>, KeyError> {
    const BEGIN: &str = "-----BEGIN ";
    let expected = |found: &str| {
        KeyError::new(format!(
            "expected one public key in PEM (`-----BEGIN PUBLIC KEY-----`), found {found}"
        ))
    };
    let (_, rest) = pem.split_once(BEGIN).ok_or_else(|| expected("none"))?;
    let (label, rest) = rest.split_once("-----").ok_or_else(|| expected("none"))?;
    if label.contains("PRIVATE") {
        return Err(expected("a private key, which belongs to the issuer alone"));
    }
    if label != "PUBLIC KEY" {
        let shown: String = label.chars().take(40).collect();
        return Err(expected(&format!("{shown:?}")));
    }
    let (body, after) = rest
        .split_once("-----END PUBLIC KEY-----")
        .ok_or_else(|| expected("no end of it"))?;
    if after.contains(BEGIN) {
        return Err(expected("more than one"));
    }
    let body: String = body.split_ascii_whitespace().collect();
    BASE64
        .decode(body)
        .map_err(|_| expected("other than base64 in it"))
}

/// Takes the element with this tag from the front of DER (X.690); gives what is in it and what is behind it.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // One byte or two: the largest key that is taken has a little more than 1,000.
        0x81 | 0x82 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 3))?;
            let length = length.iter().fold(0, |sum, b| sum << 8 | usize::from(*b));
            (length, rest)
        }
        _ => return None,
    };
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

//! Sealing with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): its nonces of 24 bytes are long enough to be drawn.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::keys::{Key, KeyError};

const NONCE: usize = 24;

/// Why something sealed does not open: it was changed, it stands in another's place, or the key is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// Returns a fresh nonce and the ciphertext behind it, in base64. What it is of (`about`) is not in it, but it opens only
/// for the same.
pub(super) fn seal(key: &Key, about: &[u8], plain: &[u8]) -> Result<String, KeyError> {
    let mut nonce = [0_u8; NONCE];
    getrandom::fill(&mut nonce).map_err(|error| KeyError::Random {
        message: error.to_string(),
    })?;
    let payload = Payload {
        msg: plain,
        aad: about,
    };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| KeyError::TooLong {
        bytes: plain.len() as u64,
    })?;
    Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
}

/// Opens what [`seal`] made.
pub(super) fn open(key: &Key, about: &[u8], sealed: &str) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let bytes = STANDARD.decode(sealed).map_err(|_| Broken)?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(Broken)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Broken)?;
    let payload = Payload {
        msg: sealed,
        aad: about,
    };
    let plain = cipher(key).decrypt(&XNonce::from(nonce), payload);
    plain.map(Zeroizing::new).map_err(|_| Broken)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.bytes()).into())
}

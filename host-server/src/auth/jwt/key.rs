//! Keys, and what they verify.

use std::fmt;
use std::sync::Arc;

use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::KeyError;
use crate::config::secret::strong;

/// How long the modulus of an RSA key may be, in bits: shorter is weak, longer keeps a processor busy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// A key, which is of one algorithm. Cheap to clone.
#[derive(Clone)]
pub(super) struct Key(Arc<Kind>);

enum Kind {
    Secret(hmac::Key),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

impl Key {
    /// Returns the key of HS256.
    pub(super) fn secret(secret: &[u8]) -> Result<Self, KeyError> {
        strong(secret).map_err(KeyError::new)?;
        Ok(Self::of(Kind::Secret(hmac::Key::new(
            hmac::HMAC_SHA256,
            secret,
        ))))
    }

    /// Returns the key of RS256 with this modulus and exponent, both with the highest byte first.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (whole(n), whole(e));
        let bits = n
            .first()
            .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
            return Err(KeyError::new(format!(
                "an RSA key has {least} to {most} bits, and this one has {bits}"
            )));
        }
        // 3 to 2^33 - 1 and odd, as ring takes them.
        let is_odd = e.last().is_some_and(|last| last & 1 == 1);
        if !is_odd || e.len() > 5 || e == [1] {
            return Err(KeyError::new("the exponent of the RSA key is none"));
        }
        let (n, e) = (n.to_vec(), e.to_vec());
        Ok(Self::of(Kind::Rsa(RsaPublicKeyComponents { n, e })))
    }

    /// Returns the key of ES256 at this point of P-256, uncompressed (SEC 1, 2.3.3).
    pub(super) fn p256(point: &[u8]) -> Result<Self, KeyError> {
        let point: Option<[u8; 65]> = point
            .try_into()
            .ok()
            .filter(|point: &[u8; 65]| point[0] == 4);
        let point =
            point.ok_or_else(|| KeyError::new("the key is no uncompressed point of P-256"))?;
        Ok(Self::of(Kind::P256(point)))
    }

    /// Returns the key of EdDSA with Ed25519.
    pub(super) fn ed25519(key: &[u8]) -> Result<Self, KeyError> {
        let key = key.try_into();
        let key = key.map_err(|_| KeyError::new("a key of Ed25519 has 32 bytes"))?;
        Ok(Self::of(Kind::Ed25519(key)))
    }

    fn of(kind: Kind) -> Self {
        Self(Arc::new(kind))
    }

    /// Returns the name that tokens have for its algorithm.
    pub(super) fn algorithm(&self) -> &'static str {
        match &*self.0 {
            Kind::Secret(_) => "HS256",
            Kind::Rsa(_) => "RS256",
            Kind::P256(_) => "ES256",
            Kind::Ed25519(_) => "EdDSA",
        }
    }

    /// Says whether a signature is one of this text by this key.
    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let done = match &*self.0 {
            // In constant time.
            Kind::Secret(key) => hmac::verify(key, text, signature),
            Kind::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature),
            Kind::P256(key) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(text, signature)
            }
            Kind::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(text, signature),
        };
        done.is_ok()
    }
}

/// Returns a number without zeros in front.
fn whole(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    number.get(zeros..).unwrap_or_default()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.algorithm()).finish()
    }
}

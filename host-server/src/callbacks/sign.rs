//! Signing by Standard Webhooks (<https://github.com/standard-webhooks/standard-webhooks>): HMAC-SHA256 over id, time
//! and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::Timestamp;
use graphloom::host::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::random;
use crate::problem::Problem;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// How many bytes one has.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Draws a secret.
///
/// # Errors
/// The system gives no random bytes.
pub(crate) fn draw() -> Result<Secret, Problem> {
    let bytes: [u8; 32] = random()?;
    Ok(Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes))))
}

/// Returns the bytes that a secret stands for.
///
/// # Errors
/// What would do, as a sentence, for a text that is none.
pub(crate) fn key(secret: &Secret) -> Result<Vec<u8>, &'static str> {
    let text = secret.expose();
    let bytes = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text));
    let bytes = bytes.ok().filter(|bytes| BYTES.contains(&bytes.len()));
    bytes.ok_or("a secret is `whsec_` and 24 to 64 random bytes in base64")
}

/// Returns the code (HMAC-SHA256) of what these pieces are together.
pub(crate) fn code(key: &[u8], pieces: &[&[u8]]) -> Option<Vec<u8>> {
    // A key may have any length: this does not fail.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    for piece in pieces {
        mac.update(piece);
    }
    Some(mac.finalize().into_bytes().to_vec())
}

/// Returns the header `webhook-signature`: one signature for each secret.
///
/// # Errors
/// `HTTP_INTERNAL` for a secret that is none: they are checked before they are kept.
pub(crate) fn signature(
    secrets: &[Secret],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<String, Problem> {
    let seconds = seconds(at);
    let one = |secret| -> Result<String, Problem> {
        let key = key(secret).map_err(Problem::internal)?;
        let pieces = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
        let code = code(&key, &pieces).ok_or_else(|| Problem::internal("a key is none"))?;
        Ok(format!("v1,{}", STANDARD.encode(code)))
    };
    let all: Vec<String> = secrets.iter().map(one).collect::<Result<_, _>>()?;
    Ok(all.join(" "))
}

/// Returns the header `webhook-timestamp`.
pub(crate) fn seconds(at: Timestamp) -> String {
    at.as_millis().div_euclid(1_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let at = Timestamp(1_614_265_330_000);
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = signature(std::slice::from_ref(&secret), id, at, body).expect("a secret");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let twice = signature(&[secret.clone(), secret], id, at, body).expect("two secrets");
        assert_eq!(twice, format!("{signed} {signed}"));
    }

    #[test]
    fn what_is_no_secret_is_told() {
        assert_eq!(
            key(&draw().expect("random bytes")).map(|key| key.len()),
            Ok(32)
        );
        for bad in ["", "whsec_", "whsec_AAAA", "hello", &"A".repeat(200)] {
            assert!(key(&Secret::new(bad)).is_err(), "{bad:?}");
        }
    }
}

//! Whether a request is of the sender: over the bytes that came, before anything is read of them.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::Timestamp;
use graphloom::host::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::schemes::{Mac, Piece, Proof, Scheme, Time};
use crate::callbacks::sign;
use crate::wire::SignatureEncoding;

/// What was proven.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Proven {
    /// What the request is known by when it comes again: the hash of what was signed.
    pub(super) content: Option<String>,
    /// The time was signed, and is now: the same is not sent by the sender again, nor taken later.
    pub(super) is_timed: bool,
}

/// What a request is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    /// How far the time of a request may be off.
    pub(super) window: Duration,
}

/// Proves that a request is of whoever knows one of the secrets.
///
/// # Errors
/// Why it is not, for the owner; never for whoever has sent it.
pub(super) fn prove(
    scheme: &Scheme<'_>,
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    at: Moment,
) -> Result<Proven, String> {
    match &scheme.proof {
        Proof::Mac(mac) => signed(mac, secrets, headers, body, at),
        Proof::Token { header, prefix } => {
            let said = one(headers, header)?;
            let token = said.strip_prefix(prefix);
            let token = token.ok_or_else(|| format!("{header} does not begin as it is to"))?;
            let same = any(secrets, |secret| equal(token, secret.expose()));
            known(same, "the token is another one")
        }
        Proof::Basic { user } => {
            let name = header::AUTHORIZATION;
            let said = one(headers, name.as_str())?;
            let same = any(secrets, |secret| {
                let (scheme, _) = said.split_once(' ').unwrap_or_default();
                let told = said.get(scheme.len()..).unwrap_or_default();
                let expected = STANDARD.encode(format!("{user}:{}", secret.expose()));
                scheme.eq_ignore_ascii_case("basic") & equal(told.trim(), &expected)
            });
            known(same, "the name or the password is another one")
        }
        Proof::Nothing => Ok(Proven::default()),
    }
}

fn known(same: bool, why: &str) -> Result<Proven, String> {
    match same {
        true => Ok(Proven::default()),
        false => Err(why.to_owned()),
    }
}

/// Returns the one header of this name.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, String> {
    let mut all = headers.get_all(name).iter();
    let text = match (all.next(), all.next()) {
        (Some(only), None) => only.to_str().ok(),
        (None, _) => return Err(format!("{name} is missing")),
        (Some(_), Some(_)) => return Err(format!("{name} is there twice")),
    };
    text.ok_or_else(|| format!("{name} is no text"))
}

/// Looks at all of them, so that the time tells nothing.
fn any(secrets: &[Secret], mut fits: impl FnMut(&Secret) -> bool) -> bool {
    secrets
        .iter()
        // An empty secret proves nothing.
        .filter(|secret| !secret.expose().is_empty())
        .fold(false, |found, secret| fits(secret) | found)
}

/// Compares in a time that does not tell where two texts differ: their hashes are, so that it does not tell how long either is.
fn equal(one: &str, other: &str) -> bool {
    Sha256::digest(one).ct_eq(&Sha256::digest(other)).into()
}

fn signed(
    mac: &Mac<'_>,
    secrets: &[Secret],
    headers: &HeaderMap,
    body: &[u8],
    at: Moment,
) -> Result<Proven, String> {
    let line = one(headers, mac.header)?;
    let parts = || {
        let split = mac.between.map(|between| line.split(between));
        let whole = mac.between.is_none().then_some(line);
        split.into_iter().flatten().chain(whole).map(str::trim)
    };
    let time = match mac.time {
        None => None,
        Some(Time::Header(name)) => Some(one(headers, name)?),
        Some(Time::Among(prefix)) => {
            let mut found = parts().filter_map(|part| part.strip_prefix(prefix));
            match (found.next(), found.next()) {
                (Some(time), None) => Some(time),
                _ => return Err(format!("{} does not say when it was made", mac.header)),
            }
        }
    };
    let mut content = Vec::with_capacity(mac.signed.len());
    for piece in mac.signed {
        content.push(match piece {
            Piece::Id(name) => one(headers, name)?.as_bytes(),
            Piece::Time => time.unwrap_or_default().as_bytes(),
            Piece::Body => body,
            Piece::Text(text) => text.as_bytes(),
        });
    }
    let fits = any(secrets, |secret| {
        let Some(code) = (mac.key)(secret).and_then(|key| sign::code(&key, &content)) else {
            return false;
        };
        let hex = hex(&code);
        let base64 = STANDARD.encode(&code);
        parts()
            .filter_map(|part| part.strip_prefix(mac.prefix))
            .fold(false, |found, said| {
                let same = match mac.encoding {
                    SignatureEncoding::Hex => {
                        said.to_ascii_lowercase().as_bytes().ct_eq(hex.as_bytes())
                    }
                    SignatureEncoding::Base64 => said.as_bytes().ct_eq(base64.as_bytes()),
                };
                bool::from(same) | found
            })
    });
    if !fits {
        return Err("the signature is not that of the body and the secret".to_owned());
    }
    if let Some(time) = time {
        fresh(time, at)?;
    }
    let mut hash = Sha256::new();
    content.iter().for_each(|piece| hash.update(piece));
    Ok(Proven {
        content: Some(hex(&hash.finalize())),
        is_timed: time.is_some(),
    })
}

/// Refuses a time that is too far off, in whatever direction.
fn fresh(time: &str, at: Moment) -> Result<(), String> {
    let seconds = time.bytes().all(|b| b.is_ascii_digit());
    let seconds = seconds.then(|| time.parse::<i64>().ok()).flatten();
    let seconds = seconds.ok_or("the time is no number of seconds")?;
    let off = at.now.as_millis().abs_diff(seconds.saturating_mul(1_000));
    if u128::from(off) > at.window.as_millis() {
        return Err(format!("its time is {} s off", off / 1_000));
    }
    Ok(())
}

/// Returns bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;

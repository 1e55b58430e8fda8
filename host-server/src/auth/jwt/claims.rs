//! What a token says, as a principal.

use std::time::Duration;

use graphloom::{Text, Timestamp, Value};

use crate::auth::Refused;
use crate::principal::{Principal, Role, Scopes, Tenant};

/// How long the name of a tenant or a subject may be, in bytes.
const MAX_NAME: usize = 200;
/// How many audiences, scopes or roles a token may have.
const MAX_WORDS: usize = 1_000;
/// The end of the year 9999, in seconds: later is no moment but a slip.
const LATEST: f64 = 253_402_300_799.0;

/// What is asked of tokens.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) issuer: Text,
    pub(super) audience: Text,
    pub(super) leeway: Duration,
    /// The claim that names the tenant.
    pub(super) tenant: Text,
    /// What tokens give at most.
    pub(super) most: Scopes,
}

impl Claims {
    /// Says whether the time of someone who was let in is over.
    pub(super) fn is_over(&self, who: &Principal, now: Timestamp) -> bool {
        let leeway = i64::try_from(self.leeway.as_millis()).unwrap_or(i64::MAX);
        let early = now.as_millis().saturating_sub(leeway);
        who.expires.is_some_and(|at| at.as_millis() <= early)
    }

    /// Returns who a token is of that its issuer has signed.
    pub(super) fn principal(&self, claims: &Value, now: Timestamp) -> Result<Principal, Refused> {
        let invalid = |why| Err(Refused::Invalid(why));
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return invalid("it is of another issuer");
        }
        let audiences = words(claims.get("aud"), false)?;
        if !audiences.contains(&self.audience.as_str()) {
            return invalid("it is for another audience");
        }
        let leeway = i64::try_from(self.leeway.as_millis()).unwrap_or(i64::MAX);
        let (early, late) = (
            now.as_millis().saturating_sub(leeway),
            now.as_millis().saturating_add(leeway),
        );
        let Some(expires) = moment(claims, "exp")? else {
            return invalid("it has no end");
        };
        if expires <= early {
            return Err(Refused::Expired);
        }
        if moment(claims, "nbf")?.is_some_and(|from| from > late) {
            return invalid("it is not to be used yet");
        }
        if moment(claims, "iat")?.is_some_and(|made| made > late) {
            return invalid("it was made in the future");
        }
        let subject = name(claims.get("sub"))?;
        let tenant = name(claims.get(&self.tenant))?;
        if tenant.as_str() == Tenant::LOCAL {
            return invalid("its tenant is the one of the server's own token");
        }
        let given = granted(claims)?.and(self.most);
        let who = Principal::new(tenant, subject).scopes(given);
        Ok(who.expires(Timestamp(expires)))
    }
}

/// Returns what scopes and roles of a token give. What is none of ours gives nothing: tokens serve other programs too.
fn granted(claims: &Value) -> Result<Scopes, Refused> {
    let mut given = Scopes::of_words(words(claims.get("scope"), true)?);
    for claim in ["roles", "role"] {
        for role in words(claims.get(claim), false)? {
            if let Some(role) = Role::of_name(role) {
                given = given.or(role.scopes());
            }
        }
    }
    Ok(given)
}

/// Returns the words of a claim: a text, or a list of texts. With `split` a text is words with spaces between them
/// (RFC 8693, 4.2).
fn words(claim: Option<&Value>, split: bool) -> Result<Vec<&str>, Refused> {
    let wrong = Refused::Invalid("a claim is neither a text nor a list of texts");
    let words: Vec<&str> = match claim {
        None => Vec::new(),
        Some(Value::Text(text)) if split => {
            text.split(' ').filter(|word| !word.is_empty()).collect()
        }
        Some(Value::Text(text)) => vec![text.as_str()],
        Some(Value::List(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts.ok_or(wrong.clone())?
        }
        Some(_) => return Err(wrong),
    };
    if words.len() > MAX_WORDS {
        return Err(Refused::Invalid("a claim has too many words"));
    }
    Ok(words)
}

/// Returns a moment (`NumericDate`, RFC 7519, 2) in milliseconds since 1970.
fn moment(claims: &Value, name: &str) -> Result<Option<i64>, Refused> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value
        .as_f64()
        .filter(|seconds| (0.0..=LATEST).contains(seconds));
    let seconds = seconds.ok_or(Refused::Invalid("a time of it is no moment"))?;
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
    Ok(Some((seconds * 1_000.0) as i64))
}

/// Returns the name of a tenant or a subject.
fn name(claim: Option<&Value>) -> Result<Text, Refused> {
    let text = claim.and_then(Value::as_text);
    let text = text.ok_or(Refused::Invalid("it does not say whose it is"))?;
    let fits = (1..=MAX_NAME).contains(&text.len())
        && text.trim().len() == text.len()
        && !text.contains(char::is_control);
    if fits {
        return Ok(text.clone());
    }
    Err(Refused::Invalid(
        "whose it says it is can be the name of nobody",
    ))
}

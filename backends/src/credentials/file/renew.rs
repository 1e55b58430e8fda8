//! Renewing tokens: once for all who ask, before they end, and kept before they are used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use graphloom::Timestamp;
use graphloom::host::{Credential, CredentialError, Secret};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use super::document::{About, Secrets};
use super::{Inner, apart};
use crate::credentials::disk;

/// A token that ends within this time is renewed: 60 seconds, in which a request can be made.
const MARGIN_MS: i64 = 60_000;

/// Whether a credential has to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    No,
    /// It is still good.
    Soon,
    Over,
}

pub(super) fn due(about: &About, now: Timestamp) -> Due {
    let Some(ends) = about.oauth.as_ref().and_then(|oauth| oauth.expires_at) else {
        return Due::No;
    };
    match ends.as_millis().saturating_sub(now.as_millis()) {
        left if left <= 0 => Due::Over,
        left if left <= MARGIN_MS => Due::Soon,
        _ => Due::No,
    }
}

type Answer = Option<Result<Credential, CredentialError>>;

/// Renewals on their way, by name. They have tasks of their own: whoever asked first may be cancelled, and a refresh token
/// that was sent must not be lost with him.
#[derive(Default)]
pub(super) struct Renewals(Mutex<Flights>);

#[derive(Default)]
struct Flights {
    under_way: HashMap<String, watch::Receiver<Answer>>,
    tasks: JoinSet<()>,
}

/// Returns the credential as it is when the renewal under way is done, which is begun if there is none.
pub(super) async fn renewed(inner: &Arc<Inner>, name: &str) -> Result<Credential, CredentialError> {
    let mut flight = flight(inner, name);
    let answer = flight.wait_for(Option::is_some).await;
    match answer.as_deref() {
        Ok(Some(answer)) => answer.clone(),
        _ => Err(CredentialError::Store {
            message: "its renewal was cut off".to_owned(),
        }),
    }
}

fn flight(inner: &Arc<Inner>, name: &str) -> watch::Receiver<Answer> {
    let mut flights = lock(inner);
    while flights.tasks.try_join_next().is_some() {}
    if let Some(flight) = flights.under_way.get(name)
        // One whose runtime ended under it is none.
        && flight.has_changed().is_ok()
    {
        return flight.clone();
    }
    let (tell, flight) = watch::channel(None);
    flights.under_way.insert(name.to_owned(), flight.clone());
    let (inner, name) = (Arc::clone(inner), name.to_owned());
    flights.tasks.spawn(async move {
        let answer = renew(&inner, &name).await;
        // In this order: who asks from here on finds what was kept, or begins anew.
        lock(&inner).under_way.remove(&name);
        tell.send_replace(Some(answer));
    });
    flight
}

fn lock(inner: &Inner) -> std::sync::MutexGuard<'_, Flights> {
    let flights = inner.renewals.0.lock();
    flights.unwrap_or_else(PoisonError::into_inner)
}

async fn renew(inner: &Arc<Inner>, name: &str) -> Result<Credential, CredentialError> {
    let own = name.to_owned();
    // Held until what came is kept: another process that has the same in mind waits, and finds it done. Others than this
    // credential are not held up: a service may take its time.
    let (lock, found) = apart(inner, move |inner| {
        let lock = disk::lock(&inner.path, &format!(".{}", short(&own)));
        let lock = lock.map_err(|error| inner.failed(&error))?;
        Ok((lock, inner.find(&own)?))
    })
    .await?;
    let (about, secrets) = found.ok_or(CredentialError::Unknown)?;
    if due(&about, inner.clock.now()) == Due::No {
        return Ok(inner.whole(name, &about, &secrets)?);
    }
    let over = |message: &str| CredentialError::Expired {
        message: message.to_owned(),
    };
    let client = about.oauth.as_ref().and_then(|oauth| oauth.client.as_ref());
    let (
        Some(client),
        Secrets::Tokens {
            refresh: Some(refresh),
            client_secret,
            ..
        },
    ) = (client, &secrets)
    else {
        return Err(over(
            "it has ended, and came without a refresh token: log in to the service again",
        ));
    };
    let Some(http) = &inner.http else {
        return Err(CredentialError::Store {
            message: "it has to be renewed, and there is no web client to do it with".to_owned(),
        });
    };
    let asked = client.with_secret(client_secret.as_ref());
    let refresh = Secret::new(refresh.as_str());
    let tokens = asked.refresh(http, &inner.clock, &refresh).await?;
    let text = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
    let (before, client_secret) = (about.clone(), client_secret.clone());
    let mut new = about;
    new.updated_at = inner.clock.now();
    if let Some(oauth) = &mut new.oauth {
        oauth.expires_at = tokens.expires_at;
        if let Some(scopes) = &tokens.scopes {
            oauth.scopes.clone_from(scopes);
        }
    }
    let secrets = Secrets::Tokens {
        access: text(&tokens.access),
        refresh: tokens.refresh.as_ref().map(text),
        client_secret,
    };
    let own = name.to_owned();
    apart(inner, move |inner| {
        let _lock = lock;
        inner.change_if(|document| {
            let kept = document.credentials.get(&own);
            if kept.is_none_or(|kept| kept.about != before) {
                // Removed meanwhile, or someone logged in again: theirs is the later word.
                return Ok((false, None));
            }
            let credential = inner.whole(&own, &new, &secrets)?;
            inner.insert(document, &own, new, &secrets, true)?;
            Ok((true, Some(credential)))
        })
    })
    .await?
    .ok_or_else(|| CredentialError::Store {
        message: "it was changed while it was being renewed: ask again".to_owned(),
    })
}

/// A name for a file, out of one that may have any character.
fn short(name: &str) -> String {
    let hash = Sha256::digest(name.as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

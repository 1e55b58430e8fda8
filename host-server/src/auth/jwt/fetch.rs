//! Keys that the issuer publishes: fetched when they are needed, kept, and fetched again when they change.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Clock, Http, HttpRequest};

use super::key::Key;
use super::set::KeySet;
use crate::auth::Refused;
use crate::locked::lock;

/// How long it may take.
const TIME: Duration = Duration::from_secs(10);
/// How large the document may be.
const MAX_BYTES: u64 = 256 << 10;
/// How long not to ask again: tokens with made-up names of keys must not make the server knock at the issuer's door.
const PAUSE: Duration = Duration::from_mins(1);
/// The same where there are no keys yet.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long keys are used that could not be fetched again.
const STALE: Duration = Duration::from_hours(24);

/// Keys at an address.
pub(super) struct Fetched {
    url: Text,
    http: Arc<dyn Http>,
    max_age: Duration,
    known: Mutex<Option<Arc<Known>>>,
    /// When it was last tried; held by the one who tries.
    turn: tokio::sync::Mutex<Option<Duration>>,
}

struct Known {
    keys: KeySet,
    since: Duration,
}

impl Fetched {
    pub(super) fn new(url: Text, http: Arc<dyn Http>, max_age: Duration) -> Self {
        Self {
            url,
            http,
            max_age,
            known: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Returns what is known and may still be used.
    fn known(&self, now: Duration) -> Option<Arc<Known>> {
        let known = lock(&self.known);
        let known = known.clone();
        known.filter(|known| now.saturating_sub(known.since) < STALE.max(self.max_age))
    }

    /// Returns the key of this name. Waits for the issuer where nothing is known, or the name is not.
    ///
    /// # Errors
    /// `HTTP_UNAVAILABLE` where the issuer's keys cannot be had.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        clock: &dyn Clock,
    ) -> Result<Option<Key>, Refused> {
        let now = clock.elapsed();
        let known = self.known(now);
        let found = known.as_ref().and_then(|known| known.keys.find(id));
        let is_fresh = known
            .as_ref()
            .is_some_and(|known| now.saturating_sub(known.since) < self.max_age);
        let mut turn = match (&found, is_fresh) {
            (Some(_), true) => return Ok(found),
            // One fetches; the others go on with what they have.
            (Some(_), false) => match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(found),
            },
            (None, _) => self.turn.lock().await,
        };
        // Someone else may have fetched while this one waited.
        let now = clock.elapsed();
        let newer = self.known(now);
        let since = |known: &Option<Arc<Known>>| known.as_ref().map(|known| known.since);
        if since(&newer) == since(&known) {
            let pause = if newer.is_some() { PAUSE } else { FIRST_PAUSE };
            if turn.is_none_or(|last| now.saturating_sub(last) >= pause) {
                *turn = Some(now);
                self.fetch(now).await;
            }
        }
        drop(turn);
        match self.known(clock.elapsed()) {
            Some(known) => Ok(known.keys.find(id)),
            None => Err(Refused::Unavailable),
        }
    }

    async fn fetch(&self, now: Duration) {
        match self.ask().await {
            Ok(keys) => {
                let known = Arc::new(Known { keys, since: now });
                *lock(&self.known) = Some(known);
            }
            Err(error) => {
                tracing::warn!(url = %self.url, error, "the issuer's keys cannot be fetched")
            }
        }
    }

    async fn ask(&self) -> Result<KeySet, String> {
        let mut request =
            HttpRequest::new("GET", self.url.clone()).header("accept", "application/json");
        request.max_bytes = Some(MAX_BYTES);
        request.timeout = Some(TIME);
        request.redirects = Some(0);
        let answer = self
            .http
            .send(request)
            .await
            .map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("the status is {}", answer.status));
        }
        let body = answer
            .body
            .bytes()
            .await
            .map_err(|error| error.to_string())?;
        KeySet::read(&body).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

//! What is known of each origin that requests went to: how many go on there, how the last ones fared, who is to be slow.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use graphloom::host::{EgressError, Secret};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::breaker::{Breaker, Pass};
use super::options::HttpOptions;
use super::pace::{Pace, Rate};
use crate::egress::Timer;

/// Origins, and credentials at one, beyond so many are forgotten where nothing is known of them that matters.
const MANY: usize = 1_024;

/// Scheme, host and port: what a connection is kept for.
pub(super) type Origin = (String, String, u16);

/// Returns the origin of a URL that was judged.
pub(super) fn origin(url: &Url) -> Origin {
    (
        url.scheme().to_owned(),
        url.host_str().unwrap_or_default().to_owned(),
        url.port_or_known_default().unwrap_or_default(),
    )
}

/// All of them.
#[derive(Default)]
pub(super) struct Sites {
    known: Mutex<HashMap<Origin, Arc<Site>>>,
    hash: RandomState,
}

/// One origin.
pub(super) struct Site {
    shown: String,
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    breaker: Breaker,
    /// By a hash of the secrets of a request that nobody can turn back; requests without one are all alike.
    paces: HashMap<u64, Pace>,
}

/// The right to one connection. Dropped when the answer is read, or given up.
pub(super) struct Lease {
    site: Arc<Site>,
    options: Arc<HttpOptions>,
    credential: u64,
    pass: Option<Pass>,
    _slot: Option<OwnedSemaphorePermit>,
}

impl Sites {
    pub(super) fn site(&self, url: &Url, options: &HttpOptions) -> Arc<Site> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MANY {
            let now = options.clock.elapsed();
            known.retain(|_, site| Arc::strong_count(site) > 1 || !site.is_quiet(now));
        }
        let origin = origin(url);
        let shown = format!("{}:{}", origin.1, origin.2);
        let site = known.entry(origin).or_insert_with(|| {
            Arc::new(Site {
                shown,
                slots: Arc::new(Semaphore::new(
                    options.limits.max_connections_per_host.max(1),
                )),
                state: Mutex::default(),
            })
        });
        Arc::clone(site)
    }

    /// Tells credentials apart.
    pub(super) fn credential(&self, secrets: &[Secret]) -> u64 {
        let texts: Vec<&str> = secrets.iter().map(Secret::expose).collect();
        self.hash.hash_one(texts)
    }
}

impl Site {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of it is one step, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_quiet(&self, now: Duration) -> bool {
        let state = self.state();
        state.breaker.is_quiet() && state.paces.values().all(|pace| pace.is_quiet(now))
    }

    /// Waits for the right to one more connection.
    pub(super) async fn enter(
        self: Arc<Self>,
        credential: u64,
        rate: Option<Rate>,
        timer: &Timer,
        options: &Arc<HttpOptions>,
    ) -> Result<Lease, EgressError> {
        self.keep_pace(credential, rate, timer, options).await?;
        // Nobody closes it, and without it there would merely be no bound.
        let slot = Arc::clone(&self.slots).acquire_owned();
        let slot = timer
            .within("a connection", options.limits.total, slot)
            .await?
            .ok();
        let entered = self.state().breaker.enter(options.clock.elapsed());
        let pass = entered.map_err(|after| EgressError::Busy {
            message: format!(
                "{} failed too often and is spared for {} s",
                self.shown,
                after.as_secs_f64().ceil()
            ),
            after,
        })?;
        Ok(Lease {
            site: self,
            options: Arc::clone(options),
            credential,
            pass: Some(pass),
            _slot: slot,
        })
    }

    async fn keep_pace(
        &self,
        credential: u64,
        rate: Option<Rate>,
        timer: &Timer,
        options: &HttpOptions,
    ) -> Result<(), EgressError> {
        let now = options.clock.elapsed();
        let most = options.limits.max_wait.min(timer.left());
        let taken = {
            let mut state = self.state();
            match state.paces.get_mut(&credential) {
                Some(pace) => pace.take(rate, now, most),
                None if rate.is_none() => return Ok(()),
                None => {
                    forget(&mut state.paces, now);
                    let pace = state.paces.entry(credential);
                    pace.or_insert_with(|| Pace::new(rate, now))
                        .take(rate, now, most)
                }
            }
        };
        match taken {
            Ok(Duration::ZERO) => Ok(()),
            Ok(wait) => {
                options.clock.sleep(wait).await;
                Ok(())
            }
            Err(after) => Err(EgressError::Busy {
                message: format!(
                    "{} is not asked again for {} s: it was asked too often",
                    self.shown,
                    after.as_secs_f64().ceil()
                ),
                after,
            }),
        }
    }
}

fn forget(paces: &mut HashMap<u64, Pace>, now: Duration) {
    if paces.len() >= MANY {
        paces.retain(|_, pace| !pace.is_quiet(now));
    }
}

impl Lease {
    /// The host answered in full.
    pub(super) fn worked(&mut self) {
        if self.pass.take().is_some() {
            self.site.state().breaker.worked();
        }
    }

    /// The host did not answer, or took too long.
    pub(super) fn failed(&mut self) {
        if let Some(pass) = self.pass.take() {
            let now = self.options.clock.elapsed();
            let limits = &self.options.limits;
            self.site.state().breaker.failed(pass, now, limits);
        }
    }

    /// The host asked this credential to stay away for a while.
    pub(super) fn rest(&self, time: Duration) {
        let now = self.options.clock.elapsed();
        let time = time.min(self.options.limits.max_rest);
        let mut state = self.site.state();
        forget(&mut state.paces, now);
        let pace = state.paces.entry(self.credential);
        pace.or_insert_with(|| Pace::new(None, now)).rest(now, time);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pass) = self.pass.take() {
            self.site.state().breaker.given_up(pass);
        }
    }
}

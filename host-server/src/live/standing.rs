//! Whether whoever watches still may: asked again for as long as a stream lasts.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::App;
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

/// A principal with a stream.
pub(super) struct Standing {
    app: App,
    who: Principal,
    recheck: tokio::time::Interval,
}

impl Standing {
    pub(super) fn new(app: &App, who: &Principal) -> Self {
        let every = app.live().options().recheck.max(Duration::from_millis(1));
        let mut recheck = interval_at(Instant::now() + every, every);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            app: app.clone(),
            who: who.clone(),
            recheck,
        }
    }

    pub(super) fn who(&self) -> &Principal {
        &self.who
    }

    /// Says whether its time is over.
    ///
    /// # Errors
    /// `AUTH_EXPIRED`.
    pub(super) fn in_time(&self) -> Result<(), Problem> {
        match self.who.expires {
            Some(at) if at <= self.app.now() => {
                Err(Problem::new(ServerCode::AuthExpired, "the token has ended"))
            }
            _ => Ok(()),
        }
    }

    /// Waits until the principal may not watch any more; says why. Cancel safe.
    pub(super) async fn lapses(&mut self) -> Problem {
        loop {
            if let Err(problem) = self.in_time() {
                return problem;
            }
            tokio::select! {
                () = tokio::time::sleep(self.left()) => {}
                _ = self.recheck.tick() => {
                    if self.in_time().is_ok() && !self.app.auth().still_holds(&self.who).await {
                        let detail = "the token is not taken any more";
                        return Problem::new(ServerCode::AuthInvalid, detail);
                    }
                }
            }
        }
    }

    /// Returns how long the principal has, if it has an end; else a day, after which it is asked again.
    fn left(&self) -> Duration {
        const DAY: Duration = Duration::from_hours(24);
        let left = |at: graphloom::Timestamp| {
            let ms = at.as_millis().saturating_sub(self.app.now().as_millis());
            // A clock that stands still must not make this spin.
            Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1))
        };
        self.who.expires.map_or(DAY, left).min(DAY)
    }
}

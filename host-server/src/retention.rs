//! How long runs are kept that are over. What goes on, waits for someone or lies in the queue is never touched.
//!
//! Messages about runs, idempotency keys and logins have times of their own, and are forgotten where they are made.

use std::time::Duration;

use graphloom::host::RunQuery;
use graphloom::{Status, Text, Timestamp};

use crate::App;
use crate::beside::WeakApp;
use crate::principal::Tenant;
use crate::problem::Problem;

/// How many runs are looked at together.
const PAGE: usize = 100;

/// How long what is over is kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Retention {
    /// How long a run is kept after its end; `None`, the default: for ever.
    pub runs: Option<Duration>,
    /// How often it is looked for what to forget. Default 1 h.
    pub every: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: None,
            every: Duration::from_hours(1),
        }
    }
}

impl Retention {
    /// Sets [`Retention::runs`].
    #[must_use]
    pub fn runs(mut self, time: Option<Duration>) -> Self {
        self.runs = time;
        self
    }

    /// Sets [`Retention::every`].
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.every = time;
        self
    }
}

/// Forgets what is old enough, for as long as the application lives.
pub(crate) async fn run(app: WeakApp) {
    loop {
        let Some(strong) = app.upgrade() else { return };
        let Retention { runs, every } = strong.retention().clone();
        let Some(keep) = runs else { return };
        // Whoever is about to stop has other things to do.
        if !strong.draining().is_on() {
            match pass(&strong, keep).await {
                Ok(0) => {}
                Ok(runs) => tracing::info!(runs, "old runs were forgotten"),
                Err(problem) => {
                    tracing::warn!(
                        problem = problem.detail(),
                        "old runs cannot be forgotten now"
                    );
                }
            }
        }
        let clock = strong.clock().clone();
        drop(strong);
        clock.sleep(every).await;
    }
}

/// Forgets runs that ended longer ago than this; says how many.
async fn pass(app: &App, keep: Duration) -> Result<u64, Problem> {
    let ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let before = Timestamp(app.now().as_millis().saturating_sub(ms));
    let mut count = 0;
    for status in [Status::Completed, Status::Failed, Status::Cancelled] {
        let mut after: Option<Text> = None;
        loop {
            let query = RunQuery::latest(PAGE).status(status).until(before);
            let query = match &after {
                Some(last) => query.after(last.clone()),
                None => query,
            };
            let page = app.runs().of_all(query).await?;
            let (mut gone, full) = (0, page.len() == PAGE);
            for entry in page {
                let tenant = Tenant::of_kept(entry.tenant.clone());
                let is_old = entry.updated <= before;
                if is_old && forget(app, &tenant, &entry.run).await {
                    gone += 1;
                } else {
                    // Behind one that is gone no list goes on.
                    after = Some(entry.run);
                }
            }
            count += gone;
            if !full || app.draining().is_on() {
                break;
            }
        }
    }
    Ok(count)
}

async fn forget(app: &App, tenant: &Tenant, run: &Text) -> bool {
    match app.runs().delete(tenant, run).await {
        Ok(()) => true,
        Err(problem) => {
            // Somebody was faster, or has it in hand: the next look does better.
            tracing::debug!(%run, problem = problem.detail(), "an old run stays for now");
            false
        }
    }
}

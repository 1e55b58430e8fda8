//! The time that is left.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::{Clock, EgressError};

/// Counts down the time of one request.
#[derive(Clone)]
pub(crate) struct Timer {
    clock: Arc<dyn Clock>,
    total: Duration,
    until: Duration,
}

impl Timer {
    pub(crate) fn start(clock: &Arc<dyn Clock>, total: Duration) -> Self {
        Self {
            until: clock.elapsed().saturating_add(total),
            clock: Arc::clone(clock),
            total,
        }
    }

    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_sub(self.clock.elapsed())
    }

    /// Waits for `work`, at most for `limit` and for what is left of the whole.
    pub(crate) async fn within<T>(
        &self,
        what: &'static str,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, EgressError> {
        let left = self.left();
        let (what, after, wait) = if limit <= left {
            (what, limit, limit)
        } else {
            ("the whole", self.total, left)
        };
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.clock.sleep(wait) => Err(EgressError::Timeout { what, after }),
        }
    }
}

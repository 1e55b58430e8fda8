//! What wakes a loop: the time at which the next record of its kind is due, or someone who has changed one.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Timestamp;
use graphloom::host::Clock;
use tokio::sync::Notify;

use crate::records::{Kind, Records};

/// How long a loop sleeps at most: a clock that is put forward is noticed after that.
const LONGEST: Duration = Duration::from_secs(5);
/// How long it sleeps where the records cannot be had.
const PAUSE: Duration = Duration::from_secs(1);

/// Wakes one loop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alarm(Arc<Notify>);

impl Alarm {
    /// Wakes it, or keeps it from falling asleep.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until a record of the kind is due, or it rings, or a while has passed. `stuck`: what was due could not be done, so
    /// that it is no reason to try again at once.
    pub(crate) async fn wait(
        &self,
        kind: Kind,
        stuck: bool,
        records: &dyn Records,
        clock: &dyn Clock,
    ) {
        // Whoever rings from here on is heard below.
        let rung = self.0.notified();
        let sleep = match records.due(kind, Timestamp(i64::MAX), 1).await {
            _ if stuck => PAUSE,
            Ok(next) => {
                let due = next.first().and_then(|entry| entry.due);
                let ms = due.map_or(i64::MAX, |due| {
                    due.as_millis().saturating_sub(clock.now().as_millis())
                });
                Duration::from_millis(ms.max(0).unsigned_abs()).min(LONGEST)
            }
            Err(error) => {
                tracing::warn!(%error, kind = kind.as_str(), "what is due cannot be had");
                PAUSE
            }
        };
        tokio::select! {
            () = rung => {}
            () = clock.sleep(sleep) => {}
        }
    }
}

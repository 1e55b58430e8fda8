//! Whether what is kept can be kept: asked of the disk, and not more often than once a second, however often it is asked
//! for.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::Store;
use graphloom::{Text, Timestamp};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Expect, Kind, Records};

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(1);
/// How long the disk may take.
const TIME: Duration = Duration::from_secs(2);

/// Asks whether runs and records can be had and written.
pub(crate) struct Probe {
    store: Arc<dyn Store>,
    records: Arc<dyn Records>,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Probe {
    pub(crate) fn new(store: &Arc<dyn Store>, records: &Arc<dyn Records>) -> Self {
        Self {
            store: Arc::clone(store),
            records: Arc::clone(records),
            last: Mutex::default(),
        }
    }

    /// Says whether everything can be kept.
    ///
    /// # Errors
    /// `HTTP_UNAVAILABLE`.
    pub(crate) async fn check(&self, now: Timestamp) -> Result<(), Problem> {
        let mut last = self.last.lock().await;
        let fresh = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH);
        let found = match fresh {
            Some((_, found)) => found.clone(),
            None => {
                let asked = timeout(TIME, self.ask(now)).await;
                let found = asked.unwrap_or_else(|_| Err("the disk does not answer".to_owned()));
                if let Err(why) = &found {
                    tracing::error!(%why, "nothing can be kept");
                }
                *last = Some((Instant::now(), found.clone()));
                found
            }
        };
        found.map_err(|_| {
            let detail = "nothing can be kept now; the log says why";
            Problem::new(ServerCode::Unavailable, detail).retry_after(FRESH.as_secs())
        })
    }

    async fn ask(&self, now: Timestamp) -> Result<(), String> {
        // Runs lie beside the records: what keeps these from being written keeps those too.
        let going = self.store.going(None).await;
        going.map_err(|error| error.to_string())?;
        let draft = Draft::new(
            &Tenant::server(),
            Kind::Setting,
            Text::from("probe"),
            &now.0,
        );
        let draft = draft.map_err(|problem| problem.detail().to_owned())?;
        let written = self
            .records
            .write(vec![Change::Put(draft, Expect::Any)], now);
        written.await.map(drop).map_err(|error| error.to_string())
    }
}

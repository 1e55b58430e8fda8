//! Values that blocks keep beyond a run (`kv.*`), as records of the run's tenant.

use std::sync::{Arc, Mutex};

use graphloom::host::{BoxFuture, Clock};
use graphloom::{Text, Value};
use graphloom_blocks::kv::{KeyValue, KeyValueError};

use crate::locked::lock;
use crate::principal::Tenant;
use crate::records::{Change, Draft, Expect, Kind, RecordError, Records};

/// What the values of a tenant may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ValueLimits {
    /// How large one may be, as JSON. Default 1 MiB.
    pub max_value_bytes: u64,
    /// How large all of a tenant may be together, with their names. Default 256 MiB.
    pub max_bytes: u64,
}

impl Default for ValueLimits {
    fn default() -> Self {
        Self {
            max_value_bytes: 1 << 20,
            max_bytes: 256 << 20,
        }
    }
}

/// What a value takes beside its name and text, so that many empty ones are not free.
const EACH: u64 = 256;

/// The values of one tenant.
pub(super) struct Values {
    pub(super) tenant: Tenant,
    pub(super) records: Arc<dyn Records>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: ValueLimits,
    /// How much there is, once someone has looked. Two that are kept at the same moment may both be the last that fits.
    pub(super) used: Mutex<Option<u64>>,
}

impl Values {
    async fn used(&self) -> Result<u64, RecordError> {
        let known = *self.lock();
        if let Some(used) = known {
            return Ok(used);
        }
        let usage = self.records.usage(&self.tenant, Kind::KeyValue).await?;
        let used = usage.bytes.saturating_add(usage.records * EACH);
        *self.lock() = Some(used);
        Ok(used)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        lock(&self.used)
    }

    fn change(&self, less: u64, more: u64) {
        if let Some(used) = self.lock().as_mut() {
            *used = used.saturating_sub(less).saturating_add(more);
        }
    }

    /// Returns what a value takes; 0 where there is none.
    async fn size(&self, name: &str) -> Result<u64, RecordError> {
        let kept = self.records.get(&self.tenant, Kind::KeyValue, name).await?;
        Ok(kept.map_or(0, |entry| size(name, entry.body.len())))
    }
}

fn size(name: &str, body: usize) -> u64 {
    EACH + (name.len() + body) as u64
}

fn refused(message: String) -> KeyValueError {
    KeyValueError {
        message,
        transient: false,
    }
}

/// What went wrong goes to the log: it may name files of the server.
fn failed(error: &RecordError) -> KeyValueError {
    tracing::warn!(%error, "a value of a run could not be had or kept");
    KeyValueError {
        message: "the server could not do this; its log says why".to_owned(),
        transient: true,
    }
}

impl KeyValue for Values {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Value>, KeyValueError>> {
        Box::pin(async move {
            let kept = self.records.get(&self.tenant, Kind::KeyValue, name).await;
            let kept = kept.map_err(|error| failed(&error))?;
            let value = kept.map(|entry| entry.read::<Value>()).transpose();
            value.map_err(|problem| refused(problem.detail().to_owned()))
        })
    }

    fn put<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), KeyValueError>> {
        Box::pin(async move {
            let draft = Draft::new(&self.tenant, Kind::KeyValue, Text::from(name), &value);
            let draft = draft.map_err(|problem| refused(problem.detail().to_owned()))?;
            let (bytes, limit) = (draft.body.len() as u64, self.limits.max_value_bytes);
            if bytes > limit {
                let what = format!("a value may have {limit} bytes, and this one has {bytes}");
                return Err(refused(what));
            }
            let (less, more) = (self.size(name).await, size(name, draft.body.len()));
            let less = less.map_err(|error| failed(&error))?;
            let used = self.used().await.map_err(|error| failed(&error))?;
            let limit = self.limits.max_bytes;
            if more > less && used - less.min(used) + more > limit {
                let what = format!("the values that are kept may have {limit} bytes in all");
                return Err(refused(what));
            }
            let change = vec![Change::Put(draft, Expect::Any)];
            let done = self.records.write(change, self.clock.now()).await;
            done.map_err(|error| failed(&error))?;
            self.change(less, more);
            Ok(())
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<bool, KeyValueError>> {
        Box::pin(async move {
            let less = self.size(name).await.map_err(|error| failed(&error))?;
            if less == 0 {
                return Ok(false);
            }
            let (kind, id) = (Kind::KeyValue, Text::from(name));
            let change = vec![Change::remove(&self.tenant, kind, &id, Expect::Any)];
            let done = self.records.write(change, self.clock.now()).await;
            done.map_err(|error| failed(&error))?;
            self.change(less, 0);
            Ok(true)
        })
    }
}

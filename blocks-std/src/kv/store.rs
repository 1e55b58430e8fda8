//! Where the values are kept: the host's business.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use graphloom::host::BoxFuture;
use graphloom::{Text, Value};

/// Why a value could not be had or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key-value store failed: {message}")]
pub struct KeyValueError {
    /// What happened.
    pub message: String,
    /// Another attempt may help.
    pub transient: bool,
}

/// Keeps values by name.
///
/// # Cancellation
/// A future that is dropped may have done its work or not.
pub trait KeyValue: Send + Sync {
    /// Returns the value under a name; `None` if there is none.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Value>, KeyValueError>>;

    /// Keeps a value under a name, in place of the one that is there. Idempotent.
    fn put<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), KeyValueError>>;

    /// Forgets the value under a name. Says whether there was one.
    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<bool, KeyValueError>>;
}

/// What a host lends to a run whose graph keeps values: the store, and which agent the run is of.
///
/// ```
/// use std::sync::Arc;
/// use graphloom::{RunOptions, host::Extensions};
/// use graphloom_blocks::kv::{KeyValues, MemoryKeyValue};
///
/// let store = Arc::new(MemoryKeyValue::default());
/// let lent = Extensions::new().with(KeyValues::new(store, "my-agent"));
/// let options = RunOptions::new().extensions(lent);
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct KeyValues {
    store: Arc<dyn KeyValue>,
    agent: Text,
}

impl KeyValues {
    /// Lends a store to the runs of one agent.
    pub fn new(store: Arc<dyn KeyValue>, agent: impl Into<Text>) -> Self {
        Self {
            store,
            agent: agent.into(),
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &dyn KeyValue {
        &*self.store
    }

    /// Which agent the run is of.
    #[must_use]
    pub fn agent(&self) -> &str {
        self.agent.as_str()
    }
}

impl std::fmt::Debug for KeyValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyValues")
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}

/// Values held in memory.
#[derive(Debug, Default)]
pub struct MemoryKeyValue(Mutex<BTreeMap<String, Value>>);

impl MemoryKeyValue {
    /// Returns everything that is kept, by name.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, Value> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<(String, Value)> for MemoryKeyValue {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self(Mutex::new(values.into_iter().collect()))
    }
}

impl KeyValue for MemoryKeyValue {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Value>, KeyValueError>> {
        let found = self.lock().get(name).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn put<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), KeyValueError>> {
        self.lock().insert(name.to_owned(), value);
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<bool, KeyValueError>> {
        let found = self.lock().remove(name).is_some();
        Box::pin(std::future::ready(Ok(found)))
    }
}

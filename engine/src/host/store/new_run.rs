//! Runs to be accepted.

use std::time::Duration;

use crate::json::to_json;
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

use super::{Lease, StoreError};

/// A run to be accepted. What is said here is written once and never changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewRun {
    /// Its id.
    pub run: Text,
    /// The name of its graph, for lists.
    pub name: Text,
    /// The semantic hash of its graph, for lists.
    pub hash: Text,
    /// All that is needed to go on with it anywhere, as JSON: docs/formats/journal.md, "The head".
    pub head: Text,
    /// The same key of an earlier run, whoever's it is: that one is meant, and nothing is accepted. A host with several
    /// tenants puts the tenant into it.
    pub key: Option<Text>,
    /// When it was accepted.
    pub created: Timestamp,
    /// On whose behalf it is; empty: on that of nobody in particular.
    pub tenant: Text,
    /// The id of the stored graph that it is a run of; empty: of none.
    pub source: Text,
    /// Texts by which the host finds it again; nobody else looks into them. See [`NewRun::MAX_LABELS_BYTES`].
    pub labels: Map,
    /// Who claims it with the same write, and how long that lease holds.
    pub claimed_by: Option<(Text, Duration)>,
    /// It must outlive a power cut when it is accepted. Else it outlives the process, and a power cut once something that
    /// was written later must: an append with `sync`, [`Store::sync`](super::Store::sync), another run.
    pub sync: bool,
}

impl NewRun {
    /// So many bytes labels take as JSON, at most.
    pub const MAX_LABELS_BYTES: usize = 8 * 1024;

    /// Returns a run without a key, for nobody in particular, which is queued and outlives a power cut.
    #[must_use]
    pub fn new(run: impl Into<Text>, head: impl Into<Text>, created: Timestamp) -> Self {
        Self {
            run: run.into(),
            name: Text::from(""),
            hash: Text::from(""),
            head: head.into(),
            key: None,
            created,
            tenant: Text::from(""),
            source: Text::from(""),
            labels: Map::new(),
            claimed_by: None,
            sync: true,
        }
    }

    /// Sets the name and the semantic hash of its graph.
    #[must_use]
    pub fn graph(mut self, name: impl Into<Text>, hash: impl Into<Text>) -> Self {
        (self.name, self.hash) = (name.into(), hash.into());
        self
    }

    /// Sets the key by which a repeated request is known.
    #[must_use]
    pub fn key(mut self, key: impl Into<Text>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets on whose behalf it is.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<Text>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Sets the stored graph that it is a run of.
    #[must_use]
    pub fn source(mut self, source: impl Into<Text>) -> Self {
        self.source = source.into();
        self
    }

    /// Sets all of its labels; each is a text.
    #[must_use]
    pub fn labels(mut self, labels: Map) -> Self {
        self.labels = labels;
        self
    }

    /// Claims it with the write that accepts it: it is `running` then and never queued. The lease has the number 1 and
    /// holds for so long from when the run was accepted, without being renewed.
    #[must_use]
    pub fn claimed_by(mut self, owner: impl Into<Text>, ttl: Duration) -> Self {
        self.claimed_by = Some((owner.into(), ttl));
        self
    }

    /// Says whether it must outlive a power cut when it is accepted. Default true.
    #[must_use]
    pub fn sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Refuses what no store takes. Every store asks this before anything else.
    ///
    /// # Errors
    /// [`StoreError::Labels`] for a label that is no text, and for labels that are too large.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.labels.is_empty() {
            return Ok(());
        }
        let refused = |found: String, expected: String| StoreError::Labels {
            run: self.run.to_string(),
            found,
            expected,
        };
        let mut each = self.labels.iter();
        if let Some((name, value)) = each.find(|(_, value)| value.as_text().is_none()) {
            let found = format!("{} under \"{name}\"", value.type_name());
            return Err(refused(found, "a text".to_owned()));
        }
        let bytes = to_json(&Value::from(self.labels.clone())).len();
        let max = Self::MAX_LABELS_BYTES;
        if bytes > max {
            let found = format!("{bytes} bytes of JSON");
            return Err(refused(found, format!("at most {max}")));
        }
        Ok(())
    }

    /// Returns the lease under which it is accepted, where someone claims it.
    #[must_use]
    pub fn lease(&self) -> Option<Lease> {
        let (owner, _) = self.claimed_by.as_ref()?;
        Some(Lease::new(self.run.clone(), owner.clone(), 1))
    }
}

/// What became of a run to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Created {
    /// It is accepted, and queued.
    Fresh,
    /// It is accepted, and whoever asked to claim it has it.
    Held(Lease),
    /// There was a run with the same key; this is its id. It outlives what the one to be accepted was to outlive.
    Known(Text),
}

//! What a run may do: which blocks, which capabilities, which credentials.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Capability;

/// What is allowed. The default allows everything that the host offers; each restriction narrows it, and the grants
/// of a run are the intersection of the engine's and its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Grants {
    blocks: Option<Arc<BTreeSet<String>>>,
    denied: Option<Arc<BTreeSet<String>>>,
    capabilities: Option<BTreeSet<Capability>>,
    credentials: Option<Arc<BTreeSet<String>>>,
}

impl Grants {
    /// Returns grants that allow everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Allows only blocks with these ids; `family.*` stands for a whole family.
    #[must_use]
    pub fn only_blocks<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.blocks = Some(Arc::new(ids.into_iter().map(Into::into).collect()));
        self
    }

    /// Forbids a block; `family.*` stands for a whole family.
    #[must_use]
    pub fn deny_block(mut self, id: impl Into<String>) -> Self {
        Arc::make_mut(self.denied.get_or_insert_default()).insert(id.into());
        self
    }

    /// Allows only these capabilities.
    #[must_use]
    pub fn only_capabilities(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.capabilities = Some(capabilities.into_iter().collect());
        self
    }

    /// Allows only credentials with these names.
    #[must_use]
    pub fn only_credentials<I: Into<String>>(mut self, names: impl IntoIterator<Item = I>) -> Self {
        self.credentials = Some(Arc::new(names.into_iter().map(Into::into).collect()));
        self
    }

    /// Says whether nothing is restricted.
    pub(crate) fn is_all(&self) -> bool {
        self.blocks.is_none()
            && self.denied.is_none()
            && self.capabilities.is_none()
            && self.credentials.is_none()
    }

    /// Returns what both allow.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            blocks: meet(self.blocks.as_deref(), other.blocks.as_deref(), |a, b| {
                a.iter()
                    .filter(|id| matches(b, id))
                    .chain(b.iter().filter(|id| matches(a, id)))
                    .cloned()
                    .collect()
            }),
            denied: match (&self.denied, &other.denied) {
                (Some(a), Some(b)) => Some(Arc::new(a.union(b).cloned().collect())),
                (a, b) => a.clone().or_else(|| b.clone()),
            },
            capabilities: match (&self.capabilities, &other.capabilities) {
                (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
                (a, b) => a.clone().or_else(|| b.clone()),
            },
            credentials: meet(
                self.credentials.as_deref(),
                other.credentials.as_deref(),
                |a, b| a.intersection(b).cloned().collect(),
            ),
        }
    }

    /// Says whether a block may be used.
    #[must_use]
    pub fn allows_block(&self, id: &str) -> bool {
        self.denied.as_ref().is_none_or(|set| !matches(set, id))
            && self.blocks.as_ref().is_none_or(|set| matches(set, id))
    }

    /// Says whether a capability may be used.
    #[must_use]
    pub fn allows(&self, capability: Capability) -> bool {
        self.capabilities
            .as_ref()
            .is_none_or(|set| set.contains(&capability))
    }

    /// Says whether a credential may be used.
    #[must_use]
    pub fn allows_credential(&self, name: &str) -> bool {
        self.credentials
            .as_ref()
            .is_none_or(|set| set.contains(name))
    }
}

fn meet(
    a: Option<&BTreeSet<String>>,
    b: Option<&BTreeSet<String>>,
    both: impl Fn(&BTreeSet<String>, &BTreeSet<String>) -> BTreeSet<String>,
) -> Option<Arc<BTreeSet<String>>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Arc::new(both(a, b))),
        (a, b) => a.or(b).map(|set| Arc::new(set.clone())),
    }
}

fn matches(set: &BTreeSet<String>, id: &str) -> bool {
    set.contains(id)
        || id.match_indices('.').any(|(dot, _)| {
            id.get(..=dot)
                .is_some_and(|family| set.contains(&format!("{family}*")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_narrow_and_never_widen() {
        let a = Grants::all()
            .only_blocks(["text.*", "http.get"])
            .deny_block("text.regex");
        let b = Grants::all()
            .only_blocks(["text.split", "list.concat"])
            .only_capabilities([Capability::Clock]);
        let both = a.intersect(&b);
        assert!(both.allows_block("text.split"));
        for id in ["text.join", "text.regex", "list.concat", "http.get"] {
            assert!(!both.allows_block(id), "{id}");
        }
        assert!(both.allows(Capability::Clock));
        assert!(!both.allows(Capability::Http));
        assert!(both.allows_credential("any"));
        assert!(
            !a.only_credentials(["x"])
                .intersect(&b)
                .allows_credential("y")
        );
    }
}

//! What a run may do: which blocks, which capabilities, which credentials, which hosts, and what it may spend.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::Text;

use super::{Capability, HostSet};

/// What is allowed. The default allows everything that the host offers; each restriction narrows it, and the grants
/// of a run are the intersection of the engine's and its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Grants {
    blocks: Option<Arc<BTreeSet<String>>>,
    denied: Option<Arc<BTreeSet<String>>>,
    capabilities: Option<BTreeSet<Capability>>,
    credentials: Option<Arc<BTreeSet<String>>>,
    /// One of each of these sets must name a host: sets of patterns have no intersection that is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<HostSet>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    denied_hosts: Vec<HostSet>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    spend: BTreeMap<Text, f64>,
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

    /// Allows only these hosts to be reached, whatever the host's own policy allows beyond.
    #[must_use]
    pub fn only_hosts(mut self, hosts: HostSet) -> Self {
        self.hosts = vec![hosts];
        self
    }

    /// Forbids hosts.
    #[must_use]
    pub fn deny_hosts(mut self, hosts: HostSet) -> Self {
        self.denied_hosts.push(hosts);
        self
    }

    /// Lets a run begin nothing that costs once its blocks have said that they cost this much, in a unit (`usd`,
    /// `tokens`). What is on its way then is not stopped, so a run may cost more by that. Negative and not finite amounts
    /// count as 0.
    #[must_use]
    pub fn spend(mut self, unit: impl Into<Text>, amount: f64) -> Self {
        let amount = if amount.is_finite() {
            amount.max(0.0)
        } else {
            0.0
        };
        self.spend.insert(unit.into(), amount);
        self
    }

    /// Says whether nothing is restricted.
    pub(crate) fn is_all(&self) -> bool {
        self.blocks.is_none()
            && self.denied.is_none()
            && self.capabilities.is_none()
            && self.credentials.is_none()
            && self.hosts.is_empty()
            && self.denied_hosts.is_empty()
            && self.spend.is_empty()
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
            hosts: all_of(&self.hosts, &other.hosts),
            denied_hosts: all_of(&self.denied_hosts, &other.denied_hosts),
            spend: {
                let mut both = self.spend.clone();
                for (unit, amount) in &other.spend {
                    let least = both.entry(unit.clone()).or_insert(*amount);
                    *least = least.min(*amount);
                }
                both
            },
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

    /// Says whether a host, as it stands in a parsed URL, may be reached at a port. What its address is, is the client's
    /// business.
    #[must_use]
    pub fn allows_host(&self, host: &str, port: u16) -> bool {
        self.hosts.iter().all(|set| set.matches(host, port))
            && !self.denied_hosts.iter().any(|set| set.matches(host, port))
    }

    /// Returns how much may be spent in a unit; `None`: as much as is asked for.
    #[must_use]
    pub fn may_spend(&self, unit: &str) -> Option<f64> {
        self.spend.get(unit).copied()
    }

    /// Returns the units in which spending is limited.
    pub(crate) fn limited_units(&self) -> impl Iterator<Item = (&Text, f64)> {
        self.spend.iter().map(|(unit, amount)| (unit, *amount))
    }
}

fn all_of(a: &[HostSet], b: &[HostSet]) -> Vec<HostSet> {
    let mut all = a.to_vec();
    all.extend(b.iter().filter(|set| !a.contains(set)).cloned());
    all
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
    fn hosts_and_spending_narrow_too() {
        let set = |hosts: &[&str]| HostSet::parse(hosts).unwrap();
        let a = Grants::all()
            .only_hosts(set(&["*.example.com"]))
            .spend("usd", 5.0);
        let b = Grants::all()
            .only_hosts(set(&["a.example.com", "b.example.org"]))
            .deny_hosts(set(&["c.example.com"]))
            .spend("usd", 7.0)
            .spend("tokens", 10.0);
        let both = a.intersect(&b).intersect(&a);
        assert!(both.allows_host("a.example.com", 443));
        assert!(!both.allows_host("b.example.org", 443));
        assert!(!both.allows_host("d.example.com", 443));
        assert!(
            !b.intersect(&Grants::all())
                .allows_host("c.example.com", 443)
        );
        assert_eq!(both.may_spend("usd"), Some(5.0));
        assert_eq!(both.may_spend("tokens"), Some(10.0));
        assert_eq!(both.may_spend("eur"), None);
    }

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

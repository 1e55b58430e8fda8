//! What a node would reach outside for, told before anything runs.

use crate::value::Text;

/// What a firing of a node may reach outside for, as its literals tell it. Where it depends on what arrives, the need is
/// there without a name.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// Hosts, each as [`HostPattern`](crate::host::HostPattern) reads it; `*` where what arrives decides.
    pub hosts: Vec<Text>,
    /// Credentials.
    pub credentials: Vec<CredentialNeed>,
    /// Models, by the name that their provider knows; `*` where what arrives decides.
    pub models: Vec<Text>,
    /// What one firing may cost. Empty: nothing that is known.
    pub costs: Vec<Cost>,
}

/// A credential that a node asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialNeed {
    /// Whose: `openai`.
    pub provider: Text,
    /// Its name, where the graph says one.
    pub name: Option<Text>,
    /// The node works without it too.
    pub optional: bool,
}

impl CredentialNeed {
    /// Returns the need of a credential of this provider.
    #[must_use]
    pub fn new(provider: impl Into<Text>) -> Self {
        Self {
            provider: provider.into(),
            name: None,
            optional: false,
        }
    }

    /// Says which.
    #[must_use]
    pub fn named(mut self, name: Option<Text>) -> Self {
        self.name = name;
        self
    }

    /// Says that the node works without it too.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// What one firing may cost, in one unit.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cost {
    /// Of what: `usd`, `tokens`, `calls`.
    pub unit: Text,
    /// At least.
    pub low: f64,
    /// At most, where there is a bound.
    pub high: Option<f64>,
}

impl Cost {
    /// Returns a cost between two amounts; `None` where there is no upper bound.
    #[must_use]
    pub fn between(unit: impl Into<Text>, low: f64, high: Option<f64>) -> Self {
        Self {
            unit: unit.into(),
            low,
            high,
        }
    }
}

impl Needs {
    /// Adds a host.
    #[must_use]
    pub fn host(mut self, host: impl Into<Text>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Adds a credential.
    #[must_use]
    pub fn credential(mut self, need: CredentialNeed) -> Self {
        self.credentials.push(need);
        self
    }

    /// Adds a model.
    #[must_use]
    pub fn model(mut self, model: impl Into<Text>) -> Self {
        self.models.push(model.into());
        self
    }

    /// Adds a cost.
    #[must_use]
    pub fn cost(mut self, cost: Cost) -> Self {
        self.costs.push(cost);
        self
    }
}

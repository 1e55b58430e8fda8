//! Why a result could not be taken from earlier, in words for people and for programs.

use std::fmt;

use crate::block::Capability;
use crate::value::Text;

/// Why a result could not be taken from earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissReason {
    /// That run had no such node.
    NewNode,
    /// The node had another block, or its block another version.
    BlockChanged {
        /// The block and version then, as `text.split@1`.
        from: Text,
        /// Those now.
        to: Text,
    },
    /// These inputs are not what they were.
    InputsChanged(Vec<Text>),
    /// The block does something outside, or may.
    NotPure,
    /// The block asks for this, so that its inputs do not tell what it gives.
    Asks(Capability),
    /// The node did not fire so often in that run.
    NoFiring(u32),
    /// That firing failed.
    Failed,
    /// What arrived did not fit the block's inputs then, and it was not called.
    Starved,
    /// That firing had not ended when the run did, or when it was looked at.
    CutOff,
    /// The block fired tools then; what those gave flowed along links of their own.
    FiredTools,
    /// Another firing of the node, with the same inputs, has taken the result.
    Taken,
    /// Everything from this node on runs anew.
    InCone(Text),
    /// A secret is in the inputs or was in the outputs.
    Secret,
    /// A blob that the result names is not there any more.
    BlobGone(Text),
    /// The result names an output pin that the node does not have.
    NoPin(Text),
    /// The cache does not have it.
    NotCached,
    /// The cache has something that is damaged, or failed.
    Cache(Text),
}

impl MissReason {
    /// Returns one word for it, for programs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NewNode => "new_node",
            Self::BlockChanged { .. } => "block_changed",
            Self::InputsChanged(_) => "inputs_changed",
            Self::NotPure => "not_pure",
            Self::Asks(_) => "asks",
            Self::NoFiring(_) => "no_firing",
            Self::Failed => "failed",
            Self::Starved => "starved",
            Self::CutOff => "cut_off",
            Self::FiredTools => "fired_tools",
            Self::Taken => "taken",
            Self::InCone(_) => "in_cone",
            Self::Secret => "secret",
            Self::BlobGone(_) => "blob_gone",
            Self::NoPin(_) => "no_pin",
            Self::NotCached => "not_cached",
            Self::Cache(_) => "cache",
        }
    }
}

impl fmt::Display for MissReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewNode => f.write_str("new node"),
            Self::BlockChanged { from, to } => write!(f, "block changed from {from} to {to}"),
            Self::InputsChanged(names) => inputs_changed(names, f),
            Self::NotPure => f.write_str("not pure"),
            Self::Asks(asked) => write!(f, "asks for {}", asked_for(*asked)),
            Self::NoFiring(firing) => write!(f, "firing {firing} was not in that run"),
            Self::Failed => f.write_str("it failed then"),
            Self::Starved => f.write_str("its input did not fit then"),
            Self::CutOff => f.write_str("it was cut off"),
            Self::FiredTools => f.write_str("it fired tools then"),
            Self::Taken => f.write_str("its result went to another firing"),
            Self::InCone(node) => write!(f, "in the cone of {node}"),
            Self::Secret => f.write_str("secret"),
            Self::BlobGone(hash) => write!(f, "blob {hash} is gone"),
            Self::NoPin(pin) => write!(f, "it has no output \"{pin}\" now"),
            Self::NotCached => f.write_str("not in the cache"),
            Self::Cache(what) => f.write_str(what),
        }
    }
}

fn inputs_changed(names: &[Text], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(if names.len() == 1 { "input" } else { "inputs" })?;
    for (position, name) in names.iter().enumerate() {
        let before = match position {
            0 => " ",
            _ if position + 1 == names.len() => " and ",
            _ => ", ",
        };
        write!(f, "{before}\"{name}\"")?;
    }
    f.write_str(" changed")
}

const fn asked_for(asked: Capability) -> &'static str {
    match asked {
        Capability::Http => "the web",
        Capability::Mail => "mail",
        Capability::Credential => "a credential",
        Capability::Blobs => "blobs",
        Capability::Clock => "the clock",
        Capability::Random => "random numbers",
        Capability::Graphs => "sub-graphs",
        Capability::Tools => "tools",
        Capability::Wait => "an answer",
        Capability::Ext => "something of the host's",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_inputs_are_listed_in_words() {
        let check = |names: &[&str], expected: &str| {
            let names = names.iter().map(|name| Text::from(*name)).collect();
            assert_eq!(MissReason::InputsChanged(names).to_string(), expected);
        };
        check(&["a"], "input \"a\" changed");
        check(&["a", "b"], "inputs \"a\" and \"b\" changed");
        check(&["a", "b", "c"], "inputs \"a\", \"b\" and \"c\" changed");
    }
}

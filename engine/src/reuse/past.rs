//! The results of an earlier run, found again by content and by place.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::block::BlockInfo;
use crate::value::{ContentHash, Text, Value};

use super::MissReason;
use super::digest::{Digest, holds_secret};

/// What the firings of an earlier run were given and what they gave.
///
/// It holds the values of that run, as its events do.
pub struct RunResults {
    run: Text,
    firings: Vec<Past>,
    by_key: HashMap<ContentHash, usize>,
    by_address: HashMap<(Text, u32), usize>,
    by_path: HashMap<(Text, ContentHash), Vec<usize>>,
    /// The block that each node had, by path, in every graph that was opened.
    nodes: HashMap<Text, (Text, u32)>,
}

/// Where a node is in a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct At {
    /// With the numbers of the firings that called: `each:2/fetch`.
    pub(crate) address: Text,
    /// Without them: `each/fetch`.
    pub(crate) path: Text,
}

/// A firing of an earlier run.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) at: At,
    pub(crate) firing: u32,
    pub(crate) given: PastInputs,
    pub(crate) end: PastEnd,
}

/// What a firing of an earlier run was given.
#[derive(Debug)]
pub(crate) enum PastInputs {
    Digest(Digest),
    /// There is a secret in them.
    Secret,
    /// They did not fit.
    Unfit,
}

/// How a firing of an earlier run ended.
#[derive(Debug)]
pub(crate) enum PastEnd {
    Well {
        outputs: Vec<(Text, Value)>,
        fired_tools: bool,
    },
    Failed,
    Starved,
    CutOff,
}

/// Which firings of the run in motion have taken which of the earlier one's: results that do not follow from the inputs
/// are given out once.
#[derive(Debug, Default)]
pub(super) struct Claims {
    by_firing: HashMap<(Text, u32), usize>,
    taken: HashSet<usize>,
}

impl RunResults {
    pub(crate) fn new(run: Text) -> Self {
        Self {
            run,
            firings: Vec::new(),
            by_key: HashMap::new(),
            by_address: HashMap::new(),
            by_path: HashMap::new(),
            nodes: HashMap::new(),
        }
    }

    /// Returns the id of the run.
    #[must_use]
    pub fn run(&self) -> &Text {
        &self.run
    }

    /// Returns how many firings there were of blocks that take inputs and give outputs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firings.len()
    }

    /// Says whether there was none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.firings.is_empty()
    }

    /// Adds a node of a graph that was opened.
    pub(crate) fn add_node(&mut self, path: Text, block: Text, version: u32) {
        self.nodes.entry(path).or_insert((block, version));
    }

    /// Adds a firing.
    pub(crate) fn add(&mut self, past: Past) {
        let ix = self.firings.len();
        if let (Some(key), true) = (past.key(), past.is_usable()) {
            self.by_key.entry(key).or_insert(ix);
            let path = (past.at.path.clone(), key);
            self.by_path.entry(path).or_default().push(ix);
        }
        let address = (past.at.address.clone(), past.firing);
        self.by_address.entry(address).or_insert(ix);
        self.firings.push(past);
    }

    /// Returns what a firing gave that had these inputs, of this node if it has one, else of any.
    pub(super) fn by_content(&self, at: &At, firing: u32, key: ContentHash) -> Option<&Past> {
        let (exact, same_node) = self.of_node(at, firing, key);
        let same_node = || same_node.first().copied();
        let found = exact
            .or_else(same_node)
            .or_else(|| self.by_key.get(&key).copied());
        self.firings.get(found?)
    }

    /// Returns what a firing of this node gave that had these inputs, and that no other firing has taken: the one with the
    /// same number if it had them. Asked again for the same firing, by its next attempt, it returns the same.
    pub(super) fn by_place(
        &self,
        at: &At,
        firing: u32,
        key: ContentHash,
        claims: &mut Claims,
    ) -> Option<&Past> {
        let by = (at.address.clone(), firing);
        if let Some(before) = claims.by_firing.get(&by).copied() {
            let past = self.firings.get(before)?;
            return (past.key() == Some(key)).then_some(past);
        }
        let (exact, same_node) = self.of_node(at, firing, key);
        let free = |ix: &usize| !claims.taken.contains(ix);
        let ix = exact
            .filter(free)
            .or_else(|| same_node.iter().copied().find(free))?;
        claims.by_firing.insert(by, ix);
        claims.taken.insert(ix);
        self.firings.get(ix)
    }

    /// The firing with this address and number, if it had these inputs; and all of the node that had them.
    fn of_node(&self, at: &At, firing: u32, key: ContentHash) -> (Option<usize>, &[usize]) {
        let same_node = self.by_path.get(&(at.path.clone(), key));
        let same_node = same_node.map_or(&[][..], Vec::as_slice);
        let exact = self.by_address.get(&(at.address.clone(), firing)).copied();
        let had_them = |ix: &usize| {
            let past = self.firings.get(*ix);
            past.is_some_and(|past| past.key() == Some(key) && past.is_usable())
        };
        (exact.filter(had_them), same_node)
    }

    /// Says why nothing was found for a firing.
    pub(super) fn why_not(
        &self,
        at: &At,
        firing: u32,
        info: &BlockInfo,
        digest: &Digest,
    ) -> MissReason {
        let Some((block, version)) = self.nodes.get(&at.path) else {
            return MissReason::NewNode;
        };
        if (block.as_str(), *version) != (info.id, info.version) {
            return MissReason::BlockChanged {
                from: Text::from(format!("{block}@{version}")),
                to: Text::from(format!("{}@{}", info.id, info.version)),
            };
        }
        let found = self.by_address.get(&(at.address.clone(), firing));
        let Some(past) = found.and_then(|ix| self.firings.get(*ix)) else {
            return MissReason::NoFiring(firing);
        };
        match &past.given {
            PastInputs::Digest(then) => {
                let changed = digest.changed_since(&then.inputs);
                if !changed.is_empty() {
                    return MissReason::InputsChanged(changed);
                }
            }
            PastInputs::Secret => return MissReason::Secret,
            PastInputs::Unfit => {}
        }
        match &past.end {
            PastEnd::Failed => MissReason::Failed,
            PastEnd::Starved => MissReason::Starved,
            PastEnd::CutOff => MissReason::CutOff,
            PastEnd::Well {
                fired_tools: true, ..
            } => MissReason::FiredTools,
            PastEnd::Well { outputs, .. } if secret_in(outputs) => MissReason::Secret,
            PastEnd::Well { .. } => MissReason::Taken,
        }
    }
}

impl Past {
    fn key(&self) -> Option<ContentHash> {
        match &self.given {
            PastInputs::Digest(digest) => Some(digest.key),
            _ => None,
        }
    }

    /// It ended well, and its outputs are all that came of it and may be given again.
    fn is_usable(&self) -> bool {
        match &self.end {
            PastEnd::Well {
                outputs,
                fired_tools,
            } => !fired_tools && !secret_in(outputs),
            _ => false,
        }
    }

    pub(super) fn outputs(&self) -> &[(Text, Value)] {
        match &self.end {
            PastEnd::Well { outputs, .. } => outputs,
            _ => &[],
        }
    }
}

fn secret_in(outputs: &[(Text, Value)]) -> bool {
    outputs.iter().any(|(_, value)| holds_secret(value))
}

impl fmt::Debug for RunResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunResults")
            .field("run", &self.run)
            .field("firings", &self.firings.len())
            .finish_non_exhaustive()
    }
}

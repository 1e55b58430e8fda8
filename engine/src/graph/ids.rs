//! Node ids for nodes whose own cannot stay.

use std::collections::{HashMap, HashSet};

use crate::{
    id::{MAX_BYTES, NodeId},
    value::Text,
};

/// Makes ids that no other node has.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: HashSet<Text>,
    /// The number that was last put behind a stem.
    last: HashMap<String, u64>,
}

impl Ids {
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Says whether a text is the id of a node, as it was written or as it was made here.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.taken.contains(id)
    }

    /// Keeps ids from being made.
    pub(super) fn extend(&mut self, ids: impl Iterator<Item = Text>) {
        self.taken.extend(ids);
    }

    /// Makes a node id of any text: what is not allowed becomes `_`, and a number is added where it is taken.
    pub(super) fn make(&mut self, raw: &str) -> NodeId {
        let allowed = |c: char| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c
            } else {
                '_'
            }
        };
        // Room is left for the number.
        let stem: String = raw.chars().take(MAX_BYTES - 24).map(allowed).collect();
        let stem = if stem.is_empty() {
            "node".to_owned()
        } else {
            stem
        };
        let number = self.last.entry(stem.clone()).or_default();
        loop {
            *number += 1;
            let name = if *number == 1 {
                stem.clone()
            } else {
                format!("{stem}_{number}")
            };
            let name = Text::from(name);
            if !self.taken.contains(name.as_str())
                && let Ok(id) = NodeId::from_text(name.clone())
            {
                self.taken.insert(name);
                return id;
            }
        }
    }
}

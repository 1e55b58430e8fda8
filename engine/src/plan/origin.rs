//! What is written of a plan for every run of it, made once.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::Graph;
use crate::json::to_json;
use crate::value::{Text, Value};

use super::Plan;

/// The graph of a plan in its canonical form, and what goes with it.
#[derive(Debug)]
pub(crate) struct Origin {
    graph: Graph,
    /// The canonical form.
    pub(crate) value: Value,
    /// The same as JSON.
    pub(crate) json: Text,
    /// The semantic hash.
    pub(crate) hash: Text,
    /// The hash of what events name by number.
    pub(crate) layout: Text,
    /// The version of each block that is used.
    pub(crate) blocks: BTreeMap<Text, u32>,
}

impl Plan {
    /// Returns what is written of this plan and its graph. The first graph is remembered; another one, which may say the
    /// same to the engine and something else to people, is written anew each time.
    pub(crate) fn origin(&self, graph: &Graph) -> Arc<Origin> {
        let known = self.origin.get_or_init(|| Arc::new(self.write(graph)));
        if known.graph == *graph {
            return Arc::clone(known);
        }
        Arc::new(self.write(graph))
    }

    fn write(&self, graph: &Graph) -> Origin {
        let value = graph.to_value();
        Origin {
            graph: graph.clone(),
            json: Text::from(to_json(&value)),
            value,
            hash: Text::from(self.hash().to_string()),
            layout: Text::from(self.layout().to_string()),
            blocks: self.block_versions(),
        }
    }
}

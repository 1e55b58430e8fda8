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
    /// What the head of a run says of all this.
    pub(crate) part: Text,
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
        let hash = Text::from(self.hash().to_string());
        let layout = Text::from(self.layout().to_string());
        let blocks = self.block_versions();
        let part = Origin::write_part(&to_json(&value), &hash, &blocks, &layout);
        Origin {
            graph: graph.clone(),
            part: Text::from(part),
            value,
            hash,
            layout,
            blocks,
        }
    }
}

impl Origin {
    /// Writes the members of a head that all runs of a plan have alike, each behind a comma. Made once for all of them: they
    /// are most of it (14,200 to 11,800 instructions for making the run that a store is to accept, of three nodes).
    pub(crate) fn write_part(
        graph: &str,
        hash: &Text,
        blocks: &BTreeMap<Text, u32>,
        layout: &Text,
    ) -> String {
        // Texts and numbers can always be JSON.
        let json = |part: Result<String, _>| part.unwrap_or_default();
        let mut out = String::with_capacity(graph.len() + 256);
        out.push_str(",\"graph\":");
        out.push_str(graph);
        out.push_str(",\"hash\":");
        out.push_str(&json(serde_json::to_string(hash)));
        out.push_str(",\"blocks\":");
        out.push_str(&json(serde_json::to_string(blocks)));
        out.push_str(",\"layout\":");
        out.push_str(&json(serde_json::to_string(layout)));
        out
    }
}

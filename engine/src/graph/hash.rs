//! The two hashes of a graph: what it means, and all that it says.
//!
//! Both are that of the graph's form as one value, written part by part: the form of a graph of 10,000 nodes takes 20 MiB
//! and two thirds of the time to compile it when it is made as a whole.

use super::{Graph, Link, Node, write::Detail};
use crate::value::{CanonicalHasher, ContentHash, Value};

impl Graph {
    /// Returns the hash of what bears on a run. Names, titles, docs, `ui` and `x-` keys do not count, nor does the order
    /// of nodes and keys, nor whether a default is written out; the order of links counts, since values are delivered
    /// in it. It keys caches and versions.
    #[must_use]
    pub fn semantic_hash(&self) -> ContentHash {
        self.hash("graphloom.graph.semantic.1", Detail::Meaning)
    }

    /// Returns the hash of all that the graph says. The order of nodes and keys does not count.
    #[must_use]
    pub fn document_hash(&self) -> ContentHash {
        self.hash("graphloom.graph.document.1", Detail::All)
    }

    fn hash(&self, domain: &str, detail: Detail) -> ContentHash {
        let mut hasher = CanonicalHasher::new(domain);
        self.write_hash(&mut hasher, detail, true);
        hasher.finish()
    }

    fn write_hash(&self, hasher: &mut CanonicalHasher, detail: Detail, top: bool) {
        let head = self.head(detail, top);
        let mut keys: Vec<&str> = head.iter().map(|(key, _)| key.as_str()).collect();
        keys.push("nodes");
        keys.extend((!self.links.is_empty()).then_some("links"));
        keys.extend((!self.graphs.is_empty()).then_some("graphs"));
        keys.sort_unstable();
        hasher.begin_map(keys.len());
        for key in keys {
            hasher.write_text(key);
            match key {
                "nodes" => self.write_nodes(hasher, detail),
                "links" => self.write_links(hasher, detail),
                "graphs" => self.write_graphs(hasher, detail),
                key => head
                    .get(key)
                    .into_iter()
                    .for_each(|value| hasher.write_value(value)),
            }
        }
    }

    fn write_nodes(&self, hasher: &mut CanonicalHasher, detail: Detail) {
        let nodes = self.nodes.iter().map(|node| (node.id.as_str(), node));
        let nodes = sorted(nodes);
        hasher.begin_map(nodes.len());
        for (id, node) in nodes {
            hasher.write_text(id);
            if detail == Detail::Meaning {
                node.write_meaning(hasher);
            } else {
                hasher.write_value(&node.form(detail).into());
            }
        }
    }

    fn write_links(&self, hasher: &mut CanonicalHasher, detail: Detail) {
        hasher.begin_list(self.links.len());
        let mut text = String::new();
        for link in &self.links {
            if detail == Detail::Meaning {
                link.write_meaning(hasher, &mut text);
            } else {
                hasher.write_value(&link.form(detail).into());
            }
        }
    }

    fn write_graphs(&self, hasher: &mut CanonicalHasher, detail: Detail) {
        let graphs = self
            .graphs
            .iter()
            .map(|(name, graph)| (name.as_str(), graph));
        let graphs = sorted(graphs);
        hasher.begin_map(graphs.len());
        for (name, graph) in graphs {
            hasher.write_text(name);
            graph.write_hash(hasher, detail, false);
        }
    }
}

impl Node {
    /// The same as its form, without making it.
    fn write_meaning(&self, hasher: &mut CanonicalHasher) {
        let options = [
            self.concurrency.is_some(),
            !self.inputs.is_empty(),
            self.on_error.is_some(),
            self.retry.is_some(),
            self.timeout_ms.is_some(),
        ];
        hasher.begin_map(1 + options.into_iter().filter(|is_there| *is_there).count());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                hasher.write_text(key);
                hasher.write_value(&value);
            }
        };
        put("block", Some(self.block.clone().into()));
        put("concurrency", self.concurrency.map(Value::from));
        let inputs = (!self.inputs.is_empty()).then(|| self.inputs.clone());
        put("inputs", inputs.map(Value::from));
        put("on_error", self.on_error.map(|on| on.as_str().into()));
        put("retry", self.retry.map(|retry| retry.form().into()));
        put("timeout_ms", self.timeout_ms.map(Value::from));
    }
}

impl Link {
    /// The same as its form, without making it: a graph has more links than anything.
    fn write_meaning(&self, hasher: &mut CanonicalHasher, text: &mut String) {
        let mut end = |hasher: &mut CanonicalHasher, key: &str, end: &dyn std::fmt::Display| {
            hasher.write_text(key);
            text.clear();
            // Writing into a text does not fail.
            let _ = std::fmt::Write::write_fmt(text, format_args!("{end}"));
            hasher.write_text(text);
        };
        hasher.begin_map(2 + usize::from(self.sticky));
        end(hasher, "from", &self.from);
        if self.sticky {
            hasher.write_text("sticky");
            hasher.write_value(&true.into());
        }
        end(hasher, "to", &self.to);
    }
}

/// By key, bytewise; of several with the same key, which no valid graph has, the last.
fn sorted<'a, T>(entries: impl Iterator<Item = (&'a str, T)>) -> Vec<(&'a str, T)> {
    // By the first eight bytes first: most keys differ in them, and the texts stand all over the memory.
    let begin = |key: &str| {
        let mut begin = [0; 8];
        let bytes = begin.iter_mut().zip(key.bytes());
        bytes.for_each(|(place, byte)| *place = byte);
        u64::from_be_bytes(begin)
    };
    let mut entries: Vec<_> = entries.map(|(key, item)| (begin(key), key, item)).collect();
    entries.reverse();
    entries.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    entries.dedup_by(|a, b| a.1 == b.1);
    entries
        .into_iter()
        .map(|(_, key, item)| (key, item))
        .collect()
}

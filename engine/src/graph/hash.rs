//! The two hashes of a graph: what it means, and all that it says.

use super::{Graph, write::Detail};
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
        CanonicalHasher::new(domain)
            .value(&Value::from(self.form(detail, true)))
            .finish()
    }
}

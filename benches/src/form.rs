//! What there is to a graph beside nodes that each add numbers once.

/// How many nodes a called graph has: an input, three that add one, an output.
pub(crate) const CALLED: usize = 5;

/// The form of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// No more to it.
    Plain,
    /// Every node may be tried again and has a time limit.
    Guarded,
    /// Every node is a call of a graph of [`CALLED`] nodes.
    Calls,
    /// A chain. The first node emits so many numbers, from 0; the last one adds up what arrives.
    Stream(u64),
    /// A fan. The first node gives a text of so many bytes, the middle ones its length.
    Share(u64),
}

impl Form {
    /// Returns how many nodes a run of so many has to go through.
    pub(crate) fn per_run(self, nodes: usize) -> usize {
        match self {
            Self::Stream(items) => nodes * items as usize,
            Self::Calls => nodes * CALLED,
            Self::Plain | Self::Guarded | Self::Share(_) => nodes,
        }
    }

    /// Returns how many nodes are written down for so many.
    pub(crate) fn written(self, nodes: usize) -> usize {
        match self {
            Self::Calls => nodes + CALLED,
            _ => nodes,
        }
    }

    /// Returns how often something fires in a run, at least.
    pub(crate) fn firings(self, nodes: usize) -> usize {
        match self {
            Self::Stream(items) => (nodes - 1) * items as usize,
            _ => self.per_run(nodes),
        }
    }
}

//! What it takes to be measured.

use std::sync::Arc;

use crate::sample::{Sampler, sample};
use crate::spec::Spec;
use crate::workloads::beyond_numbers;

/// One way to run a graph.
///
/// To add one: implement this in a file of `peers/`, and add a line to [`crate::peers::all`].
pub(crate) trait Peer: Send + Sized + 'static {
    /// What `build` starts from (e.g. a graph that was read). Neither making it nor dropping it is timed, and it is gone
    /// before the graph runs.
    type Source;
    /// A built graph can run many times: it is built once a process. Else it is built for each run.
    const REUSABLE: bool = true;
    /// The most inputs that a node can have; a wider one becomes a tree, and the row is marked.
    const MAX_INPUTS: usize = usize::MAX;

    /// Makes what `build` starts from.
    fn source(spec: &Arc<Spec>) -> Self::Source;

    /// Makes the graph ready to run: the compile time.
    fn build(source: &Self::Source) -> Self;

    /// Returns another one for the same graph, to run beside this one.
    fn another(&self, spec: &Arc<Spec>) -> Self {
        Self::build(&Self::source(spec))
    }

    /// Runs the graph once and returns [`Spec::checksum`].
    fn run(&mut self) -> impl Future<Output = u64> + Send;

    /// Waits until whoever listens to the runs has seen all of them. Timed as a part of the run.
    fn settle(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// What a peer runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// The calling thread, and whatever threads the peer has itself.
    Blocking,
    /// A tokio runtime of one thread.
    Current,
    /// A tokio runtime of two workers; the run is in a task, as it would be in a server.
    Workers,
}

/// What a peer is to a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A loop over a known order: what no engine can beat with the same contract.
    Floor,
    /// Someone else's way, or one written by hand.
    Other,
    /// Graphloom.
    Ours,
}

/// A peer in the list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) kind: Kind,
    pub(crate) runtime: Runtime,
    /// Why it cannot do a workload.
    pub(crate) skip: fn(&str) -> Option<&'static str>,
    pub(crate) sample: Sampler,
}

impl Entry {
    /// Returns the entry of a peer. Ours can do every workload, others those that are about numbers.
    pub(crate) fn new<P: Peer>(
        name: &'static str,
        what: &'static str,
        kind: Kind,
        runtime: Runtime,
    ) -> Self {
        Self {
            name,
            what,
            kind,
            runtime,
            skip: match kind {
                Kind::Ours => |_| None,
                Kind::Floor | Kind::Other => beyond_numbers,
            },
            sample: sample::<P>,
        }
    }

    /// Says which workloads it cannot do, and why, where that is not what [`Entry::new`] says.
    pub(crate) fn skip(mut self, skip: fn(&str) -> Option<&'static str>) -> Self {
        self.skip = skip;
        self
    }
}

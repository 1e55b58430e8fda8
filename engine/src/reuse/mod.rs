//! Taking results from earlier in place of calling blocks: from another run, or from a cache.
//!
//! [`Engine::reusing`](crate::Engine::reusing) gives an engine whose blocks are wrapped; a graph that it compiles asks here
//! at each firing. Scheduler and drivers know nothing of it: a firing that takes its result from earlier is one like any
//! other, with the same events, only that its block was not called.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host::ResultCache;
use crate::value::Text;

mod digest;
mod explain;
mod keep;
mod look;
mod past;
mod reason;
mod rule;

pub(crate) use digest::Digest;
pub(crate) use look::Found;
pub(crate) use past::{At, Past, PastEnd, PastInputs};

pub use explain::{Explanation, Explanations, Verdict};
pub use past::RunResults;
pub use reason::MissReason;

use explain::Told;
use past::Claims;

/// What one run may take from earlier, and what became of each of its firings.
///
/// **By content.** A block whose outputs follow from its inputs takes its result from the earlier run, or from the cache,
/// where the same version of it was given the same inputs: literals, taken values and overrides, as the block sees them.
/// That is so for a block that is [`Effect::Pure`](crate::Effect::Pure) and asks for no
/// [`Capability`](crate::Capability) but blobs. Which node it was makes no difference. Such results are also put into the
/// cache, if there is one.
///
/// **By place.** A run that [begins at a node](Reuse::from_node) does anew that node and all that depends on it, and
/// nothing else: every other node, whatever its effects, takes what the same node gave in the earlier run for the same
/// inputs, each result once. So nothing is paid or done again; where the inputs have changed, or there is no result, the
/// block is called.
///
/// Never taken, nor kept: failures, firings that were cut off, and whatever holds a secret. Nodes that bring inputs in and
/// outputs out and that call sub-graphs are as ever; what is inside a sub-graph is treated as the rest.
///
/// A block that takes its result from earlier tells no progress, logs nothing and costs nothing.
///
/// One value is for one run, since it tells of the firings of that run. A kept run that is gone on with in another process
/// should have the same to take from there: a firing that was cut off repeats itself then.
///
/// ```
/// use std::sync::Arc;
/// use graphloom::host::MemoryResults;
/// use graphloom::{Engine, Registry, Reuse, RunOptions};
/// # use graphloom::prelude::*;
/// # use schemars::JsonSchema;
/// # use serde::{Deserialize, Serialize};
/// # struct Twice;
/// # #[derive(Deserialize, JsonSchema)]
/// # struct Input { n: i64 }
/// # #[derive(Serialize, JsonSchema)]
/// # #[serde(rename_all = "snake_case")]
/// # enum Output { Out(i64) }
/// # impl Block for Twice {
/// #     const INFO: BlockInfo = BlockInfo::new("math.twice", 1, "Doubles a number.");
/// #     type Input = Input;
/// #     type Output = Output;
/// #     async fn run(&self, _: &Context, input: Input, out: Emitter<'_, Output>) -> Result<(), BlockError> {
/// #         out.emit(Output::Out(2 * input.n)).await?;
/// #         Ok(())
/// #     }
/// # }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut registry = Registry::new();
/// registry.add(Twice)?; // a block of one's own
/// let engine = Engine::new(registry);
/// let cache = MemoryResults::default();
/// let graph = br#"{"format": 1, "nodes": {"n": {"block": "math.twice", "inputs": {"n": 4}}}}"#;
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// for expected in ["n, firing 0 (math.twice@1): run anew: not in the cache",
///                  "n, firing 0 (math.twice@1): taken from the cache"] {
///     let reuse = Arc::new(Reuse::new().cache(Arc::new(cache.clone())));
///     let engine = engine.reusing(&reuse);
///     let plan = engine.load(graph)?;
///     runtime.block_on(engine.run(&plan, RunOptions::new()))?;
///     assert_eq!(reuse.explanations().list[0].to_string(), expected);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Reuse {
    results: Option<RunResults>,
    cache: Option<Arc<dyn ResultCache>>,
    begins: Option<Begins>,
    max_explanations: usize,
    max_result_bytes: usize,
    told: Mutex<Told>,
    claims: Mutex<Claims>,
}

/// Where a run begins that does the rest by an earlier one.
struct Begins {
    node: Text,
    /// It and all that depends on it, in the run's own graph.
    cone: HashSet<Text>,
}

impl Reuse {
    /// How many firings are explained where nothing else is said.
    pub const DEFAULT_MAX_EXPLANATIONS: usize = 100_000;
    /// How large a result may be that is put into a cache, where nothing else is said: 16 MiB.
    pub const DEFAULT_MAX_RESULT_BYTES: usize = 16 << 20;

    /// Takes nothing from anywhere, and explains why.
    #[must_use]
    pub fn new() -> Self {
        Self {
            results: None,
            cache: None,
            begins: None,
            max_explanations: Self::DEFAULT_MAX_EXPLANATIONS,
            max_result_bytes: Self::DEFAULT_MAX_RESULT_BYTES,
            told: Mutex::default(),
            claims: Mutex::default(),
        }
    }

    /// Takes results from this run.
    #[must_use]
    pub fn run(mut self, results: RunResults) -> Self {
        self.results = Some(results);
        self
    }

    /// Takes results from this cache, and puts new ones there. The earlier run is asked first.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn ResultCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Explains so many firings; the rest is only counted.
    #[must_use]
    pub fn max_explanations(mut self, max: usize) -> Self {
        self.max_explanations = max;
        self
    }

    /// Puts no result into the cache that takes more memory than this. What a firing emits is held until it ends.
    #[must_use]
    pub fn max_result_bytes(mut self, max: usize) -> Self {
        self.max_result_bytes = max;
        self
    }

    /// Does anew the node, which is named by `node`, and these, which depend on it.
    pub(crate) fn begin(&mut self, node: Text, cone: HashSet<Text>) {
        self.begins = Some(Begins { node, cone });
    }

    /// Returns what has become of the run's firings so far.
    #[must_use]
    pub fn explanations(&self) -> Explanations {
        self.told().all()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Reuse {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Reuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reuse")
            .field("results", &self.results)
            .field("cache", &self.cache.is_some())
            .field("from", &self.begins.as_ref().map(|begins| &begins.node))
            .finish_non_exhaustive()
    }
}

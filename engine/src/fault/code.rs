//! The closed list of fault codes. A code is a promise: its name and meaning stay.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A stable mnemonic name for one kind of fault; its page is `docs/errors/<NAME>.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// Returns the name, e.g. `GRAPH_LINK_TYPE`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }

            /// Returns the one-line meaning.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Returns its page, as Markdown: cause, example, mend. (Feature `error-pages`.)
            #[cfg(feature = "error-pages")]
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Code::$variant => include_str!(concat!("../../../docs/errors/", $name, ".md")),)+
                }
            }
        }
    };
}

codes! {
    /// The document is empty.
    JsonEmpty = "JSON_EMPTY",
    /// The bytes are not UTF-8 text, or begin with a byte order mark.
    JsonEncoding = "JSON_ENCODING",
    /// The text is not JSON.
    JsonSyntax = "JSON_SYNTAX",
    /// Something follows the end of the JSON document.
    JsonTrailing = "JSON_TRAILING",
    /// Lists and maps are nested too deep.
    JsonDepth = "JSON_DEPTH",
    /// A key stands twice in one map.
    JsonDuplicateKey = "JSON_DUPLICATE_KEY",
    /// A number does not fit 64 bits, or is not a JSON number.
    JsonNumber = "JSON_NUMBER",
    /// The document is larger than the limit.
    LimitDocumentBytes = "LIMIT_DOCUMENT_BYTES",
    /// A text is longer than the limit.
    LimitTextBytes = "LIMIT_TEXT_BYTES",
    /// The graph has more nodes than the limit.
    LimitNodes = "LIMIT_NODES",
    /// The graph has more links than the limit.
    LimitLinks = "LIMIT_LINKS",
    /// Sub-graphs call each other deeper than the limit.
    LimitSubgraphDepth = "LIMIT_SUBGRAPH_DEPTH",
    /// The document is not a graph: not a map, or neither the native nor the AutoGPT form.
    GraphShape = "GRAPH_SHAPE",
    /// The format number is missing.
    GraphFormatMissing = "GRAPH_FORMAT_MISSING",
    /// The format number is not one that this version reads.
    GraphFormat = "GRAPH_FORMAT",
    /// A key is not known here.
    GraphUnknownKey = "GRAPH_UNKNOWN_KEY",
    /// A key is reserved for later and refused until it works.
    GraphReservedKey = "GRAPH_RESERVED_KEY",
    /// A required key is missing.
    GraphMissingKey = "GRAPH_MISSING_KEY",
    /// A key has a value of the wrong type.
    GraphValueType = "GRAPH_VALUE_TYPE",
    /// A setting is outside its range or not one of its words.
    GraphValueRange = "GRAPH_VALUE_RANGE",
    /// A node id is not made of 1 to 128 letters, digits, `_` and `-`.
    GraphNodeId = "GRAPH_NODE_ID",
    /// Two nodes have one id.
    GraphNodeDuplicate = "GRAPH_NODE_DUPLICATE",
    /// A pin reference cannot be read.
    GraphReference = "GRAPH_REFERENCE",
    /// A pin name is empty, too long, or holds control or direction-changing characters.
    GraphPinName = "GRAPH_PIN_NAME",
    /// A node names a block that is not registered.
    GraphUnknownBlock = "GRAPH_UNKNOWN_BLOCK",
    /// A node names a block that is switched off here.
    GraphBlockDisabled = "GRAPH_BLOCK_DISABLED",
    /// A node asks for a block version that is not installed.
    GraphBlockVersion = "GRAPH_BLOCK_VERSION",
    /// A link names a node that does not exist.
    GraphUnknownNode = "GRAPH_UNKNOWN_NODE",
    /// A link starts at an output pin that the block does not have.
    GraphUnknownOutput = "GRAPH_UNKNOWN_OUTPUT",
    /// A link or a literal names an input pin that the block does not have.
    GraphUnknownInput = "GRAPH_UNKNOWN_INPUT",
    /// A link runs the wrong way: from an input pin, or to an output pin.
    GraphLinkDirection = "GRAPH_LINK_DIRECTION",
    /// The value that a link carries can never fit the input pin.
    GraphLinkType = "GRAPH_LINK_TYPE",
    /// The same link stands twice.
    GraphLinkDuplicate = "GRAPH_LINK_DUPLICATE",
    /// A link feeds an input that must be written in the graph.
    GraphLinkConfig = "GRAPH_LINK_CONFIG",
    /// Inputs that are taken together are not all linked, or one keeps its value.
    GraphLinkTogether = "GRAPH_LINK_TOGETHER",
    /// A path selects or builds inside a pin whose type has no inside.
    GraphLinkPath = "GRAPH_LINK_PATH",
    /// A literal input does not fit its pin.
    GraphInputType = "GRAPH_INPUT_TYPE",
    /// A literal input is not one of the allowed values.
    GraphInputEnum = "GRAPH_INPUT_ENUM",
    /// A required input has neither a literal nor a link.
    GraphInputMissing = "GRAPH_INPUT_MISSING",
    /// Nodes feed each other in a circle and the policy does not allow it.
    GraphCycle = "GRAPH_CYCLE",
    /// A collecting pin is fed from its own circle and could never close.
    GraphGatherCycle = "GRAPH_GATHER_CYCLE",
    /// No node can start.
    GraphNoStart = "GRAPH_NO_START",
    /// An input or output node has no name, or a name that cannot be used.
    GraphIoName = "GRAPH_IO_NAME",
    /// Two input nodes with one name ask for different types.
    GraphIoConflict = "GRAPH_IO_CONFLICT",
    /// A node calls a sub-graph that does not exist.
    GraphUnknownSubgraph = "GRAPH_UNKNOWN_SUBGRAPH",
    /// Sub-graphs call each other in a circle.
    GraphSubgraphCycle = "GRAPH_SUBGRAPH_CYCLE",
    /// A tool link is not wired as tools are.
    GraphToolLink = "GRAPH_TOOL_LINK",
    /// The block refuses this node's configuration.
    GraphBlockConfig = "GRAPH_BLOCK_CONFIG",
    /// The grants do not allow this block.
    GrantBlock = "GRANT_BLOCK",
    /// The grants do not allow a capability that the block asks for.
    GrantCapability = "GRANT_CAPABILITY",
    /// A run input was given that the graph does not have.
    InputUnknown = "INPUT_UNKNOWN",
    /// A required run input was not given.
    InputMissing = "INPUT_MISSING",
    /// A run input does not fit its declared type.
    InputType = "INPUT_TYPE",
    /// A start node's merged inputs do not fit its block.
    InputStart = "INPUT_START",
    /// An override names a node or pin that does not exist.
    InputOverride = "INPUT_OVERRIDE",
    /// A run input or an override is larger than the limit.
    InputBytes = "INPUT_BYTES",
    /// A patch operation names a place that does not exist.
    PatchPath = "PATCH_PATH",
    /// A patch's test did not hold.
    PatchTest = "PATCH_TEST",
    /// The patch is not a JSON Patch.
    PatchSyntax = "PATCH_SYNTAX",
    /// A block refused its inputs while it ran.
    BlockInput = "BLOCK_INPUT",
    /// A block lacked a credential, or it was refused.
    BlockCredential = "BLOCK_CREDENTIAL",
    /// A block failed: something outside, or a condition that it reports.
    BlockFailed = "BLOCK_FAILED",
    /// A block asked for a capability that it was not granted.
    BlockRefused = "BLOCK_REFUSED",
    /// A block would have spent more than the run may.
    BlockBudget = "BLOCK_BUDGET",
    /// An attempt at a block did not end in time.
    BlockTimeout = "BLOCK_TIMEOUT",
    /// A block was stopped because the run was cancelled.
    BlockCancelled = "BLOCK_CANCELLED",
    /// A block broke its contract: a panic, or an emission on a pin that it does not have.
    BlockBug = "BLOCK_BUG",
    /// A later attempt emitted something else than an earlier one.
    BlockDiverged = "BLOCK_DIVERGED",
    /// An attempt that may have acted was cut off, and someone decided that it failed.
    BlockInDoubt = "BLOCK_IN_DOUBT",
    /// A sub-graph does not take what a call gives it.
    BlockCall = "BLOCK_CALL",
    /// The run did not end in time.
    RunTimeout = "RUN_TIMEOUT",
    /// A node inside a cycle fired more often than allowed.
    RunCycleLimit = "RUN_CYCLE_LIMIT",
    /// A pin holds more unused values than allowed.
    RunQueueLimit = "RUN_QUEUE_LIMIT",
    /// The values that a run holds are larger than allowed.
    RunBytesLimit = "RUN_BYTES_LIMIT",
    /// A value is nested deeper than allowed.
    RunValueDepth = "RUN_VALUE_DEPTH",
    /// A list or map is larger than allowed.
    RunValueBytes = "RUN_VALUE_BYTES",
    /// A run has more events than allowed.
    RunEventsLimit = "RUN_EVENTS_LIMIT",
    /// Sub-graph calls are nested deeper than allowed while running.
    RunDepthLimit = "RUN_DEPTH_LIMIT",
    /// There is no tokio runtime to run on.
    RunNoRuntime = "RUN_NO_RUNTIME",
    /// A kept run cannot be gone on with: its graph has changed meaning here.
    RunChanged = "RUN_CHANGED",
    /// Events were written that the writer does not know of.
    StoreSequence = "STORE_SEQUENCE",
    /// Another process has taken the run over.
    StoreFenced = "STORE_FENCED",
    /// Another process goes on with the run.
    StoreLeased = "STORE_LEASED",
    /// The store has no such run.
    StoreUnknownRun = "STORE_UNKNOWN_RUN",
    /// The run has ended.
    StoreRunOver = "STORE_RUN_OVER",
    /// The store has another run with this id.
    StoreRunExists = "STORE_RUN_EXISTS",
    /// The labels of a run are too large, or no texts.
    StoreLabels = "STORE_LABELS",
    /// What is kept cannot be read.
    StoreBroken = "STORE_BROKEN",
    /// The store was written by a later version.
    StoreFormat = "STORE_FORMAT",
    /// The store has no room.
    StoreFull = "STORE_FULL",
    /// The store cannot be written to.
    StoreReadOnly = "STORE_READ_ONLY",
    /// Others keep the store busy.
    StoreBusy = "STORE_BUSY",
    /// The store failed.
    StoreFailed = "STORE_FAILED",
    /// A replay does not follow the recorded events.
    RunReplay = "RUN_REPLAY",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.as_str().eq_ignore_ascii_case(name))
            .ok_or(())
    }
}

#[cfg(all(test, feature = "error-pages"))]
mod tests {
    use super::Code;

    #[test]
    fn every_code_has_its_page() {
        for code in Code::ALL {
            let head = format!("# {code}\n");
            assert!(code.page().starts_with(&head), "{code} has another's page");
        }
    }
}

//! What a block is given beside its inputs: who it is, when to stop, and its only way to the outside.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::cancel::LazyToken;
use crate::host::{
    Blobs, Capability, Clock, Credentials, Extensions, Grants, Http, Mailer, Redactor,
};
use crate::time::Timestamp;
use crate::value::{Map, Path, Text, Value, from_value, to_value};

use super::guard::{Guard, Spent};
use super::shape::Shape;
use super::{BlockError, DynBlock};

/// One attempt at one block, as the block sees it.
///
/// It is complete by construction, and the only door to the outside: each accessor checks that the block's
/// [`BlockInfo`](super::BlockInfo) lists the capability and that the host grants it, and refuses with a typed error.
pub struct Context {
    // An attempt's data and its context are one box, lent to the block's future and given back by it, so that a call
    // allocates and counts nothing but its future.
    pub(crate) host: Arc<dyn CallHost>,
    pub(crate) ticket: u64,
    pub(crate) scope: u32,
    pub(crate) node: u32,
    pub(crate) firing: u32,
    pub(crate) attempt: u32,
    pub(crate) resumed: bool,
    /// Output ports that the node declares.
    pub(crate) ports: u16,
    pub(crate) slots: Vec<Option<Value>>,
    /// How it failed, once it has. In a box, as what few attempts have: a context of up to 120 bytes is one of those blocks
    /// that glibc puts aside without joining them with their neighbours, which was a tenth of what 10,000 waiting nodes took.
    pub(crate) error: Option<Box<BlockError>>,
    pub(crate) draws: AtomicU64,
    pub(crate) asks: AtomicU32,
    /// Empty until the attempt gets hold of a secret.
    pub(crate) guard: Guard,
}

/// What the run around an attempt offers to it; implemented by `run/`, so that `block/` stays below it.
pub(crate) trait CallHost: Send + Sync {
    fn env(&self) -> &RunEnv;
    fn block(&self, node: u32) -> &dyn DynBlock;
    fn node_id(&self, node: u32) -> &str;
    fn shape(&self, node: u32) -> &Arc<Shape>;
    fn tools(&self, node: u32) -> Vec<Tool>;
    fn tell(&self, scope: u32, node: u32, firing: u32, said: Said);
    fn ask(&self, scope: u32, node: u32, firing: u32, what: Ask);
    fn paid(&self, scope: u32, node: u32, firing: u32, key: &str) -> Option<Value>;
    /// Returns the firings that called a scope, each with `/` behind it; empty for the run's own graph, and in a run that
    /// keeps no count of them.
    fn callers(&self, scope: u32) -> Text;
}

/// What all attempts of a run share.
pub(crate) struct RunEnv {
    pub(crate) id: Text,
    pub(crate) seed: u64,
    pub(crate) cancel: LazyToken,
    pub(crate) host: Arc<HostEnv>,
    /// Every secret that an attempt of the run got hold of; made when the first comes up.
    pub(crate) secrets: OnceLock<Redactor>,
    /// An attempt of the run has looked at a secret.
    pub(crate) exposed: AtomicBool,
    pub(crate) spent: Spent,
}

impl RunEnv {
    pub(crate) fn redactor(&self) -> &Redactor {
        self.secrets.get_or_init(Redactor::new)
    }
}

/// What the host lends: the same for all runs, but for those that are given less or other things.
#[derive(Clone)]
pub(crate) struct HostEnv {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) http: Option<Arc<dyn Http>>,
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    pub(crate) extensions: Extensions,
    pub(crate) time_zone: Text,
    pub(crate) grants: Grants,
}

/// What an attempt can tell.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Said {
    /// How far it is, 0 to 1.
    Progress(f64),
    /// A line of text.
    Log(Level, Text),
    /// A part of what it is about to emit on a pin, as the words of a model come in.
    Partial {
        /// The output pin.
        pin: Text,
        /// What comes behind the parts before.
        text: Text,
    },
    /// What it cost.
    Cost {
        /// Of what: `usd`, `tokens`.
        unit: Text,
        /// How much.
        amount: f64,
    },
}

/// What an attempt asks the driver to do.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Run a sub-graph and answer with its outputs.
    Graph {
        graph: Text,
        inputs: Map,
        reply: Reply<Vec<(Text, Value)>>,
    },
    /// Fire a linked tool node and answer with its outputs.
    Tool {
        tool: u32,
        arguments: Map,
        reply: Reply<Vec<(Text, Value)>>,
    },
    /// Write down that a sub-step is paid.
    Paid {
        key: Text,
        value: Value,
        reply: Reply<()>,
    },
    /// Wait for an answer from outside.
    Wait {
        /// Which of the attempt's waits, from 0.
        ask: u32,
        signal: Text,
        question: Value,
        reply: Reply<Value>,
    },
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, BlockError>>;

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// For whoever mends the block.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

/// Who an attempt is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallInfo {
    /// The run.
    pub run: Text,
    /// The scope within the run: 0 is the graph itself, others are sub-graph calls.
    pub scope: u32,
    /// The node, as the graph calls it.
    pub node: Text,
    /// Which set of inputs of this node, from 0.
    pub firing: u32,
    /// Which attempt at it, from 1. Above 1 the attempts before may have acted: see
    /// [`Effect`](super::Effect).
    pub attempt: u32,
    /// Another process had begun this attempt and did not end it: it may have acted, as earlier attempts may.
    pub resumed: bool,
}

impl CallInfo {
    /// Returns the same text for every attempt at this firing, and no other: what an outside service needs to know
    /// a repeated request by.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        idempotency_key(&self.run, self.scope, self.node.as_str(), self.firing)
    }
}

/// The same text for every attempt at a firing, and no other.
pub(crate) fn idempotency_key(run: &Text, scope: u32, node: &str, firing: u32) -> String {
    format!("{run}:{scope}:{node}:{firing}")
}

/// A node that a block may fire: one that a `tools` pin links to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tool {
    /// Its position among the tools of the node, which names it in [`Context::call_tool`].
    pub index: u32,
    /// The node, as the graph calls it.
    pub node: Text,
    /// What the graph's author called it.
    pub title: Option<Text>,
    /// What it does: the node's own documentation, else that of the graph that it calls, else the block's summary.
    pub doc: Text,
    /// Its block's id.
    pub block: Text,
    /// What AutoGPT calls its block, if it is one of those.
    pub alias: Option<&'static str>,
    /// The name of the graph that it calls, if it calls one that has a name.
    pub graph: Option<Text>,
    /// Its pins; the linked ones are its arguments.
    pub shape: Arc<Shape>,
    /// What is linked, in the order of the links.
    pub arguments: Vec<ToolArgument>,
    /// What the graph says for its inputs.
    pub literals: Map,
}

/// Something that a tool is told by whoever fires it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolArgument {
    /// The input pin.
    pub pin: Text,
    /// Where in the pin's value it goes; empty where it is all of it.
    pub path: Path,
}

impl Context {
    /// Tells run, node, firing and attempt.
    #[must_use]
    pub fn info(&self) -> CallInfo {
        CallInfo {
            run: self.host.env().id.clone(),
            scope: self.scope,
            node: Text::from(self.host.node_id(self.node)),
            firing: self.firing,
            attempt: self.attempt,
            resumed: self.resumed,
        }
    }

    /// Takes how the attempt ended.
    pub(crate) fn end(&mut self) -> Result<(), BlockError> {
        self.error.take().map_or(Ok(()), |error| Err(*error))
    }

    /// Says whether the run was cancelled. A block that computes for long asks this often.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.host.env().cancel.is_cancelled()
    }

    /// Waits until the run is cancelled. Cancel safe.
    pub async fn cancelled(&self) {
        self.host.env().cancel.cancelled().await;
    }

    /// Returns the node's pins.
    #[must_use]
    pub fn shape(&self) -> &Arc<Shape> {
        self.host.shape(self.node)
    }

    /// Returns the time of day.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Clock`].
    pub fn now(&self) -> Result<Timestamp, BlockError> {
        self.allow(Capability::Clock)?;
        Ok(self.host.env().host.clock.now())
    }

    /// Returns the time of day in microseconds since 1970-01-01T00:00:00Z, as finely as the host's clock tells it.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Clock`].
    pub fn now_micros(&self) -> Result<i64, BlockError> {
        self.allow(Capability::Clock)?;
        Ok(self.host.env().host.clock.now_micros())
    }

    /// Returns the time zone of whoever the run is for, by its IANA name (`Europe/Paris`); `UTC` where the host says
    /// none. The engine knows no time zones: the name is what the host gave, and may be that of none.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Clock`].
    pub fn time_zone(&self) -> Result<&str, BlockError> {
        self.allow(Capability::Clock)?;
        Ok(&self.host.env().host.time_zone)
    }

    /// Sleeps by the host's clock.
    ///
    /// # Errors
    /// [`BlockError::Cancelled`] when the run is cancelled meanwhile; [`BlockError::Refused`] without
    /// [`Capability::Clock`].
    pub async fn sleep(&self, time: Duration) -> Result<(), BlockError> {
        self.allow(Capability::Clock)?;
        let env = self.host.env();
        // In this order: a sleep that is over does not wait at the token, which takes a lock.
        tokio::select! {
            biased;
            () = env.host.clock.sleep(time) => Ok(()),
            () = env.cancel.cancelled() => Err(BlockError::Cancelled),
        }
    }

    /// Returns the next number of this attempt's random sequence. It depends on the run's seed, the node, the firing
    /// and how many were drawn, and on nothing else: a repeated attempt draws the same numbers.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Random`].
    pub fn random(&self) -> Result<u64, BlockError> {
        self.allow(Capability::Random)?;
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        let place =
            (u64::from(self.scope) << 48) ^ (u64::from(self.node) << 24) ^ u64::from(self.firing);
        Ok(mix(mix(self.host.env().seed ^ mix(place)) ^ draw))
    }

    /// Tells observers how far the firing is, from 0 to 1. Changes no state; outside the range it is clipped.
    pub fn progress(&self, fraction: f64) {
        self.tell(Said::Progress(if fraction.is_nan() {
            0.0
        } else {
            fraction.clamp(0.0, 1.0)
        }));
    }

    /// Tells observers a part of what is about to be emitted on an output pin, behind the parts before. Changes no state:
    /// what counts is what is emitted.
    pub fn partial(&self, pin: impl Into<Text>, text: impl Into<Text>) {
        let (pin, text) = (pin.into(), text.into());
        self.tell(Said::Partial { pin, text });
    }

    /// Tells observers something. Changes no state.
    pub fn log(&self, level: Level, message: impl Into<Text>) {
        self.tell(Said::Log(level, message.into()));
    }

    /// Tells what the firing cost, in any unit (`usd`, `tokens`). Negative and not finite amounts count as 0.
    pub fn cost(&self, unit: impl Into<Text>, amount: f64) {
        let amount = if amount.is_finite() {
            amount.max(0.0)
        } else {
            0.0
        };
        let unit = unit.into();
        self.host.env().spent.add(&unit, amount);
        self.tell(Said::Cost { unit, amount });
    }

    /// Runs a sub-graph of this graph with these inputs and returns its outputs, in the order in which they came.
    /// The call is a part of this run: its limits, its budget, its cancellation.
    ///
    /// # Errors
    /// What the sub-graph failed with; [`BlockError::Refused`] without [`Capability::Graphs`];
    /// [`BlockError::Cancelled`].
    pub async fn call_graph(
        &self,
        graph: impl Into<Text>,
        inputs: Map,
    ) -> Result<Vec<(Text, Value)>, BlockError> {
        self.allow(Capability::Graphs)?;
        let graph = self.clean_text(graph.into());
        let inputs = self.presentable_map(inputs)?;
        self.answered(|reply| Ask::Graph {
            graph,
            inputs,
            reply,
        })
        .await
    }

    /// Lists the nodes that this node's `tools` pin links to.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Tools`].
    pub fn tools(&self) -> Result<Vec<Tool>, BlockError> {
        self.allow(Capability::Tools)?;
        Ok(self.host.tools(self.node))
    }

    /// Fires a linked tool node once with these arguments, by the names of its input pins, and returns what it emitted, in
    /// order. Its outputs also flow along its own links. An argument takes the place of the pin's literal as a whole:
    /// whoever fills a part of it (see [`ToolArgument::path`]) brings the rest from [`Tool::literals`].
    ///
    /// # Errors
    /// What the tool failed with; [`BlockError::Input`] for an index that is not there; [`BlockError::Refused`]
    /// without [`Capability::Tools`]; [`BlockError::Cancelled`].
    pub async fn call_tool(
        &self,
        tool: u32,
        arguments: Map,
    ) -> Result<Vec<(Text, Value)>, BlockError> {
        self.allow(Capability::Tools)?;
        let arguments = self.presentable_map(arguments)?;
        self.answered(|reply| Ask::Tool {
            tool,
            arguments,
            reply,
        })
        .await
    }

    /// Runs a paid sub-step once: when this key of this firing was done before, by an earlier attempt or before a
    /// crash, its result is returned and `work` is not polled.
    ///
    /// # Errors
    /// What `work` fails with; [`BlockError::Budget`] where the run has spent what it may, and `work` is not polled; [`BlockError::Input`] where an earlier result is not a `T`.
    pub async fn step<T, F>(&self, key: &str, work: F) -> Result<T, BlockError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, BlockError>> + Send,
    {
        if let Some(done) = self.host.paid(self.scope, self.node, self.firing, key) {
            return Ok(from_value(&done)?);
        }
        // What an attempt paid for that had looked at a secret was kept sealed, and under a name that says so.
        let sealed_key = format!("sealed:{key}");
        if let Some(done) = self
            .host
            .paid(self.scope, self.node, self.firing, &sealed_key)
        {
            return Ok(from_value(&self.restored(&done)?)?);
        }
        self.afford()?;
        let result = work.await?;
        self.nameable(key)?;
        let value = self.presentable(&to_value(&result)?)?;
        let key = Text::from(if self.is_tainted() { &sealed_key } else { key });
        self.answered(|reply| Ask::Paid { key, value, reply })
            .await?;
        Ok(result)
    }

    /// Waits for an answer from outside (a person's, a webhook's), which is asked for under this name with this
    /// question. Holds no place in the run's parallelism meanwhile. A later attempt, which asks for the same in the same
    /// order, has the answers that the earlier ones got.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Wait`]; [`BlockError::Cancelled`].
    pub async fn wait(&self, signal: &str, question: Value) -> Result<Value, BlockError> {
        self.allow(Capability::Wait)?;
        let ask = self.asks.fetch_add(1, Ordering::Relaxed);
        let key = wait_key(ask, signal);
        if let Some(answer) = self.host.paid(self.scope, self.node, self.firing, &key) {
            return Ok(answer);
        }
        self.nameable(signal)?;
        let signal = Text::from(signal);
        let question = self.presentable(&question)?;
        self.answered(|reply| Ask::Wait {
            ask,
            signal,
            question,
            reply,
        })
        .await
    }

    async fn answered<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, BlockError> {
        let (reply, answer) = oneshot::channel();
        self.ask(ask(reply));
        // A driver that is gone dropped the sender: the run is over.
        answer.await.unwrap_or(Err(BlockError::Cancelled))
    }

    fn tell(&self, said: Said) {
        let said = self.clean_said(said);
        self.host.tell(self.scope, self.node, self.firing, said);
    }

    fn ask(&self, what: Ask) {
        self.host.ask(self.scope, self.node, self.firing, what);
    }

    pub(super) fn allow(&self, capability: Capability) -> Result<(), BlockError> {
        let refused = |message: &str| BlockError::Refused {
            capability: capability.as_str(),
            message: message.to_owned(),
        };
        if !self
            .host
            .block(self.node)
            .info()
            .capabilities
            .contains(&capability)
        {
            return Err(refused("the block's info does not list it"));
        }
        if !self.host.env().host.grants.allows(capability) {
            return Err(refused("this run has no grant for it"));
        }
        Ok(())
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("node", &self.host.node_id(self.node))
            .field("firing", &self.firing)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// The name under which later attempts find the answer that a wait got.
pub(crate) fn wait_key(ask: u32, signal: &str) -> Text {
    Text::from(format!("wait:{ask}:{signal}"))
}

/// One round of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

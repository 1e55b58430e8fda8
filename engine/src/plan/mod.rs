//! The graph as proven: dense and immutable.
//!
//! Takes a [`Graph`](crate::graph::Graph) and a [`Registry`](crate::Registry), gives a [`Plan`] or every fault that
//! could be found, in one pass. A plan exists only if compile accepted it, so that a run checks nothing twice. It is
//! compiled once and run many times, by many runs at a time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::block::{DynBlock, Shape};
use crate::dense::{ComponentIx, Dense, IxMap, NodeIx, PinIx, PortIx};
use crate::event::{Caller, Given};
use crate::graph::{OnError, Policy};
use crate::value::{ContentHash, Path, Text, Value};

mod advice;
mod alike;
mod binding;
mod build;
mod calls;
mod candidates;
mod check;
mod compile;
mod cone;
mod config;
mod given;
mod grouped;
mod inputs;
mod layout;
mod link;
mod loose;
mod mend;
mod needs;
mod order;
mod origin;
mod overview;
mod parts;
mod relink;
mod repair;
mod resolve;
mod wiring;

pub use advice::{Advice, AdviceKind};
pub(crate) use binding::Binding;
pub use compile::{Diagnosis, compile, diagnose};
pub use cone::UnknownNode;
pub(crate) use given::GivenIx;
pub(crate) use inputs::Unfit;
pub use mend::{Mended, Repair, mend};
pub(crate) use origin::Origin;
pub(crate) use repair::plain as stand_in_for;

/// A compiled graph. Cheap to share; immutable.
pub struct Plan {
    pub(crate) name: Text,
    pub(crate) doc: Option<Text>,
    pub(crate) hash: ContentHash,
    pub(crate) policy: Policy,
    pub(crate) nodes: Dense<NodeIx, Node>,
    pub(crate) cold: Dense<NodeIx, Cold>,
    pub(crate) pins: Dense<PinIx, Pin>,
    /// For each output port the first of its links; one more at the end.
    pub(crate) first_link: Dense<PortIx, u32>,
    pub(crate) links: Vec<Link>,
    /// What a link selects inside the value, by its position; few links do.
    pub(crate) selections: IxMap<u32, Path>,
    /// Where a pin's value goes inside its input; few pins have it.
    pub(crate) paths: IxMap<PinIx, Path>,
    /// What few nodes have: a limit, a retry, tools, a sub-graph.
    pub(crate) options: IxMap<NodeIx, Options>,
    /// How many waited pins of each node are empty at the start.
    pub(crate) missing: Vec<u32>,
    /// Nodes that fire once at the start, in the order of the graph.
    pub(crate) starts: Vec<NodeIx>,
    /// Input nodes, by the names of their run inputs.
    pub(crate) inputs: Vec<(Text, NodeIx)>,
    /// Only where something collects.
    pub(crate) closing: Option<Closing>,
    pub(crate) interface: Arc<Shape>,
    pub(crate) subgraphs: HashMap<Text, Arc<Plan>>,
    /// It, or a graph that it calls, holds a block that must not act twice.
    pub(crate) acts: bool,
    /// Positions by id, once someone asked.
    pub(crate) by_id: OnceLock<HashMap<Text, NodeIx>>,
    /// The hash of what events name by number, once someone asked.
    pub(crate) layout: OnceLock<ContentHash>,
    /// What is written of it for every run that is kept, once there was one.
    pub(crate) origin: OnceLock<Arc<Origin>>,
    /// What a run without inputs is given, once someone asked; `None` where it needs some.
    pub(crate) nothing: OnceLock<Option<Arc<Given>>>,
}

/// The hot half of a node: what every transition reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) first_pin: u32,
    pub(crate) first_port: u32,
    pub(crate) window: u32,
    pub(crate) n_pins: u16,
    /// Declared output pins and the error pin after them.
    pub(crate) n_ports: u16,
    pub(crate) flags: u32,
}

impl Node {
    /// Some linked pins are sticky.
    pub(crate) const ANY_STICKY: u32 = 1;
    /// No linked pin is both plain and waited: any unused value can start a firing.
    pub(crate) const ANY_STARTS: u32 = 1 << 1;
    pub(crate) const INPUT: u32 = 1 << 2;
    pub(crate) const OUTPUT: u32 = 1 << 3;
    /// Calls a sub-graph.
    pub(crate) const CALL: u32 = 1 << 4;
    /// Never fires by itself.
    pub(crate) const PASSIVE: u32 = 1 << 5;
    /// Inside a cycle: its firings are counted.
    pub(crate) const CYCLE: u32 = 1 << 6;
    /// Something downstream collects: it is counted until it closes.
    pub(crate) const COUNTED: u32 = 1 << 7;
    /// Taken values go to their slots as they are, but for a type check.
    pub(crate) const DIRECT: u32 = 1 << 8;
    /// A literal does not fit, and the policy lets that starve the firing and not fail the graph.
    pub(crate) const LITERALS: u32 = 1 << 9;
    /// The block computes for long: it runs on a blocking thread.
    pub(crate) const CPU: u32 = 1 << 10;
    /// It has an entry in `options`.
    pub(crate) const OPTIONS: u32 = 1 << 11;
    /// The error pin is linked.
    pub(crate) const ERROR_LINKED: u32 = 1 << 12;
    /// A failure fails the run.
    pub(crate) const FAILS_RUN: u32 = 1 << 13;
    /// Some pins are collected or not waited for: the slow way to take values.
    pub(crate) const SPECIAL: u32 = 1 << 14;
    /// What it gives may have been wrapped many times: lists and maps are looked at before they go on.
    pub(crate) const WEIGHED: u32 = 1 << 15;
    /// It has a retry.
    pub(crate) const RETRY: u32 = 1 << 16;
    /// Every value that can arrive at its pins fits as it is.
    pub(crate) const PROVEN: u32 = 1 << 17;
    /// Its pins are its inputs, all of them, in their order.
    pub(crate) const IN_ORDER: u32 = 1 << 18;
    /// A firing needs none of what makes others slow: see `Core::begin_fast`.
    pub(crate) const FAST: u32 = 1 << 19;
    /// The block must not act twice: [`Effect::AtMostOnce`](crate::Effect::AtMostOnce).
    pub(crate) const ACTS: u32 = 1 << 20;
    const SLOW: u32 = Self::ANY_STICKY
        | Self::SPECIAL
        | Self::INPUT
        | Self::CALL
        | Self::PASSIVE
        | Self::CYCLE
        | Self::LITERALS
        | Self::CPU
        | Self::ACTS;

    #[inline(always)]
    pub(crate) const fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    #[inline(always)]
    pub(crate) fn pins(&self) -> impl Iterator<Item = PinIx> + use<> {
        (self.first_pin..self.first_pin + u32::from(self.n_pins)).map(PinIx)
    }

    /// Adds the flags that follow from the others and from the node's pins; it has so many inputs.
    pub(crate) fn finish(&mut self, pins: &[Pin], inputs: usize) {
        if pins.iter().all(|pin| pin.is(Pin::PROVEN)) {
            self.flags |= Self::PROVEN;
        }
        let mut slots = pins.iter().map(|pin| usize::from(pin.slot));
        if pins.len() == inputs && (0..inputs).all(|slot| slots.next() == Some(slot)) {
            self.flags |= Self::IN_ORDER;
        }
        if self.is(Self::DIRECT) && !self.is(Self::SLOW) {
            self.flags |= Self::FAST;
        }
    }

    /// The error pin is the last port.
    pub(crate) const fn error_port(&self) -> u16 {
        self.n_ports - 1
    }
}

/// The other half.
pub(crate) struct Cold {
    pub(crate) id: Text,
    pub(crate) block: Arc<dyn DynBlock>,
    pub(crate) shape: Arc<Shape>,
    /// The literals by slot; shared by all nodes of a block that have none.
    pub(crate) template: Arc<[Option<Value>]>,
    pub(crate) component: ComponentIx,
}

/// A linked input pin, or one place inside an input that links build.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pin {
    pub(crate) node: NodeIx,
    pub(crate) slot: u16,
    pub(crate) flags: u8,
}

impl Pin {
    pub(crate) const STICKY: u8 = 1;
    pub(crate) const UNWAITED: u8 = 1 << 1;
    pub(crate) const GATHER: u8 = 1 << 2;
    /// Every value that can arrive fits as it is.
    pub(crate) const PROVEN: u8 = 1 << 3;
    /// A place inside the input: see `Plan::paths`.
    pub(crate) const PATH: u8 = 1 << 4;
    /// Not waited for, and taken only when each such pin of the node has a value.
    pub(crate) const TOGETHER: u8 = 1 << 5;

    #[inline(always)]
    pub(crate) const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A link: 8 bytes. The two top bits of `pin` tell the rare cases from the common one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) pin: u32,
    pub(crate) node: NodeIx,
}

impl Link {
    /// A path selects inside the value.
    pub(crate) const SELECTS: u32 = 1 << 31;
    /// The pin is collected or not waited for.
    pub(crate) const SPECIAL: u32 = 1 << 30;
    pub(crate) const RARE: u32 = Self::SELECTS | Self::SPECIAL;

    pub(crate) const fn pin(self) -> PinIx {
        PinIx(self.pin & !Self::RARE)
    }
}

/// What few nodes have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPlan>,
    pub(crate) call: Option<Arc<Plan>>,
    /// Where it calls a graph: how it meets that.
    pub(crate) binding: Option<Arc<Binding>>,
    pub(crate) tools: Vec<ToolPlan>,
    pub(crate) title: Option<Text>,
    pub(crate) doc: Option<Text>,
}

/// When to try again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPlan {
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Duration,
    pub(crate) max_backoff: Duration,
}

/// A node that another one may fire.
#[derive(Debug, Clone)]
pub(crate) struct ToolPlan {
    pub(crate) node: NodeIx,
    /// What the links name: the slot of an input, and where in it an argument goes.
    pub(crate) arguments: Vec<(u16, Path)>,
}

/// Which components feed which collecting pins, and when they are closed.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    /// Components that feed each component.
    pub(crate) upstream: Dense<ComponentIx, u32>,
    /// Components fed by each, without doubles.
    pub(crate) downstream: Dense<ComponentIx, Vec<ComponentIx>>,
    /// Collecting pins fed by each, without doubles.
    pub(crate) feeds: Dense<ComponentIx, Vec<PinIx>>,
    /// How each collecting pin collects, and from how many components.
    pub(crate) gathers: IxMap<PinIx, GatherPlan>,
    /// Components that something downstream waits for.
    pub(crate) counted: Dense<ComponentIx, bool>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct GatherPlan {
    pub(crate) every: Option<u32>,
    pub(crate) feeders: u32,
}

impl Plan {
    /// Returns the graph's name; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the semantic hash of the graph that this plan was compiled from.
    #[must_use]
    pub fn hash(&self) -> &ContentHash {
        &self.hash
    }

    /// Returns the settings.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the graph's own pins: its run inputs and outputs.
    #[must_use]
    pub fn interface(&self) -> &Arc<Shape> {
        &self.interface
    }

    /// Returns how many nodes there are.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Returns how many links there are, without those that name tools.
    #[must_use]
    pub fn n_links(&self) -> usize {
        self.links.len()
    }

    /// Returns a node's position by its id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<NodeIx> {
        let by_id = self.by_id.get_or_init(|| {
            let ids = self.cold.iter().map(|cold| cold.id.clone());
            ids.zip(self.node_positions()).collect()
        });
        by_id.get(id).copied()
    }

    /// Returns what the graph calls a node; empty for a position of another plan.
    #[must_use]
    pub fn node_id(&self, node: NodeIx) -> &str {
        self.cold.get(node).map_or("", |cold| cold.id.as_str())
    }

    /// Returns the id of a node's block; empty for a position of another plan.
    #[must_use]
    pub fn block_id(&self, node: NodeIx) -> &str {
        self.cold.get(node).map_or("", |cold| cold.block.info().id)
    }

    /// Returns a node's pins; none for a position of another plan.
    #[must_use]
    pub fn shape(&self, node: NodeIx) -> Arc<Shape> {
        self.cold
            .get(node)
            .map(|cold| Arc::clone(&cold.shape))
            .unwrap_or_default()
    }

    /// Returns the name of a node's output port; `error` for the last one.
    #[must_use]
    pub fn port_name(&self, node: NodeIx, port: u16) -> &str {
        let shape = self.cold.get(node).map(|cold| &cold.shape);
        let declared = shape.and_then(|shape| shape.outputs.get(usize::from(port)));
        declared.map_or(crate::block::ERROR_PIN, |pin| pin.name.as_str())
    }

    /// Returns the plan of a sub-graph that a node or a block of this graph may call by name.
    #[must_use]
    pub fn subgraph(&self, name: &str) -> Option<&Arc<Plan>> {
        self.subgraphs.get(name)
    }

    /// Returns the plan of the sub-graph that a firing of this graph calls: that of its node, or one that its block names.
    pub(crate) fn called(&self, caller: Caller, graph: &str) -> Option<&Arc<Plan>> {
        let known = self.nodes.get(caller.node);
        let own = known.and_then(|_| self.options(caller.node));
        let direct = own.and_then(|options| options.call.as_ref());
        direct
            .filter(|_| caller.direct)
            .or_else(|| self.subgraph(graph))
    }

    /// Returns the positions of all nodes, in the order of the graph.
    pub fn node_positions(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.nodes.len() as u32).map(NodeIx)
    }

    #[inline(always)]
    pub(crate) fn links_of(&self, node: NodeIx, port: u16) -> (u32, &[Link]) {
        let port = self.nodes.at(node).first_port + u32::from(port);
        let (from, to) = (
            *self.first_link.at(PortIx(port)),
            *self.first_link.at(PortIx(port + 1)),
        );
        (from, self.link_range(from, to))
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "plan: first_link holds positions in links, in order"
    )]
    fn link_range(&self, from: u32, to: u32) -> &[Link] {
        &self.links[from as usize..to as usize]
    }

    pub(crate) fn options(&self, node: NodeIx) -> Option<&Options> {
        if self.nodes.at(node).is(Node::OPTIONS) {
            self.options.get(&node)
        } else {
            None
        }
    }

    pub(crate) fn max_firings(&self) -> u32 {
        let asked = self.policy.max_firings.unwrap_or(Self::DEFAULT_MAX_FIRINGS);
        u32::try_from(asked).unwrap_or(u32::MAX)
    }

    /// How often a node inside a cycle may fire, where the policy does not say.
    pub const DEFAULT_MAX_FIRINGS: u64 = 10_000;
    /// How many firings of one node may be in flight, where neither node nor block says.
    pub const DEFAULT_WINDOW: u32 = 64;

    pub(crate) fn fails_run(policy: &Policy, own: Option<OnError>) -> bool {
        own.unwrap_or(policy.on_error) == OnError::Fail
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("name", &self.name)
            .field("nodes", &self.nodes.len())
            .field("links", &self.links.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Cold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cold")
            .field("id", &self.id)
            .field("block", &self.block.info().id)
            .finish_non_exhaustive()
    }
}

pub(crate) fn ix(position: usize) -> u32 {
    // Limits on nodes and links are far below 2^30, which is what a link's pin has room for.
    u32::try_from(position).unwrap_or(u32::MAX)
}

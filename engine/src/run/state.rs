//! The state of one graph in motion: decides, and performs nothing.
//!
//! Its transitions are methods; [`RunState::apply`] is the same methods, so that folding the recorded events gives the
//! state. A driver calls the methods directly and builds an event only if someone records or listens.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dense::{ComponentIx, IxMap, NodeIx, PinIx};
use crate::event::{Failure, How};
use crate::graph::Nulls;
use crate::plan::{GivenIx, Node, Pin, Plan};
use crate::value::{Text, Value};

use super::closing::CloseState;
use super::pins::{Displaced, Pins};
use super::wire;

/// 16 bytes a node.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct NodeState {
    /// Waited pins without a value.
    pub(super) missing: u32,
    pub(super) fired: u32,
    pub(super) delivered: u32,
    /// Two flags, and below them how many firings may be in flight.
    pub(super) flags: u32,
}

pub(super) const READY: u32 = 1 << 31;
pub(super) const PENDING_START: u32 = 1 << 30;
pub(super) const WINDOW: u32 = PENDING_START - 1;

/// What a firing that is not its node's oldest has done already.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) out: Vec<(u16, Value)>,
    #[serde(with = "wire::how")]
    pub(super) how: Option<How>,
}

/// An output of the graph: which node's firing, and the value that it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Output {
    pub(crate) node: NodeIx,
    pub(crate) firing: u32,
    pub(crate) value: Value,
}

/// The state of one graph in motion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunState {
    pub(super) pins: Pins,
    pub(super) nodes: Vec<NodeState>,
    /// Nodes that can fire now, the one that became so first at the front.
    pub(super) ready: VecDeque<NodeIx>,
    #[serde(with = "wire::pairs")]
    pub(super) reorder: IxMap<NodeIx, VecDeque<Held>>,
    /// Sticky values displaced by firings that may yet starve.
    #[serde(with = "wire::pairs")]
    pub(super) displaced: IxMap<(NodeIx, u32), Displaced>,
    pub(super) closing: Option<Box<CloseState>>,
    #[serde(skip)]
    pub(super) given: GivenIx,
    pub(super) outputs: Vec<Output>,
    pub(super) in_flight: u32,
    pub(super) node_errors: u64,
    pub(super) firings: u64,
    /// Firings that a block asked for as a tool: it is told of their failure, and decides.
    #[serde(with = "wire::pairs")]
    pub(super) tools: IxMap<(NodeIx, u32), ()>,
    /// Why firings starved, the last reason and how many, by node.
    #[serde(with = "wire::pairs")]
    pub(super) starved: IxMap<NodeIx, (u32, Text)>,
    /// The failure that fails the run.
    #[serde(with = "wire::failures::one")]
    pub(super) fatal: Option<Arc<Failure>>,
    pub(super) cancelled: bool,
    /// It is a sub-graph call: what its output nodes give goes to the caller.
    pub(super) call: bool,
    /// What output nodes gave that waited for older firings and was delivered now; whoever drives takes it at once.
    pub(super) passed: Vec<(NodeIx, Value)>,
}

/// The nodes of a graph in which nothing has happened.
fn fresh(plan: &Plan) -> impl Iterator<Item = NodeState> {
    let node = |(node, &missing): (&Node, &u32)| NodeState {
        missing,
        flags: node.window.min(WINDOW),
        ..NodeState::default()
    };
    plan.nodes.iter().zip(&plan.missing).map(node)
}

impl RunState {
    /// Returns the state of a graph that nobody has called yet, and that is given nothing.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            pins: Pins::new(plan.pins.len()),
            nodes: fresh(plan).collect(),
            ready: VecDeque::with_capacity(16),
            reorder: IxMap::default(),
            displaced: IxMap::default(),
            closing: CloseState::of(plan),
            given: GivenIx::default(),
            outputs: Vec::new(),
            in_flight: 0,
            node_errors: 0,
            firings: 0,
            tools: IxMap::default(),
            starved: IxMap::default(),
            fatal: None,
            cancelled: false,
            call: false,
            passed: Vec::new(),
        }
    }

    /// Makes it what [`RunState::new`] makes, in the room that it has; every value that it held is dropped.
    pub(super) fn clear(&mut self, plan: &Plan) {
        let Self {
            pins,
            nodes,
            ready,
            reorder,
            displaced,
            closing,
            given,
            outputs,
            in_flight,
            node_errors,
            firings,
            tools,
            starved,
            fatal,
            cancelled,
            call,
            passed,
        } = self;
        pins.clear();
        nodes.clear();
        nodes.extend(fresh(plan));
        ready.clear();
        reorder.clear();
        displaced.clear();
        *closing = CloseState::of(plan);
        given.clear();
        outputs.clear();
        (*in_flight, *node_errors, *firings) = (0, 0, 0);
        tools.clear();
        starved.clear();
        *fatal = None;
        (*cancelled, *call) = (false, false);
        passed.clear();
    }

    /// Says whether all positions are those of this plan: a state that was read may be of another one.
    pub(super) fn fits(&self, plan: &Plan) -> bool {
        let known = |node: &NodeIx| (node.0 as usize) < plan.n_nodes();
        let held = self.reorder.keys().chain(self.starved.keys());
        let firings = self.displaced.keys().chain(self.tools.keys());
        self.nodes.len() == plan.n_nodes()
            && self.pins.fit(plan.pins.len())
            && self.ready.iter().chain(held).all(known)
            && firings.map(|(node, _)| node).all(known)
            && self.outputs.iter().all(|output| known(&output.node))
            && match (&self.closing, &plan.closing) {
                (None, None) => true,
                (Some(state), Some(plan)) => state.fits(plan),
                _ => false,
            }
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "plan: a node's position is below the number of nodes"
    )]
    pub(super) fn node(&mut self, node: NodeIx) -> &mut NodeState {
        &mut self.nodes[node.0 as usize]
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "plan: a node's position is below the number of nodes"
    )]
    pub(super) fn peek(&self, node: NodeIx) -> NodeState {
        self.nodes[node.0 as usize]
    }

    /// The number that the next firing of a node gets.
    #[inline(always)]
    pub(super) fn next_firing(&self, node: NodeIx) -> u32 {
        self.peek(node).fired
    }

    pub(super) fn is_oldest(&self, node: NodeIx, firing: u32) -> bool {
        self.peek(node).delivered == firing
    }

    /// How many emissions of this firing wait for older firings.
    pub(super) fn held(&self, node: NodeIx, firing: u32) -> usize {
        let delivered = self.peek(node).delivered;
        let at = firing.checked_sub(delivered + 1);
        let held = at.and_then(|at| self.reorder.get(&node)?.get(at as usize));
        held.map_or(0, |held| held.out.len())
    }

    /// Nothing is in flight and nothing can fire.
    #[inline(always)]
    pub(super) fn is_over(&self) -> bool {
        self.in_flight == 0 && self.ready.is_empty()
    }

    /// A pin that this node feeds is above its soft limit.
    pub(super) fn is_blocked(&self, plan: &Plan, node: NodeIx) -> bool {
        self.pins.over > 0
            && (0..plan.nodes.at(node).n_ports).any(|port| {
                plan.links_of(node, port)
                    .1
                    .iter()
                    .any(|link| self.pins.is_over(link.pin()))
            })
    }

    /// Lets the start nodes fire.
    pub(super) fn open(&mut self, plan: &Plan) {
        let mut start = |node: NodeIx| {
            self.node(node).flags |= PENDING_START;
            self.set_ready(plan, node);
        };
        // No order between starts is promised. AutoGPT's executor was observed to start its nodes last to first.
        if plan.policy.nulls == Nulls::Drop {
            plan.starts.iter().rev().copied().for_each(&mut start);
        } else {
            plan.starts.iter().copied().for_each(&mut start);
        }
        if let Some(closing) = &plan.closing {
            for component in (0..closing.counted.len()).rev() {
                self.close(
                    plan,
                    ComponentIx(u32::try_from(component).unwrap_or(u32::MAX)),
                );
            }
        }
    }

    /// Takes the next node that can fire, but for those that wait for room.
    #[inline(always)]
    pub(super) fn next_ready(&mut self, plan: &Plan) -> Option<NodeIx> {
        if self.pins.over > 0 {
            return self.next_with_room(plan);
        }
        self.ready.pop_front()
    }

    #[cold]
    pub(super) fn next_with_room(&mut self, plan: &Plan) -> Option<NodeIx> {
        // What has to wait goes to the back: it is not looked at again for each firing.
        for _ in 0..self.ready.len() {
            let node = self.ready.pop_front()?;
            if !self.is_blocked(plan, node) {
                return Some(node);
            }
            self.ready.push_back(node);
        }
        None
    }

    /// Some ready node need not wait for room.
    #[cold]
    pub(super) fn may_start(&self, plan: &Plan) -> bool {
        self.ready.iter().any(|node| !self.is_blocked(plan, *node))
    }

    /// A firing has started and has not ended.
    pub(super) fn is_at_work(&self, node: NodeIx, firing: u32) -> bool {
        self.nodes.get(node.0 as usize).is_some_and(|state| {
            firing < state.fired && firing >= state.delivered && !self.has_ended(node, firing)
        })
    }

    #[inline(always)]
    pub(super) fn set_ready(&mut self, plan: &Plan, node: NodeIx) {
        let state = self.node(node);
        state.flags |= READY;
        let idle = state.fired == state.delivered;
        self.ready.push_back(node);
        if idle && self.closing.is_some() {
            self.busy(plan, node);
        }
    }

    /// Makes a node ready that has, or just had, a firing in flight: it is counted as busy already.
    pub(super) fn set_ready_again(&mut self, node: NodeIx) {
        self.node(node).flags |= READY;
        self.ready.push_back(node);
    }

    #[cold]
    pub(super) fn busy(&mut self, plan: &Plan, node: NodeIx) {
        if plan.nodes.at(node).is(Node::COUNTED)
            && let Some(closing) = &mut self.closing
        {
            closing.busy(plan.cold.at(node).component);
        }
    }

    /// Takes the values of a firing, one for each pin of the node (none for a firing at the start). Says whether it is
    /// one at the start.
    #[inline(always)]
    pub(super) fn started(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        taken: &mut Vec<Option<Value>>,
    ) -> bool {
        let hot = plan.nodes.at(node);
        let state = self.node(node);
        let firing = state.fired;
        state.fired += 1;
        let start = state.flags & PENDING_START != 0;
        state.flags &= !(READY | PENDING_START);
        self.in_flight += 1;
        self.firings += 1;
        if start {
            if self.peek(node).missing == 0 && hot.n_pins != 0 {
                self.consider(plan, node);
            }
            return true;
        }
        let missing = if hot.flags & (Node::ANY_STICKY | Node::SPECIAL) == 0 {
            let mut empty = 0;
            for pin in hot.pins() {
                let (value, is_empty) = self.pins.take(pin);
                empty += u32::from(is_empty);
                taken.push(value);
            }
            empty
        } else {
            self.take_special(plan, node, firing, taken)
        };
        self.node(node).missing = missing;
        if missing == 0 {
            self.consider(plan, node);
        }
        false
    }

    #[cold]
    pub(super) fn take_special(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        firing: u32,
        taken: &mut Vec<Option<Value>>,
    ) -> u32 {
        let may_starve = plan.policy.nulls == Nulls::Drop;
        let mut displaced = Vec::new();
        let mut empty = 0;
        let apart = !self.are_together(plan, node);
        for pin in plan.nodes.at(node).pins() {
            let declared = *plan.pins.at(pin);
            if apart && declared.is(Pin::TOGETHER) {
                taken.push(None);
            } else if declared.is(Pin::STICKY) {
                taken.push(
                    self.pins
                        .take_sticky(pin, may_starve.then_some(&mut displaced)),
                );
            } else if declared.is(Pin::UNWAITED) && self.pins.unused(pin) == 0 {
                taken.push(None);
            } else {
                let (value, is_empty) = self.pins.take(pin);
                empty += u32::from(is_empty && !declared.is(Pin::UNWAITED));
                taken.push(value);
            }
        }
        if !displaced.is_empty() {
            self.displaced.insert((node, firing), displaced);
        }
        empty
    }

    /// Gives a tool node its next firing, whose arguments come from a block.
    pub(super) fn tool_started(&mut self, plan: &Plan, node: NodeIx) -> u32 {
        let state = self.node(node);
        let idle = state.fired == state.delivered && state.flags & READY == 0;
        let firing = state.fired;
        state.fired += 1;
        self.in_flight += 1;
        self.firings += 1;
        self.tools.insert((node, firing), ());
        if idle && self.closing.is_some() {
            self.busy(plan, node);
        }
        firing
    }

    /// Notes an output of the graph: the value that an output node's firing was given.
    #[cold]
    pub(super) fn output(&mut self, node: NodeIx, firing: u32, value: Value) {
        self.outputs.push(Output {
            node,
            firing,
            value,
        });
    }

    /// Makes a node ready again if more values wait, or its window has opened. Only for a node that has a firing in
    /// flight, or had until now.
    #[cold]
    pub(super) fn consider(&mut self, plan: &Plan, node: NodeIx) {
        let hot = plan.nodes.at(node);
        let state = self.peek(node);
        let open = state.fired - state.delivered < state.flags & WINDOW;
        if state.flags & READY != 0
            || self.cancelled
            || !open
            || state.missing != 0
            || hot.n_pins == 0
        {
            return;
        }
        if hot.is(Node::ANY_STARTS) {
            let apart = hot.is(Node::SPECIAL) && !self.are_together(plan, node);
            let counts = |pin: &PinIx| !(apart && plan.pins.at(*pin).is(Pin::TOGETHER));
            let mut pins = hot.pins().filter(counts);
            if !pins.any(|pin| self.pins.unused(pin) > 0) {
                return;
            }
        }
        self.set_ready_again(node);
    }

    /// Each pin of a node that is taken together with others has an unused value. So it is for a node without such pins.
    pub(super) fn are_together(&self, plan: &Plan, node: NodeIx) -> bool {
        let mut pins = plan.nodes.at(node).pins();
        pins.all(|pin| !plan.pins.at(pin).is(Pin::TOGETHER) || self.pins.unused(pin) > 0)
    }

    /// Nothing starts any more.
    pub(super) fn cancel(&mut self) {
        self.cancelled = true;
        for node in std::mem::take(&mut self.ready) {
            self.node(node).flags &= !(READY | PENDING_START);
        }
    }

    /// The pin where the most values wait.
    pub(super) fn fullest(&self) -> Option<PinIx> {
        let collects = self.closing.as_ref().and_then(|closing| closing.fullest());
        let queue = self.pins.longest();
        match (queue, collects) {
            (Some((pin, n)), Some((_, collected))) if n >= collected => Some(pin),
            (_, Some((pin, _))) => Some(pin),
            (queue, None) => queue.map(|(pin, _)| pin),
        }
    }

    /// No value waits anywhere and no firing starved.
    pub(super) fn has_nothing_left(&self) -> bool {
        self.starved.is_empty() && self.closing.is_none() && self.pins.are_empty()
    }

    pub(super) fn collected(&self, pin: PinIx) -> usize {
        self.closing
            .as_ref()
            .map_or(0, |closing| closing.waiting(pin))
    }

    /// Counts of a node: fired, delivered.
    pub(super) fn counts(&self, node: NodeIx) -> (u32, u32) {
        let state = self.peek(node);
        (state.fired, state.delivered)
    }
}

//! What led to what in a run: beside the state it keeps, for each value that waits at a pin, the events that it came from,
//! and for each firing what it took.
//!
//! It goes the way of [`RunState`](crate::run::state::RunState) once more, with events in place of values. That both come
//! to the same queues is checked after every event of generated runs ([`check_trail`]).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::dense::{NodeIx, PinIx};
use crate::event::{Caller, Event, Failure, How, Record};
use crate::graph::Nulls;
use crate::plan::{Link, Node, Pin, Plan};
use crate::run::machine::Machine;
use crate::value::{Map, Value};

use super::words::of_firing;

/// The events that a value came from: one, or all those that a collecting pin made a list of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origins {
    One(u64),
    Many(Arc<[u64]>),
}

impl Origins {
    pub(super) fn as_slice(&self) -> &[u64] {
        match self {
            Self::One(seq) => std::slice::from_ref(seq),
            Self::Many(all) => all,
        }
    }
}

/// What is known of a linked pin.
#[derive(Debug, Clone, Default)]
pub(super) struct PinTrack {
    /// Unused values, the oldest first.
    pub(super) queue: VecDeque<Origins>,
    /// Of a sticky pin: the value that was used last.
    pub(super) last: Option<Origins>,
    /// Of a collecting pin: what it has not fired yet.
    pub(super) collected: Vec<u64>,
    /// How many values have come.
    pub(super) arrived: u64,
}

/// What is known of a firing.
#[derive(Debug, Clone, Default)]
pub(super) struct FiringTrack {
    /// The event that started it.
    pub(super) started: u64,
    /// It fired because its graph began.
    pub(super) start: bool,
    /// What it took, by the pins of its node.
    pub(super) taken: Vec<Option<Origins>>,
    /// All later events that tell of it, and those that began what its block asked for.
    pub(super) told: Vec<u64>,
    pub(super) ended: Option<u64>,
    /// What it gave while older firings were not delivered, by port.
    pub(super) held: Vec<(u16, u64)>,
    /// What its sticky pins had used last before.
    displaced: Vec<(PinIx, Option<Origins>)>,
}

/// What is known of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct NodeTrack {
    pub(super) firings: Vec<FiringTrack>,
    pub(super) delivered: usize,
}

/// What is known of a graph in motion, or of one that was.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) plan: Arc<Plan>,
    pub(super) parent: Option<Caller>,
    /// The event that opened it.
    pub(super) opened: u64,
    pub(super) closed: Option<u64>,
    pub(super) pins: Vec<PinTrack>,
    pub(super) nodes: Vec<NodeTrack>,
    /// What its output nodes gave, in order.
    pub(super) outputs: Vec<(NodeIx, u64)>,
}

/// What led to what in a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    pub(super) scopes: BTreeMap<u32, Track>,
    /// Someone asked the run to stop.
    pub(super) cancelled: Option<u64>,
    pub(super) ended: Option<u64>,
}

impl Track {
    fn new(plan: &Arc<Plan>, parent: Option<Caller>, opened: u64) -> Self {
        Self {
            plan: Arc::clone(plan),
            parent,
            opened,
            closed: None,
            pins: vec![PinTrack::default(); plan.pins.len()],
            nodes: vec![NodeTrack::default(); plan.nodes.len()],
            outputs: Vec::new(),
        }
    }

    pub(super) fn node(&self, node: NodeIx) -> Option<&NodeTrack> {
        self.nodes.get(node.0 as usize)
    }

    pub(super) fn firing(&self, node: NodeIx, firing: u32) -> Option<&FiringTrack> {
        self.node(node)?.firings.get(firing as usize)
    }

    pub(super) fn pin(&self, pin: PinIx) -> Option<&PinTrack> {
        self.pins.get(pin.0 as usize)
    }

    fn firing_mut(&mut self, node: NodeIx, firing: u32) -> Option<&mut FiringTrack> {
        let node = self.nodes.get_mut(node.0 as usize)?;
        node.firings.get_mut(firing as usize)
    }

    /// A firing takes the oldest values of its pins.
    fn take(&mut self, node: NodeIx, firing: &mut FiringTrack) {
        for pin in self.plan.nodes.at(node).pins() {
            let declared = *self.plan.pins.at(pin);
            let Some(track) = self.pins.get_mut(pin.0 as usize) else {
                continue;
            };
            let next = track.queue.pop_front();
            if !declared.is(Pin::STICKY) {
                firing.taken.push(next);
                continue;
            }
            if let Some(next) = next {
                let before = track.last.replace(next);
                firing.displaced.push((pin, before));
            }
            firing.taken.push(track.last.clone());
        }
    }

    /// A value goes along the links of a port.
    fn route(&mut self, node: NodeIx, port: u16, seq: u64, value: &Value) {
        if port == 0 && self.parent.is_some() && self.plan.nodes.at(node).is(Node::OUTPUT) {
            self.outputs.push((node, seq));
        }
        let plan = Arc::clone(&self.plan);
        let (first, links) = plan.links_of(node, port);
        for (link, position) in links.iter().zip(first..) {
            if selected(&plan, *link, position, value).is_some() {
                self.put(*link, seq);
            }
        }
    }

    fn put(&mut self, link: Link, seq: u64) {
        let pin = link.pin();
        let Some(track) = self.pins.get_mut(pin.0 as usize) else {
            return;
        };
        track.arrived += 1;
        if !self.plan.pins.at(pin).is(Pin::GATHER) {
            track.queue.push_back(Origins::One(seq));
            return;
        }
        track.collected.push(seq);
        let closing = self.plan.closing.as_ref();
        let every = closing.and_then(|closing| closing.gathers.get(&pin)?.every);
        if every.is_some_and(|every| track.collected.len() >= every as usize) {
            track.fire();
        }
    }

    /// Hands on what a node's firings gave, from the oldest that is not delivered up to the first that is at work.
    fn drain(&mut self, node: NodeIx, records: &Look<'_>) {
        loop {
            let Some(track) = self.nodes.get_mut(node.0 as usize) else {
                return;
            };
            let Some(oldest) = track.firings.get_mut(track.delivered) else {
                return;
            };
            let (held, ended) = (std::mem::take(&mut oldest.held), oldest.ended.is_some());
            track.delivered += usize::from(ended);
            for (port, seq) in held {
                if let Some(value) = records.value(&self.plan, seq) {
                    self.route(node, port, seq, &value);
                }
            }
            if !ended {
                return;
            }
        }
    }

    fn gives(&mut self, node: NodeIx, firing: u32, port: u16, seq: u64, records: &Look<'_>) {
        if let Some(track) = self.firing_mut(node, firing) {
            track.held.push((port, seq));
        }
        self.drain_if_oldest(node, firing, records);
    }

    fn drain_if_oldest(&mut self, node: NodeIx, firing: u32, records: &Look<'_>) {
        let delivered = self.node(node).map(|track| track.delivered);
        if delivered == Some(firing as usize) {
            self.drain(node, records);
        }
    }

    fn finished(&mut self, node: NodeIx, firing: u32, seq: u64, how: &How, records: &Look<'_>) {
        let hot = *self.plan.nodes.at(node);
        let Some(track) = self.firing_mut(node, firing) else {
            return;
        };
        track.ended = Some(seq);
        let displaced = std::mem::take(&mut track.displaced);
        match how {
            How::Failed(_) if hot.is(Node::ERROR_LINKED) => {
                track.held.push((hot.error_port(), seq));
            }
            How::Starved(_) => {
                for (pin, before) in displaced {
                    if let Some(pin) = self.pins.get_mut(pin.0 as usize) {
                        pin.last = before;
                    }
                }
            }
            _ => {}
        }
        self.drain_if_oldest(node, firing, records);
    }
}

impl PinTrack {
    /// What was collected becomes a list.
    fn fire(&mut self) {
        let all = std::mem::take(&mut self.collected);
        self.queue.push_back(Origins::Many(all.into()));
    }
}

/// What a link selects of a value; `None`: it does not fire.
pub(super) fn selected(plan: &Plan, link: Link, position: u32, value: &Value) -> Option<Value> {
    match plan.selections.get(&position) {
        Some(path) if link.pin & Link::SELECTS != 0 => {
            path.select(value).filter(|found| !found.is_null())
        }
        _ => Some(value.clone()),
    }
}

/// The value that goes out at the error pin.
pub(super) fn error_value(plan: &Plan, failure: &Failure) -> Value {
    if plan.policy.nulls == Nulls::Drop {
        return Value::from(failure.message.clone());
    }
    let mut map = Map::new();
    map.insert("code", failure.code.as_str());
    map.insert("message", failure.message.clone());
    map.insert("attempt", failure.attempt);
    Value::from(map)
}

/// The events, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a>(pub(super) &'a [Record]);

impl<'a> Look<'a> {
    pub(super) fn at(&self, seq: u64) -> Option<&'a Record> {
        self.0.get(usize::try_from(seq).ok()?)
    }

    /// What an event gave, of a firing of this plan: its value, or the error that goes out.
    pub(super) fn value(&self, plan: &Plan, seq: u64) -> Option<Value> {
        match &self.at(seq)?.event {
            Event::Emitted { value, .. } | Event::Done { value, .. } => Some(value.clone()),
            Event::Finished {
                how: How::Failed(failure),
                ..
            } => Some(error_value(plan, failure)),
            _ => None,
        }
    }

    /// Which firing gave it, and on which port; the error port for a failure.
    pub(super) fn gave(&self, seq: u64) -> Option<(u32, NodeIx, u32, Option<u16>)> {
        let record = self.at(seq)?;
        match &record.event {
            Event::Emitted {
                node, firing, port, ..
            }
            | Event::Done {
                node, firing, port, ..
            } => Some((record.scope, *node, *firing, Some(*port))),
            Event::Finished { node, firing, .. } => Some((record.scope, *node, *firing, None)),
            _ => None,
        }
    }
}

impl Trail {
    /// A run of which nothing has happened has its own graph all the same.
    pub(super) fn begin(&mut self, plan: &Arc<Plan>) {
        let root = self.scopes.entry(0);
        root.or_insert_with(|| Track::new(plan, None, 0));
    }

    /// Notes an event that the machine has applied.
    pub(super) fn note(&mut self, machine: &Machine, record: &Record, records: &Look<'_>) {
        let (seq, scope) = (record.seq, record.scope);
        match &record.event {
            Event::Opened { parent, .. } => {
                if let Some(folded) = machine.scopes.get(&scope) {
                    self.scopes
                        .insert(scope, Track::new(&folded.plan, *parent, seq));
                }
                self.tell(*parent, seq);
            }
            Event::CancelRequested => self.cancelled = Some(seq),
            Event::Ended { .. } => self.ended = Some(seq),
            Event::Closed { .. } => {
                if let Some(track) = self.scopes.get_mut(&scope) {
                    track.closed = Some(seq);
                }
            }
            Event::ToolStarted { caller, .. } => self.tell(Some(*caller), seq),
            _ => {}
        }
        if let Some(track) = self.scopes.get_mut(&scope) {
            track.note(machine, record, records);
            track.collect(machine, scope);
        }
    }

    fn tell(&mut self, caller: Option<Caller>, seq: u64) {
        let Some(caller) = caller else { return };
        let track = self.scopes.get_mut(&caller.scope);
        if let Some(by) = track.and_then(|track| track.firing_mut(caller.node, caller.firing)) {
            by.told.push(seq);
        }
    }
}

impl Track {
    fn note(&mut self, machine: &Machine, record: &Record, records: &Look<'_>) {
        let seq = record.seq;
        let Some((node, firing)) = of_firing(&record.event) else {
            return;
        };
        if let Event::Started { .. } | Event::ToolStarted { .. } = &record.event {
            let folded = machine.scopes.get(&record.scope);
            let flight = folded.and_then(|folded| folded.flights.get(node, firing));
            let mut track = FiringTrack {
                started: seq,
                start: flight.is_some_and(|flight| flight.start),
                ..FiringTrack::default()
            };
            let takes = matches!(record.event, Event::Started { .. }) && !track.start;
            if takes {
                self.take(node, &mut track);
            }
            if let Some(node) = self.nodes.get_mut(node.0 as usize) {
                node.firings.push(track);
            }
            return;
        }
        if let Some(track) = self.firing_mut(node, firing) {
            track.told.push(seq);
        }
        match &record.event {
            Event::Emitted { port, .. } => self.gives(node, firing, *port, seq, records),
            Event::Done { port, .. } => {
                if let Some(track) = self.firing_mut(node, firing) {
                    track.held.push((*port, seq));
                }
                self.finished(node, firing, seq, &How::Ok, records);
            }
            Event::Finished { how, .. } => self.finished(node, firing, seq, how, records),
            _ => {}
        }
    }

    /// Collecting pins whose producers have closed fire: the state knows which.
    fn collect(&mut self, machine: &Machine, scope: u32) {
        let Some(closing) = &self.plan.closing else {
            return;
        };
        let Some(folded) = machine.scopes.get(&scope) else {
            return;
        };
        for pin in closing.gathers.keys() {
            if let Some(track) = self.pins.get_mut(pin.0 as usize)
                && folded.state.pins.unused(*pin) > track.queue.len()
            {
                track.fire();
            }
        }
    }
}

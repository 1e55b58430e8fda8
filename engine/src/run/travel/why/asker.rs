//! What a question is answered from: the events, the state that they come to, the trail, and the plans backwards.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::dense::{NodeIx, PinIx};
use crate::event::{Caller, Event, Failure, How, Record};
use crate::plan::Plan;
use crate::run::flight::Flight;
use crate::run::machine::Machine;
use crate::run::stalled::pin_name;
use crate::run::travel::trail::{FiringTrack, Look, Track, Trail, selected};
use crate::value::Value;

use super::Why;
use super::cause::Cause;
use super::feeds::Feeds;

/// A firing of a node of a scope.
pub(super) type By = (u32, NodeIx, u32);

/// A node of a scope.
pub(super) type Here = (u32, NodeIx);

/// What is told once; where it comes up again, a reader is referred to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Told {
    /// What led to a firing, up to an emission of it.
    Firing(By),
    /// What led to the emission of a call.
    Emission(u64),
    /// Why a node does not fire.
    Absence(Here),
    /// Which firings of a node starved.
    Starved(Here),
    /// What a firing waits for.
    Work(By),
}

/// Answers a question.
pub(super) struct Asker<'a> {
    pub(super) look: Look<'a>,
    pub(super) machine: Machine,
    pub(super) trail: Trail,
    feeds: BTreeMap<*const Plan, Arc<Feeds>>,
    told: HashSet<Told>,
    left: usize,
}

impl<'a> Asker<'a> {
    pub(super) fn new(plan: &Arc<Plan>, records: &'a [Record]) -> Result<Self, Failure> {
        let (mut machine, mut trail) = (Machine::new(plan), Trail::default());
        let look = Look(records);
        for record in records {
            machine.apply(record)?;
            trail.note(&machine, record, &look);
        }
        trail.begin(plan);
        Ok(Self {
            look,
            machine,
            trail,
            feeds: BTreeMap::new(),
            told: HashSet::new(),
            left: Why::MAX_CAUSES,
        })
    }

    /// Adds what led to a cause, as far as the limits of an answer go.
    pub(super) fn add(
        &mut self,
        to: &mut Cause,
        depth: usize,
        build: impl FnOnce(&mut Self, usize) -> Cause,
    ) {
        if depth >= Why::MAX_DEPTH || to.because.len() >= Why::MAX_WIDTH || self.left == 0 {
            to.more += 1;
            return;
        }
        self.left -= 1;
        let cause = build(self, depth + 1);
        to.because.push(cause);
    }

    /// Says, once, that this has not been told yet.
    pub(super) fn tells(&mut self, what: Told) -> bool {
        self.told.insert(what)
    }

    pub(super) fn feeds(&mut self, plan: &Arc<Plan>) -> Arc<Feeds> {
        let feeds = self.feeds.entry(Arc::as_ptr(plan));
        Arc::clone(feeds.or_insert_with(|| Arc::new(Feeds::of(plan))))
    }

    pub(super) fn track(&self, scope: u32) -> Option<&Track> {
        self.trail.scopes.get(&scope)
    }

    pub(super) fn plan(&self, scope: u32) -> Option<Arc<Plan>> {
        self.track(scope).map(|track| Arc::clone(&track.plan))
    }

    pub(super) fn firing(&self, (scope, node, firing): By) -> Option<&FiringTrack> {
        self.track(scope)?.firing(node, firing)
    }

    /// How many firings a node has, those that starved too.
    pub(super) fn fired(&self, (scope, node): Here) -> u32 {
        let node = self.track(scope).and_then(|track| track.node(node));
        let fired = node.map_or(0, |node| node.firings.len());
        u32::try_from(fired).unwrap_or(u32::MAX)
    }

    /// What the events tell of a firing that has not ended, in a graph that is open.
    pub(super) fn flight(&self, (scope, node, firing): By) -> Option<&Flight> {
        self.machine.scopes.get(&scope)?.flights.get(node, firing)
    }

    /// The graph of a scope is not closed, and neither is one around it.
    pub(super) fn is_open(&self, scope: u32) -> bool {
        self.machine.scopes.contains_key(&scope)
    }

    /// Returns the graphs that a firing called, in order.
    pub(super) fn calls_of(&self, by: By) -> Vec<u32> {
        let is_it = |caller: &Caller| (caller.scope, caller.node, caller.firing) == by;
        let scopes = self.trail.scopes.iter();
        let own = scopes.filter(|(_, track)| track.parent.as_ref().is_some_and(is_it));
        own.map(|(id, _)| *id).collect()
    }

    /// Returns the way to a scope: the firings that called, each with a `/` after it.
    pub(super) fn path(&self, scope: u32) -> String {
        let mut path = String::new();
        let mut up = self.track(scope).and_then(|track| track.parent);
        while let Some(caller) = up {
            let Some(track) = self.track(caller.scope) else {
                break;
            };
            let id = track.plan.node_id(caller.node);
            path.insert_str(0, &format!("{id}:{}/", caller.firing));
            up = track.parent;
        }
        path
    }

    /// Returns what an answer calls a node.
    pub(super) fn node(&self, (scope, node): Here) -> String {
        let id = self.track(scope).map(|track| track.plan.node_id(node));
        format!("{}{}", self.path(scope), id.unwrap_or_default())
    }

    /// Returns what an answer calls a firing.
    pub(super) fn name(&self, (scope, node, firing): By) -> String {
        format!("{}:{firing}", self.node((scope, node)))
    }

    /// Returns what an answer calls an input pin.
    pub(super) fn pin(&self, scope: u32, pin: PinIx) -> String {
        let Some(track) = self.track(scope) else {
            return String::new();
        };
        let plan = &track.plan;
        let declared = *plan.pins.at(pin);
        let name = pin_name(plan, declared.node, declared, plan.paths.get(&pin));
        format!("{}.{name}", self.node((scope, declared.node)))
    }

    /// Returns what an answer calls an output pin.
    pub(super) fn port(&self, here: Here, port: u16) -> String {
        let (scope, node) = here;
        let name = self
            .track(scope)
            .map(|track| track.plan.port_name(node, port));
        format!("{}.{}", self.node(here), name.unwrap_or_default())
    }

    /// Returns what an event sent to a pin, by the first link that leads there.
    pub(super) fn sent(&self, scope: u32, pin: PinIx, seq: u64) -> Option<Value> {
        let plan = &self.track(scope)?.plan;
        let (_, node, _, port) = self.look.gave(seq)?;
        let value = self.look.value(plan, seq)?;
        let port = port.unwrap_or(plan.nodes.at(node).error_port());
        let (first, links) = plan.links_of(node, port);
        let mut own = links
            .iter()
            .zip(first..)
            .filter(|(link, _)| link.pin() == pin);
        own.find_map(|(link, position)| selected(plan, *link, position, &value))
    }

    /// Returns the numbers of the events in which a firing gave something on a port, in order.
    pub(super) fn gave(&self, by: By, port: u16) -> Vec<u64> {
        let Some(track) = self.firing(by) else {
            return Vec::new();
        };
        let on_port = |seq: &&u64| match self.look.at(**seq).map(|record| &record.event) {
            Some(Event::Emitted { port: p, .. } | Event::Done { port: p, .. }) => *p == port,
            Some(Event::Finished {
                how: How::Failed(_),
                ..
            }) => self
                .track(by.0)
                .is_some_and(|track| track.plan.nodes.at(by.1).error_port() == port),
            _ => false,
        };
        track.told.iter().filter(on_port).copied().collect()
    }

    /// Returns how a firing ended.
    pub(super) fn how(&self, by: By) -> Option<(u64, How)> {
        let seq = self.firing(by)?.ended?;
        match &self.look.at(seq)?.event {
            Event::Finished { how, .. } => Some((seq, how.clone())),
            _ => Some((seq, How::Ok)),
        }
    }
}

/// Writes how often.
pub(super) fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

/// Writes how many values.
pub(super) fn values(n: usize) -> String {
    match n {
        1 => "1 value".to_owned(),
        n => format!("{n} values"),
    }
}

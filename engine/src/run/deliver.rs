//! Delivery: what firings emit goes along the links, in firing order, and their ends settle what closes.

use std::sync::Arc;

use crate::dense::{ComponentIx, NodeIx, PinIx};
use crate::event::{Failure, How};
use crate::graph::Nulls;
use crate::plan::{Link, Node, Pin, Plan};
use crate::value::{Map, Text, Value};

use super::closing::Full;
use super::state::{Held, READY, RunState, WINDOW};

impl RunState {
    /// A firing emitted a value.
    pub(super) fn emitted(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        firing: u32,
        port: u16,
        value: Value,
    ) {
        if self.peek(node).delivered == firing {
            self.route(plan, node, port, value);
        } else {
            self.hold(node, firing, Some((port, value)), None);
        }
    }

    /// A firing emitted its last value and ended well.
    #[inline(always)]
    pub(super) fn done(&mut self, plan: &Plan, node: NodeIx, firing: u32, port: u16, value: Value) {
        if self.peek(node).delivered != firing {
            return self.hold(node, firing, Some((port, value)), Some(How::Ok));
        }
        self.route(plan, node, port, value);
        self.delivered(plan, node, firing);
    }

    /// A firing ended.
    pub(super) fn finished(&mut self, plan: &Plan, node: NodeIx, firing: u32, how: How) {
        let is_tool = self.tools.remove(&(node, firing)).is_some();
        match &how {
            How::Ok | How::Aborted => {}
            How::Starved(reason) => self.undo_start(node, firing, reason),
            How::Failed(failure) => {
                self.node_errors += 1;
                let hot = *plan.nodes.at(node);
                let fails = hot.is(Node::FAILS_RUN) && !hot.is(Node::ERROR_LINKED) && !is_tool;
                if fails && self.fatal.is_none() {
                    self.fatal = Some(Arc::clone(failure));
                }
            }
        }
        if self.peek(node).delivered == firing {
            self.end_oldest(plan, node, firing, how);
        } else {
            self.hold(node, firing, None, Some(how));
        }
    }

    /// A starved firing counts as none: its sticky values do not become the last used ones.
    #[cold]
    pub(super) fn undo_start(&mut self, node: NodeIx, firing: u32, reason: &Text) {
        self.firings -= 1;
        let entry = self.starved.entry(node).or_insert((0, Text::from("")));
        entry.0 += 1;
        entry.1 = reason.clone();
        for (pin, before) in self.displaced.remove(&(node, firing)).unwrap_or_default() {
            if self.pins.restore(pin, before.0) {
                self.node(node).missing += 1;
            }
        }
        // The start may have made the node ready again, on the strength of a sticky value that is gone now.
        let state = self.node(node);
        if state.missing > 0 && state.flags & READY != 0 {
            state.flags &= !READY;
            if let Some(position) = self.ready.iter().position(|ready| *ready == node) {
                self.ready.remove(position);
            }
        }
    }

    #[inline(always)]
    pub(super) fn delivered(&mut self, plan: &Plan, node: NodeIx, firing: u32) {
        self.in_flight -= 1;
        let state = self.node(node);
        state.delivered += 1;
        let (younger, full) = (state.fired != state.delivered, state.missing == 0);
        if !self.displaced.is_empty() {
            self.displaced.remove(&(node, firing));
        }
        if younger {
            return self.drain(plan, node);
        }
        if full {
            self.consider(plan, node);
        }
        if self.closing.is_some() {
            self.settle(plan, node);
        }
    }

    /// Ends the oldest firing of a node: its error goes out last.
    #[cold]
    pub(super) fn end_oldest(&mut self, plan: &Plan, node: NodeIx, firing: u32, how: How) {
        if let How::Failed(failure) = how {
            self.route_error(plan, node, &failure);
        }
        self.delivered(plan, node, firing);
    }

    pub(super) fn route_error(&mut self, plan: &Plan, node: NodeIx, failure: &Failure) {
        if !plan.nodes.at(node).is(Node::ERROR_LINKED) {
            return;
        }
        let value = if plan.policy.nulls == Nulls::Drop {
            Value::from(failure.message.clone())
        } else {
            let mut map = Map::new();
            map.insert("code", failure.code.as_str());
            map.insert("message", failure.message.clone());
            map.insert("attempt", failure.attempt);
            Value::from(map)
        };
        self.route(plan, node, plan.nodes.at(node).error_port(), value);
    }

    #[cold]
    pub(super) fn hold(
        &mut self,
        node: NodeIx,
        firing: u32,
        out: Option<(u16, Value)>,
        how: Option<How>,
    ) {
        let at = (firing - self.peek(node).delivered) as usize - 1;
        let queue = self.reorder.entry(node).or_default();
        if queue.len() <= at {
            queue.resize_with(at + 1, Held::default);
        }
        if let Some(held) = queue.get_mut(at) {
            held.out.extend(out);
            if how.is_some() {
                held.how = how;
            }
        }
    }

    /// The oldest firing ended: what the next ones hold goes out, up to the first that is still at work.
    #[cold]
    pub(super) fn drain(&mut self, plan: &Plan, node: NodeIx) {
        let mut queue = self.reorder.remove(&node).unwrap_or_default();
        let passes = self.call && plan.nodes.at(node).is(Node::OUTPUT);
        while let Some(held) = queue.pop_front() {
            for (port, value) in held.out {
                if passes && port == 0 {
                    self.passed.push((node, value.clone()));
                }
                self.route(plan, node, port, value);
            }
            let Some(how) = held.how else { break };
            if let How::Failed(failure) = how {
                self.route_error(plan, node, &failure);
            }
            self.in_flight -= 1;
            let state = self.node(node);
            let firing = state.delivered;
            state.delivered += 1;
            self.displaced.remove(&(node, firing));
        }
        if !queue.is_empty() {
            self.reorder.insert(node, queue);
        }
        self.consider(plan, node);
        if self.closing.is_some() {
            self.settle(plan, node);
        }
    }

    /// Delivers a value along the links of a port; the last link gets it by move.
    #[inline(always)]
    pub(super) fn route(&mut self, plan: &Plan, node: NodeIx, port: u16, value: Value) {
        let (first, links) = plan.links_of(node, port);
        let Some((last, rest)) = links.split_last() else {
            return;
        };
        for (position, link) in rest.iter().enumerate() {
            self.put(plan, *link, first + position as u32, value.clone());
        }
        self.put(plan, *last, first + rest.len() as u32, value);
    }

    #[inline(always)]
    pub(super) fn put(&mut self, plan: &Plan, link: Link, position: u32, value: Value) {
        if link.pin & Link::RARE != 0 {
            return self.put_rare(plan, link, position, &value);
        }
        let fresh = self.pins.push(link.pin(), value);
        self.arrived(plan, link.node, fresh);
    }

    #[cold]
    pub(super) fn put_rare(&mut self, plan: &Plan, link: Link, position: u32, value: &Value) {
        let selected = match plan.selections.get(&position) {
            Some(path) if link.pin & Link::SELECTS != 0 => {
                path.select(value).filter(|found| !found.is_null())
            }
            _ => Some(value.clone()),
        };
        let Some(value) = selected else { return };
        let pin = link.pin();
        let declared = *plan.pins.at(pin);
        if declared.is(Pin::GATHER) {
            let Some((plan_closing, closing)) = plan.closing.as_ref().zip(self.closing.as_mut())
            else {
                return;
            };
            let bytes = value.weight_bytes() as u64;
            self.pins.queued += 1;
            self.pins.queued_bytes += bytes;
            if let Some(full) = closing.collect(plan_closing, pin, value, bytes) {
                self.put_list(plan, pin, full);
            }
            return;
        }
        let fresh = self.pins.push(pin, value) && !declared.is(Pin::UNWAITED);
        // The others of its kind have nothing yet: nothing can start for this one.
        if declared.is(Pin::TOGETHER) && !self.are_together(plan, link.node) {
            return;
        }
        self.arrived(plan, link.node, fresh);
    }

    pub(super) fn put_list(&mut self, plan: &Plan, pin: PinIx, full: Full) {
        let node = plan.pins.at(pin).node;
        let Full { n, bytes, list } = full;
        self.pins.queued = self.pins.queued.saturating_sub(n);
        self.pins.queued_bytes = self.pins.queued_bytes.saturating_sub(bytes);
        let fresh = self.pins.push(pin, list);
        self.arrived(plan, node, fresh);
    }

    #[inline(always)]
    pub(super) fn arrived(&mut self, plan: &Plan, node: NodeIx, fresh: bool) {
        let state = self.node(node);
        state.missing -= u32::from(fresh);
        // READY is the top bit, so a node that is ready already fails the comparison of the window too.
        if state.missing == 0
            && state.flags & READY == 0
            && state.fired - state.delivered < state.flags & WINDOW
            && !self.cancelled
        {
            self.set_ready(plan, node);
        }
    }

    /// A node may have become idle, and with it its component closed.
    #[cold]
    pub(super) fn settle(&mut self, plan: &Plan, node: NodeIx) {
        let state = self.peek(node);
        if state.fired != state.delivered
            || state.flags & READY != 0
            || !plan.nodes.at(node).is(Node::COUNTED)
        {
            return;
        }
        let component = plan.cold.at(node).component;
        if self
            .closing
            .as_mut()
            .is_some_and(|closing| closing.idle(component))
        {
            self.close(plan, component);
        }
    }

    #[cold]
    pub(super) fn close(&mut self, plan: &Plan, component: ComponentIx) {
        let mut look = vec![component];
        while let Some(component) = look.pop() {
            if self.cancelled {
                return;
            }
            let Some((plan_closing, closing)) = plan.closing.as_ref().zip(self.closing.as_mut())
            else {
                return;
            };
            let Some(closed) = closing.close(plan_closing, component) else {
                continue;
            };
            for (pin, list) in closed.lists {
                self.put_list(plan, pin, list);
            }
            look.extend(closed.next);
        }
    }
}

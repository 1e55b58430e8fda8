//! The graphs of a run that are in motion: which are open, and whose turn it is.

use crate::dense::{IxMap, NodeIx};
use crate::event::Caller;

use super::scope::Scope;

/// The run's own graph and its sub-graph calls, by number. One that a driver works on is taken out meanwhile.
#[derive(Default)]
pub(super) struct Scopes {
    /// The run's own graph, number 0: most runs have no other.
    root: Option<Entry>,
    calls: IxMap<u32, Entry>,
    next: u32,
    /// Scopes with ready nodes; the last one goes first.
    turn: Turn,
    /// Scopes whose ready nodes all wait for room.
    stuck: Vec<u32>,
    /// What waits at the pins of those that are not taken out.
    pub(super) waiting: Waiting,
}

/// Values that wait behind the oldest of their pins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Waiting {
    pub(super) values: u64,
    pub(super) bytes: u64,
}

impl Waiting {
    #[inline(always)]
    fn add(&mut self, scope: &Scope) {
        self.values += scope.state.pins.queued;
        self.bytes += scope.state.pins.queued_bytes;
    }

    #[inline(always)]
    fn remove(&mut self, scope: &Scope) {
        self.values -= scope.state.pins.queued;
        self.bytes -= scope.state.pins.queued_bytes;
    }
}

/// A stack whose top stands by itself: most runs have one scope, and need no list for it.
#[derive(Default)]
struct Turn {
    top: Option<u32>,
    below: Vec<u32>,
}

impl Turn {
    fn push(&mut self, id: u32) {
        self.below.extend(self.top.replace(id));
    }

    fn pop(&mut self) {
        self.top = self.below.pop();
    }

    #[inline(always)]
    fn last(&self) -> Option<u32> {
        self.top
    }
}

struct Entry {
    parent: Option<Caller>,
    /// Calls out of it that are open.
    calls: u32,
    /// `None`: taken out.
    scope: Option<Box<Scope>>,
}

impl Scopes {
    /// Returns the number of the next scope.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// The next scope gets this number.
    pub(super) fn go_on_from(&mut self, next: u32) {
        self.next = next;
    }

    /// Adds the next scope; it goes first.
    pub(super) fn open(&mut self, scope: Box<Scope>) {
        let (id, parent) = (scope.id, scope.parent);
        if let Some(up) = parent.and_then(|caller| self.entry_mut(caller.scope)) {
            up.calls += 1;
        }
        self.waiting.add(&scope);
        let entry = Entry {
            parent,
            calls: 0,
            scope: Some(scope),
        };
        if id == 0 {
            self.root = Some(entry);
        } else {
            self.calls.insert(id, entry);
        }
        self.turn.push(id);
        self.next = id.saturating_add(1);
    }

    /// Forgets a scope, which may be taken out. Returns it if it is not.
    pub(super) fn close(&mut self, id: u32) -> Option<Box<Scope>> {
        let entry = if id == 0 {
            self.root.take()?
        } else {
            self.calls.remove(&id)?
        };
        if let Some(up) = entry.parent.and_then(|caller| self.entry_mut(caller.scope)) {
            up.calls = up.calls.saturating_sub(1);
        }
        if let Some(scope) = &entry.scope {
            self.waiting.remove(scope);
        }
        entry.scope
    }

    #[inline(always)]
    fn entry(&self, id: u32) -> Option<&Entry> {
        if id == 0 {
            self.root.as_ref()
        } else {
            self.calls.get(&id)
        }
    }

    #[inline(always)]
    fn entry_mut(&mut self, id: u32) -> Option<&mut Entry> {
        if id == 0 {
            self.root.as_mut()
        } else {
            self.calls.get_mut(&id)
        }
    }

    pub(super) fn is_open(&self, id: u32) -> bool {
        self.entry(id).is_some()
    }

    pub(super) fn get(&self, id: u32) -> Option<&Scope> {
        self.entry(id)?.scope.as_deref()
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Scope> {
        self.entry_mut(id)?.scope.as_deref_mut()
    }

    /// Returns the scopes that are not taken out, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Scope> {
        let mut calls: Vec<(&u32, &Entry)> = self.calls.iter().collect();
        calls.sort_unstable_by_key(|(id, _)| **id);
        let calls = calls.into_iter().map(|(_, entry)| entry);
        self.root
            .iter()
            .chain(calls)
            .filter_map(|entry| entry.scope.as_deref())
    }

    /// In no order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Scope> {
        self.root
            .iter_mut()
            .chain(self.calls.values_mut())
            .filter_map(|entry| entry.scope.as_deref_mut())
    }

    pub(super) fn take(&mut self, id: u32) -> Option<Box<Scope>> {
        let scope = self.entry_mut(id)?.scope.take()?;
        self.waiting.remove(&scope);
        Some(scope)
    }

    /// Puts a scope back that was taken out. Returns it if it was closed meanwhile.
    pub(super) fn put(&mut self, mut scope: Box<Scope>) -> Option<Box<Scope>> {
        let id = scope.id;
        if !self.is_open(id) {
            return Some(scope);
        }
        if !scope.in_turn && !scope.state.ready.is_empty() {
            scope.in_turn = true;
            self.turn.push(id);
        }
        self.waiting.add(&scope);
        if let Some(entry) = self.entry_mut(id) {
            entry.scope = Some(scope);
        }
        None
    }

    /// Returns the nodes that called a scope, each with a `/` after it; empty for the run's own graph.
    pub(super) fn callers(&self, scope: &Scope) -> String {
        let mut path = String::new();
        let mut caller = scope.parent;
        while let Some(at) = caller {
            let Some(up) = self.get(at.scope) else { break };
            path.insert(0, '/');
            path.insert_str(0, up.plan().node_id(at.node));
            caller = up.parent;
        }
        path
    }

    /// Returns the open calls of a scope, or those of one of its firings.
    pub(super) fn calls_of(&self, parent: u32, by: Option<(NodeIx, u32)>) -> Vec<u32> {
        if self.entry(parent).is_some_and(|entry| entry.calls == 0) {
            return Vec::new();
        }
        let is_call = |entry: &Entry| {
            entry.parent.is_some_and(|caller| {
                caller.scope == parent && by.is_none_or(|by| by == (caller.node, caller.firing))
            })
        };
        let calls = self.calls.iter().filter(|(_, entry)| is_call(entry));
        let mut calls: Vec<u32> = calls.map(|(id, _)| *id).collect();
        calls.sort_unstable();
        calls
    }

    /// Returns the number of the scope that goes next.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<u32> {
        self.turn.last()
    }

    /// Takes out the scope whose turn it is: one that has ready nodes which need not wait for room.
    #[inline]
    pub(super) fn take_turn(&mut self) -> Option<Box<Scope>> {
        while let Some(id) = self.turn.last() {
            let Some(scope) = self.get(id) else {
                self.turn.pop();
                continue;
            };
            if scope.state.ready.is_empty() {
                self.turn.pop();
                if let Some(scope) = self.get_mut(id) {
                    scope.in_turn = false;
                }
            } else if self.has_room(scope) {
                return self.take(id);
            } else {
                self.turn.pop();
                self.stuck.push(id);
            }
        }
        if self.stuck.is_empty() {
            return None;
        }
        self.take_stuck()
    }

    #[cold]
    fn take_stuck(&mut self) -> Option<Box<Scope>> {
        let mut position = 0;
        while let Some(id) = self.stuck.get(position).copied() {
            let Some(scope) = self.get(id) else {
                self.stuck.swap_remove(position);
                continue;
            };
            if scope.state.ready.is_empty() {
                self.stuck.swap_remove(position);
                if let Some(scope) = self.get_mut(id) {
                    scope.in_turn = false;
                }
            } else if self.has_room(scope) {
                self.stuck.swap_remove(position);
                self.turn.push(id);
                return self.take(id);
            } else {
                position += 1;
            }
        }
        None
    }

    /// A ready node of this scope may start: something that it feeds has room, and so has what the calling node feeds.
    #[inline(always)]
    fn has_room(&self, scope: &Scope) -> bool {
        (scope.state.pins.over == 0 || scope.state.may_start(scope.plan()))
            && scope
                .parent
                .is_none_or(|caller| self.caller_has_room(caller))
    }

    fn caller_has_room(&self, caller: Caller) -> bool {
        !caller.direct
            || self
                .get(caller.scope)
                .is_none_or(|up| !up.state.is_blocked(up.plan(), caller.node))
    }

    /// Gives the scopes more room whose ready nodes all wait for some. Says whether there are any.
    #[cold]
    pub(super) fn widen_stuck(&mut self) -> bool {
        for id in self.stuck.clone() {
            let up = self.get(id).and_then(|scope| scope.parent);
            for id in [Some(id), up.map(|caller| caller.scope)]
                .into_iter()
                .flatten()
            {
                if let Some(scope) = self.get_mut(id) {
                    scope.state.pins.widen_shortest();
                }
            }
        }
        !self.stuck.is_empty()
    }
}

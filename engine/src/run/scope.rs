//! A graph in motion inside a run: the run's own, or a sub-graph call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::block::{Ask, Context, Guard, Out, Reply, RunEnv};
use crate::dense::{IxMap, NodeIx};
use crate::event::Caller;
use crate::host::Message;
use crate::plan::Plan;
use crate::value::{Text, Value};

use super::addresses::Addresses;
use super::call::Attempts;
use super::core::By;
use super::observe::{EventStream, Note, observe_notes};
use super::seen::Seen;
use super::state::RunState;

/// What all scopes of a run share with its driver: the letter box.
pub(super) struct Mail {
    /// `None` once the run is over: a letter is dropped then, and whoever waits for its answer is told.
    letters: Mutex<Option<Vec<Letter>>>,
    /// Something is in the box; saves the lock on the common path.
    full: AtomicBool,
    pub(super) wake: Notify,
    /// Results of paid sub-steps, by firing and key.
    paid: Mutex<HashMap<(u32, NodeIx, u32, Text), Value>>,
}

/// Something that a driver is asked to do.
pub(super) enum Letter {
    /// By an attempt.
    Ask {
        scope: u32,
        node: NodeIx,
        firing: u32,
        what: Ask,
    },
    /// Something to be seen, by an attempt.
    Told(Note),
    /// What a firing that has a task emitted; it goes on.
    Gave { ticket: u64, out: Out },
    /// By whoever holds the run's handle.
    Order(Order),
}

/// What a handle can ask for.
pub(super) enum Order {
    Subscribe(super::observe::Observer),
    Answer {
        node: Text,
        signal: Option<Text>,
        value: Value,
        reply: tokio::sync::oneshot::Sender<bool>,
    },
    Snapshot(tokio::sync::oneshot::Sender<super::handle::Snapshot>),
    /// Of a run that is kept in a store: what there is for it, with numbers.
    Messages(Vec<(u64, Message)>),
    /// Someone else has the run by now.
    Lost,
    /// The run is to leave memory, and be gone on with elsewhere.
    Leave(super::suspend::Leave),
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            letters: Mutex::new(Some(Vec::new())),
            full: AtomicBool::new(false),
            wake: Notify::new(),
            paid: Mutex::default(),
        }
    }
}

impl Mail {
    pub(super) fn post(&self, letter: Letter) {
        if let Some(letters) = &mut *self.lock() {
            letters.push(letter);
        }
        self.full.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<Letter>>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self) -> Vec<Letter> {
        let mut letters = self.lock();
        self.full.store(false, Ordering::Release);
        letters.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes no more letters, and drops those that are left.
    pub(super) fn close(&self) {
        let left = self.lock().take();
        drop(left);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_none()
    }

    pub(super) fn paid(&self, scope: u32, node: NodeIx, firing: u32, key: &str) -> Option<Value> {
        let paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.get(&(scope, node, firing, Text::from(key))).cloned()
    }

    pub(super) fn note_paid(&self, scope: u32, node: NodeIx, firing: u32, key: Text, value: Value) {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.insert((scope, node, firing, key), value);
    }
}

/// What a run shares with its attempts and with whoever holds its handle.
pub(super) struct RunShared {
    pub(super) env: RunEnv,
    /// Of the run's own graph.
    pub(super) plan: Arc<Plan>,
    pub(super) mail: Mail,
    /// `None`: nobody asks.
    pub(super) addresses: Option<Addresses>,
}

impl RunShared {
    /// Lets someone see what attempts tell from now on.
    pub(super) fn subscribe_notes(&self, capacity: usize) -> EventStream {
        let (observer, stream) = observe_notes(capacity);
        self.mail.post(Letter::Order(Order::Subscribe(observer)));
        stream
    }
}

/// A graph in motion.
pub(super) struct Scope {
    pub(super) id: u32,
    pub(super) seen: Seen,
    pub(super) state: RunState,
    /// The box of the last attempt that ended on the spot, to be lent again.
    lent: Option<Box<Context>>,
    pub(super) parent: Option<Caller>,
    /// Of a call that a block asked for: who waits for the outputs, and the outputs so far.
    pub(super) asked: Option<Asked>,
    /// Tool firings whose outputs a block waits for.
    pub(super) tools: IxMap<(NodeIx, u32), Asked>,
    pub(super) depth: u32,
    /// Which attempt of its caller it is, from 1.
    pub(super) attempt: u32,
    /// Of a node that calls it and may try again.
    pub(super) attempts: Option<Box<Attempts>>,
    /// It stands in the list of scopes with ready nodes.
    pub(super) in_turn: bool,
}

/// Outputs that a block waits for.
pub(super) struct Asked {
    /// Who waits.
    pub(super) by: By,
    /// `None`: an earlier process was asked, and the block has not asked again yet.
    pub(super) reply: Option<Reply<Outputs>>,
    pub(super) outputs: Outputs,
}

/// Values by the names of output pins, in the order in which they came.
pub(super) type Outputs = Vec<(Text, Value)>;

impl Scope {
    /// Makes a scope in which nothing has happened, that is nobody's yet.
    pub(super) fn new(run: &Arc<RunShared>, plan: &Arc<Plan>) -> Self {
        Self {
            id: 0,
            seen: Seen::new(run, plan),
            state: RunState::new(plan),
            lent: None,
            parent: None,
            asked: None,
            tools: Default::default(),
            depth: 0,
            attempt: 1,
            attempts: None,
            in_turn: false,
        }
    }

    /// Makes it what a new one is, with the room that it has; what it knew is dropped.
    pub(super) fn clear(&mut self) {
        let Self {
            id: _,
            seen,
            state,
            lent: _,
            parent,
            asked,
            tools,
            depth: _,
            attempt,
            attempts,
            in_turn,
        } = self;
        state.clear(seen.plan());
        (*parent, *asked, *attempts) = (None, None, None);
        (*attempt, *in_turn) = (1, false);
        tools.clear();
    }

    pub(super) fn plan(&self) -> &Arc<Plan> {
        self.seen.plan()
    }

    /// Returns an empty box for an attempt: the last one that was given back, if it was.
    #[inline(always)]
    pub(super) fn lend(&mut self, node: NodeIx, firing: u32) -> Box<Context> {
        let mut call = match self.lent.take() {
            Some(call) => call,
            None => self.lend_new(),
        };
        call.scope = self.id;
        call.node = node.0;
        call.firing = firing;
        call.attempt = 1;
        call.resumed = false;
        call.ports = self.plan().nodes.at(node).n_ports - 1;
        *call.draws.get_mut() = 0;
        *call.asks.get_mut() = 0;
        call
    }

    #[cold]
    fn lend_new(&self) -> Box<Context> {
        Box::new(Context {
            host: self.seen.host(),
            ticket: 0,
            scope: self.id,
            node: 0,
            firing: 0,
            attempt: 1,
            resumed: false,
            ports: 0,
            // Most blocks have no more inputs; growing costs as much as the rest of this. With one more it would not be
            // put aside as what is small is (see `Context::error`).
            slots: Vec::with_capacity(7),
            error: None,
            draws: AtomicU64::new(0),
            asks: AtomicU32::new(0),
            guard: Guard::default(),
        })
    }

    /// Takes back the box of an attempt that ended, empty.
    #[inline(always)]
    pub(super) fn give_back(&mut self, mut call: Box<Context>) {
        if call.guard.is_on() {
            // What it knows of secrets is nothing for the next.
            return;
        }
        call.slots.clear();
        self.lent = Some(call);
    }
}

//! A graph in motion inside a run: the run's own, or a sub-graph call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::block::{
    Ask, CallHost, Context, DynBlock, Guard, Out, Reply, RunEnv, Said, Shape, Tool, ToolArgument,
};
use crate::dense::{IxMap, NodeIx};
use crate::event::Caller;
use crate::host::Message;
use crate::plan::Plan;
use crate::value::{Path, Text, Value};

use super::addresses::Addresses;
use super::call::Attempts;
use super::core::By;
use super::observe::{EventStream, Note, observe_notes};
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

    pub(super) fn note_paid(&self, scope: u32, node: NodeIx, firing: u32, key: Text, value: Value) {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.insert((scope, node, firing, key), value);
    }
}

/// What a run shares with its attempts and with whoever holds its handle.
pub(super) struct RunShared {
    pub(super) env: RunEnv,
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

/// What a scope's attempts see of it: the same for all calls of a graph, so that the next one can have it.
pub(super) struct ScopeShared {
    pub(super) run: Arc<RunShared>,
    pub(super) plan: Arc<Plan>,
}

impl CallHost for ScopeShared {
    fn env(&self) -> &RunEnv {
        &self.run.env
    }

    fn block(&self, node: u32) -> &dyn DynBlock {
        &*self.plan.cold.at(NodeIx(node)).block
    }

    fn node_id(&self, node: u32) -> &str {
        self.plan.node_id(NodeIx(node))
    }

    fn shape(&self, node: u32) -> &Arc<Shape> {
        &self.plan.cold.at(NodeIx(node)).shape
    }

    fn tools(&self, node: u32) -> Vec<Tool> {
        let Some(options) = self.plan.options(NodeIx(node)) else {
            return Vec::new();
        };
        let tool = |(index, tool): (usize, &crate::plan::ToolPlan)| {
            let cold = self.plan.cold.at(tool.node);
            let own = self.plan.options(tool.node);
            let info = cold.block.info();
            let argument = |(slot, path): &(u16, Path)| {
                let pin = cold.shape.inputs.get(usize::from(*slot))?;
                Some(ToolArgument {
                    pin: pin.name.clone(),
                    path: path.clone(),
                })
            };
            let called = own.and_then(|own| own.call.as_ref());
            let name = called.map(|graph| graph.name());
            let doc = own.and_then(|own| own.doc.clone());
            let doc = doc.or_else(|| called?.doc.clone());
            let literals = cold.shape.inputs.iter().zip(cold.template.iter());
            let literals =
                literals.filter_map(|(pin, value)| Some((pin.name.clone(), value.clone()?)));
            Tool {
                index: index as u32,
                node: cold.id.clone(),
                title: own.and_then(|own| own.title.clone()),
                graph: name.filter(|name| !name.is_empty()).map(Text::from),
                doc: doc.unwrap_or_else(|| Text::from(info.summary)),
                block: Text::from(info.id),
                alias: info.alias.map(|alias| alias.name),
                shape: Arc::clone(&cold.shape),
                arguments: tool.arguments.iter().filter_map(argument).collect(),
                literals: literals.collect(),
            }
        };
        options.tools.iter().enumerate().map(tool).collect()
    }

    fn tell(&self, scope: u32, node: u32, firing: u32, said: Said) {
        self.run.mail.post(Letter::Told(Note {
            run: self.run.env.id.clone(),
            scope,
            node: NodeIx(node),
            node_id: self.plan.cold.at(NodeIx(node)).id.clone(),
            firing,
            said,
        }));
    }

    fn ask(&self, scope: u32, node: u32, firing: u32, what: Ask) {
        self.run.mail.post(Letter::Ask {
            scope,
            node: NodeIx(node),
            firing,
            what,
        });
    }

    fn paid(&self, scope: u32, node: u32, firing: u32, key: &str) -> Option<Value> {
        let paid = self
            .run
            .mail
            .paid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        paid.get(&(scope, NodeIx(node), firing, Text::from(key)))
            .cloned()
    }

    fn callers(&self, scope: u32) -> Text {
        let addresses = self.run.addresses.as_ref();
        addresses.map_or_else(Text::default, |addresses| addresses.of(scope))
    }
}

/// A graph in motion.
pub(super) struct Scope {
    pub(super) id: u32,
    pub(super) shared: Arc<ScopeShared>,
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
        let shared = Arc::new(ScopeShared {
            run: Arc::clone(run),
            plan: Arc::clone(plan),
        });
        Self {
            id: 0,
            shared,
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
            shared,
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
        state.clear(&shared.plan);
        (*parent, *asked, *attempts) = (None, None, None);
        (*attempt, *in_turn) = (1, false);
        tools.clear();
    }

    pub(super) fn plan(&self) -> &Arc<Plan> {
        &self.shared.plan
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
        call.ports = self.shared.plan.nodes.at(node).n_ports - 1;
        *call.draws.get_mut() = 0;
        *call.asks.get_mut() = 0;
        call
    }

    #[cold]
    fn lend_new(&self) -> Box<Context> {
        Box::new(Context {
            host: Arc::clone(&self.shared) as Arc<dyn CallHost>,
            ticket: 0,
            scope: self.id,
            node: 0,
            firing: 0,
            attempt: 1,
            resumed: false,
            ports: 0,
            // Most blocks have no more inputs; growing costs as much as the rest of this.
            slots: Vec::with_capacity(8),
            result: Ok(()),
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

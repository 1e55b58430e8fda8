//! What the firings of a run did, by names that do not depend on the order in which independent nodes ran.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, How, Record};
use crate::plan::{Node, Plan};
use crate::run::machine::Machine;
use crate::run::travel::picture::Picture;
use crate::run::travel::words::{of_firing, told};
use crate::value::{Text, Value};

/// Which firing it is: its number; inside of a call the calling firing and which of its calls before it; of a tool the
/// firing that used it, and which use it was.
pub(super) type Key = Vec<u64>;

/// Where a node stands in the order of the graph, one number a call: what feeds others comes before them, and what is
/// inside of a call before the call.
pub(super) type Place = Vec<u32>;

/// What a run did.
pub(super) struct Story {
    plan: Arc<Plan>,
    pub(super) picture: Picture,
    pub(super) failure: Option<Failure>,
    /// By the node, with the calls that lead to it.
    pub(super) nodes: BTreeMap<Text, NodeStory>,
}

/// What a node did.
pub(super) struct NodeStory {
    pub(super) place: Place,
    /// Nothing orders what a call gives on different ports.
    pub(super) is_call: bool,
    pub(super) firings: BTreeMap<Key, FiringStory>,
    pub(super) costs: Vec<(Text, f64)>,
}

/// What a firing did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FiringStory {
    /// What its run calls it.
    pub(super) name: Text,
    /// The event that started it.
    pub(super) started: u64,
    pub(super) gave: Vec<(Text, Value)>,
    pub(super) end: Option<Text>,
    /// Answers and results of paid steps, by what they are.
    pub(super) told: Vec<(Text, Value)>,
}

/// A graph of the run.
struct Scope {
    plan: Arc<Plan>,
    /// The nodes that called it, each with a `/` after it.
    path: String,
    /// The firings that called it, in the same form.
    name: String,
    key: Key,
    place: Place,
}

/// A firing of a node of a scope.
type By = (u32, NodeIx, u32);

struct Teller {
    scopes: BTreeMap<u32, Scope>,
    nodes: BTreeMap<Text, NodeStory>,
    keys: BTreeMap<By, Key>,
    /// How many graphs each firing has called, and how often it has fired a tool.
    calls: BTreeMap<By, u64>,
    uses: BTreeMap<(By, NodeIx), u64>,
}

impl Story {
    pub(super) fn of(plan: &Arc<Plan>, records: &[Record]) -> Result<Self, Failure> {
        let mut machine = Machine::new(plan);
        let root = Scope {
            plan: Arc::clone(plan),
            path: String::new(),
            name: String::new(),
            key: Vec::new(),
            place: Vec::new(),
        };
        let mut teller = Teller {
            scopes: BTreeMap::from([(0, root)]),
            nodes: BTreeMap::new(),
            keys: BTreeMap::new(),
            calls: BTreeMap::new(),
            uses: BTreeMap::new(),
        };
        let mut failure = None;
        for record in records {
            machine.apply(record)?;
            if let Event::Ended { failure: why, .. } = &record.event {
                failure = why.as_deref().cloned();
            }
            teller.note(record);
        }
        Ok(Self {
            plan: Arc::clone(plan),
            picture: machine.picture(),
            failure,
            nodes: teller.nodes,
        })
    }

    /// How many output nodes of the graph have this name.
    pub(super) fn gives(&self, name: &Text) -> usize {
        let nodes = self.plan.node_positions();
        let own = nodes.filter(|node| {
            let output = self.plan.nodes.at(*node).is(Node::OUTPUT);
            output && self.plan.io_name(*node) == Some(name)
        });
        own.count()
    }
}

impl Teller {
    fn note(&mut self, record: &Record) {
        let scope = record.scope;
        match &record.event {
            Event::Opened {
                parent: Some(caller),
                graph,
                ..
            } => self.open(scope, *caller, graph.as_str()),
            Event::Started { node, firing } => {
                let key = self.scopes.get(&scope).map(|scope| {
                    let mut key = scope.key.clone();
                    key.push(u64::from(*firing));
                    key
                });
                self.start(record, key.unwrap_or_default(), *node, *firing);
            }
            Event::ToolStarted {
                caller,
                node,
                firing,
                ..
            } => {
                let by = (caller.scope, caller.node, caller.firing);
                let mut key = self.keys.get(&by).cloned().unwrap_or_default();
                let uses = self.uses.entry((by, *node)).or_default();
                key.push(*uses);
                *uses += 1;
                self.start(record, key, *node, *firing);
            }
            event => {
                if let Some((node, firing)) = of_firing(event) {
                    self.did(record, node, firing);
                }
            }
        }
    }

    fn open(&mut self, scope: u32, caller: Caller, graph: &str) {
        let Some(up) = self.scopes.get(&caller.scope) else {
            return;
        };
        let Some(plan) = up.plan.called(caller, graph).cloned() else {
            return;
        };
        let by = (caller.scope, caller.node, caller.firing);
        let mut key = self.keys.get(&by).cloned().unwrap_or_default();
        let calls = self.calls.entry(by).or_default();
        key.push(*calls);
        *calls += 1;
        let id = up.plan.node_id(caller.node);
        let mut place = up.place.clone();
        place.push(rank(&up.plan, caller.node));
        let opened = Scope {
            path: format!("{}{id}/", up.path),
            name: format!("{}{id}:{}/", up.name, caller.firing),
            plan,
            key,
            place,
        };
        self.scopes.insert(scope, opened);
    }

    fn start(&mut self, record: &Record, key: Key, node: NodeIx, firing: u32) {
        let Some(scope) = self.scopes.get(&record.scope) else {
            return;
        };
        let id = scope.plan.node_id(node);
        let story = FiringStory {
            name: Text::from(format!("{}{id}:{firing}", scope.name)),
            started: record.seq,
            gave: Vec::new(),
            end: None,
            told: Vec::new(),
        };
        self.keys.insert((record.scope, node, firing), key.clone());
        let name = Text::from(format!("{}{id}", scope.path));
        let node = self.nodes.entry(name).or_insert_with(|| {
            let mut place = scope.place.clone();
            place.extend([rank(&scope.plan, node), u32::MAX]);
            NodeStory {
                place,
                is_call: scope.plan.nodes.at(node).is(Node::CALL),
                firings: BTreeMap::new(),
                costs: Vec::new(),
            }
        });
        node.firings.insert(key, story);
    }

    fn did(&mut self, record: &Record, node: NodeIx, firing: u32) {
        let Some(scope) = self.scopes.get(&record.scope) else {
            return;
        };
        let plan = Arc::clone(&scope.plan);
        let name = Text::from(format!("{}{}", scope.path, plan.node_id(node)));
        let key = self.keys.get(&(record.scope, node, firing));
        let Some((story, key)) = self.nodes.get_mut(&name).zip(key) else {
            return;
        };
        if let Event::Charged { unit, amount, .. } = &record.event {
            match story.costs.iter_mut().find(|(known, _)| known == unit) {
                Some((_, sum)) => *sum += amount,
                None => story.costs.push((unit.clone(), *amount)),
            }
            return;
        }
        let Some(story) = story.firings.get_mut(key) else {
            return;
        };
        let ended = || Some(Text::from("ended"));
        match &record.event {
            Event::Emitted { port, value, .. } => {
                story
                    .gave
                    .push((Text::from(plan.port_name(node, *port)), value.clone()));
            }
            Event::Done { port, value, .. } => {
                story
                    .gave
                    .push((Text::from(plan.port_name(node, *port)), value.clone()));
                story.end = ended();
            }
            Event::Finished { how, .. } => {
                story.end = match how {
                    How::Ok => ended(),
                    How::Starved(reason) => Some(Text::from(format!("starved: {reason}"))),
                    How::Failed(failure) => {
                        Some(Text::from(format!("failed with {}", told(failure))))
                    }
                    How::Aborted => Some(Text::from("was stopped")),
                }
            }
            Event::Paid { key, value, .. } => {
                story
                    .told
                    .push((Text::from(format!("step \"{key}\" gave")), value.clone()));
            }
            Event::Answered { signal, value, .. } => {
                let what = format!("\"{signal}\" was answered with");
                story.told.push((Text::from(what), value.clone()));
            }
            _ => {}
        }
    }
}

/// Where a node stands among those of its graph. Components are numbered so that one comes after those that it feeds.
fn rank(plan: &Plan, node: NodeIx) -> u32 {
    let component = plan.cold.get(node).map_or(0, |cold| cold.component.0);
    u32::MAX - 1 - component
}

//! Events and notes as JSON, with the names that the graph gives: what hosts print, one line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::observe::Note;
use crate::block::Said;
use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, Given, How, Record};
use crate::plan::Plan;
use crate::value::{Map, Text, Value, to_value};

impl Note {
    /// Returns it as a map: `type` (`progress`, `log` or `partial`), `scope`, `node`, `firing`, and what the type has; the
    /// text last.
    #[must_use]
    pub fn line(&self) -> Map {
        let mut line = Map::new();
        let kind = match &self.said {
            Said::Progress(_) => "progress",
            Said::Log(..) => "log",
            Said::Partial { .. } => "partial",
            Said::Cost { .. } => "note",
        };
        line.insert("type", kind);
        line.insert("scope", self.scope);
        line.insert("node", self.node_id.clone());
        line.insert("firing", self.firing);
        match &self.said {
            Said::Progress(part) => drop(line.insert("part", *part)),
            Said::Partial { pin, text } => {
                line.insert("pin", pin.clone());
                line.insert("text", text.clone());
            }
            Said::Log(level, text) => {
                line.insert("level", format!("{level:?}").to_lowercase());
                line.insert("text", text.clone());
            }
            // What something costs is an event.
            Said::Cost { .. } => {}
        }
        line
    }
}

/// Resolves the positions in the events of one run to node ids and pin names.
///
/// Feed it every record from the first on: the events that open sub-graph calls tell it the plans of their scopes. A
/// node of a scope that it never saw opened is told by its position, as a number. A clone costs nothing: it is where one
/// can go on later from an event in the middle.
#[derive(Debug, Clone)]
pub struct Trace {
    scopes: Arc<BTreeMap<u32, Arc<Plan>>>,
}

impl Trace {
    /// Returns the trace of a run of this plan.
    #[must_use]
    pub fn new(plan: &Arc<Plan>) -> Self {
        Self {
            scopes: Arc::new(BTreeMap::from([(0, Arc::clone(plan))])),
        }
    }

    /// Notes what an event means for the names in those behind it, without making a line of it.
    pub fn pass(&mut self, record: &Record) {
        match &record.event {
            Event::Opened {
                parent: Some(parent),
                graph,
                ..
            } => {
                let called = self.called(*parent, graph);
                if let Some(plan) = called {
                    Arc::make_mut(&mut self.scopes).insert(record.scope, plan);
                }
            }
            Event::Closed { .. } => drop(Arc::make_mut(&mut self.scopes).remove(&record.scope)),
            _ => {}
        }
    }

    /// Returns the plan of a scope that is open: 0 is the run's own.
    #[must_use]
    pub fn plan(&self, scope: u32) -> Option<&Arc<Plan>> {
        self.scopes.get(&scope)
    }

    /// Returns how many graphs are open: the run's own, and sub-graph calls.
    #[must_use]
    pub fn n_open(&self) -> usize {
        self.scopes.len()
    }

    /// Returns an event as a map: `seq`, `at` (milliseconds since 1970), `scope`, `type`, and what the type has.
    pub fn line(&mut self, record: &Record) -> Value {
        self.pass(record);
        let mut line = Map::new();
        line.insert("seq", record.seq);
        line.insert("at", record.at.as_millis());
        line.insert("scope", record.scope);
        line.insert("type", record.event.kind_name());
        self.fill(&mut line, record);
        Value::from(line)
    }

    fn fill(&self, line: &mut Map, record: &Record) {
        let scope = record.scope;
        match &record.event {
            Event::Opened {
                parent,
                graph,
                given,
            } => {
                if let Some(parent) = parent {
                    line.insert("graph", graph.clone());
                    line.insert("parent", self.parent(*parent));
                }
                self.given(line, scope, given);
            }
            Event::Started { node, firing } => self.place(line, scope, *node, *firing),
            Event::ToolStarted {
                caller,
                node,
                firing,
                arguments,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("parent", self.parent(*caller));
                line.insert("arguments", arguments.clone());
            }
            Event::Emitted {
                node,
                firing,
                port,
                value,
            }
            | Event::Done {
                node,
                firing,
                port,
                value,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("pin", self.pin(scope, *node, *port));
                line.insert("value", value.clone());
            }
            Event::Finished { node, firing, how } => {
                self.place(line, scope, *node, *firing);
                ended(line, how);
            }
            Event::Retrying {
                node,
                firing,
                attempt,
                delay_ms,
                failure,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("attempt", *attempt);
                line.insert("delay_ms", *delay_ms);
                line.insert("failure", told(failure));
            }
            Event::Paid {
                node,
                firing,
                key,
                value,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("key", key.clone());
                line.insert("value", value.clone());
            }
            Event::Waiting {
                node,
                firing,
                ask,
                signal,
                question,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("ask", *ask);
                line.insert("signal", signal.clone());
                line.insert("question", question.clone());
            }
            Event::Answered {
                node,
                firing,
                ask,
                signal,
                value,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("ask", *ask);
                line.insert("signal", signal.clone());
                line.insert("value", value.clone());
            }
            Event::Charged {
                node,
                firing,
                unit,
                amount,
            } => {
                self.place(line, scope, *node, *firing);
                line.insert("unit", unit.clone());
                line.insert("amount", *amount);
            }
            Event::CancelRequested => {}
            Event::Resumed { epoch } => drop(line.insert("epoch", *epoch)),
            Event::Closed { failure } => {
                if let Some(failure) = failure {
                    line.insert("failure", told(failure));
                }
            }
            Event::Ended { status, failure } => {
                line.insert("status", status.as_str());
                if let Some(failure) = failure {
                    line.insert("failure", told(failure));
                }
            }
        }
    }

    /// The plan of a sub-graph, as the machine finds it too.
    fn called(&self, caller: Caller, graph: &Text) -> Option<Arc<Plan>> {
        let plan = self.scopes.get(&caller.scope)?;
        plan.called(caller, graph.as_str()).cloned()
    }

    fn parent(&self, caller: Caller) -> Map {
        let mut parent = Map::new();
        parent.insert("scope", caller.scope);
        self.place(&mut parent, caller.scope, caller.node, caller.firing);
        parent.insert("direct", caller.direct);
        parent
    }

    fn given(&self, line: &mut Map, scope: u32, given: &Given) {
        line.insert("inputs", given.inputs.clone());
        if given.overrides.is_empty() {
            return;
        }
        let set = given.overrides.iter().map(|(node, pin, value)| {
            let mut set = Map::new();
            set.insert("node", self.node(scope, *node));
            set.insert("pin", pin.clone());
            set.insert("value", value.clone());
            Value::from(set)
        });
        line.insert("set", set.collect::<Vec<Value>>());
    }

    fn place(&self, line: &mut Map, scope: u32, node: NodeIx, firing: u32) {
        line.insert("node", self.node(scope, node));
        line.insert("firing", firing);
    }

    fn node(&self, scope: u32, node: NodeIx) -> Value {
        match self.scopes.get(&scope).map(|plan| plan.node_id(node)) {
            None | Some("") => Value::from(node.get()),
            Some(id) => Value::from(id),
        }
    }

    fn pin(&self, scope: u32, node: NodeIx, port: u16) -> Value {
        match self.scopes.get(&scope) {
            Some(plan) => Value::from(plan.port_name(node, port)),
            None => Value::from(u32::from(port)),
        }
    }
}

fn ended(line: &mut Map, how: &How) {
    match how {
        How::Ok => line.insert("how", "ok"),
        How::Aborted => line.insert("how", "aborted"),
        How::Starved(reason) => {
            line.insert("how", "starved");
            line.insert("reason", reason.clone())
        }
        How::Failed(failure) => {
            line.insert("how", "failed");
            line.insert("failure", told(failure))
        }
    };
}

fn told(failure: &Failure) -> Value {
    // A failure is texts and a number: it can always be a value.
    to_value(failure).unwrap_or_else(|_| Value::from(failure.to_string()))
}

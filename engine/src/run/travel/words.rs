//! Events in words, with the names that the graph gives: for messages that people read.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, How, Record};
use crate::plan::Plan;
use crate::value::{Text, Value};

use super::brief::{apart, brief};

/// The graphs of a run, open and closed, by number: their plans, and who called them.
#[derive(Debug, Clone)]
pub(in crate::run) struct Names(BTreeMap<u32, Named>);

#[derive(Debug, Clone)]
struct Named {
    plan: Arc<Plan>,
    /// The nodes that called it, each with a `/` after it.
    path: Text,
}

impl Names {
    /// Returns the names of a run of which nothing was noted yet.
    pub(in crate::run) fn new(plan: &Arc<Plan>) -> Self {
        let root = Named {
            plan: Arc::clone(plan),
            path: Text::from(""),
        };
        Self(BTreeMap::from([(0, root)]))
    }

    /// Notes an event: those that open graphs count. All of them, from the first on.
    pub(in crate::run) fn note(&mut self, record: &Record) {
        let Event::Opened {
            parent: Some(caller),
            graph,
            ..
        } = &record.event
        else {
            return;
        };
        let Some(up) = self.0.get(&caller.scope) else {
            return;
        };
        if let Some(plan) = up.plan.called(*caller, graph.as_str()) {
            let path = format!("{}{}/", up.path, up.plan.node_id(caller.node));
            let (plan, path) = (Arc::clone(plan), Text::from(path));
            self.0.insert(record.scope, Named { plan, path });
        }
    }

    /// Returns a node's id, with the calls that lead to it; its number, where nobody knows.
    pub(in crate::run) fn node(&self, scope: u32, node: NodeIx) -> String {
        match self.0.get(&scope) {
            Some(Named { plan, path }) if !plan.node_id(node).is_empty() => {
                format!("{path}{}", plan.node_id(node))
            }
            _ => format!("#{}", node.get()),
        }
    }

    /// Says which firing an event is about; `None`: the run, or a graph in it.
    pub(in crate::run) fn place(&self, scope: u32, event: &Event) -> Option<String> {
        let (node, firing) = of_firing(event)?;
        Some(format!(
            "node \"{}\", firing {firing}",
            self.node(scope, node)
        ))
    }

    /// Says what happened.
    pub(in crate::run) fn says(&self, scope: u32, event: &Event) -> String {
        let pin = |node: &NodeIx, port: &u16| match self.0.get(&scope) {
            Some(named) => format!("pin \"{}\"", named.plan.port_name(*node, *port)),
            None => format!("pin {port}"),
        };
        match event {
            Event::Opened {
                parent,
                graph,
                given,
            } => match parent {
                None => format!("the run opens, given {}", shown(&given.inputs)),
                Some(by) => format!(
                    "{} calls graph \"{graph}\" with {}",
                    self.firing(*by),
                    shown(&given.inputs)
                ),
            },
            Event::Started { .. } => "it starts".to_owned(),
            Event::ToolStarted {
                caller, arguments, ..
            } => {
                let by = self.firing(*caller);
                format!("{by} fires it as a tool with {}", shown(arguments))
            }
            Event::Emitted {
                node, port, value, ..
            } => format!("it gives {} on {}", brief(value), pin(node, port)),
            Event::Done {
                node, port, value, ..
            } => format!("it gives {} on {}, and ends", brief(value), pin(node, port)),
            Event::Finished { how, .. } => ends(how),
            Event::Retrying {
                attempt, failure, ..
            } => format!(
                "attempt {attempt} fails with {}, and another follows",
                told(failure)
            ),
            Event::Paid { key, value, .. } => {
                format!("it pays for step \"{key}\", which gives {}", brief(value))
            }
            Event::Waiting {
                signal, question, ..
            } => format!("it asks {} and waits for \"{signal}\"", brief(question)),
            Event::Answered { signal, value, .. } => {
                format!("\"{signal}\" is answered with {}", brief(value))
            }
            Event::Charged { unit, amount, .. } => format!("it costs {amount} {unit}"),
            Event::CancelRequested => "someone asks the run to stop".to_owned(),
            Event::Closed { failure: None } => "a called graph ends".to_owned(),
            Event::Closed {
                failure: Some(failure),
            } => format!("a called graph fails with {failure}"),
            Event::Resumed { epoch } => format!("the run is taken up again, lease {epoch}"),
            Event::Ended { status, failure } => match failure {
                Some(failure) => format!("the run ends: {status}, {failure}"),
                None => format!("the run ends: {status}"),
            },
        }
    }

    fn firing(&self, by: Caller) -> String {
        let node = self.node(by.scope, by.node);
        format!("node \"{node}\", firing {},", by.firing)
    }

    /// Says what was recorded and what happens now instead.
    pub(in crate::run) fn differ(&self, recorded: &Record, scope: u32, now: &Event) -> String {
        let seq = recorded.seq;
        let places = (
            self.place(recorded.scope, &recorded.event),
            self.place(scope, now),
        );
        let (mut was, mut is) = (
            self.says(recorded.scope, &recorded.event),
            self.says(scope, now),
        );
        if was == is
            && let (Some(one), Some(other)) = (value_of(&recorded.event), value_of(now))
        {
            let (one, other) = apart(one, other);
            was = format!("{was} ({one})");
            is = format!("{is} ({other})");
        }
        match places {
            (Some(place), Some(other)) if place == other => {
                format!("event {seq}: {place}: recorded: {was}; now: {is}")
            }
            (one, other) => {
                let at = |place: Option<String>| place.map_or_else(String::new, |p| p + ": ");
                let (one, other) = (at(one), at(other));
                format!("event {seq}: recorded: {one}{was}; now: {other}{is}")
            }
        }
    }
}

/// Which firing of which node an event is about.
pub(in crate::run) fn of_firing(event: &Event) -> Option<(NodeIx, u32)> {
    match event {
        Event::Started { node, firing }
        | Event::ToolStarted { node, firing, .. }
        | Event::Emitted { node, firing, .. }
        | Event::Done { node, firing, .. }
        | Event::Finished { node, firing, .. }
        | Event::Retrying { node, firing, .. }
        | Event::Paid { node, firing, .. }
        | Event::Waiting { node, firing, .. }
        | Event::Answered { node, firing, .. }
        | Event::Charged { node, firing, .. } => Some((*node, *firing)),
        Event::Opened { .. }
        | Event::CancelRequested
        | Event::Closed { .. }
        | Event::Resumed { .. }
        | Event::Ended { .. } => None,
    }
}

fn value_of(event: &Event) -> Option<&Value> {
    match event {
        Event::Emitted { value, .. }
        | Event::Done { value, .. }
        | Event::Paid { value, .. }
        | Event::Answered { value, .. } => Some(value),
        Event::Waiting { question, .. } => Some(question),
        _ => None,
    }
}

fn shown(map: &crate::value::Map) -> Text {
    brief(&Value::from(map.clone()))
}

/// Says how a firing ended.
pub(in crate::run) fn ends(how: &How) -> String {
    match how {
        How::Ok => "it ends".to_owned(),
        How::Starved(reason) => format!("its input does not fit: {reason}"),
        How::Failed(failure) => format!("it fails with {}", told(failure)),
        How::Aborted => "it is stopped".to_owned(),
    }
}

/// A failure without its place, which stands beside it.
pub(in crate::run) fn told(failure: &Failure) -> String {
    format!("{}: {}", failure.code, failure.message)
}

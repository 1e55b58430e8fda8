//! Events in the form in which they are written down: those that most events are take two words and a value.
//!
//! An [`Event`] with its place is 64 bytes in parts of many sizes, and making one in the hot loop meant storing it in
//! those parts and moving it as a whole a moment later, for which the processor waits: with events a trivial node took
//! 33 ns more, and 20 in this form. A reader makes [`Record`]s of them again.
//!
//! The list is filled with empty ones beforehand, and the next one is written where it stands: pushed, it was made beside
//! the list first, and moved there as a whole, for which the processor waited too.

use std::sync::Arc;

use crate::block::Shape;
use crate::dense::NodeIx;
use crate::event::{Caller, Event, Given, How, Record, Status};
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

/// Events of a run, in order, all of one time.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Those that there are, and empty ones.
    list: Vec<Fact>,
    len: usize,
}

/// 32 bytes.
#[derive(Debug, Clone)]
struct Fact {
    node: NodeIx,
    firing: u32,
    scope: u32,
    port: u16,
    kind: Kind,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
enum Kind {
    Started,
    Emitted,
    Done,
    /// It ended well.
    Finished,
    /// It closed well.
    Closed,
    /// The run's own graph.
    Opened,
    /// A graph that a node calls.
    Called,
    /// Without a failure.
    Ended,
    Other,
}

#[derive(Debug, Clone)]
enum What {
    Value(Value),
    Given(Arc<Given>),
    Called(Box<Called>),
    Status(Status),
    Event(Box<Event>),
}

/// The call of a graph by a node, as it was made: what it gives, and the name of the graph, are found by whoever reads it.
#[derive(Debug, Clone)]
pub(super) struct Called {
    pub(super) caller: Caller,
    /// Of the node.
    pub(super) shape: Arc<Shape>,
    /// What stood at its inputs.
    pub(super) slots: Vec<Option<Value>>,
}

impl Called {
    fn event(&self) -> Event {
        let graph = self.slots.first().and_then(Option::as_ref);
        let given = Given {
            inputs: named(&self.shape, &self.slots),
            overrides: Vec::new(),
        };
        Event::Opened {
            parent: Some(self.caller),
            graph: graph.and_then(Value::as_text).cloned().unwrap_or_default(),
            given: Arc::new(given),
        }
    }
}

/// Returns what a call gives its graph: its inputs, but for what says which graph it is.
pub(super) fn named(shape: &Shape, slots: &[Option<Value>]) -> Map {
    let inputs = shape.inputs.iter().zip(slots);
    inputs
        .filter(|(pin, _)| !pin.config)
        .filter_map(|(pin, slot)| Some((pin.name.clone(), slot.clone()?)))
        .collect()
}

impl Facts {
    /// Returns an empty list with room for so many events.
    pub(super) fn with_capacity(n: usize) -> Self {
        Self {
            list: vec![Fact::EMPTY; n],
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the place of the next event.
    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "the list was made long enough just now"
    )]
    fn next(&mut self) -> &mut Fact {
        if self.len == self.list.len() {
            self.grow();
        }
        self.len += 1;
        &mut self.list[self.len - 1]
    }

    #[cold]
    fn grow(&mut self) {
        let n = (2 * self.len).max(4);
        self.list.resize(n, Fact::EMPTY);
    }

    /// The run's own graph was opened. This and the end of a run have no boxes, since each run has them.
    pub(super) fn opened(&mut self, scope: u32, given: Arc<Given>) {
        let fact = self.next();
        fact.head(Kind::Opened, scope, NodeIx(0), 0, 0);
        fact.what = What::Given(given);
    }

    /// A graph was opened that a node calls.
    pub(super) fn called(&mut self, scope: u32, called: Called) {
        let fact = self.next();
        fact.head(Kind::Called, scope, NodeIx(0), 0, 0);
        fact.what = What::Called(Box::new(called));
    }

    #[inline(always)]
    pub(super) fn started(&mut self, scope: u32, node: NodeIx, firing: u32) {
        // It has no value, and none stands there.
        self.next().head(Kind::Started, scope, node, firing, 0);
    }

    /// Each kind of value by itself: a clone of any kind comes back in memory that was written in parts, and is moved
    /// from there.
    #[inline(always)]
    pub(super) fn done(&mut self, scope: u32, node: NodeIx, firing: u32, port: u16, value: &Value) {
        let fact = self.next();
        fact.head(Kind::Done, scope, node, firing, port);
        match value {
            Value::Int(n) => fact.what = What::Value(Value::Int(*n)),
            Value::Float(n) => fact.what = What::Value(Value::Float(*n)),
            Value::Text(text) => fact.what = What::Value(Value::Text(text.clone())),
            other => fact.what = What::Value(other.clone()),
        }
    }

    fn gave(&mut self, kind: Kind, scope: u32, node: NodeIx, firing: u32, port: u16, value: Value) {
        let fact = self.next();
        fact.head(kind, scope, node, firing, port);
        fact.what = What::Value(value);
    }

    pub(super) fn push(&mut self, scope: u32, event: Event) {
        match event {
            Event::Started { node, firing } => self.started(scope, node, firing),
            Event::Done {
                node,
                firing,
                port,
                value,
            } => self.gave(Kind::Done, scope, node, firing, port, value),
            Event::Emitted {
                node,
                firing,
                port,
                value,
            } => self.gave(Kind::Emitted, scope, node, firing, port, value),
            Event::Finished {
                node,
                firing,
                how: How::Ok,
            } => self.gave(Kind::Finished, scope, node, firing, 0, Value::Null),
            Event::Closed { failure: None } => {
                self.gave(Kind::Closed, scope, NodeIx(0), 0, 0, Value::Null);
            }
            Event::Ended {
                status,
                failure: None,
            } => {
                let fact = self.next();
                fact.head(Kind::Ended, scope, NodeIx(0), 0, 0);
                fact.what = What::Status(status);
            }
            other => {
                let fact = self.next();
                fact.head(Kind::Other, scope, NodeIx(0), 0, 0);
                fact.what = What::Event(Box::new(other));
            }
        }
    }

    fn all(&self) -> &[Fact] {
        self.list.get(..self.len).unwrap_or_default()
    }

    /// Says whether the run ends with these.
    pub(super) fn end(&self) -> bool {
        match self.all().last().map(|fact| &fact.what) {
            Some(What::Status(_)) => true,
            Some(What::Event(event)) => matches!(**event, Event::Ended { .. }),
            _ => false,
        }
    }

    /// Returns the events, the first of which has this number.
    pub(super) fn records(&self, first: u64, at: Timestamp) -> impl Iterator<Item = Record> {
        self.all()
            .iter()
            .zip(first..)
            .map(move |(fact, seq)| Record {
                seq,
                at,
                scope: fact.scope,
                event: fact.event(),
            })
    }
}

impl Fact {
    const EMPTY: Self = Self {
        node: NodeIx(0),
        firing: 0,
        scope: 0,
        port: 0,
        kind: Kind::Started,
        what: What::Value(Value::Null),
    };

    #[inline(always)]
    fn head(&mut self, kind: Kind, scope: u32, node: NodeIx, firing: u32, port: u16) {
        self.node = node;
        self.firing = firing;
        self.scope = scope;
        self.port = port;
        self.kind = kind;
    }

    fn event(&self) -> Event {
        let Self {
            node, firing, port, ..
        } = *self;
        let value = match &self.what {
            What::Value(value) => value.clone(),
            What::Event(event) => return (**event).clone(),
            What::Called(called) => return called.event(),
            What::Given(given) => {
                return Event::Opened {
                    parent: None,
                    graph: Text::default(),
                    given: Arc::clone(given),
                };
            }
            What::Status(status) => {
                return Event::Ended {
                    status: *status,
                    failure: None,
                };
            }
        };
        match self.kind {
            Kind::Started | Kind::Opened | Kind::Called | Kind::Ended | Kind::Other => {
                Event::Started { node, firing }
            }
            Kind::Finished => Event::Finished {
                node,
                firing,
                how: How::Ok,
            },
            Kind::Closed => Event::Closed { failure: None },
            Kind::Emitted => Event::Emitted {
                node,
                firing,
                port,
                value,
            },
            Kind::Done => Event::Done {
                node,
                firing,
                port,
                value,
            },
        }
    }
}

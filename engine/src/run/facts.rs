//! Events in the form in which they are written down: those that most events are take two words and a value.
//!
//! An [`Event`] with its place is 64 bytes in parts of many sizes, and making one in the hot loop meant storing it in
//! those parts and moving it as a whole a moment later, for which the processor waits: with events a trivial node took
//! 33 ns more, and 20 in this form. A reader makes [`Record`]s of them again.

use crate::dense::NodeIx;
use crate::event::{Event, How, Record};
use crate::time::Timestamp;
use crate::value::Value;

/// Events of a run, in order, all of one time.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts(Vec<Fact>);

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
    Other,
}

#[derive(Debug, Clone)]
enum What {
    Value(Value),
    Event(Box<Event>),
}

impl Facts {
    /// Returns an empty list with room for so many events.
    pub(super) fn with_capacity(n: usize) -> Self {
        Self(Vec::with_capacity(n))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline(always)]
    pub(super) fn started(&mut self, scope: u32, node: NodeIx, firing: u32) {
        self.0.push(Fact {
            node,
            firing,
            scope,
            port: 0,
            kind: Kind::Started,
            what: What::Value(Value::Null),
        });
    }

    /// Each kind of value by itself: a clone of any kind comes back in memory that was written in parts, and is moved
    /// from there.
    #[inline(always)]
    pub(super) fn done(&mut self, scope: u32, node: NodeIx, firing: u32, port: u16, value: &Value) {
        match value {
            Value::Int(n) => self.gave(Kind::Done, scope, node, firing, port, Value::Int(*n)),
            Value::Float(n) => self.gave(Kind::Done, scope, node, firing, port, Value::Float(*n)),
            Value::Text(text) => {
                let text = Value::Text(text.clone());
                self.gave(Kind::Done, scope, node, firing, port, text);
            }
            other => self.gave(Kind::Done, scope, node, firing, port, other.clone()),
        }
    }

    #[inline(always)]
    fn gave(&mut self, kind: Kind, scope: u32, node: NodeIx, firing: u32, port: u16, value: Value) {
        self.0.push(Fact {
            node,
            firing,
            scope,
            port,
            kind,
            what: What::Value(value),
        });
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
            other => self.0.push(Fact {
                node: NodeIx(0),
                firing: 0,
                scope,
                port: 0,
                kind: Kind::Other,
                what: What::Event(Box::new(other)),
            }),
        }
    }

    /// Says whether the run ends with these.
    pub(super) fn end(&self) -> bool {
        match self.0.last().map(|fact| &fact.what) {
            Some(What::Event(event)) => matches!(**event, Event::Ended { .. }),
            _ => false,
        }
    }

    /// Returns the events, the first of which has this number.
    pub(super) fn records(&self, first: u64, at: Timestamp) -> impl Iterator<Item = Record> {
        self.0.iter().zip(first..).map(move |(fact, seq)| Record {
            seq,
            at,
            scope: fact.scope,
            event: fact.event(),
        })
    }
}

impl Fact {
    fn event(&self) -> Event {
        let Self {
            node, firing, port, ..
        } = *self;
        let value = match &self.what {
            What::Event(event) => return (**event).clone(),
            What::Value(value) => value.clone(),
        };
        match self.kind {
            Kind::Started | Kind::Other => Event::Started { node, firing },
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

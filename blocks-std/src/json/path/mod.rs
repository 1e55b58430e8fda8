//! JSONPath (RFC 9535): a path is read once into a [`Query`], which finds places in a value. The evaluator is our own: it
//! works on values as they are, so that nothing is copied or lost, and it counts its steps, since a short path can ask
//! for more than any memory holds.

use graphloom::{Text, Value};

mod ask;
mod compare;
mod eval;
mod filter;
mod found;
mod iregexp;
mod parse;
mod scan;
#[cfg(test)]
mod tests;

pub(super) use eval::{Limits, Stop, find};
pub(super) use found::Found;
pub(super) use parse::parse;

/// A path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    /// Where it begins.
    start: Start,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// `$`: the whole value.
    Root,
    /// `@`: the value that a filter looks at.
    Current,
}

#[derive(Debug, Clone, PartialEq)]
struct Segment {
    /// `..`: from each value below too.
    descends: bool,
    selectors: Vec<Selector>,
}

#[derive(Debug, Clone, PartialEq)]
enum Selector {
    Name(Text),
    Wildcard,
    Index(i64),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Filter(Test),
}

/// What a filter asks.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Exists(Query),
    Matches(Box<Match>),
    Compare(Box<(Operand, Relation, Operand)>),
}

#[derive(Debug, Clone, PartialEq)]
struct Match {
    text: Operand,
    pattern: Operand,
    /// The whole text must match, not a part of it.
    whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Differs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What can be compared: at most one value.
#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Literal(Value),
    /// A path that finds one place at most.
    Singular(Query),
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

impl Query {
    /// Whether it finds one place at most, whatever the value.
    fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            let one = matches!(
                segment.selectors.as_slice(),
                [Selector::Name(_) | Selector::Index(_)]
            );
            one && !segment.descends
        })
    }
}

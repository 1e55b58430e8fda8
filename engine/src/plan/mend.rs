//! Repairing a document by what its own faults offer.

use std::collections::{HashMap, HashSet};

use crate::fault::Fault;
use crate::json::{PatchOp, apply, to_json_pretty};
use crate::value::{ContentHash, Value};

use super::Diagnosis;

/// How many repairs are tried at most; each costs a check of the document.
const MAX_TRIES: usize = 5_000;

/// From how many faults on several are mended at once, which is told in an order that is harder to read.
const MANY: usize = 16;

/// A document after the repairs that its faults offered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Mended {
    /// The document.
    pub document: Value,
    /// What was mended, in the order in which the patches apply, one after the other, to the document as it was.
    pub repairs: Vec<Repair>,
    /// What is still wrong; lines and columns are those of the document written by
    /// [`to_json_pretty`](crate::json::to_json_pretty).
    pub left: Vec<Fault>,
}

/// A repair that was made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Repair {
    /// The fault that it removed.
    pub fault: Fault,
    /// What it changed.
    pub patch: Vec<PatchOp>,
}

impl Repair {
    fn of(fault: &Fault) -> Self {
        Self {
            fault: fault.clone(),
            patch: fault.fix.clone(),
        }
    }
}

/// Applies the repairs that faults offer ([`Fault::fix`]) until none makes the document better, and checks it after
/// each. Gives the best document on the way: a repair that leads nowhere is taken back.
///
/// `diagnose` tells what is wrong with a document, as [`Engine::diagnose`](crate::Engine::diagnose) does.
pub fn mend(document: Value, diagnose: impl Fn(&[u8]) -> Diagnosis) -> Mended {
    let mut mender = Mender {
        check: |document: &Value| diagnose(to_json_pretty(document).as_bytes()).faults,
        seen: HashSet::from([document.content_hash()]),
        tries: 0,
        batch: usize::MAX,
    };
    let mut at = Step {
        left: (mender.check)(&document),
        document,
        repairs: Vec::new(),
    };
    let mut repairs = Vec::new();
    let mut best = (at.document.clone(), at.left.clone(), 0);
    while let Some(step) = mender.many(&at).or_else(|| mender.one(&at)) {
        at = step;
        repairs.append(&mut at.repairs);
        // A repair may bring faults to light that its fault had hidden, so that more is not always worse on the way.
        if at.left.len() <= best.1.len() {
            best = (at.document.clone(), at.left.clone(), repairs.len());
        }
    }
    repairs.truncate(best.2);
    Mended {
        document: best.0,
        repairs,
        left: best.1,
    }
}

/// A change for the better.
struct Step {
    document: Value,
    left: Vec<Fault>,
    repairs: Vec<Repair>,
}

struct Mender<C> {
    check: C,
    /// Documents that were there already: repairs must not go round in a circle.
    seen: HashSet<ContentHash>,
    tries: usize,
    /// How many repairs are tried at once. Each check costs as much as the document is large.
    batch: usize,
}

impl<C: Fn(&Value) -> Vec<Fault>> Mender<C> {
    /// Applies many repairs at once, from the end of the document to its beginning, so that none moves the place of
    /// another. They count only if all of their faults are gone; else fewer are tried.
    fn many(&mut self, at: &Step) -> Option<Step> {
        let offered = at.left.iter().filter(|fault| !fault.fix.is_empty());
        let mut order: Vec<&Fault> = offered.collect();
        if order.len() < MANY {
            return None;
        }
        order.sort_by(|a, b| b.pointer.cmp(&a.pointer));
        self.batch = self.batch.min(order.len());
        while self.batch > 1 && self.tries < MAX_TRIES {
            let mut next = at.document.clone();
            let some = order.iter().take(self.batch).copied();
            let mended: Vec<&Fault> = some
                .filter(|fault| apply(&mut next, &fault.fix).is_ok())
                .collect();
            if let Some(step) = self.try_step(at, next, &mended) {
                self.batch = self.batch.saturating_mul(2);
                return Some(step);
            }
            self.batch /= 2;
        }
        None
    }

    /// Applies the first repair that removes its fault and leads to a document that was not there before.
    fn one(&mut self, at: &Step) -> Option<Step> {
        let offered = at.left.iter().filter(|fault| !fault.fix.is_empty());
        for fault in offered {
            let mut next = at.document.clone();
            if apply(&mut next, &fault.fix).is_ok()
                && let Some(step) = self.try_step(at, next, &[fault])
            {
                self.batch = usize::MAX;
                return Some(step);
            }
        }
        None
    }

    fn try_step(&mut self, at: &Step, next: Value, mended: &[&Fault]) -> Option<Step> {
        if mended.is_empty() || self.tries == MAX_TRIES || !self.seen.insert(next.content_hash()) {
            return None;
        }
        self.tries += 1;
        let left = (self.check)(&next);
        are_gone(mended, &at.left, &left).then(|| Step {
            document: next,
            left,
            repairs: mended.iter().map(|fault| Repair::of(fault)).collect(),
        })
    }
}

/// Whether each of these is gone: there are so many fewer of its kind, though the places of the others may have moved.
fn are_gone(mended: &[&Fault], before: &[Fault], after: &[Fault]) -> bool {
    let mut balance: HashMap<_, isize> = HashMap::new();
    let kind = |fault: &Fault| (fault.code, fault.message.clone(), fault.actual.clone());
    before
        .iter()
        .for_each(|fault| *balance.entry(kind(fault)).or_default() += 1);
    after
        .iter()
        .for_each(|fault| *balance.entry(kind(fault)).or_default() -= 1);
    mended
        .iter()
        .for_each(|fault| *balance.entry(kind(fault)).or_default() -= 1);
    mended
        .iter()
        .all(|fault| balance.get(&kind(fault)).is_some_and(|left| *left >= 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;
    use crate::{Code, graph::GraphLimits, host::Grants, json::Pointer, registry::Registry};

    fn check(document: Value, expected: &Value, left: &[&str]) {
        let registry = Registry::new();
        let mended = mend(document.clone(), |bytes| {
            super::super::diagnose(bytes, &registry, &Grants::all(), &GraphLimits::default())
        });
        assert_eq!(mended.document, *expected);
        let codes: Vec<&str> = mended
            .left
            .iter()
            .map(|fault| fault.code.as_str())
            .collect();
        assert_eq!(codes, left);
        let mut replayed = document;
        for repair in &mended.repairs {
            apply(&mut replayed, &repair.patch).unwrap();
        }
        assert_eq!(replayed, mended.document);
    }

    #[test]
    fn what_can_be_mended_is_and_the_rest_is_told() {
        check(
            value!({ "format": 1, "nodes": {}, "polcy": { "on_error": "contiune" } }),
            &value!({ "format": 1, "nodes": {}, "policy": { "on_error": "continue" } }),
            &["GRAPH_NO_START"],
        );
        check(value!(1), &value!(1), &["GRAPH_SHAPE"]);
    }

    #[test]
    fn repairs_that_lead_in_a_circle_end() {
        let turn = |to: bool| {
            let path = Pointer::root();
            let value = Value::from(to);
            let fault = Fault::new(Code::GraphShape, Pointer::root(), format!("not {to}"));
            vec![fault.fix(PatchOp::Replace { path, value })]
        };
        let mended = mend(Value::from(false), |bytes| Diagnosis {
            graph: None,
            plan: None,
            faults: turn(bytes == b"false"),
        });
        assert_eq!(mended.repairs.len(), 1);
    }
}

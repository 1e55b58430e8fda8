//! What changes one document into another, as a JSON Patch.

use crate::json::{PatchOp, Pointer};
use crate::value::Value;

/// Lists whose lengths have a larger product than this are compared position by position: the exact way takes time and
/// memory in proportion to it.
const EXACT: usize = 1 << 18;

/// Returns operations that change `from` into `to`; none if they are equal. The order of keys in maps does not count.
#[must_use]
pub fn diff(from: &Value, to: &Value) -> Vec<PatchOp> {
    let mut ops = Vec::new();
    compare(&Pointer::root(), from, to, &mut ops);
    ops
}

fn compare(place: &Pointer, from: &Value, to: &Value, ops: &mut Vec<PatchOp>) {
    match (from, to) {
        _ if from == to => {}
        (Value::Map(from), Value::Map(to)) => {
            for (key, value) in from.iter() {
                let place = place.push(key.as_str());
                match to.get(key.as_str()) {
                    Some(other) => compare(&place, value, other, ops),
                    None => ops.push(PatchOp::Remove { path: place }),
                }
            }
            for (key, value) in to
                .iter()
                .filter(|(key, _)| !from.contains_key(key.as_str()))
            {
                let (path, value) = (place.push(key.as_str()), value.clone());
                ops.push(PatchOp::Add { path, value });
            }
        }
        (Value::List(from), Value::List(to)) => lists(place, from, to, ops),
        _ => ops.push(PatchOp::Replace {
            path: place.clone(),
            value: to.clone(),
        }),
    }
}

fn lists(place: &Pointer, from: &[Value], to: &[Value], ops: &mut Vec<PatchOp>) {
    let mut at = 0;
    for stretch in stretches(from, to) {
        match stretch {
            Stretch::Same(items) => at += items,
            Stretch::Changed(gone, come) => {
                let both = gone.len().min(come.len());
                for (old, new) in gone.iter().zip(come) {
                    compare(&place.push_index(at), old, new, ops);
                    at += 1;
                }
                let path = place.push_index(at);
                ops.extend(
                    gone.iter()
                        .skip(both)
                        .map(|_| PatchOp::Remove { path: path.clone() }),
                );
                for value in come.iter().skip(both) {
                    let path = place.push_index(at);
                    ops.push(PatchOp::Add {
                        path,
                        value: value.clone(),
                    });
                    at += 1;
                }
            }
        }
    }
}

/// A part of two lists: items that stand in both, or what stands in the one where the other has something else.
enum Stretch<'a> {
    Same(usize),
    Changed(&'a [Value], &'a [Value]),
}

/// Divides two lists along a longest common subsequence.
fn stretches<'a>(mut from: &'a [Value], mut to: &'a [Value]) -> Vec<Stretch<'a>> {
    let head = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    (from, to) = (
        from.get(head..).unwrap_or_default(),
        to.get(head..).unwrap_or_default(),
    );
    let tail = from
        .iter()
        .rev()
        .zip(to.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    from = from.get(..from.len() - tail).unwrap_or_default();
    to = to.get(..to.len() - tail).unwrap_or_default();
    let mut all = vec![Stretch::Same(head)];
    if from.len().saturating_mul(to.len()) > EXACT {
        all.push(Stretch::Changed(from, to));
    } else {
        common(from, to, &mut all);
    }
    all.push(Stretch::Same(tail));
    all
}

/// The usual table of longest common subsequences, from the end, so that it can be walked from the beginning.
fn common<'a>(from: &'a [Value], to: &'a [Value], all: &mut Vec<Stretch<'a>>) {
    let width = to.len() + 1;
    let mut longest = vec![0_u32; (from.len() + 1) * width];
    let read = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in from.iter().enumerate().rev() {
        for (j, b) in to.iter().enumerate().rev() {
            let best = if a == b {
                read(&longest, i + 1, j + 1) + 1
            } else {
                read(&longest, i + 1, j).max(read(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut from_mark, mut to_mark) = (0, 0);
    while let (Some(a), Some(b)) = (from.get(i), to.get(j)) {
        if a == b {
            let gone = from.get(from_mark..i).unwrap_or_default();
            all.push(Stretch::Changed(
                gone,
                to.get(to_mark..j).unwrap_or_default(),
            ));
            all.push(Stretch::Same(1));
            (i, j) = (i + 1, j + 1);
            (from_mark, to_mark) = (i, j);
        } else if read(&longest, i + 1, j) >= read(&longest, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    let gone = from.get(from_mark..).unwrap_or_default();
    all.push(Stretch::Changed(
        gone,
        to.get(to_mark..).unwrap_or_default(),
    ));
}

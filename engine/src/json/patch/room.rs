//! Keeps a patch from making a document without measure: a few copies of a whole into itself would make one that no memory
//! holds once it is written out, and that overflows the stack of whoever goes down it.

use super::{PatchOp, Problem, find};
use crate::json::limits::DEEPEST;
use crate::value::Value;

/// Lists and maps stand in each other so deep at most: no deeper than a document that can be read.
pub(super) const MAX_DEPTH: u32 = DEEPEST;

/// What all copies of a patch may weigh together, in bytes.
pub(super) const MAX_COPIED: usize = 64 << 20;

/// How often a whole document is looked through because its depth is not known well enough.
const MAX_LOOKS: u32 = 100;

/// What has become of the document so far.
pub(super) struct Room {
    /// It is at most so deep.
    depth: u32,
    copied: usize,
    looks: u32,
}

impl Room {
    pub(super) fn of(document: &Value) -> Self {
        Self {
            depth: depth(document, MAX_DEPTH + 1),
            copied: 0,
            looks: 0,
        }
    }

    /// Refuses an operation that would make the document too deep or copy too much. Says nothing about other mistakes.
    pub(super) fn check<'a>(
        &mut self,
        document: &Value,
        op: &'a PatchOp,
    ) -> Result<(), Problem<'a>> {
        let (path, inside) = match op {
            PatchOp::Add { path, value } | PatchOp::Replace { path, value } => {
                (path, depth(value, MAX_DEPTH))
            }
            PatchOp::Move { path, .. } => (path, self.depth),
            PatchOp::Copy { from, path } => {
                let found = find(document, from);
                let weight = found.map_or(Ok(0), |value| value.weigh(MAX_DEPTH, MAX_COPIED));
                self.copied = self.copied.saturating_add(weight.unwrap_or(usize::MAX));
                if self.copied > MAX_COPIED {
                    return Err(Problem::TooLarge);
                }
                (path, self.depth)
            }
            PatchOp::Remove { .. } | PatchOp::Test { .. } => return Ok(()),
        };
        let levels = |depth: u32| {
            let steps = u32::try_from(path.segments().count()).unwrap_or(u32::MAX);
            steps.saturating_add(depth)
        };
        let mut deepest = levels(inside);
        if deepest > MAX_DEPTH {
            // What is known is a bound. Looking costs a walk, and is worth it once in many operations.
            self.looks += 1;
            if self.looks > MAX_LOOKS {
                return Err(Problem::TooDeep);
            }
            self.depth = depth(document, MAX_DEPTH);
            deepest = levels(match op {
                PatchOp::Move { from, .. } | PatchOp::Copy { from, .. } => {
                    find(document, from).map_or(0, |value| depth(value, MAX_DEPTH))
                }
                _ => inside,
            });
        }
        if deepest > MAX_DEPTH {
            return Err(Problem::TooDeep);
        }
        self.depth = self.depth.max(deepest);
        Ok(())
    }
}

/// Returns how deep lists and maps stand in each other, and no more than a bound.
fn depth(value: &Value, most: u32) -> u32 {
    let Some(inner) = most.checked_sub(1) else {
        return 0;
    };
    let deepest = |depths: &mut dyn Iterator<Item = u32>| 1 + depths.max().unwrap_or(0);
    match value {
        Value::List(list) => deepest(&mut list.iter().map(|item| depth(item, inner))),
        Value::Map(map) => deepest(&mut map.values().map(|item| depth(item, inner))),
        _ => 0,
    }
}

//! The shapes of the graphs.

use crate::spec::{Spec, Work};

/// One after the other.
pub(crate) fn chain(n: u32) -> Spec {
    let preds: Vec<_> = (0..n)
        .map(|i| i.checked_sub(1).into_iter().collect())
        .collect();
    Spec::even(&preds, 1, Work::Trivial)
}

/// One to many to one. The two ends do no work.
pub(super) fn fan(width: u32, work: Work) -> Spec {
    let mut preds = vec![vec![]];
    preds.extend((0..width).map(|_| vec![0]));
    preds.push((1..=width).collect());
    let mut spec = Spec::even(&preds, 1, work);
    let last = spec.n - 1;
    (spec.work[0], spec.work[last]) = (Work::Trivial, Work::Trivial);
    spec
}

/// Layers in which a node has two or three inputs.
pub(super) fn layered(width: u32, depth: u32, work: Work) -> Spec {
    let mut draw = Draw(0x1234_5678_9abc_def1);
    let mut preds = vec![vec![]; width as usize];
    for layer in 1..depth {
        let above = (layer - 1) * width;
        for i in 0..width {
            let mut list = vec![above + i, above + (i + 1) % width];
            if draw.below(2) == 0 {
                list.push(above + (i + 7) % width);
            }
            preds.push(list);
        }
    }
    Spec::even(&preds, 1, work)
}

/// One to five inputs from anywhere before.
pub(crate) fn random(n: u32) -> Spec {
    let mut draw = Draw(0xdead_beef_cafe_f00d);
    let mut preds: Vec<Vec<u32>> = Vec::new();
    for i in 0..n {
        let wanted = (1 + draw.below(5)).min(u64::from(i));
        let mut list = Vec::new();
        while (list.len() as u64) < wanted {
            let p = draw.below(u64::from(i)) as u32;
            if !list.contains(&p) {
                list.push(p);
            }
        }
        preds.push(list);
    }
    Spec::even(&preds, 1, Work::Trivial)
}

/// Layers in which a node has all nodes of the layer above as inputs.
pub(super) fn joined(width: u32, depth: u32) -> Spec {
    let layer = |layer: u32| match layer.checked_sub(1) {
        None => vec![vec![]; width as usize],
        Some(above) => vec![(above * width..layer * width).collect(); width as usize],
    };
    let preds: Vec<Vec<u32>> = (0..depth).flat_map(layer).collect();
    Spec::even(&preds, 1, Work::Trivial)
}

/// One to two to one; the middle ones do this work.
pub(super) fn diamond(work: Work) -> Spec {
    fan(2, work)
}

/// Xorshift (Marsaglia, 2003): the same graphs everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

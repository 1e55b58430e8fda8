//! A workload's graph: dense, in topological order, with what each node computes.

use crate::form::Form;

/// What a node does beside adding its inputs and a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing.
    Trivial,
    /// About 100 us of integer operations that depend on each other.
    Spin,
    /// Waits 10 ms on the runtime's timer.
    Sleep,
    /// About 1.6 us of the same operations: ten times what it takes to emit a value.
    Drag,
}

/// A graph whose nodes each add up their predecessors and a constant.
///
/// INVARIANT: a node's predecessors have lower numbers.
#[derive(Debug)]
pub(crate) struct Spec {
    /// How many nodes; with those that a narrowed graph needs in addition.
    pub(crate) n: usize,
    /// How many nodes the workload has, by which times are divided.
    pub(crate) nominal: usize,
    pub(crate) add: Vec<u64>,
    pub(crate) work: Vec<Work>,
    pub(crate) roots: Vec<u32>,
    pub(crate) sinks: Vec<u32>,
    pub(crate) form: Form,
    preds: Lists,
    succs: Lists,
}

/// Lists of nodes, one after the other.
#[derive(Debug)]
struct Lists {
    from: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new(lists: &[Vec<u32>]) -> Self {
        let mut from = vec![0];
        let mut items = Vec::new();
        for list in lists {
            items.extend_from_slice(list);
            from.push(items.len() as u32);
        }
        Self { from, items }
    }

    #[inline(always)]
    fn get(&self, i: usize) -> &[u32] {
        &self.items[self.from[i] as usize..self.from[i + 1] as usize]
    }
}

impl Spec {
    /// Returns the graph in which every node has this constant and does this work.
    pub(crate) fn even(preds: &[Vec<u32>], add: u64, work: Work) -> Self {
        let n = preds.len();
        Self::new(preds, vec![add; n], vec![work; n], n)
    }

    /// Returns the same graph with other constants.
    pub(crate) fn adding(mut self, add: impl Fn(usize) -> u64) -> Self {
        self.add = (0..self.n).map(add).collect();
        self
    }

    /// Returns the same graph in another form.
    pub(crate) fn formed(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    fn new(preds: &[Vec<u32>], add: Vec<u64>, work: Vec<Work>, nominal: usize) -> Self {
        let n = preds.len();
        let mut succs = vec![Vec::new(); n];
        for (i, list) in preds.iter().enumerate() {
            for &p in list {
                succs[p as usize].push(i as u32);
            }
        }
        let empty = |lists: &[Vec<u32>]| {
            (0..n as u32)
                .filter(|&i| lists[i as usize].is_empty())
                .collect()
        };
        Self {
            n,
            nominal,
            add,
            work,
            roots: empty(preds),
            sinks: empty(&succs),
            form: Form::Plain,
            preds: Lists::new(preds),
            succs: Lists::new(&succs),
        }
    }

    /// Returns a node's predecessors.
    #[inline(always)]
    pub(crate) fn p(&self, i: usize) -> &[u32] {
        self.preds.get(i)
    }

    /// Returns a node's successors.
    #[inline(always)]
    pub(crate) fn s(&self, i: usize) -> &[u32] {
        self.succs.get(i)
    }

    /// Returns the most predecessors that a node has.
    pub(crate) fn widest(&self) -> usize {
        (0..self.n).map(|i| self.p(i).len()).max().unwrap_or(0)
    }

    /// Folds the values of the sinks, in their order: a value at the wrong sink changes it.
    pub(crate) fn checksum(&self, mut get: impl FnMut(usize) -> u64) -> u64 {
        let fold = |sum: u64, &sink: &u32| sum.wrapping_mul(0x100_0000_01b3) ^ get(sink as usize);
        self.sinks.iter().fold(0, fold)
    }

    /// Computes what a run comes to, the plain way.
    pub(crate) fn expected(&self) -> u64 {
        let added: u64 = self.add.iter().sum();
        match self.form {
            Form::Plain | Form::Guarded | Form::Calls => self.added_up(),
            Form::Stream(items) => items * (items - 1) / 2 + items * added,
            Form::Share(bytes) => bytes * (self.n as u64 - 2) + 1,
        }
    }

    fn added_up(&self) -> u64 {
        let mut values = vec![0_u64; self.n];
        for i in 0..self.n {
            let sum = |sum: u64, &p: &u32| sum.wrapping_add(values[p as usize]);
            values[i] = self.p(i).iter().fold(self.add[i], sum);
        }
        self.checksum(|i| values[i])
    }

    /// Returns the same computation with at most `max` inputs a node: where there are more, a tree of adding nodes.
    pub(crate) fn narrowed(&self, max: usize) -> Self {
        let (mut preds, mut add, mut work) = (Vec::new(), Vec::new(), Vec::new());
        let mut place: Vec<u32> = Vec::with_capacity(self.n);
        for i in 0..self.n {
            let mut level: Vec<u32> = self.p(i).iter().map(|&p| place[p as usize]).collect();
            while level.len() > max {
                let mut next = Vec::new();
                for part in level.chunks(max) {
                    next.push(preds.len() as u32);
                    preds.push(part.to_vec());
                    add.push(0);
                    work.push(Work::Trivial);
                }
                level = next;
            }
            place.push(preds.len() as u32);
            preds.push(level);
            add.push(self.add[i]);
            work.push(self.work[i]);
        }
        Self::new(&preds, add, work, self.nominal).formed(self.form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_graph_computes_the_same() {
        let mut preds = vec![Vec::new()];
        preds.extend((0..100).map(|_| vec![0]));
        preds.push((1..=100).collect());
        let wide = Spec::even(&preds, 1, Work::Trivial);
        let narrow = wide.narrowed(8);
        assert_eq!(wide.expected(), narrow.expected());
        assert_eq!((wide.widest(), narrow.widest()), (100, 8));
        assert_eq!(narrow.nominal, wide.n);
    }
}

//! Where boxes go: layers by the longest way from a beginning, rows by the barycentre of what a box is joined to.
//!
//! Source of the method: K. Sugiyama, S. Tagawa, M. Toda, Methods for visual understanding of hierarchical system
//! structures, 1981.
#![expect(
    clippy::indexing_slicing,
    reason = "arrows whose ends are not below n are left out first; every other position comes from counting to n"
)]

/// Where the boxes are, and the bends of the arrows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Layout {
    /// Layer and row of each box.
    pub(super) places: Vec<(usize, f64)>,
    /// Layer and row of the bends of each arrow, from its beginning to its end.
    pub(super) bends: Vec<Vec<(usize, f64)>>,
    /// How many layers there are.
    pub(super) n_layers: usize,
}

/// Bends cost time and memory as boxes do; with more of them long arrows are drawn straight.
const MAX_BENDS: usize = 20_000;

/// How often rows are sorted, in turn by the layer before and by the one after.
const SWEEPS: usize = 8;

/// Places `n` boxes that these arrows join.
pub(super) fn layout(n: usize, arrows: &[(usize, usize)]) -> Layout {
    let kept = |&(from, to): &(usize, usize)| from < n && to < n && from != to;
    let down = downward(n, arrows.iter().copied().filter(kept));
    let mut layer = layers(n, &down);
    let long: usize = down
        .iter()
        .map(|&(from, to)| layer[to] - layer[from] - 1)
        .sum();

    // Chains: the boxes and bends that an arrow goes through. A chain goes down, whichever way its arrow points.
    let mut chains: Vec<(bool, Vec<usize>)> = Vec::new();
    let mut ways = down.iter();
    for arrow in arrows {
        let Some(&(from, to)) = kept(arrow).then(|| ways.next()).flatten() else {
            chains.push((false, Vec::new()));
            continue;
        };
        let mut chain = vec![from];
        if long <= MAX_BENDS {
            for between in layer[from] + 1..layer[to] {
                chain.push(layer.len());
                layer.push(between);
            }
        }
        chain.push(to);
        chains.push((from != arrow.0, chain));
    }

    let mut rows = Rows::new(&layer, &chains);
    for sweep in 0..SWEEPS {
        rows.sort(sweep % 2 == 0);
    }
    let row = rows.place();
    let at = |item: usize| (layer[item], row[item]);
    let bends = chains.iter().map(|(turned, chain)| {
        let inside = chain
            .get(1..chain.len().saturating_sub(1))
            .unwrap_or_default();
        let mut bends: Vec<_> = inside.iter().copied().map(at).collect();
        if *turned {
            bends.reverse();
        }
        bends
    });
    Layout {
        places: (0..n).map(at).collect(),
        bends: bends.collect(),
        n_layers: layer.iter().max().map_or(0, |last| last + 1),
    }
}

/// Turns arrows around until none closes a circle.
fn downward(n: usize, arrows: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut down: Vec<(usize, usize)> = arrows.collect();
    let mut out = vec![Vec::new(); n];
    for (i, &(from, _)) in down.iter().enumerate() {
        out[from].push(i);
    }
    let mut seen = vec![Seen::No; n];
    for root in 0..n {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::Open;
        // Depth first without recursion: a chain may be longer than any stack.
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.last_mut() {
            let Some(&arrow) = out[*node].get(*next) else {
                seen[*node] = Seen::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            let to = down[arrow].1;
            match seen[to] {
                Seen::Open => down[arrow] = (to, down[arrow].0),
                Seen::No => {
                    seen[to] = Seen::Open;
                    stack.push((to, 0));
                }
                Seen::Done => {}
            }
        }
    }
    down
}

/// Returns the layer of each box: one more than that of any box before it.
fn layers(n: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut waits = vec![0_usize; n];
    let mut out = vec![Vec::new(); n];
    for &(from, to) in down {
        waits[to] += 1;
        out[from].push(to);
    }
    let begins: Vec<bool> = waits.iter().map(|waits| *waits == 0).collect();
    let mut layer = vec![0_usize; n];
    let mut ready: Vec<usize> = (0..n).filter(|node| begins[*node]).collect();
    while let Some(node) = ready.pop() {
        for &to in &out[node] {
            layer[to] = layer[to].max(layer[node] + 1);
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(to);
            }
        }
    }
    // What begins stands just before what it feeds.
    for node in (0..n).filter(|node| begins[*node]) {
        let first = out[node].iter().map(|to| layer[*to]).min();
        layer[node] = first.map_or(0, |first| first.saturating_sub(1));
    }
    layer
}

/// Boxes and bends, layer by layer.
struct Rows {
    layers: Vec<Vec<usize>>,
    /// What each is joined to in the layer before it and in the one after.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    /// Position in its layer.
    position: Vec<usize>,
}

impl Rows {
    fn new(layer: &[usize], chains: &[(bool, Vec<usize>)]) -> Self {
        let n_layers = layer.iter().max().map_or(0, |last| last + 1);
        let mut layers = vec![Vec::new(); n_layers];
        let mut position = vec![0; layer.len()];
        for (item, layer) in layer.iter().enumerate() {
            position[item] = layers[*layer].len();
            layers[*layer].push(item);
        }
        let mut before = vec![Vec::new(); layer.len()];
        let mut after = vec![Vec::new(); layer.len()];
        for pair in chains.iter().flat_map(|(_, chain)| chain.windows(2)) {
            before[pair[1]].push(pair[0]);
            after[pair[0]].push(pair[1]);
        }
        Self {
            layers,
            before,
            after,
            position,
        }
    }

    /// Sorts each layer by the mean position of what its items are joined to.
    fn sort(&mut self, downward: bool) {
        let n = self.layers.len();
        for i in 0..n {
            let layer = if downward { i } else { n - 1 - i };
            let joined = if downward { &self.before } else { &self.after };
            let position = &self.position;
            let mean = |item: &usize| match joined[*item].as_slice() {
                [] => position[*item] as f64,
                all => {
                    all.iter().map(|other| position[*other] as f64).sum::<f64>() / all.len() as f64
                }
            };
            let mut items: Vec<(f64, usize)> = self.layers[layer]
                .iter()
                .map(|item| (mean(item), *item))
                .collect();
            items.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.layers[layer] = items.iter().map(|(_, item)| *item).collect();
            for (position, (_, item)) in items.iter().enumerate() {
                self.position[*item] = position;
            }
        }
    }

    /// Returns the row of each item: near those that it is joined to, in order, one row apart at least.
    fn place(&self) -> Vec<f64> {
        let mut row: Vec<f64> = self
            .position
            .iter()
            .map(|position| *position as f64)
            .collect();
        let n = self.layers.len();
        for round in 0..SWEEPS {
            let downward = round % 2 == 0;
            // What has no room for its wish is moved down in some rounds and up in others, or all would drift one way.
            let pushes_down = round % 4 < 2;
            for i in 0..n {
                let (layer, joined) = if downward {
                    (i, &self.before)
                } else {
                    (n - 1 - i, &self.after)
                };
                let items = &self.layers[layer];
                let mut last: Option<f64> = None;
                for at in 0..items.len() {
                    let item = items[if pushes_down {
                        at
                    } else {
                        items.len() - 1 - at
                    }];
                    let wish = match joined[item].as_slice() {
                        [] => row[item],
                        all => all.iter().map(|other| row[*other]).sum::<f64>() / all.len() as f64,
                    };
                    row[item] = match last {
                        None => wish,
                        Some(last) if pushes_down => wish.max(last + 1.0),
                        Some(last) => wish.min(last - 1.0),
                    };
                    last = Some(row[item]);
                }
            }
        }
        let top = row.iter().copied().fold(f64::INFINITY, f64::min);
        row.iter().map(|row| row - top).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_stand_behind_those_that_feed_them() {
        let found = layout(4, &[(0, 1), (1, 2), (0, 2), (3, 2)]);
        let layers: Vec<usize> = found.places.iter().map(|place| place.0).collect();
        assert_eq!(layers, [0, 1, 2, 1]);
        assert_eq!(found.n_layers, 3);
        let bends: Vec<usize> = found.bends.iter().map(Vec::len).collect();
        assert_eq!(bends, [0, 0, 1, 0]);
    }

    #[test]
    fn boxes_of_a_layer_do_not_overlap() {
        let arrows: Vec<(usize, usize)> = (0..60).map(|i| (i % 7, 7 + (i * 31) % 23)).collect();
        let found = layout(30, &arrows);
        for (i, a) in found.places.iter().enumerate() {
            for b in found.places.iter().skip(i + 1).filter(|b| b.0 == a.0) {
                assert!((a.1 - b.1).abs() >= 0.99, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn circles_loops_and_strays_are_drawn_too() {
        let found = layout(3, &[(0, 1), (1, 0), (2, 2), (0, 9)]);
        assert_eq!(found.places.len(), 3);
        assert_eq!(found.bends.len(), 4);
        assert_eq!(layout(0, &[]), Layout::default());
        let long: Vec<(usize, usize)> =
            (0..9_999).map(|i| (i, i + 1)).chain([(9_999, 0)]).collect();
        assert_eq!(layout(10_000, &long).n_layers, 10_000);
    }
}

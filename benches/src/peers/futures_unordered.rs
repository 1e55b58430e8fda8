//! By hand: in-degrees, and every ready node's future in one `FuturesUnordered`.

use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::body::body;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct Unordered(Arc<Spec>);

impl Peer for Unordered {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        Self(Arc::clone(source))
    }

    async fn run(&mut self) -> u64 {
        let spec = &*self.0;
        let mut missing: Vec<usize> = (0..spec.n).map(|i| spec.p(i).len()).collect();
        let mut values = vec![0_u64; spec.n];
        let mut running = FuturesUnordered::new();
        let future = |values: &[u64], node: u32| {
            let i = node as usize;
            let add = |sum: u64, &p: &u32| sum.wrapping_add(values[p as usize]);
            let sum = spec.p(i).iter().fold(spec.add[i], add);
            let work = spec.work[i];
            async move { (node, body(work, sum).await) }
        };
        for &root in &spec.roots {
            running.push(future(&values, root));
        }
        while let Some((node, value)) = running.next().await {
            values[node as usize] = value;
            for &next in spec.s(node as usize) {
                missing[next as usize] -= 1;
                if missing[next as usize] == 0 {
                    running.push(future(&values, next));
                }
            }
        }
        spec.checksum(|i| values[i])
    }
}

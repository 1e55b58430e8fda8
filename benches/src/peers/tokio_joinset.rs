//! By hand: in-degrees, and a tokio task for each node that is ready.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::body::body;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct JoinSetLoop(Arc<Spec>);

impl Peer for JoinSetLoop {
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
        let mut tasks = JoinSet::new();
        let start = |tasks: &mut JoinSet<(u32, u64)>, values: &[u64], node: u32| {
            let i = node as usize;
            let add = |sum: u64, &p: &u32| sum.wrapping_add(values[p as usize]);
            let sum = spec.p(i).iter().fold(spec.add[i], add);
            let work = spec.work[i];
            tasks.spawn(async move { (node, body(work, sum).await) });
        };
        for &root in &spec.roots {
            start(&mut tasks, &values, root);
        }
        while let Some(ended) = tasks.join_next().await {
            let (node, value) = ended.unwrap();
            values[node as usize] = value;
            for &next in spec.s(node as usize) {
                missing[next as usize] -= 1;
                if missing[next as usize] == 0 {
                    start(&mut tasks, &values, next);
                }
            }
        }
        spec.checksum(|i| values[i])
    }
}

//! Floor: plain calls in a known order.

use std::sync::Arc;

use crate::body::body_sync;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct SeqFn {
    spec: Arc<Spec>,
    values: Vec<u64>,
}

impl Peer for SeqFn {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        Self {
            spec: Arc::clone(source),
            values: vec![0; source.n],
        }
    }

    async fn run(&mut self) -> u64 {
        let Self { spec, values } = self;
        for i in 0..spec.n {
            let add = |sum: u64, &p: &u32| sum.wrapping_add(values[p as usize]);
            let sum = spec.p(i).iter().fold(spec.add[i], add);
            values[i] = std::hint::black_box(body_sync(spec.work[i], sum));
        }
        spec.checksum(|i| values[i])
    }
}

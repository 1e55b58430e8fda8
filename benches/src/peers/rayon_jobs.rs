//! By hand: a rayon scope, atomic in-degrees, a job a node; or the first successor that becomes ready goes on in the
//! same job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use crate::body::body_sync;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct Rayon<const INLINE: bool> {
    spec: Arc<Spec>,
    /// As many threads as the runtimes of the other peers have workers.
    pool: Arc<ThreadPool>,
    missing: Vec<AtomicU32>,
    values: Vec<AtomicU64>,
}

impl<const INLINE: bool> Peer for Rayon<INLINE> {
    type Source = (Arc<Spec>, Arc<ThreadPool>);

    fn source(spec: &Arc<Spec>) -> Self::Source {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        (Arc::clone(spec), Arc::new(pool))
    }

    fn build((spec, pool): &Self::Source) -> Self {
        let missing = |i: usize| AtomicU32::new(spec.p(i).len() as u32);
        Self {
            spec: Arc::clone(spec),
            pool: Arc::clone(pool),
            missing: (0..spec.n).map(missing).collect(),
            values: (0..spec.n).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn another(&self, spec: &Arc<Spec>) -> Self {
        Self::build(&(Arc::clone(spec), Arc::clone(&self.pool)))
    }

    async fn run(&mut self) -> u64 {
        let this = &*self;
        this.pool.scope(|scope| {
            for &root in &this.spec.roots {
                scope.spawn(move |scope| this.go(scope, root));
            }
        });
        this.spec
            .checksum(|i| this.values[i].load(Ordering::Relaxed))
    }
}

impl<const INLINE: bool> Rayon<INLINE> {
    fn go<'scope>(&'scope self, scope: &Scope<'scope>, start: u32) {
        let mut node = start as usize;
        loop {
            let add = |sum: u64, &p: &u32| {
                sum.wrapping_add(self.values[p as usize].load(Ordering::Relaxed))
            };
            let sum = self.spec.p(node).iter().fold(self.spec.add[node], add);
            let value = body_sync(self.spec.work[node], sum);
            self.values[node].store(value, Ordering::Relaxed);
            // Ready for the next run.
            self.missing[node].store(self.spec.p(node).len() as u32, Ordering::Relaxed);
            let mut here = None;
            for &next in self.spec.s(node) {
                if self.missing[next as usize].fetch_sub(1, Ordering::AcqRel) == 1 {
                    if INLINE && here.is_none() {
                        here = Some(next);
                    } else {
                        scope.spawn(move |scope| self.go(scope, next));
                    }
                }
            }
            match here {
                Some(next) => node = next as usize,
                None => return,
            }
        }
    }
}

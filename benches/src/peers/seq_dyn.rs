//! Floor: what a dynamic engine has to call, in a known order: a boxed future from a trait object, one a node.

use std::pin::Pin;
use std::sync::Arc;

use crate::body::body;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

trait Call: Send + Sync {
    fn call(&self, sum: u64) -> BoxFuture<'_, u64>;
}

struct Add(u64, Work);

impl Call for Add {
    fn call(&self, sum: u64) -> BoxFuture<'_, u64> {
        Box::pin(async move { body(self.1, sum.wrapping_add(self.0)).await })
    }
}

pub(super) struct SeqDyn {
    spec: Arc<Spec>,
    blocks: Vec<Arc<dyn Call>>,
    values: Vec<u64>,
}

impl Peer for SeqDyn {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        let block = |i: usize| Arc::new(Add(source.add[i], source.work[i])) as Arc<dyn Call>;
        Self {
            spec: Arc::clone(source),
            blocks: (0..source.n).map(block).collect(),
            values: vec![0; source.n],
        }
    }

    async fn run(&mut self) -> u64 {
        for i in 0..self.spec.n {
            let add = |sum: u64, &p: &u32| sum.wrapping_add(self.values[p as usize]);
            let sum = self.spec.p(i).iter().fold(0, add);
            self.values[i] = self.blocks[i].call(sum).await;
        }
        self.spec.checksum(|i| self.values[i])
    }
}

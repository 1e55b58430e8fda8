//! By hand: a stream through tasks, with a bounded channel between each two.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::body::body;
use crate::form::Form;
use crate::peer::Peer;
use crate::spec::Spec;

/// As many as one of our firings may emit before others have their turn.
const CAPACITY: usize = 64;

pub(super) struct Channels(Arc<Spec>);

impl Peer for Channels {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        Self(Arc::clone(source))
    }

    async fn run(&mut self) -> u64 {
        let spec = &*self.0;
        let Form::Stream(items) = spec.form else {
            unreachable!("streams only");
        };
        let mut stages = JoinSet::new();
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        stages.spawn(async move {
            for item in 0..items {
                sender.send(item).await.unwrap();
            }
        });
        let last = spec.n - 1;
        for i in 1..last {
            let (sender, next) = mpsc::channel(CAPACITY);
            let mut inputs = std::mem::replace(&mut receiver, next);
            let (add, work) = (spec.add[i], spec.work[i]);
            stages.spawn(async move {
                while let Some(item) = inputs.recv().await {
                    let output = body(work, item.wrapping_add(add)).await;
                    sender.send(output).await.unwrap();
                }
            });
        }
        let mut sum = 0_u64;
        while let Some(item) = receiver.recv().await {
            sum = sum.wrapping_add(body(spec.work[last], item).await);
        }
        sum
    }
}

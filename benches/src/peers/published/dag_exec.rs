//! dag_exec 0.1.1: closures over shared outputs, one after the other in its sequential form.

use std::sync::Arc;

use dag_exec::{Dag, DagBuilder, Executor, ExecutorConfig};

use crate::body::body_sync;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct DagExec {
    spec: Arc<Spec>,
    dag: Dag<u32, u64, ()>,
    executor: Executor,
}

impl Peer for DagExec {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let mut builder = DagBuilder::new();
        for i in 0..spec.n {
            let (add, work) = (spec.add[i], spec.work[i]);
            let run = move |inputs: &[Arc<u64>]| {
                let sum = inputs.iter().fold(add, |sum, x| sum.wrapping_add(**x));
                Ok(body_sync(work, sum))
            };
            builder.add_task(i as u32, spec.p(i).to_vec(), run).unwrap();
        }
        Self {
            spec: Arc::clone(spec),
            dag: builder.build().unwrap(),
            executor: Executor::new(ExecutorConfig::default()),
        }
    }

    async fn run(&mut self) -> u64 {
        let sinks = self.spec.sinks.iter().copied();
        let outputs = self.executor.run_sequential(&self.dag, sinks).unwrap();
        self.spec.checksum(|i| *outputs[&(i as u32)])
    }
}

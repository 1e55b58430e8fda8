//! dagx 0.3.1: typed tasks of at most 8 inputs, a task a node.
#![expect(
    clippy::too_many_arguments,
    reason = "a task of eight inputs is a method of nine"
)]

use std::sync::Arc;

use dagx::{DagRunner, Task, TaskHandle, task};

use super::arity::{add_of_each_arity, tasks_of_each_arity};
use crate::body::body;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

tasks_of_each_arity!();

pub(super) struct Dagx {
    spec: Arc<Spec>,
    dag: DagRunner,
    handles: Vec<TaskHandle<u64>>,
}

impl Peer for Dagx {
    type Source = Arc<Spec>;
    // A node is taken out of the graph when it runs.
    const REUSABLE: bool = false;
    const MAX_INPUTS: usize = 8;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let dag = DagRunner::new();
        let mut handles: Vec<TaskHandle<u64>> = Vec::with_capacity(spec.n);
        for i in 0..spec.n {
            let handle = add_of_each_arity!(dag, spec, handles, i);
            handles.push(handle);
        }
        Self {
            spec: Arc::clone(spec),
            dag,
            handles,
        }
    }

    async fn run(&mut self) -> u64 {
        let spawn = |future| {
            tokio::spawn(future);
        };
        self.dag.run(spawn).await.unwrap();
        self.spec
            .checksum(|i| self.dag.get(self.handles[i]).unwrap())
    }
}

//! operese-dagx 0.4.1, a fork of dagx: typed tasks of at most 8 inputs, a task a node, layer by layer.
#![expect(
    clippy::too_many_arguments,
    reason = "a task of eight inputs is a method of nine"
)]

use std::sync::Arc;

use operese_dagx::{DagRunner, TaskHandle, task};

use super::arity::{add_of_each_arity, tasks_of_each_arity};
use crate::body::body;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

tasks_of_each_arity!();

pub(super) struct Operese {
    spec: Arc<Spec>,
    /// Until the run, which consumes it.
    dag: Option<DagRunner>,
    handles: Vec<Option<TaskHandle<u64>>>,
}

impl Peer for Operese {
    type Source = Arc<Spec>;
    const REUSABLE: bool = false;
    const MAX_INPUTS: usize = 8;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let mut dag = DagRunner::new();
        let mut handles: Vec<TaskHandle<u64>> = Vec::with_capacity(spec.n);
        for i in 0..spec.n {
            let handle = add_of_each_arity!(dag, spec, handles, i);
            handles.push(handle);
        }
        Self {
            spec: Arc::clone(spec),
            dag: Some(dag),
            handles: handles.into_iter().map(Some).collect(),
        }
    }

    async fn run(&mut self) -> u64 {
        let dag = self.dag.take().unwrap();
        let spawn = |future| async move { tokio::spawn(future).await.unwrap() };
        let mut output = dag.run(spawn).await.unwrap();
        let handles = &mut self.handles;
        self.spec
            .checksum(|i| output.get(handles[i].take().unwrap()))
    }
}

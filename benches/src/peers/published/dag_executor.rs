//! dag-executor 0.1.0: a task a node, JSON values on a shared board.
//!
//! Raised limit: tasks at a time (20,000), so that nodes which wait can all do so at once.

use std::sync::Arc;

use dag_executor::dag::DagExecutor;
use dag_executor::prelude::{BasicTask, Context, Dag};
use serde_json::Value;

use crate::body::body;
use crate::peer::Peer;
use crate::spec::Spec;

pub(super) struct Executor {
    spec: Arc<Spec>,
    /// Until the run, which consumes it.
    dag: Option<Dag>,
}

impl Peer for Executor {
    type Source = Arc<Spec>;
    const REUSABLE: bool = false;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let mut dag = Dag::new();
        for i in 0..spec.n {
            let preds: Arc<[String]> = spec.p(i).iter().map(|&p| name(p as usize)).collect();
            let (add, work) = (spec.add[i], spec.work[i]);
            let reads = Arc::clone(&preds);
            let run = move |cx: Arc<Context>| {
                let reads = Arc::clone(&reads);
                async move {
                    let read = |name: &String| cx.get(name).unwrap().as_u64().unwrap();
                    let sum = reads.iter().map(read).fold(add, u64::wrapping_add);
                    Ok(Value::from(body(work, sum).await))
                }
            };
            let task = BasicTask::new(name(i), run).with_deps(preds.iter().cloned());
            dag.add_task(Arc::new(task)).unwrap();
        }
        Self {
            spec: Arc::clone(spec),
            dag: Some(dag),
        }
    }

    async fn run(&mut self) -> u64 {
        let executor = DagExecutor::builder()
            .persist(false)
            .concurrency(20_000)
            .build();
        let (dag, cx) = (self.dag.take().unwrap(), Context::for_tests());
        let report = executor
            .run_with_context(dag, Arc::clone(&cx))
            .await
            .unwrap();
        assert!(report.is_success());
        self.spec
            .checksum(|i| cx.get(&name(i)).unwrap().as_u64().unwrap())
    }
}

fn name(i: usize) -> String {
    format!("n{i}")
}

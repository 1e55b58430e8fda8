//! graph-flow 0.8.1: a session walks one path; JSON values in its context.

use std::sync::Arc;

use async_trait::async_trait;
use graph_flow::{Context, Graph, GraphBuilder, NextAction, Result, Session, Task, TaskResult};

use crate::peer::Peer;
use crate::spec::Spec;

struct Add {
    id: String,
    add: u64,
}

#[async_trait]
impl Task for Add {
    fn id(&self) -> &str {
        &self.id
    }

    async fn run(&self, cx: Context) -> Result<TaskResult> {
        let sum: u64 = cx.get("sum").unwrap_or(0);
        cx.set("sum", sum.wrapping_add(self.add))?;
        Ok(TaskResult::new(None, NextAction::ContinueAndExecute))
    }
}

pub(super) struct GraphFlow {
    spec: Arc<Spec>,
    graph: Graph,
}

impl Peer for GraphFlow {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let mut builder = GraphBuilder::new("graph");
        for i in 0..spec.n {
            let (id, add) = (format!("n{i}"), spec.add[i]);
            builder = builder.add_task(Arc::new(Add { id, add }));
            for p in spec.p(i) {
                builder = builder.add_edge(format!("n{p}"), format!("n{i}"));
            }
        }
        Self {
            spec: Arc::clone(spec),
            graph: builder.build().unwrap(),
        }
    }

    async fn run(&mut self) -> u64 {
        let mut session = Session::new_from_task("session".to_owned(), "n0");
        self.graph.execute_session(&mut session).await.unwrap();
        let sum: u64 = session.context.get("sum").unwrap();
        self.spec.checksum(|_| sum)
    }
}

//! dagrs 0.9.0: a task a node, a channel an edge.

use std::sync::Arc;

use async_trait::async_trait;
use dagrs::{
    Action, Content, DefaultNode, EnvVar, Graph, InChannels, Node, NodeId, NodeTable, OutChannels,
    Output,
};

use crate::body::body;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

struct Add(u64, Work);

#[async_trait]
impl Action for Add {
    async fn run(&self, inputs: &mut InChannels, out: &mut OutChannels, _: Arc<EnvVar>) -> Output {
        let received = inputs
            .map(|content| *content.unwrap().into_inner::<u64>().unwrap())
            .await;
        let sum = received.into_iter().fold(self.0, u64::wrapping_add);
        let content = Content::new(body(self.1, sum).await);
        out.broadcast(content.clone()).await;
        Output::Out(Some(content))
    }
}

pub(super) struct Dagrs {
    spec: Arc<Spec>,
    graph: Graph,
    ids: Vec<NodeId>,
}

impl Peer for Dagrs {
    type Source = Arc<Spec>;
    // Its channels are closed after a run.
    const REUSABLE: bool = false;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let (mut table, mut graph) = (NodeTable::default(), Graph::new());
        let node = |i: usize| {
            let action = Add(spec.add[i], spec.work[i]);
            DefaultNode::with_action(format!("n{i}"), action, &mut table)
        };
        let nodes: Vec<DefaultNode> = (0..spec.n).map(node).collect();
        let ids: Vec<NodeId> = nodes.iter().map(Node::id).collect();
        for node in nodes {
            graph.add_node(node).unwrap();
        }
        for i in 0..spec.n {
            let to: Vec<NodeId> = spec.s(i).iter().map(|&s| ids[s as usize]).collect();
            if !to.is_empty() {
                graph.add_edge(ids[i], to).unwrap();
            }
        }
        graph.set_env(EnvVar::new(table));
        Self {
            spec: Arc::clone(spec),
            graph,
            ids,
        }
    }

    async fn run(&mut self) -> u64 {
        self.graph.async_start().await.unwrap();
        let outputs = self.graph.get_results::<u64>();
        let value = |i: usize| **outputs[&self.ids[i]].as_ref().unwrap();
        self.spec.checksum(value)
    }
}

//! async_dag 0.1.2: typed closures of at most 13 inputs, all futures polled by the caller.
//!
//! Its graphs are not `Send`. They live in a list that belongs to the thread (of a runtime that has one), and what
//! the harness moves about is a place in that list; each poll of a run looks it up.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_dag::{Graph, NodeIndex};

use crate::body::body;
use crate::peer::Peer;
use crate::spec::Spec;

enum Slot {
    Free,
    Rests(Graph<'static>),
    Runs(Pin<Box<dyn Future<Output = Graph<'static>>>>),
}

thread_local! {
    static SLOTS: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct AsyncDag {
    spec: Arc<Spec>,
    slot: usize,
    nodes: Vec<NodeIndex>,
}

impl Peer for AsyncDag {
    type Source = Arc<Spec>;
    // A node's closure is consumed by its run.
    const REUSABLE: bool = false;
    const MAX_INPUTS: usize = 8;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(spec: &Arc<Spec>) -> Self {
        let mut graph = Graph::new();
        let mut nodes: Vec<NodeIndex> = Vec::with_capacity(spec.n);
        for i in 0..spec.n {
            let node = add_node(&mut graph, spec, i);
            for (k, &p) in spec.p(i).iter().enumerate() {
                graph
                    .update_dependency(nodes[p as usize], node, k as u8)
                    .unwrap();
            }
            nodes.push(node);
        }
        Self {
            spec: Arc::clone(spec),
            slot: keep(graph),
            nodes,
        }
    }

    async fn run(&mut self) -> u64 {
        let slot = self.slot;
        start(slot);
        poll_fn(|cx| poll(slot, cx)).await;
        let values = |i: usize| SLOTS.with_borrow(|slots| value(&slots[slot], self.nodes[i]));
        self.spec.checksum(values)
    }
}

impl Drop for AsyncDag {
    fn drop(&mut self) {
        let old = put(self.slot, Slot::Free);
        drop(old);
    }
}

fn add_node(graph: &mut Graph<'static>, spec: &Spec, i: usize) -> NodeIndex {
    let (add, work) = (spec.add[i], spec.work[i]);
    macro_rules! node {
        ($($input:ident),*) => {
            graph.add_task(move |$($input: u64),*| async move {
                body(work, add $( .wrapping_add($input) )*).await
            })
        };
    }
    match spec.p(i).len() {
        0 => node!(),
        1 => node!(a),
        2 => node!(a, b),
        3 => node!(a, b, c),
        4 => node!(a, b, c, d),
        5 => node!(a, b, c, d, e),
        6 => node!(a, b, c, d, e, f),
        7 => node!(a, b, c, d, e, f, g),
        8 => node!(a, b, c, d, e, f, g, h),
        n => unreachable!("{n} inputs"),
    }
}

fn keep(graph: Graph<'static>) -> usize {
    SLOTS.with_borrow_mut(|slots| {
        let free = slots.iter().position(|slot| matches!(slot, Slot::Free));
        let slot = free.unwrap_or(slots.len());
        if slot == slots.len() {
            slots.push(Slot::Free);
        }
        slots[slot] = Slot::Rests(graph);
        slot
    })
}

fn put(slot: usize, new: Slot) -> Slot {
    SLOTS.with_borrow_mut(|slots| std::mem::replace(&mut slots[slot], new))
}

fn start(slot: usize) {
    let Slot::Rests(mut graph) = put(slot, Slot::Free) else {
        unreachable!("a graph runs once");
    };
    let future = async move {
        graph.run().await;
        graph
    };
    put(slot, Slot::Runs(Box::pin(future)));
}

fn poll(slot: usize, cx: &mut Context<'_>) -> Poll<()> {
    // Taken out meanwhile, since another run may begin inside.
    let Slot::Runs(mut future) = put(slot, Slot::Free) else {
        unreachable!("it was started");
    };
    let (after, polled) = match future.as_mut().poll(cx) {
        Poll::Ready(graph) => (Slot::Rests(graph), Poll::Ready(())),
        Poll::Pending => (Slot::Runs(future), Poll::Pending),
    };
    put(slot, after);
    polled
}

fn value(slot: &Slot, node: NodeIndex) -> u64 {
    match slot {
        Slot::Rests(graph) => graph.get_value(node).unwrap(),
        _ => unreachable!("it ran"),
    }
}

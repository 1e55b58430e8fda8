//! Published crates that run graphs, each at one exact version.

mod arity;
mod async_dag;
mod dag_exec;
mod dag_executor;
mod dagrs;
mod dagx;
mod graph_flow;
mod operese_dagx;

use crate::peer::{Entry, Kind, Runtime};

use super::no_waiting;

/// Returns their entries.
pub(super) fn entries() -> Vec<Entry> {
    use Kind::Other;
    use Runtime::{Blocking, Current, Workers};
    vec![
        Entry::new::<dagx::Dagx>("dagx_ct", "dagx 0.3.1, u64", Other, Current),
        Entry::new::<dagx::Dagx>("dagx_mt", "the same, two workers", Other, Workers),
        Entry::new::<operese_dagx::Operese>(
            "operese_dagx_ct",
            "operese-dagx 0.4.1, u64",
            Other,
            Current,
        ),
        Entry::new::<operese_dagx::Operese>(
            "operese_dagx_mt",
            "the same, two workers",
            Other,
            Workers,
        ),
        Entry::new::<async_dag::AsyncDag>(
            "async_dag_ct",
            "async_dag 0.1.2, u64; cannot leave its thread",
            Other,
            Current,
        ),
        Entry::new::<dag_exec::DagExec>(
            "dag_exec_seq",
            "dag_exec 0.1.1, sequential, u64",
            Other,
            Blocking,
        )
        .skip(no_waiting),
        Entry::new::<dagrs::Dagrs>("dagrs_ct", "dagrs 0.9.0, u64", Other, Current),
        Entry::new::<dagrs::Dagrs>("dagrs_mt", "the same, two workers", Other, Workers),
        Entry::new::<graph_flow::GraphFlow>(
            "graph_flow_ct",
            "graph-flow 0.8.1, one path, JSON values",
            Other,
            Current,
        )
        .skip(one_path),
        Entry::new::<dag_executor::Executor>(
            "dag_executor_mt",
            "dag-executor 0.1.0, JSON values, two workers",
            Other,
            Workers,
        ),
    ]
}

fn one_path(workload: &str) -> Option<&'static str> {
    let one = matches!(workload, "chain_1k" | "subgraph_inlined");
    (!one).then_some("one path only")
}

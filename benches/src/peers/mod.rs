//! The list of peers.

mod futures_unordered;
mod graphloom;
#[cfg(feature = "peers")]
mod published;
mod rayon_jobs;
mod seq_dyn;
mod seq_fn;
mod seq_json;
mod tokio_channels;
mod tokio_joinset;

pub(crate) use graphloom::compile_time;

use crate::peer::{Entry, Kind, Runtime};
use crate::workloads::{beyond_numbers, is_stream, waits};

/// Returns every peer, in the order of the tables.
pub(crate) fn all() -> Vec<Entry> {
    use Kind::{Floor, Other};
    use Runtime::{Blocking, Current, Workers};
    let mut all = vec![
        Entry::new::<seq_fn::SeqFn>("seq_fn", "a loop of plain calls, u64", Floor, Blocking)
            .skip(no_waiting),
        Entry::new::<seq_dyn::SeqDyn>(
            "seq_dyn",
            "a loop over boxed futures of trait objects, u64",
            Floor,
            Current,
        )
        .skip(one_by_one),
        Entry::new::<seq_json::SeqJson<seq_json::Quiet>>(
            "seq_json",
            "as seq_dyn, serde_json values behind Arc",
            Floor,
            Current,
        )
        .skip(streams_too),
        Entry::new::<seq_json::SeqJson<seq_json::OwnTime>>(
            "seq_json_ev",
            "as seq_json, two events a node to a consumer task, each with its own time",
            Floor,
            Current,
        )
        .skip(streams_too),
        Entry::new::<seq_json::SeqJson<seq_json::Number>>(
            "seq_json_ev_batch",
            "the same, numbered, one time for 128 events",
            Floor,
            Current,
        )
        .skip(streams_too),
        Entry::new::<tokio_joinset::JoinSetLoop>(
            "tokio_joinset_ct",
            "in-degrees and a task a node, u64",
            Other,
            Current,
        ),
        Entry::new::<tokio_joinset::JoinSetLoop>(
            "tokio_joinset_mt",
            "the same, two workers",
            Other,
            Workers,
        ),
        Entry::new::<tokio_channels::Channels>(
            "tokio_channels_ct",
            "a task a node, bounded channels, u64",
            Other,
            Current,
        )
        .skip(streams_only),
        Entry::new::<tokio_channels::Channels>(
            "tokio_channels_mt",
            "the same, two workers",
            Other,
            Workers,
        )
        .skip(streams_only),
        Entry::new::<futures_unordered::Unordered>(
            "futs_unordered_ct",
            "in-degrees and FuturesUnordered in one task, u64",
            Other,
            Current,
        ),
        Entry::new::<rayon_jobs::Rayon<false>>(
            "rayon_spawn",
            "atomic in-degrees, a job a node, two threads, u64",
            Other,
            Blocking,
        )
        .skip(no_waiting),
        Entry::new::<rayon_jobs::Rayon<true>>(
            "rayon_inline",
            "atomic in-degrees, the first ready successor runs in the same job, two threads, u64",
            Other,
            Blocking,
        )
        .skip(no_waiting),
    ];
    #[cfg(feature = "peers")]
    all.extend(published::entries());
    all.extend(graphloom::entries());
    all
}

fn no_waiting(workload: &str) -> Option<&'static str> {
    waits(workload)
        .then_some("cannot wait")
        .or_else(|| beyond_numbers(workload))
}

fn one_by_one(workload: &str) -> Option<&'static str> {
    waits(workload)
        .then_some("one by one")
        .or_else(|| beyond_numbers(workload))
}

fn streams_too(workload: &str) -> Option<&'static str> {
    (!is_stream(workload))
        .then(|| one_by_one(workload))
        .flatten()
}

fn streams_only(workload: &str) -> Option<&'static str> {
    (!is_stream(workload)).then_some("streams only")
}

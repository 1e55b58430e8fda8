//! A cache: what comes to it, and comes out of it again as it was.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use graphloom::host::MemoryResults;
use graphloom::prelude::{Block, Emitter};
use graphloom::{
    BlockError, BlockInfo, Context, Engine, Event, Resource, Reuse, RunOptions, RunOutcome,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bench::{
    Calls, cached, digests, engine, kept, made, one, pure, registry, rerun_with, short, streams,
};
use crate::harness::{in_time, runtimes};

#[test]
fn many_emissions_on_many_pins_come_back_in_order() {
    for resource in [Resource::Io, Resource::Cpu] {
        for n in [0, 1, 2, 63, 64, 65, 1_000] {
            let calls = Calls::default();
            let engine = engine([streams(&calls, resource)]);
            let json = one(
                "r.stream",
                &format!(r#", "inputs": {{"n": {n}}}"#),
                &["item", "other", "count"],
            );
            let cache = MemoryResults::default();
            let record = || RunOptions::new().record();
            let reuse = || Reuse::new().cache(Arc::new(cache.clone()));
            let (first, told) = rerun_with(&engine, &json, reuse(), record());
            assert_eq!(short(&told), ["n.0: not in the cache"]);
            assert_eq!((told.kept, calls.take().len()), (1, 1));
            let (second, told) = rerun_with(&engine, &json, reuse(), record());
            assert_eq!(short(&told), ["n.0: cache"]);
            assert_eq!(calls.take(), BTreeMap::new());
            assert_eq!(first.outputs, second.outputs, "{n}");
            assert_eq!(first.output("item").len() as i64, n);
            // Between pins too: what one node emitted is one order.
            let emitted = |outcome: &RunOutcome| -> Vec<String> {
                let plan = engine.load(json.as_bytes()).unwrap();
                let node = plan.node("n").unwrap();
                let of_it = outcome
                    .records
                    .iter()
                    .filter_map(|record| match &record.event {
                        Event::Emitted {
                            node: of,
                            port,
                            value,
                            ..
                        }
                        | Event::Done {
                            node: of,
                            port,
                            value,
                            ..
                        } if *of == node => Some(format!("{port} {value}")),
                        _ => None,
                    });
                of_it.collect()
            };
            assert_eq!(emitted(&first), emitted(&second), "{n}");
        }
    }
}

/// A typed block, which has an emitter of its own.
struct Typed;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// How many.
    n: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// Each.
    Item(i64),
    /// All.
    Total(i64),
}

impl Block for Typed {
    const INFO: BlockInfo = BlockInfo::new("r.typed", 1, "Counts.");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        for i in 0..input.n {
            out.emit(Output::Item(i)).await?;
        }
        out.emit(Output::Total(input.n)).await?;
        Ok(())
    }
}

#[test]
fn a_typed_block_is_cached_too() {
    let mut registry = registry([]);
    registry.add(Typed).unwrap();
    let engine = Engine::new(registry);
    let json = one("r.typed", r#", "inputs": {"n": 70}"#, &["item", "total"]);
    let cache = MemoryResults::default();
    let (first, _) = cached(&engine, &cache, &json);
    let (second, told) = cached(&engine, &cache, &json);
    assert_eq!(short(&told), ["n.0: cache"]);
    assert_eq!(first.outputs, second.outputs);
    assert_eq!(second.output("item").len(), 70);
}

#[test]
fn a_result_is_one_of_block_and_inputs_whatever_the_node() {
    let calls = Calls::default();
    let engine = engine([digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls)]);
    let json = |nodes: &str| format!(r#"{{"format": 1, "nodes": {{{nodes}}}}}"#);
    let node =
        |id: &str, a: &str| format!(r#""{id}": {{"block": "r.sum", "inputs": {{"a": {a}}}}}"#);
    let cache = MemoryResults::default();
    cached(&engine, &cache, &json(&node("x", r#"{"p": 1, "q": 2}"#)));
    assert_eq!(calls.nodes(), ["x"]);
    let all = [
        node("y", r#"{"p": 1, "q": 2}"#),
        // A block may write the keys in their order.
        node("z", r#"{"q": 2, "p": 1}"#),
    ];
    let (_, told) = cached(&engine, &cache, &json(&all.join(", ")));
    assert_eq!(short(&told), ["y.0: cache", "z.0: not in the cache"]);
    assert_eq!(calls.nodes(), ["z"]);
}

#[test]
fn a_later_attempt_that_ends_well_is_cached_as_a_whole() {
    let tries = Arc::new(AtomicU32::new(0));
    let tried = Arc::clone(&tries);
    let flaky = made(pure("r.flaky", 1), &["a"], &["out"], move |_, _, out| {
        let n = tried.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            for i in 0..70 {
                out.emit("out", i).await?;
                if n < 2 && i == 30 * (i64::from(n) + 1) {
                    return Err(BlockError::transient("not yet"));
                }
            }
            Ok(())
        })
    });
    let engine = engine([flaky]);
    let retry = r#", "retry": {"max_attempts": 3, "backoff_ms": 1}"#;
    let json = one("r.flaky", retry, &["out"]);
    let cache = MemoryResults::default();
    let (first, told) = cached(&engine, &cache, &json);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    // One firing, told of once.
    assert_eq!(short(&told), ["n.0: not in the cache"]);
    assert_eq!((told.missed, told.kept), (1, 1));
    let (second, told) = cached(&engine, &cache, &json);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(short(&told), ["n.0: cache"]);
    assert_eq!(first.outputs, second.outputs);
    assert_eq!(second.output("out").len(), 70);
}

#[test]
fn runs_at_the_same_time_share_a_cache() {
    for (name, runtime) in runtimes() {
        let calls = Calls::default();
        let pins = &["a", "b", "k"];
        let engine = engine([digests(pure("r.sum", 1), "sum", pins, &["out"], &calls)]);
        let nodes =
            (0..200).map(|n| format!(r#""n{n}": {{"block": "r.sum", "inputs": {{"k": {n}}}}}"#));
        let links = (1..200).flat_map(|n| {
            [
                format!(r#"{{"from": "n{}.out", "to": "n{n}.a"}}"#, n - 1),
                format!(r#"{{"from": "n{}.out", "to": "n{n}.b"}}"#, n / 2),
            ]
        });
        let json = format!(
            r#"{{"format": 1, "nodes": {{{}, "out": {{"block": "t.out", "inputs": {{"name": "x"}}}}}},
                "links": [{}, {{"from": "n199.out", "to": "out.value"}}]}}"#,
            nodes.collect::<Vec<_>>().join(", "),
            links.collect::<Vec<_>>().join(", ")
        );
        let (_, expected) = kept(&engine, &json);
        calls.take();
        let cache = MemoryResults::default();
        let one = || {
            let reuse = Arc::new(Reuse::new().cache(Arc::new(cache.clone())));
            let engine = engine.reusing(&reuse);
            let plan = engine.load(json.as_bytes()).unwrap();
            (engine.start(&plan, RunOptions::new()).unwrap(), reuse)
        };
        runtime.block_on(async {
            let all = [one(), one(), one()];
            for (handle, reuse) in all {
                let outcome = in_time(handle.outcome()).await;
                assert_eq!(outcome.outputs, expected.outputs, "{name}");
                let told = reuse.explanations();
                assert_eq!(told.from_cache + told.missed, 200, "{name}");
                assert_eq!(told.kept, told.missed, "{name}");
            }
            assert_eq!(cache.len(), 200);
            calls.take();
            let (handle, reuse) = one();
            assert_eq!(in_time(handle.outcome()).await.outputs, expected.outputs);
            assert_eq!(reuse.explanations().from_cache, 200, "{name}");
        });
        assert!(calls.nodes().is_empty(), "{name}");
    }
}

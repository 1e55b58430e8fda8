//! Results of standard blocks, taken from a cache.

use std::sync::Arc;

use graphloom::graph::Coercion;
use graphloom::host::MemoryResults;
use graphloom::{Capability, Effect, Reuse, Role, RunOptions};

use crate::support::{engine, json};

/// Each declared example gives the same when its result is taken from a cache; those of blocks that look at more than their
/// inputs, and those that fail, are worked out each time.
#[test]
fn examples_come_out_of_a_cache_as_they_went_in() {
    let engine = engine();
    let cache = MemoryResults::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut taken, mut called) = (0, 0);
    for entry in engine.registry().iter() {
        let info = entry.info();
        let by_content = info.role == Role::Standard
            && info.effect == Effect::Pure
            && info
                .capabilities
                .iter()
                .all(|asked| *asked == Capability::Blobs);
        for example in info.examples {
            let inputs = json(example.inputs.as_bytes());
            let run = || {
                let reuse = Arc::new(Reuse::new().cache(Arc::new(cache.clone())));
                let inputs = inputs.as_map().unwrap().clone();
                let engine = engine.reusing(&reuse);
                let run = engine.run_block(info.id, inputs, Coercion::Strict, RunOptions::new());
                (runtime.block_on(run), reuse.explanations())
            };
            let (first, told) = run();
            let Ok(first) = first else { continue };
            let kept = by_content && first.error.is_none();
            // Another example may have had the same inputs.
            assert_eq!(told.kept + told.from_cache, u64::from(kept), "{}", info.id);
            let (second, told) = run();
            assert_eq!(told.from_cache, u64::from(kept), "{}: {told:?}", info.id);
            if kept {
                taken += 1;
                assert_eq!(second.unwrap(), first, "{}", info.id);
            } else {
                called += 1;
            }
        }
    }
    println!("{taken} taken, {called} called");
    assert!(taken > called);
}

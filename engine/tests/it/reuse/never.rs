//! What never comes to a cache, and caches that do not do as they should: neither changes what a run does.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::{BoxFuture, OutputPin, types::PinType};
use graphloom::host::{
    BlobError, Blobs, CacheError, CachedResult, MemoryBlobs, MemoryResults, ResultCache,
};
use graphloom::value::{ContentHash, Sealed};
use graphloom::{
    BlockError, BlockInfo, CancelToken, Capability, Effect, Engine, Resource, Reuse, RunOptions,
    Status, Text, Value, value,
};

use super::bench::{
    Calls, Made, cached, digests, engine, made, one, pure, registry, rerun, rerun_with, short,
    streams,
};
use crate::harness::{in_time, one_thread};

#[test]
fn failures_and_secrets_never_come_to_a_cache() {
    let sealed = || Value::Sealed(Arc::new(Sealed::new("key", "ciphertext")));
    let fails = made(pure("r.fail", 1), &["a"], &["out"], |_, _, out| {
        Box::pin(async move {
            out.emit("out", 1).await?;
            Err(BlockError::failed("no"))
        })
    });
    let panics = made(pure("r.panic", 1), &["a"], &["out"], |_, _, out| {
        Box::pin(async move {
            out.emit("out", 1).await?;
            panic!("at the disco");
        })
    });
    let late = made(pure("r.late", 1), &["a"], &["out"], |cx, _, out| {
        Box::pin(async move {
            out.emit("out", 1).await?;
            cx.cancelled().await;
            Ok(())
        })
    });
    let seals = made(pure("r.seal", 1), &["a"], &["out"], move |_, _, out| {
        let sealed = sealed();
        Box::pin(async move {
            out.emit("out", value!({"deep": [(sealed)]})).await?;
            Ok(())
        })
    });
    let passes = made(pure("r.pass", 1), &["a"], &["out"], |_, _, out| {
        Box::pin(async move {
            out.emit("out", 1).await?;
            Ok(())
        })
    });
    let engine = engine([fails, panics, late, seals, passes]);
    let check = |json: &str, expected: &[&str], kept: (u64, u64)| {
        let cache = MemoryResults::default();
        for _ in 0..2 {
            let (_, told) = cached(&engine, &cache, json);
            assert_eq!(short(&told), expected, "{json}");
            assert_eq!((told.kept, told.not_kept), kept, "{json}");
        }
        assert!(cache.is_empty());
    };
    let missing = &["n.0: not in the cache"];
    check(&one("r.fail", "", &["out"]), missing, (0, 0));
    check(&one("r.panic", "", &["out"]), missing, (0, 0));
    check(
        &one("r.late", r#", "timeout_ms": 5"#, &["out"]),
        missing,
        (0, 0),
    );
    check(&one("r.seal", "", &["out"]), missing, (0, 1));
    // Nor does what a secret was given to.
    let json = r#"{"format": 1, "nodes": {"s": {"block": "r.seal"}, "n": {"block": "r.pass"}},
        "links": [{"from": "s.out", "to": "n.a"}]}"#;
    check(json, &["n.0: secret", "s.0: not in the cache"], (0, 1));
}

#[test]
fn what_was_cancelled_never_comes_to_a_cache() {
    let cancel = CancelToken::new();
    let inside = cancel.clone();
    // Asks the run to stop, and ends well all the same.
    let stops = made(pure("r.stop", 1), &["a"], &["out"], move |_, _, out| {
        let inside = inside.clone();
        Box::pin(async move {
            out.emit("out", 1).await?;
            inside.cancel();
            Ok(())
        })
    });
    let engine = engine([stops]);
    let cache = MemoryResults::default();
    let reuse = Reuse::new().cache(Arc::new(cache.clone()));
    let options = RunOptions::new().cancel_with(&cancel);
    let (outcome, told) = rerun_with(&engine, &one("r.stop", "", &["out"]), reuse, options);
    assert_eq!(outcome.status, Status::Cancelled);
    assert_eq!(short(&told), ["n.0: not in the cache"]);
    assert!(cache.is_empty());
}

#[test]
fn what_is_too_large_is_not_cached() {
    let calls = Calls::default();
    let engine = engine([streams(&calls, Resource::Io)]);
    let json = |n: i64| {
        one(
            "r.stream",
            &format!(r#", "inputs": {{"n": {n}}}"#),
            &["item"],
        )
    };
    let check = |n: i64, kept: u64, why: Option<&str>| {
        let cache = MemoryResults::default();
        let reuse = Reuse::new()
            .cache(Arc::new(cache.clone()))
            .max_result_bytes(10_000);
        let (outcome, told) = rerun(&engine, &json(n), reuse);
        assert_eq!(outcome.output("item").len() as i64, n);
        assert_eq!((told.kept, cache.len() as u64), (kept, kept));
        assert_eq!(told.not_kept, 1 - kept);
        assert_eq!(told.why_not_kept.as_deref(), why);
    };
    check(10, 1, None);
    check(2_000, 0, Some("the result is larger than 10000 bytes"));
}

/// A cache that is not as one would wish.
struct Bad(fn() -> BoxFuture<'static, Result<Option<CachedResult>, CacheError>>);

impl ResultCache for Bad {
    fn get(&self, _: ContentHash) -> BoxFuture<'_, Result<Option<CachedResult>, CacheError>> {
        (self.0)()
    }

    fn put(&self, _: ContentHash, _: CachedResult) -> BoxFuture<'_, Result<(), CacheError>> {
        let message = "no room".to_owned();
        Box::pin(async { Err(CacheError::Failed { message }) })
    }
}

#[test]
fn a_bad_cache_fails_nothing() {
    let calls = Calls::default();
    let engine = engine([digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls)]);
    let json = one("r.sum", "", &["out"]);
    let check = |cache: Bad, expected: &str| {
        let (outcome, told) = rerun(&engine, &json, Reuse::new().cache(Arc::new(cache)));
        assert!(outcome.is_ok());
        assert_eq!(outcome.output("out").len(), 1);
        assert_eq!(short(&told), [expected]);
        assert_eq!((told.kept, told.not_kept), (0, 1));
        assert_eq!(
            told.why_not_kept.as_deref(),
            Some("the cache failed: no room")
        );
    };
    let damaged = || -> BoxFuture<'static, _> {
        let message = "its hash is another".to_owned();
        Box::pin(async { Err(CacheError::Damaged { message }) })
    };
    check(
        Bad(damaged),
        "n.0: the entry is damaged: its hash is another",
    );
    let of_another = || -> BoxFuture<'static, _> {
        let outputs = vec![(Text::from("gone"), Value::Null)];
        Box::pin(async { Ok(Some(CachedResult::new("r.sum", 1, outputs))) })
    };
    check(Bad(of_another), "n.0: it has no output \"gone\" now");
}

#[test]
fn a_run_that_waits_for_a_cache_can_be_cancelled() {
    let never = || -> BoxFuture<'static, _> { Box::pin(std::future::pending()) };
    let calls = Calls::default();
    let engine = engine([digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls)]);
    let reuse = Arc::new(Reuse::new().cache(Arc::new(Bad(never))));
    let engine = engine.reusing(&reuse);
    let plan = engine.load(one("r.sum", "", &["out"]).as_bytes()).unwrap();
    one_thread().block_on(async {
        let handle = engine.start(&plan, RunOptions::new()).unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        handle.cancel();
        let outcome = in_time(handle.outcome()).await;
        assert_eq!(outcome.status, Status::Cancelled);
    });
    assert!(calls.nodes().is_empty());
}

#[test]
fn a_result_whose_blob_is_gone_is_not_taken() {
    let calls = Calls::default();
    let noted = calls.clone();
    let info = pure("r.blob", 1).capabilities(&[Capability::Blobs]);
    let writes = made(info, &["a"], &["out"], move |cx, _, out| {
        noted.note(cx);
        Box::pin(async move {
            let put = cx.blobs()?.put(b"content".to_vec(), None).await;
            let blob = put.map_err(|error: BlobError| BlockError::failed(error.to_string()))?;
            out.emit("out", value!([(Value::Blob(Arc::new(blob)))]))
                .await?;
            Ok(())
        })
    });
    let registry = registry([writes]);
    let blobs: Arc<dyn Blobs> = Arc::new(MemoryBlobs::default());
    let engine = Engine::builder(registry.clone()).blobs(blobs).build();
    let json = one("r.blob", "", &["out"]);
    let cache = MemoryResults::default();
    cached(&engine, &cache, &json);
    let (_, told) = cached(&engine, &cache, &json);
    assert_eq!(short(&told), ["n.0: cache"]);
    assert_eq!(calls.take().len(), 1);
    // Another machine has the cache and not the blobs.
    let other = Engine::new(registry);
    let (outcome, told) = cached(&other, &cache, &json);
    assert!(short(&told)[0].starts_with("n.0: blob sha256:"), "{told:?}");
    assert!(short(&told)[0].ends_with(" is gone"), "{told:?}");
    assert_eq!(calls.take().len(), 1);
    assert_eq!(outcome.output("out").len(), 1);
    let (_, told) = cached(&other, &cache, &json);
    assert_eq!(short(&told), ["n.0: cache"]);
}

#[test]
fn made_up_answers_do_not_come_to_a_cache() {
    const PAYS: BlockInfo = pure("r.pays", 1).effect(Effect::AtMostOnce);
    let pays = Made {
        outputs: vec![OutputPin::new("out", PinType::Integer)],
        ..made(PAYS, &["a"], &[], |_, _, out| {
            Box::pin(async move {
                out.emit("out", 7).await?;
                Ok(())
            })
        })
    };
    let calls = Calls::default();
    let sum = digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls);
    let engine = Engine::new(registry([pays, sum]).mocked());
    let json = r#"{"format": 1, "nodes": {"p": {"block": "r.pays"}, "n": {"block": "r.sum"}},
        "links": [{"from": "p.out", "to": "n.a"}]}"#;
    let cache = MemoryResults::default();
    let (_, told) = cached(&engine, &cache, json);
    // What follows from a made-up answer by itself is none.
    assert_eq!(short(&told), ["n.0: not in the cache"]);
    assert_eq!(cache.len(), 1);
}

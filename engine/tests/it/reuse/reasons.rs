//! Why a result could not be taken: each reason where it belongs, and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use graphloom::block::{InputPin, OutputPin, types::PinType};
use graphloom::value::{Map, Sealed};
use graphloom::{
    BlockError, CancelToken, Capability, Effect, Engine, Reuse, RunOptions, Status, Value, value,
};

use super::bench::{
    Calls, Made, after, digests, engine, kept, kept_with, made, pure, rerun, results, short,
};

/// A block with this capability that emits what it is given.
fn asks(id: &'static str, asked: &'static [Capability]) -> Made {
    made(
        pure(id, 1).capabilities(asked),
        &["a"],
        &["out"],
        |_, inputs, out| {
            Box::pin(async move {
                let given = inputs.get("a").cloned().unwrap_or_default();
                out.emit("out", given).await?;
                Ok(())
            })
        },
    )
}

#[test]
fn what_is_not_told_by_inputs_runs_anew() {
    let effect = |id, effect| Made {
        info: pure(id, 1).effect(effect),
        ..asks(id, &[])
    };
    let engine = engine([
        asks("r.http", &[Capability::Http]),
        asks("r.credential", &[Capability::Credential]),
        asks("r.clock", &[Capability::Blobs, Capability::Clock]),
        asks("r.random", &[Capability::Random]),
        asks("r.graphs", &[Capability::Graphs]),
        asks("r.tools", &[Capability::Tools]),
        asks("r.wait", &[Capability::Wait]),
        asks("r.ext", &[Capability::Ext]),
        asks("r.blobs", &[Capability::Blobs]),
        effect("r.again", Effect::Idempotent),
        effect("r.once", Effect::AtMostOnce),
    ]);
    let kinds = [
        "http",
        "credential",
        "clock",
        "random",
        "graphs",
        "tools",
        "wait",
        "ext",
        "blobs",
        "again",
        "once",
    ];
    let nodes = kinds.map(|kind| format!(r#""{kind}": {{"block": "r.{kind}"}}"#));
    let json = format!(r#"{{"format": 1, "nodes": {{{}}}}}"#, nodes.join(", "));
    let (trial, _) = kept(&engine, &json);
    let (_, told) = after(&engine, &trial, &json);
    assert_eq!(
        short(&told),
        [
            "again.0: not pure",
            "blobs.0: run",
            "clock.0: asks for the clock",
            "credential.0: asks for a credential",
            "ext.0: asks for something of the host's",
            "graphs.0: asks for sub-graphs",
            "http.0: asks for the web",
            "once.0: not pure",
            "random.0: asks for random numbers",
            "tools.0: asks for tools",
            "wait.0: asks for an answer",
        ]
    );
}

/// Fails for what is not a number.
fn picky() -> Made {
    made(pure("r.picky", 1), &["a"], &["out"], |_, inputs, out| {
        Box::pin(async move {
            match inputs.get("a").and_then(Value::as_i64) {
                Some(n) => out.emit("out", n).await?,
                None => return Err(BlockError::failed("not a number")),
            }
            Ok(())
        })
    })
}

#[test]
fn each_firing_has_its_own_reason() {
    let list = made(pure("r.each", 1), &["list"], &["out"], |_, inputs, out| {
        Box::pin(async move {
            for item in inputs.get("list").and_then(Value::as_list).unwrap().iter() {
                out.emit("out", item.clone()).await?;
            }
            Ok(())
        })
    });
    let engine = engine([list, picky()]);
    let json = |list: &str| {
        format!(
            r#"{{"format": 1, "policy": {{"on_error": "continue"}}, "nodes": {{
                "each": {{"block": "r.each", "inputs": {{"list": {list}}}}},
                "n": {{"block": "r.picky"}}}},
            "links": [{{"from": "each.out", "to": "n.a"}}]}}"#
        )
    };
    let (trial, _) = kept(&engine, &json(r#"[10, "x", 30]"#));
    let (_, told) = after(&engine, &trial, &json(r#"[10, "x", 31, 30, 99]"#));
    assert_eq!(
        short(&told),
        [
            "each.0: input \"list\" changed",
            "n.0: run",
            "n.1: it failed then",
            "n.2: input \"a\" changed",
            // It was the third then: what a block gives does not depend on that.
            "n.3: run",
            "n.4: firing 4 was not in that run",
        ]
    );
    assert_eq!((told.from_run, told.missed), (2, 4));
}

#[test]
fn new_nodes_and_new_blocks_are_told_from_new_inputs() {
    let calls = Calls::default();
    let sum = |id, version| digests(pure(id, version), "sum", &["a"], &["out"], &calls);
    let first = engine([sum("r.sum", 1), sum("r.other", 4)]);
    let again = engine([sum("r.sum", 2), sum("r.other", 4)]);
    let json = |nodes: &str| format!(r#"{{"format": 1, "nodes": {{{nodes}}}}}"#);
    let (trial, _) = kept(
        &first,
        &json(
            r#""kept": {"block": "r.other", "inputs": {"a": 1}}, "grown": {"block": "r.sum", "inputs": {"a": 2}},
            "other": {"block": "r.other", "inputs": {"a": 3}}, "gone": {"block": "r.other", "inputs": {"a": 4}}"#,
        ),
    );
    let (_, told) = after(
        &again,
        &trial,
        &json(
            r#""kept": {"block": "r.other", "inputs": {"a": 1}}, "grown": {"block": "r.sum", "inputs": {"a": 2}},
            "other": {"block": "r.sum", "inputs": {"a": 3}}, "new": {"block": "r.other", "inputs": {"a": 5}},
            "renamed": {"block": "r.other", "inputs": {"a": 4}}"#,
        ),
    );
    assert_eq!(
        short(&told),
        [
            "grown.0: block changed from r.sum@1 to r.sum@2",
            "kept.0: run",
            "new.0: new node",
            "other.0: block changed from r.other@4 to r.sum@2",
            "renamed.0: run",
        ]
    );
}

#[test]
fn what_was_cut_off_then_runs_anew() {
    let cancel = CancelToken::new();
    let inside = cancel.clone();
    let stops = made(pure("r.stop", 1), &["a"], &["out"], move |cx, _, out| {
        let inside = inside.clone();
        Box::pin(async move {
            if !inside.is_cancelled() {
                inside.cancel();
                cx.cancelled().await;
                return Err(BlockError::Cancelled);
            }
            out.emit("out", 1).await?;
            Ok(())
        })
    });
    let calls = Calls::default();
    let sum = digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls);
    let engine = engine([stops, sum]);
    let json = r#"{"format": 1, "nodes": {
        "first": {"block": "r.sum", "inputs": {"a": 0}},
        "n": {"block": "r.stop"}, "never": {"block": "r.sum"}},
        "links": [{"from": "first.out", "to": "n.a"}, {"from": "n.out", "to": "never.a"}]}"#;
    let options = RunOptions::new().cancel_with(&cancel);
    let (trial, outcome) = kept_with(&engine, json, options);
    assert_eq!(outcome.status, Status::Cancelled);
    let (outcome, told) = after(&engine, &trial, json);
    assert!(outcome.is_ok());
    assert_eq!(
        short(&told),
        [
            "first.0: run",
            "n.0: it was cut off",
            "never.0: firing 0 was not in that run",
        ]
    );
}

#[test]
fn what_was_given_up_with_its_graph_runs_anew() {
    let first = Arc::new(AtomicBool::new(true));
    let once = Arc::clone(&first);
    let fails = made(pure("r.fails", 1), &["a"], &["out"], move |_, _, out| {
        let fails = once.load(Ordering::SeqCst);
        Box::pin(async move {
            if fails {
                tokio::task::yield_now().await;
                return Err(BlockError::failed("no"));
            }
            out.emit("out", 1).await?;
            Ok(())
        })
    });
    let waits = Arc::clone(&first);
    let slow = made(pure("r.slow", 1), &["a"], &["out"], move |_, _, out| {
        let waits = waits.load(Ordering::SeqCst);
        Box::pin(async move {
            if waits {
                std::future::pending::<()>().await;
            }
            out.emit("out", 1).await?;
            Ok(())
        })
    });
    let engine = engine([fails, slow]);
    let json = r#"{"format": 1, "policy": {"on_error": "continue"}, "nodes": {
        "call": {"block": "t.call", "inputs": {"graph": "g"}}},
      "graphs": {"g": {"format": 1, "nodes": {"slow": {"block": "r.slow"}, "fails": {"block": "r.fails"}}}}}"#;
    let (trial, outcome) = kept(&engine, json);
    assert_eq!(outcome.node_errors, 2);
    first.store(false, Ordering::SeqCst);
    let (outcome, told) = after(&engine, &trial, json);
    assert!(outcome.is_ok());
    assert_eq!(
        short(&told),
        [
            "call/fails.0: it failed then",
            "call/slow.0: it was cut off"
        ]
    );
}

#[test]
fn a_run_that_has_not_ended_gives_what_it_has() {
    let calls = Calls::default();
    let sum = digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls);
    let waits = made(
        pure("r.wait", 1)
            .effect(Effect::Idempotent)
            .capabilities(&[Capability::Wait]),
        &["a"],
        &["out"],
        |cx, _, out| {
            Box::pin(async move {
                let answer = cx.wait("answer", Value::Null).await?;
                out.emit("out", answer).await?;
                Ok(())
            })
        },
    );
    let engine = engine([sum, waits]);
    let json = r#"{"format": 1, "nodes": {"n": {"block": "r.sum", "inputs": {"a": 0}}, "w": {"block": "r.wait"}, "z": {"block": "r.sum"}},
        "links": [{"from": "n.out", "to": "w.a"}]}"#;
    let (trial, outcome) = kept_with(&engine, json, RunOptions::new().park());
    assert_eq!(outcome.status, Status::Waiting);
    let plan = engine.load(json.as_bytes()).unwrap();
    let all = Reuse::new().run(results(&engine, &trial));
    let reuse = Arc::new(all.from_node(&plan, "z").unwrap());
    let reusing = engine.reusing(&reuse);
    let plan = reusing.load(json.as_bytes()).unwrap();
    crate::harness::one_thread().block_on(async {
        let handle = reusing.start(&plan, RunOptions::new()).unwrap();
        while !handle.answer("w", None, Value::from(1)).await {
            tokio::task::yield_now().await;
        }
        assert!(crate::harness::in_time(handle.outcome()).await.is_ok());
    });
    assert_eq!(
        short(&reuse.explanations()),
        ["n.0: run", "w.0: it was cut off", "z.0: in the cone of z",]
    );
    let (_, told) = after(
        &engine,
        &trial,
        &json
            .replace(r#""a": 0"#, r#""a": 1"#)
            .replace("r.wait", "r.sum"),
    );
    assert_eq!(
        short(&told),
        [
            "n.0: input \"a\" changed",
            "w.0: block changed from r.wait@1 to r.sum@1",
            "z.0: run",
        ]
    );
}

#[test]
fn secrets_are_told_by_no_more_than_that_word() {
    let sealed = || Value::Sealed(Arc::new(Sealed::new("key", "ciphertext")));
    let seals = made(pure("r.seal", 1), &["a"], &["out"], move |_, _, out| {
        let sealed = sealed();
        Box::pin(async move {
            out.emit("out", sealed).await?;
            Ok(())
        })
    });
    let calls = Calls::default();
    let sum = digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls);
    let engine = engine([seals, sum]);
    let json = r#"{"format": 1, "nodes": {"s": {"block": "r.seal"}, "n": {"block": "r.sum"}, "x": {"block": "r.sum"}},
        "links": [{"from": "s.out", "to": "n.a"}, {"from": "n.out", "to": "x.a"}]}"#;
    let (trial, _) = kept(&engine, json);
    let (_, told) = after(&engine, &trial, json);
    // What a block makes of a secret is its own affair: the engine seals what has to be.
    assert_eq!(short(&told), ["n.0: secret", "s.0: secret", "x.0: run"]);
    // A run that begins elsewhere takes no secret either.
    let plan = engine.load(json.as_bytes()).unwrap();
    let reuse = Reuse::new().run(results(&engine, &trial));
    let (_, told) = rerun(&engine, json, reuse.from_node(&plan, "x").unwrap());
    assert_eq!(
        short(&told),
        ["n.0: secret", "s.0: secret", "x.0: in the cone of x"]
    );
}

#[test]
fn what_did_not_fit_then_is_told_apart() {
    let integers = Made {
        inputs: vec![InputPin::new("a", PinType::Integer).required()],
        ..picky()
    };
    let source = made(pure("r.one", 1), &["what"], &["out"], |_, inputs, out| {
        Box::pin(async move {
            out.emit("out", inputs.get("what").cloned().unwrap_or_default())
                .await?;
            Ok(())
        })
    });
    let engine = engine([integers, source]);
    let json = |what: &str, policy: &str| {
        format!(
            r#"{{"format": 1, "policy": {{"on_error": "continue"{policy}}}, "nodes": {{
                "one": {{"block": "r.one", "inputs": {{"what": {what}}}}}, "n": {{"block": "r.picky"}}}},
            "links": [{{"from": "one.out", "to": "n.a"}}]}}"#
        )
    };
    for (policy, reason) in [
        ("", "it failed then"),
        (
            ", \"nulls\": \"drop\", \"coercion\": \"lenient\"",
            "its input did not fit then",
        ),
    ] {
        let (trial, _) = kept(&engine, &json("null", policy));
        let (_, told) = after(&engine, &trial, &json("1", policy));
        assert_eq!(
            short(&told),
            [
                format!("n.0: {reason}"),
                "one.0: input \"what\" changed".to_owned()
            ]
        );
    }
}

#[test]
fn what_fired_tools_fires_them_again() {
    let calls = Calls::default();
    let pays = |id: &'static str, calls: &Calls| Made {
        info: pure(id, 1).effect(Effect::AtMostOnce),
        ..digests(pure(id, 1), id, &["a"], &["out"], calls)
    };
    let noted = calls.clone();
    let agent = Made {
        outputs: vec![
            OutputPin::new("out", PinType::Any),
            OutputPin::new("tools", PinType::Any).tools(),
        ],
        ..made(
            pure("r.agent", 1)
                .effect(Effect::AtMostOnce)
                .capabilities(&[Capability::Tools]),
            &["a", "asks"],
            &[],
            move |cx, inputs, out| {
                noted.note(cx);
                Box::pin(async move {
                    for tool in cx.tools()? {
                        if inputs.get("asks") == Some(&Value::from(true)) {
                            let arguments = Map::from_iter([("a", value!([1]))]);
                            cx.call_tool(tool.index, arguments).await?;
                        }
                    }
                    out.emit("out", 1).await?;
                    Ok(())
                })
            },
        )
    };
    let engine = engine([agent, pays("r.tool", &calls), pays("r.end", &calls)]);
    let json = |asks: bool| {
        format!(
            r#"{{"format": 1, "nodes": {{"agent": {{"block": "r.agent", "inputs": {{"asks": {asks}}}}},
                "tool": {{"block": "r.tool"}}, "seen": {{"block": "r.end"}}, "end": {{"block": "r.end"}}}},
            "links": [{{"from": "agent.tools", "to": "tool.a"}}, {{"from": "tool.out", "to": "seen.a"}},
                {{"from": "agent.out", "to": "end.a"}}]}}"#
        )
    };
    let check = |asks: bool, node: &str, expected: &[&str], called: &[&str]| {
        let json = json(asks);
        let (trial, _) = kept(&engine, &json);
        calls.take();
        let plan = engine.load(json.as_bytes()).unwrap();
        let reuse = Reuse::new().run(results(&engine, &trial));
        let (outcome, told) = rerun(&engine, &json, reuse.from_node(&plan, node).unwrap());
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(short(&told), expected);
        assert_eq!(calls.nodes(), called);
    };
    // What the tool gave flows on because the agent fires it again; the tool itself does not act.
    check(
        true,
        "end",
        &[
            "agent.0: it fired tools then",
            "end.0: in the cone of end",
            "seen.0: run",
            "tool.0: run",
        ],
        &["agent", "end"],
    );
    check(
        false,
        "end",
        &["agent.0: run", "end.0: in the cone of end"],
        &["end"],
    );
    // Who fires a tool depends on it, and it on who fires it.
    for node in ["tool", "agent"] {
        let cone = |of: &str| format!("{of}.0: in the cone of {node}");
        let all = ["agent", "end", "seen", "tool"];
        let expected = all.map(cone);
        check(true, node, &expected.each_ref().map(String::as_str), &all);
    }
}

#[test]
fn a_run_whose_blocks_have_other_pins_now_cannot_be_read() {
    let calls = Calls::default();
    let block = |pins: &[&str], version| {
        Engine::new(super::bench::registry([digests(
            pure("r.sum", version),
            "sum",
            pins,
            &["out"],
            &calls,
        )]))
    };
    let json = r#"{"format": 1, "nodes": {"n": {"block": "r.sum"}}}"#;
    let (trial, _) = kept(&block(&["a"], 1), json);
    let read = |engine: &Engine| {
        let read = graphloom::RunResults::of(&trial.store, &trial.run, engine);
        crate::harness::one_thread().block_on(read)
    };
    assert_eq!(read(&block(&["a"], 2)).unwrap().len(), 1);
    let error = read(&block(&["a", "b"], 2)).unwrap_err();
    assert_eq!(error.code(), graphloom::Code::RunChanged);
    assert!(error.to_string().contains("r.sum"), "{error}");
}

#[test]
fn only_so_many_firings_are_explained() {
    let calls = Calls::default();
    let engine = engine([digests(pure("r.sum", 1), "sum", &["a"], &["out"], &calls)]);
    let json = r#"{"format": 1, "nodes": {"s": {"block": "t.source", "inputs": {"n": 10}}, "n": {"block": "r.sum"}},
        "links": [{"from": "s.item", "to": "n.a"}]}"#;
    let (_, told) = rerun(&engine, json, Reuse::new().max_explanations(4));
    assert_eq!((told.list.len(), told.more, told.missed), (4, 7, 11));
}

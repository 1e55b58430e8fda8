//! What blocks emit: on pins that are not there, too much of it, and from where they should not.

use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};

use graphloom::block::types::PinType;
use graphloom::block::{InputPin, OutputPin};
use graphloom::{BlockError, EmitError, RunLimits, RunOptions, Status, Value};

use super::{engine, failed, graph, run, run_with};
use crate::faults::blocks::Probe;

#[tokio::test]
async fn an_undeclared_pin_is_the_blocks_bug() {
    let named = Probe::new("test.named", |_, _, out| {
        Box::pin(async move { Ok(out.emit("nope", 1).await?) })
    });
    let numbered = Probe::new("test.numbered", |_, _, out| {
        Box::pin(async move { Ok(out.emit_at(usize::MAX, 1).await?) })
    });
    // Behind the declared ones comes the pin of errors, which is the engine's.
    let next = Probe::new("test.next", |_, _, out| {
        Box::pin(async move { Ok(out.emit_at(1, 1).await?) })
    })
    .pins(Vec::new(), vec![OutputPin::new("n", PinType::Integer)]);
    let engine = engine([named, numbered, next]);
    for block in ["named", "numbered", "next"] {
        let outcome = run(
            &engine,
            &graph(&format!(r#""p":{{"block":"test.{block}"}}"#), ""),
        )
        .await;
        assert_eq!(failed(&outcome), "BLOCK_BUG");
        assert!(outcome.failure.unwrap().message.contains("no output pin"));
    }
}

#[tokio::test]
async fn a_value_of_another_type_than_declared_is_a_typed_failure() {
    let liar = Probe::new("test.liar", |_, _, out| {
        Box::pin(async move { Ok(out.emit("n", "no number").await?) })
    })
    .pins(
        vec![InputPin::new("in", PinType::Any)],
        vec![OutputPin::new("n", PinType::Integer)],
    );
    let nodes = r#""p":{"block":"test.liar"},"g":{"block":"list.get_item","inputs":{"list":[1]}}"#;
    let outcome = run(
        &engine([liar]),
        &graph(nodes, r#"{"from":"p.n","to":"g.index"}"#),
    )
    .await;
    assert_eq!(outcome.status, Status::Failed);
    assert!(
        ["BLOCK_BUG", "BLOCK_INPUT"].contains(&failed(&outcome)),
        "{:?}",
        outcome.failure
    );
}

/// Emits from a place that is not the block's own future, and notes what came of it.
fn stray(
    id: &'static str,
    from_thread: bool,
    seen: &Arc<Mutex<Vec<Result<(), EmitError>>>>,
) -> Probe {
    let seen = Arc::clone(seen);
    Probe::new(id, move |_, _, out| {
        let seen = Arc::clone(&seen);
        Box::pin(async move {
            let emit = move || {
                let mut emission = std::pin::pin!(out.emit("out", 1));
                let mut cx = TaskContext::from_waker(Waker::noop());
                match emission.as_mut().poll(&mut cx) {
                    Poll::Ready(result) => result,
                    Poll::Pending => Ok(()),
                }
            };
            let result = if from_thread {
                std::thread::scope(|scope| scope.spawn(emit).join().unwrap())
            } else {
                emit()
            };
            seen.lock().unwrap().push(result);
            Ok(())
        })
    })
}

#[tokio::test]
async fn an_emission_from_another_thread_is_refused() {
    let seen = Arc::default();
    let engine = engine([
        stray("test.thread", true, &seen),
        stray("test.here", false, &seen),
    ]);
    let outcome = run(&engine, &graph(r#""p":{"block":"test.thread"}"#, "")).await;
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(*seen.lock().unwrap(), [Err(EmitError::OutsideFiring)]);
    run(&engine, &graph(r#""p":{"block":"test.here"}"#, "")).await;
    assert_eq!(seen.lock().unwrap()[1], Ok(()));
}

#[tokio::test]
async fn an_emission_that_was_begun_in_another_firing_is_refused() {
    // The outer block runs another run inside of its own poll: the emitters do not mix.
    let inner = engine([]);
    let document = graph(
        r#""a":{"block":"app.count","inputs":{"in":100}},"o":{"block":"io.output","inputs":{"name":"o"}}"#,
        r#"{"from":"a.out","to":"o.value"}"#,
    );
    let plan = super::plan(&inner, &document);
    let nested = Probe::new("test.nested", move |_, _, out| {
        let (inner, plan) = (inner.clone(), Arc::clone(&plan));
        Box::pin(async move {
            out.emit("out", "before").await?;
            let run = Box::pin(inner.run(&plan, RunOptions::new())).await;
            let outcome = run.map_err(|faults| BlockError::failed(faults.to_string()))?;
            out.emit("out", outcome.output("o").len()).await?;
            Ok(())
        })
    });
    let nodes = r#""p":{"block":"test.nested"},"o":{"block":"io.output","inputs":{"name":"o"}}"#;
    let outcome = run(
        &engine([nested]),
        &graph(nodes, r#"{"from":"p.out","to":"o.value"}"#),
    )
    .await;
    assert_eq!(
        outcome.output("o"),
        [Value::from("before"), Value::from(100)]
    );
}

#[tokio::test]
async fn a_flood_is_held_back_by_its_consumer() {
    let nodes = r#""many":{"block":"app.count","inputs":{"in":300000}},"pass":{"block":"app.pass"},"end":{"block":"app.drain"}"#;
    let links = r#"{"from":"many.out","to":"pass.in"},{"from":"pass.out","to":"end.in"}"#;
    let drain = Probe::new("app.drain", |_, _, _| Box::pin(async { Ok(()) }));
    // The values together would be far more than may wait.
    let options = RunOptions::new().limits(RunLimits::default().max_queued(10_000));
    let outcome = run_with(&engine([drain]), &graph(nodes, links), options).await;
    assert_eq!(
        (outcome.status, outcome.firings),
        (Status::Completed, 600_001)
    );
}

#[tokio::test]
async fn a_flood_that_nobody_takes_meets_the_limit() {
    let nodes = r#""many":{"block":"app.count","inputs":{"in":10000000}},"none":{"block":"app.count","inputs":{"in":0}},
        "pair":{"block":"app.join"}"#;
    let links = r#"{"from":"many.out","to":"pair.a"},{"from":"none.out","to":"pair.b"}"#;
    let options = RunOptions::new().limits(RunLimits::default().max_queued(50_000));
    let outcome = run_with(&engine([]), &graph(nodes, links), options).await;
    assert_eq!(failed(&outcome), "RUN_QUEUE_LIMIT");
    let message = outcome.failure.unwrap().message;
    assert!(
        message.contains("pair.a") && message.contains("many"),
        "{message}"
    );
}

#[tokio::test]
async fn emissions_that_nobody_is_linked_to_cost_nothing() {
    let document = graph(
        r#""many":{"block":"app.count","inputs":{"in":1000000}}"#,
        "",
    );
    let outcome = run(&engine([]), &document).await;
    assert_eq!(outcome.status, Status::Completed);
}

//! Questions to people: in parallel branches, answered twice, answered too late.

use std::time::Duration;

use graphloom::{Capability, RunHandle, RunOptions, Status, Value};

use super::{engine, graph, plan};
use crate::faults::blocks::Probe;

fn asks() -> Probe {
    Probe::new("test.ask", |cx, _, out| {
        Box::pin(async move {
            let answer = cx.wait("approve", Value::from("may I?")).await?;
            Ok(out.emit("out", answer).await?)
        })
    })
    .info(|info| info.capabilities(&[Capability::Wait]))
}

fn two_branches() -> RunHandle {
    let engine = engine([asks()]);
    let nodes = r#""a":{"block":"test.ask"},"b":{"block":"test.ask"},
        "x":{"block":"io.output","inputs":{"name":"x"}},"y":{"block":"io.output","inputs":{"name":"y"}}"#;
    let links = r#"{"from":"a.out","to":"x.value"},{"from":"b.out","to":"y.value"}"#;
    let plan = plan(&engine, &graph(nodes, links));
    engine.start(&plan, RunOptions::new().record()).unwrap()
}

async fn until_waiting(handle: &RunHandle, questions: usize) {
    for _ in 0..1_000 {
        let snapshot = handle.snapshot().await.unwrap();
        if snapshot.questions.len() == questions {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it does not ask");
}

#[tokio::test]
async fn two_branches_wait_each_for_its_own_answer() {
    let handle = two_branches();
    until_waiting(&handle, 2).await;
    assert!(handle.answer("b", Some("approve"), "second").await);
    until_waiting(&handle, 1).await;
    assert!(handle.answer("a", None, "first").await);
    let outcome = handle.outcome().await;
    assert_eq!(outcome.output("x"), [Value::from("first")]);
    assert_eq!(outcome.output("y"), [Value::from("second")]);
}

#[tokio::test]
async fn a_second_answer_is_refused() {
    let handle = two_branches();
    until_waiting(&handle, 2).await;
    assert!(handle.answer("a", None, 1).await);
    assert!(!handle.answer("a", None, 2).await);
    assert!(!handle.answer("a", Some("other"), 2).await);
    assert!(!handle.answer("nobody", None, 2).await);
    assert!(handle.answer("b", None, 3).await);
    let outcome = handle.outcome().await;
    assert_eq!(outcome.output("x"), [Value::from(1)]);
}

#[tokio::test]
async fn an_answer_after_cancellation_is_refused() {
    let handle = two_branches();
    until_waiting(&handle, 2).await;
    handle.cancel();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!handle.answer("a", None, 1).await);
    let outcome = handle.outcome().await;
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(outcome.outputs.is_empty());
}

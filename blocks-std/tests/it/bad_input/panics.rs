//! Blocks that panic: their firing fails, nothing else.

use graphloom::block::Resource;
use graphloom::{Status, Value};

use super::{engine, failed, graph, run};
use crate::faults::blocks::Probe;

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        // A second panic while one unwinds would abort the process: no engine can catch that.
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

fn probes() -> Vec<Probe> {
    let text = || Probe::new("test.text", |_, _, _| Box::pin(async { panic!("a text") }));
    vec![
        text(),
        Probe::new("test.owned", |_, _, _| {
            Box::pin(async { std::panic::panic_any(format!("number {}", 7)) })
        }),
        Probe::new("test.other", |_, _, _| {
            Box::pin(async { std::panic::panic_any(7_u8) })
        }),
        Probe::new("test.bomb", |_, _, _| {
            Box::pin(async { std::panic::panic_any(Bomb) })
        }),
        Probe::new("test.early", |_, _, _| panic!("before there is a future")),
        Probe::new("test.after_emit", |_, _, out| {
            Box::pin(async move {
                out.emit("out", 1).await?;
                panic!("after an emission")
            })
        }),
        Probe::new("test.later", |_, _, _| {
            Box::pin(async {
                tokio::task::yield_now().await;
                panic!("in a task")
            })
        }),
        Probe::new("test.drop", |_, _, _| {
            Box::pin(async {
                let _bomb = Bomb;
                Ok(())
            })
        }),
        Probe::new("test.drop_late", |_, _, _| {
            Box::pin(async {
                let _bomb = Bomb;
                std::future::pending().await
            })
        }),
        Probe::new("test.cpu", |_, _, _| {
            Box::pin(async { panic!("on a blocking thread") })
        })
        .info(|info| info.resource(Resource::Cpu)),
    ]
}

const SIBLING: &str =
    r#""a":{"block":"app.pass","inputs":{"in":1}},"o":{"block":"io.output","inputs":{"name":"o"}}"#;
const LINK: &str = r#"{"from":"a.out","to":"o.value"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_fails_its_firing_and_the_others_go_on() {
    let engine = engine(probes());
    for block in [
        "text",
        "owned",
        "other",
        "bomb",
        "early",
        "after_emit",
        "later",
        "drop",
        "cpu",
    ] {
        let nodes = format!(r#"{SIBLING},"p":{{"block":"test.{block}","on_error":"continue"}}"#);
        let outcome = run(&engine, &graph(&nodes, LINK)).await;
        assert_eq!(outcome.status, Status::Completed, "{block}");
        assert_eq!(outcome.node_errors, 1, "{block}");
        assert_eq!(outcome.errors[0].code.as_str(), "BLOCK_BUG", "{block}");
        assert_eq!(outcome.output("o"), [Value::from(1)], "{block}");
        let nodes = format!(r#"{SIBLING},"p":{{"block":"test.{block}"}}"#);
        assert_eq!(
            failed(&run(&engine, &graph(&nodes, LINK)).await),
            "BLOCK_BUG",
            "{block}"
        );
    }
}

#[tokio::test]
async fn what_a_panic_said_is_in_the_message() {
    let engine = engine(probes());
    for (block, said) in [
        ("text", "a text"),
        ("owned", "number 7"),
        ("other", "panicked"),
    ] {
        let outcome = run(
            &engine,
            &graph(&format!(r#""p":{{"block":"test.{block}"}}"#), ""),
        )
        .await;
        let message = outcome.failure.unwrap().message;
        assert!(message.contains(said), "{message}");
    }
}

#[tokio::test]
async fn a_panic_while_an_abandoned_block_is_dropped_is_swallowed() {
    let engine = engine(probes());
    let timed = graph(r#""p":{"block":"test.drop_late","timeout_ms":10}"#, "");
    assert_eq!(failed(&run(&engine, &timed).await), "BLOCK_TIMEOUT");
    let nodes = r#""p":{"block":"test.drop_late"},"f":{"block":"app.fetch"}"#;
    let limits = graphloom::RunLimits::default().grace(std::time::Duration::from_millis(20));
    let options = graphloom::RunOptions::new().limits(limits);
    let outcome = super::run_with(&engine, &graph(nodes, ""), options).await;
    assert_eq!(failed(&outcome), "BLOCK_FAILED");
    assert_eq!(outcome.cancelled.unwrap().aborted.len(), 1);
    // The engine is as good as before.
    assert!(run(&engine, &graph(SIBLING, LINK)).await.is_ok());
}

#[tokio::test]
async fn a_panic_can_be_routed_like_any_error() {
    let nodes = r#""p":{"block":"test.text"},"o":{"block":"io.output","inputs":{"name":"o"}}"#;
    let document = graph(nodes, r#"{"from":"p.error.code","to":"o.value"}"#);
    let outcome = run(&engine(probes()), &document).await;
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(outcome.output("o"), [Value::from("BLOCK_BUG")]);
}

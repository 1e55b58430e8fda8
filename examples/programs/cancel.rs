//! A run that would take an hour, watched, and stopped when told.

use std::time::Duration;

use graphloom::{Engine, Registry, RunOptions};

const GRAPH: &[u8] = br#"{
    "format": 1,
    "nodes": {
        "soon": { "block": "time.countdown", "inputs": { "seconds": 0, "input_message": "at once" } },
        "late": { "block": "time.countdown", "inputs": { "hours": 1 } },
        "out": { "block": "io.output", "inputs": { "name": "out" } }
    },
    "links": [
        { "from": "soon.output_message", "to": "out.value" },
        { "from": "late.output_message", "to": "out.value" }
    ]
}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry)?;
    let engine = Engine::new(registry);
    let plan = engine.load(GRAPH)?;

    // A run that goes on by itself, until its handle is dropped, cancelled, or detached.
    let run = engine.start(&plan, RunOptions::new())?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    run.cancel();
    let outcome = run.outcome().await;
    println!("{}: {:?}", outcome.status, outcome.output("out"));
    if let Some(receipt) = &outcome.cancelled {
        println!(
            "stopped by themselves: {:?}, dropped: {:?}",
            receipt.done, receipt.aborted
        );
    }

    // A run in the caller's own task stops when its future is dropped, as any future does.
    let run = engine.run(&plan, RunOptions::new());
    let late = tokio::time::timeout(Duration::from_millis(50), run)
        .await
        .is_err();
    println!("given up: {late}");
    Ok(())
}

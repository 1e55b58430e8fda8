//! A graph inside a program, in fifteen lines.

use graphloom::{Engine, Registry, RunOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry)?;
    let engine = Engine::new(registry);
    let plan = engine.load(include_bytes!("../graphs/greet/graph.json"))?;
    let outcome = engine
        .run(&plan, RunOptions::new().input("who", "Ada"))
        .await?;
    println!("{:?}", outcome.output("greeting"));
    Ok(())
}

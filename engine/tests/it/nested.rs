//! Runs inside runs: a block that runs another graph in its own future.

use std::sync::Arc;

use graphloom::block::types::PinType;
use graphloom::block::{
    BlockInfo, BoxFuture, DynBlock, DynEmitter, Inputs, OutputPin, Shape, ShapeError,
};
use graphloom::{BlockError, Context, Engine, Plan, RunOptions, Status, Value};

use super::blocks;
use super::harness::runtimes;

/// Emits, runs another graph where it stands, emits what that gave, and so on.
struct Nests {
    engine: Engine,
    inner: Arc<Plan>,
    times: i64,
}

impl DynBlock for Nests {
    fn info(&self) -> &BlockInfo {
        const INFO: BlockInfo = BlockInfo::new("n.nests", 1, "Runs another graph inside.");
        &INFO
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(
            Vec::new(),
            vec![OutputPin::new("item", PinType::Any)],
        ))
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        _: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            for n in 0..self.times {
                out.emit("item", n).await?;
                // An emission that was begun before the inner run, and is made after it.
                let late = out.emit("item", 100 + n);
                let inner = self.engine.run(&self.inner, RunOptions::new()).await;
                let inner = inner.map_err(|faults| BlockError::failed(faults.to_string()))?;
                assert_eq!(inner.status, Status::Completed);
                late.await?;
                for value in inner.output("r") {
                    out.emit("item", value.clone()).await?;
                }
            }
            Ok(())
        })
    }
}

/// What a block emitted before it ran another graph is still there after, in order, and nothing of the inner run is
/// taken for its own.
#[test]
fn a_block_may_run_another_graph_in_place() {
    let engine = Engine::new(blocks::registry());
    let inner = engine
        .load(
            b"{\"format\": 1, \"nodes\": {
                \"n\": {\"block\": \"t.source\", \"inputs\": {\"n\": 3}},
                \"out\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"r\"}}},
            \"links\": [{\"from\": \"n.item\", \"to\": \"out.value\"}]}",
        )
        .unwrap();
    for times in [1, 2, 40] {
        let mut registry = blocks::registry();
        registry
            .add(Nests {
                engine: engine.clone(),
                inner: Arc::clone(&inner),
                times,
            })
            .unwrap();
        let outer = Engine::new(registry);
        let plan = outer
            .load(
                b"{\"format\": 1, \"nodes\": {
                    \"n\": {\"block\": \"n.nests\"},
                    \"out\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"r\"}}},
                \"links\": [{\"from\": \"n.item\", \"to\": \"out.value\"}]}",
            )
            .unwrap();
        for (name, runtime) in runtimes() {
            let outcome = runtime
                .block_on(outer.run(&plan, RunOptions::new().record()))
                .unwrap();
            assert_eq!(outcome.status, Status::Completed, "{name}");
            let given = |n: i64| [n, 100 + n, 0, 1, 2].map(Value::from);
            let expected: Vec<Value> = (0..times).flat_map(given).collect();
            assert_eq!(outcome.output("r"), expected, "{name}, {times} times");
        }
    }
}

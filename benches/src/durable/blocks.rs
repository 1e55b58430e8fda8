//! Blocks that do nothing but what is measured.

use graphloom::block::{InputPin, OutputPin, Shape, ShapeError, types::PinType};
use graphloom::host::BoxFuture;
use graphloom::{
    BlockError, BlockInfo, Capability, Context, DynBlock, DynEmitter, Effect, Engine, Inputs,
    Registry, Value,
};

#[derive(Clone, Copy)]
enum Does {
    Count,
    Source,
    Pay,
    Ask,
}

struct Block {
    info: BlockInfo,
    does: Does,
}

/// An engine with the blocks of these measurements.
pub(crate) fn engine() -> Engine {
    let info = |id| BlockInfo::new(id, 1, "A block of a benchmark.");
    let all = [
        (info("bench.count"), Does::Count),
        (info("bench.source"), Does::Source),
        (info("bench.pay").effect(Effect::Idempotent), Does::Pay),
        (
            info("bench.ask").capabilities(&[Capability::Wait]),
            Does::Ask,
        ),
    ];
    let mut registry = Registry::new();
    for (info, does) in all {
        registry.add(Block { info, does }).unwrap();
    }
    Engine::new(registry)
}

/// A chain of so many nodes that count up.
pub(crate) fn chain(nodes: usize) -> String {
    let node = |i: usize| format!("\"n{i}\": {{\"block\": \"bench.count\"}}");
    let link = |i: usize| format!("{{\"from\": \"n{}.out\", \"to\": \"n{i}.value\"}}", i - 1);
    let nodes_json: Vec<String> = (0..nodes).map(node).collect();
    let links: Vec<String> = (1..nodes).map(link).collect();
    format!(
        "{{\"format\": 1, \"nodes\": {{{}}}, \"links\": [{}]}}",
        nodes_json.join(", "),
        links.join(", ")
    )
}

impl DynBlock for Block {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(
            vec![InputPin::new("value", PinType::Any)],
            vec![OutputPin::new("out", PinType::Any)],
        ))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let n = inputs.get("value").and_then(Value::as_i64).unwrap_or(0);
            match self.does {
                Does::Count => out.emit("out", n + 1).await?,
                Does::Source => {
                    for i in 0..n {
                        out.emit("out", i).await?;
                    }
                }
                Does::Pay => {
                    for step in 0..n {
                        cx.step(&format!("step {step}"), async { Ok(step) }).await?;
                    }
                    out.emit("out", n).await?;
                }
                Does::Ask => {
                    let answer = cx.wait("go on", Value::Null).await?;
                    out.emit("out", answer).await?;
                }
            }
            Ok(())
        })
    }
}

//! Blocks that act in a world outside, which no power cut undoes.

use std::sync::{Arc, Mutex};

use graphloom::block::{InputPin, OutputPin, Shape, ShapeError, types::PinType};
use graphloom::host::BoxFuture;
use graphloom::{
    BlockError, BlockInfo, Capability, Context, DynBlock, DynEmitter, Effect, Engine, Inputs,
    Registry, Value,
};

/// What has happened outside.
#[derive(Debug, Default)]
pub(crate) struct World(Mutex<Vec<String>>);

impl World {
    fn act(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    /// What has happened of one kind (`act`, `pay`), in an order of its own.
    pub(crate) fn of(&self, kind: &str) -> Vec<String> {
        let done = self.0.lock().unwrap();
        let own = done.iter().filter(|line| line.starts_with(kind));
        let mut own: Vec<String> = own.cloned().collect();
        own.sort();
        own
    }
}

#[derive(Clone, Copy)]
enum Does {
    Act,
    Pay,
    Ask,
    Repeat,
    Stumble,
}

struct Probe {
    info: BlockInfo,
    does: Does,
}

/// An engine with these and the standard blocks.
pub(crate) fn engine() -> Engine {
    let info = |id, effect| BlockInfo::new(id, 1, "A block of the tests.").effect(effect);
    let all = [
        (info("probe.act", Effect::AtMostOnce), Does::Act),
        (info("probe.pay", Effect::Idempotent), Does::Pay),
        (
            info("probe.ask", Effect::Pure).capabilities(&[Capability::Wait]),
            Does::Ask,
        ),
        (info("probe.repeat", Effect::Pure), Does::Repeat),
        (info("probe.stumble", Effect::Pure), Does::Stumble),
    ]
    .map(|(info, does)| {
        let ext: &'static [Capability] = match does {
            Does::Ask => &[Capability::Wait],
            _ => &[Capability::Ext],
        };
        (info.capabilities(ext), does)
    });
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    for (info, does) in all {
        registry.add(Probe { info, does }).unwrap();
    }
    Engine::new(registry)
}

fn number(name: &str, default: i64) -> InputPin {
    let mut pin = InputPin::new(name, PinType::Integer);
    pin.default = Some(Value::from(default));
    pin
}

impl DynBlock for Probe {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(
            vec![
                InputPin::new("value", PinType::Any),
                number("n", 3),
                number("pause_ms", 0),
            ],
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
            let value = inputs.get("value").cloned().unwrap_or_default();
            let given = |pin| inputs.get(pin).and_then(Value::as_i64).unwrap_or(0);
            let (n, pause) = (given("n"), given("pause_ms"));
            let pause = || async move {
                for _ in 0..pause * 3 {
                    tokio::task::yield_now().await;
                }
            };
            let key = cx.info().idempotency_key();
            match self.does {
                Does::Act => {
                    pause().await;
                    cx.ext::<Arc<World>>()?.act(format!("act {key}"));
                    pause().await;
                    out.emit("out", value).await?;
                }
                Does::Pay => {
                    let mut sum = 0;
                    for step in 0..n {
                        let work = async {
                            pause().await;
                            cx.ext::<Arc<World>>()?.act(format!("pay {key} {step}"));
                            Ok(step)
                        };
                        sum += cx.step(&format!("step {step}"), work).await?;
                    }
                    out.emit("out", sum).await?;
                }
                Does::Ask => {
                    let answer = cx.wait("review", value).await?;
                    out.emit("out", answer).await?;
                }
                Does::Repeat => {
                    for i in 0..n {
                        pause().await;
                        out.emit("out", i).await?;
                    }
                }
                Does::Stumble => {
                    out.emit("out", value.clone()).await?;
                    if cx.info().attempt == 1 {
                        return Err(BlockError::transient("it stumbled"));
                    }
                    out.emit("out", value).await?;
                }
            }
            Ok(())
        })
    }
}

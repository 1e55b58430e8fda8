//! Blocks that act in a file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use graphloom::block::{InputPin, OutputPin, Shape, ShapeError, types::PinType};
use graphloom::host::BoxFuture;
use graphloom::{
    BlockError, BlockInfo, Capability, Context, DynBlock, DynEmitter, Effect, Inputs, Registry,
    Value,
};

#[derive(Clone, Copy)]
enum Does {
    /// An effect that must not happen twice.
    Act,
    /// Steps that are paid.
    Pay,
    /// Asks a person.
    Ask,
    /// Emits its value some times.
    Repeat,
    /// Fails in its first attempt, after an output.
    Stumble,
}

struct Probe {
    info: BlockInfo,
    does: Does,
}

/// Adds the blocks of tests.
pub(crate) fn register(registry: &mut Registry) {
    let info = |id, effect| BlockInfo::new(id, 1, "A block of the tests.").effect(effect);
    let all = [
        (info("probe.act", Effect::AtMostOnce), Does::Act),
        (info("probe.pay", Effect::Idempotent), Does::Pay),
        (
            info("probe.ask", Effect::Pure).capabilities(&[Capability::Wait]),
            Does::Ask,
        ),
        (
            info("probe.repeat", Effect::Pure).capabilities(&[Capability::Clock]),
            Does::Repeat,
        ),
        (info("probe.stumble", Effect::Pure), Does::Stumble),
    ];
    for (info, does) in all {
        // Nothing else has these ids.
        let _ = registry.add(Probe { info, does });
    }
}

fn number(name: &str, default: i64) -> InputPin {
    let mut pin = InputPin::new(name, PinType::Integer);
    pin.default = Some(Value::from(default));
    pin
}

#[expect(clippy::disallowed_methods, reason = "a host reads it, for its tests")]
fn note(line: &str) -> Result<(), BlockError> {
    let Ok(file) = std::env::var("GRAPHLOOM_PROBE_FILE") else {
        return Ok(());
    };
    let file = OpenOptions::new().append(true).create(true).open(file);
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.map_err(|error| BlockError::failed(error.to_string()))
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
            let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
            let wait = || async move {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            };
            match self.does {
                Does::Act => {
                    wait().await;
                    note(&format!("act {}", cx.info().idempotency_key()))?;
                    wait().await;
                    out.emit("out", value).await?;
                }
                Does::Pay => {
                    let mut sum = 0;
                    for step in 0..n {
                        let work = async {
                            wait().await;
                            note(&format!("pay {} {step}", cx.info().idempotency_key()))?;
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
                        wait().await;
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

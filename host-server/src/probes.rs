//! For tests of the program as a process: a block that acts in a file.
//!
//! What it does is a line in the file that `GRAPHLOOM_PROBE_FILE` names, written before the run goes on: so a test can count
//! what has happened, whenever the process was killed.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use graphloom::block::{InputPin, OutputPin, Shape, ShapeError, types::PinType};
use graphloom::host::BoxFuture;
use graphloom::{
    BlockError, BlockInfo, Context, DynBlock, DynEmitter, Effect, Inputs, Registry, Value,
};

/// Acts once between two pauses, and gives its value.
struct Act {
    info: BlockInfo,
}

pub(crate) fn register(registry: &mut Registry) {
    let info = BlockInfo::new("probe.act", 1, "Acts in a file.").effect(Effect::AtMostOnce);
    // Nothing else has this id.
    let _ = registry.add(Act { info });
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

impl DynBlock for Act {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let mut pause = InputPin::new("pause_ms", PinType::Integer);
        pause.default = Some(Value::from(0));
        Ok(Shape::new(
            vec![InputPin::new("value", PinType::Any), pause],
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
            let pause = inputs.get("pause_ms").and_then(Value::as_i64).unwrap_or(0);
            let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
            tokio::time::sleep(pause).await;
            note(&format!("act {}", cx.info().idempotency_key()))?;
            tokio::time::sleep(pause).await;
            let value = inputs.get("value").cloned().unwrap_or_default();
            out.emit("out", value).await?;
            Ok(())
        })
    }
}

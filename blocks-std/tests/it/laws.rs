//! Laws that blocks keep whatever they are given: looked for in many drawn cases. A case is named by its seed.

mod formats;
mod lists;
mod orders;
mod texts;
mod times;

use graphloom::graph::Coercion;
use graphloom::{Engine, RunOptions, Value};

use crate::mutants::make::Draw;
use crate::support::engine;

/// The seeds of so many cases; `GRAPHLOOM_SOAK=<factor>` multiplies their number.
#[expect(clippy::disallowed_methods, reason = "a test is a host")]
fn cases(n: u64) -> std::ops::Range<u64> {
    let factor = std::env::var("GRAPHLOOM_SOAK").ok();
    let factor = factor.and_then(|factor| factor.parse::<f64>().ok());
    0..(n as f64 * factor.unwrap_or(1.0)).max(1.0) as u64
}

/// Engines with the standard blocks, and what they make of inputs.
struct Bench(Engine);

impl Bench {
    fn new() -> Self {
        Self(engine())
    }

    /// What a block emits on a pin, or its error.
    async fn ask(&self, id: &str, inputs: Value, pin: &str) -> Result<Value, String> {
        let shown = inputs.to_string();
        let inputs = inputs.as_map().unwrap().clone();
        let run = self
            .0
            .run_block(id, inputs, Coercion::Strict, RunOptions::new().seed(7))
            .await;
        let run = run.map_err(|faults| format!("{id} {shown}: {faults}"))?;
        if let Some(error) = run.error {
            return Err(format!("{id} {shown}: {error}"));
        }
        let found = run.outputs.into_iter().find(|(name, _)| name == pin);
        found
            .map(|(_, value)| value)
            .ok_or_else(|| format!("{id} {shown}: nothing at {pin}"))
    }

    async fn get(&self, id: &str, inputs: Value, pin: &str) -> Value {
        match self.ask(id, inputs, pin).await {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }
}

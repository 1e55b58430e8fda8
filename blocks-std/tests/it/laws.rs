//! Laws that blocks keep whatever they are given: looked for in many drawn cases. A case is named by its seed.

mod formats;
mod lists;
mod orders;
mod texts;
mod times;

use graphloom::graph::Coercion;
use graphloom::{Engine, RunOptions, Value};

use crate::support::engine;

/// The seeds of so many cases; `GRAPHLOOM_SOAK=<factor>` multiplies their number.
#[expect(clippy::disallowed_methods, reason = "a test is a host")]
fn cases(n: u64) -> std::ops::Range<u64> {
    let factor = std::env::var("GRAPHLOOM_SOAK").ok();
    let factor = factor.and_then(|factor| factor.parse::<f64>().ok());
    0..(n as f64 * factor.unwrap_or(1.0)).max(1.0) as u64
}

/// Numbers that follow from a seed: SplitMix64 (Steele, Lea, Flood, 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).wrapping_add(1);
        let by = self.next().checked_rem(span).unwrap_or(0);
        low.wrapping_add_unsigned(by)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.next() as usize % of.len()]
    }
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

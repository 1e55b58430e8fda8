//! Blocks of streams and of large values.

use graphloom::Registry;
use graphloom::block::Capability;
use graphloom::prelude::*;
use graphloom::value::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::tally::Tally;
use super::{Ended, One, Output};
use crate::body::drag;

/// Adds the blocks.
pub(super) fn register(registry: &mut Registry) {
    registry
        .add(CountUp)
        .and_then(|registry| registry.add(AddUp))
        .and_then(|registry| registry.add(AddUpSlowly))
        .and_then(|registry| registry.add(MakeText))
        .and_then(|registry| registry.add(Measure))
        .unwrap();
}

struct CountUp;

#[derive(Deserialize, JsonSchema)]
struct CountUpInput {
    /// How many numbers.
    items: u64,
}

impl Block for CountUp {
    const INFO: BlockInfo = BlockInfo::new("bench.count_up", 1, "Emits the numbers below so many.");
    type Input = CountUpInput;
    type Output = Output;

    async fn run(&self, _: &Context, input: CountUpInput, out: Emitter<'_, Output>) -> Ended {
        for item in 0..input.items {
            out.emit(Output::Sum(item)).await?;
        }
        Ok(())
    }
}

struct AddUp;

impl Block for AddUp {
    const INFO: BlockInfo = BlockInfo::new("bench.tally", 1, "Adds to a sum outside the graph.")
        .capabilities(&[Capability::Ext]);
    type Input = One;
    type Output = Output;

    async fn run(&self, cx: &Context, input: One, _: Emitter<'_, Output>) -> Ended {
        cx.ext::<Tally>()?.add(input.a);
        Ok(())
    }
}

struct AddUpSlowly;

impl Block for AddUpSlowly {
    const INFO: BlockInfo =
        BlockInfo::new("bench.tally_slowly", 1, "Takes its time over the same.")
            .capabilities(&[Capability::Ext]);
    type Input = One;
    type Output = Output;

    async fn run(&self, cx: &Context, input: One, _: Emitter<'_, Output>) -> Ended {
        drag();
        cx.ext::<Tally>()?.add(input.a);
        Ok(())
    }
}

struct MakeText;

#[derive(Deserialize, JsonSchema)]
struct MakeTextInput {
    /// How long.
    bytes: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MakeTextOutput {
    /// The text.
    Text(Text),
}

impl Block for MakeText {
    const INFO: BlockInfo = BlockInfo::new("bench.make_text", 1, "Gives a text of so many bytes.");
    type Input = MakeTextInput;
    type Output = MakeTextOutput;

    async fn run(
        &self,
        _: &Context,
        input: MakeTextInput,
        out: Emitter<'_, MakeTextOutput>,
    ) -> Ended {
        let text = Text::from("x".repeat(input.bytes));
        out.emit(MakeTextOutput::Text(text)).await?;
        Ok(())
    }
}

struct Measure;

#[derive(Deserialize, JsonSchema)]
struct MeasureInput {
    /// The text; not copied.
    text: Text,
}

impl Block for Measure {
    const INFO: BlockInfo =
        BlockInfo::new("bench.measure", 1, "Gives the length of a text in bytes.");
    type Input = MeasureInput;
    type Output = Output;

    async fn run(&self, _: &Context, input: MeasureInput, out: Emitter<'_, Output>) -> Ended {
        out.emit(Output::Sum(input.text.len() as u64)).await?;
        Ok(())
    }
}

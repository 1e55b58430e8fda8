//! The ends of a graph: what it is given and what it gives.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Registry, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ended;

/// Adds the blocks.
pub(super) fn register(registry: &mut Registry) {
    registry
        .add(Take)
        .and_then(|registry| registry.add(Give))
        .unwrap();
}

struct Take;

#[derive(Deserialize, JsonSchema)]
struct TakeInput {
    /// What the graph is given.
    #[serde(default)]
    value: Value,
    /// What it is called.
    #[expect(dead_code, reason = "for whoever starts the graph")]
    name: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TakeOutput {
    /// The same.
    Sum(Value),
}

impl Block for Take {
    const INFO: BlockInfo =
        BlockInfo::new("bench.given", 1, "What the graph is given.").role(Role::Input);
    type Input = TakeInput;
    type Output = TakeOutput;

    async fn run(&self, _: &Context, input: TakeInput, out: Emitter<'_, TakeOutput>) -> Ended {
        out.emit(TakeOutput::Sum(input.value)).await?;
        Ok(())
    }
}

struct Give;

#[derive(Deserialize, JsonSchema)]
struct GiveInput {
    /// The result.
    value: Value,
    /// What it is called.
    #[expect(dead_code, reason = "for whoever reads the outcome")]
    name: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum GiveOutput {
    /// The result.
    Output(Value),
}

impl Block for Give {
    const INFO: BlockInfo =
        BlockInfo::new("bench.result", 1, "A result of the graph.").role(Role::Output);
    type Input = GiveInput;
    type Output = GiveOutput;

    async fn run(&self, _: &Context, input: GiveInput, out: Emitter<'_, GiveOutput>) -> Ended {
        out.emit(GiveOutput::Output(input.value)).await?;
        Ok(())
    }
}

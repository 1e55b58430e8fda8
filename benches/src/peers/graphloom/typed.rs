//! The blocks in the form that almost everyone writes: a struct in, an enum out.

use graphloom::block::{Capability, Resource, Role};
use graphloom::prelude::*;
use graphloom::{Registry, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::body::{NAP, spin};

/// Returns the blocks.
pub(super) fn registry() -> Registry {
    let mut registry = Registry::new();
    registry
        .add(AddOne)
        .and_then(|registry| registry.add(AddFew))
        .and_then(|registry| registry.add(AddMany))
        .and_then(|registry| registry.add(Spin))
        .and_then(|registry| registry.add(Sleep))
        .and_then(|registry| registry.add(Give))
        .unwrap();
    registry
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// The sum of the inputs, and one.
    Sum(u64),
}

#[derive(Deserialize, JsonSchema)]
struct One {
    /// The input.
    a: u64,
}

#[derive(Deserialize, JsonSchema)]
struct Few {
    /// The first.
    a: u64,
    /// The second.
    #[serde(default)]
    b: u64,
    /// The third.
    #[serde(default)]
    c: u64,
    /// The fourth.
    #[serde(default)]
    d: u64,
    /// The fifth.
    #[serde(default)]
    e: u64,
}

impl Few {
    fn sum(&self) -> u64 {
        [self.b, self.c, self.d, self.e]
            .into_iter()
            .fold(self.a, u64::wrapping_add)
    }
}

#[derive(Deserialize, JsonSchema)]
struct Many {
    /// The inputs.
    values: Vec<u64>,
}

type Ended = Result<(), BlockError>;

struct AddOne;

impl Block for AddOne {
    const INFO: BlockInfo = BlockInfo::new("bench.add_one", 1, "Adds one.");
    type Input = One;
    type Output = Output;

    async fn run(&self, _: &Context, input: One, out: Emitter<'_, Output>) -> Ended {
        out.emit(Output::Sum(input.a.wrapping_add(1))).await?;
        Ok(())
    }
}

struct AddFew;

impl Block for AddFew {
    const INFO: BlockInfo = BlockInfo::new("bench.add_few", 1, "Adds a few numbers, and one.");
    type Input = Few;
    type Output = Output;

    async fn run(&self, _: &Context, input: Few, out: Emitter<'_, Output>) -> Ended {
        out.emit(Output::Sum(input.sum().wrapping_add(1))).await?;
        Ok(())
    }
}

struct AddMany;

impl Block for AddMany {
    const INFO: BlockInfo = BlockInfo::new("bench.add_many", 1, "Adds many numbers, and one.");
    type Input = Many;
    type Output = Output;

    async fn run(&self, _: &Context, input: Many, out: Emitter<'_, Output>) -> Ended {
        let sum = input.values.into_iter().fold(1, u64::wrapping_add);
        out.emit(Output::Sum(sum)).await?;
        Ok(())
    }
}

struct Spin;

impl Block for Spin {
    const INFO: BlockInfo =
        BlockInfo::new("bench.spin", 1, "Computes, then adds, and one.").resource(Resource::Cpu);
    type Input = Few;
    type Output = Output;

    async fn run(&self, _: &Context, input: Few, out: Emitter<'_, Output>) -> Ended {
        spin();
        out.emit(Output::Sum(input.sum().wrapping_add(1))).await?;
        Ok(())
    }
}

struct Sleep;

impl Block for Sleep {
    const INFO: BlockInfo = BlockInfo::new("bench.sleep", 1, "Waits, then adds one.")
        .capabilities(&[Capability::Clock]);
    type Input = One;
    type Output = Output;

    async fn run(&self, cx: &Context, input: One, out: Emitter<'_, Output>) -> Ended {
        cx.sleep(NAP).await?;
        out.emit(Output::Sum(input.a.wrapping_add(1))).await?;
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

//! Blocks that add what arrives.

use graphloom::Registry;
use graphloom::block::{Capability, Resource};
use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Ended, One, Output};
use crate::body::{NAP, spin};

/// Adds the blocks.
pub(super) fn register(registry: &mut Registry) {
    registry
        .add(Pass)
        .and_then(|registry| registry.add(AddOne))
        .and_then(|registry| registry.add(AddFew))
        .and_then(|registry| registry.add(AddMany))
        .and_then(|registry| registry.add(Spin))
        .and_then(|registry| registry.add(Sleep))
        .unwrap();
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

struct Pass;

impl Block for Pass {
    const INFO: BlockInfo = BlockInfo::new("bench.pass", 1, "Gives what it gets.");
    type Input = One;
    type Output = Output;

    async fn run(&self, _: &Context, input: One, out: Emitter<'_, Output>) -> Ended {
        out.emit(Output::Sum(input.a)).await?;
        Ok(())
    }
}

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

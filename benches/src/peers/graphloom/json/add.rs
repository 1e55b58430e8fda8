//! Blocks that add what arrives.

use graphloom::block::types::PinType;
use graphloom::block::{BoxFuture, Capability, InputPin, OutputPin, Resource, Shape, ShapeError};
use graphloom::prelude::*;
use graphloom::{DynBlock, DynEmitter, Inputs, Registry, Value};

use super::super::document::FEW;
use super::not_a_number;
use crate::body::{NAP, spin};
use crate::spec::Work;

/// Adds the blocks.
pub(super) fn register(registry: &mut Registry) {
    let pass = BlockInfo::new("bench.pass", 1, "Gives what it gets.");
    let add_one = BlockInfo::new("bench.add_one", 1, "Adds one.");
    let add_few = BlockInfo::new("bench.add_few", 1, "Adds a few numbers, and one.");
    let add_many = BlockInfo::new("bench.add_many", 1, "Adds many numbers, and one.");
    let spin = BlockInfo::new("bench.spin", 1, "Computes, then adds, and one.");
    let sleep = BlockInfo::new("bench.sleep", 1, "Waits, then adds one.");
    let sleep = sleep.capabilities(&[Capability::Clock]);
    let blocks = [
        Add::new(add_one, Work::Trivial, &FEW[..1]),
        Add::new(add_few, Work::Trivial, &FEW),
        Add::new(add_many, Work::Trivial, &["values"]),
        Add::new(spin.resource(Resource::Cpu), Work::Spin, &FEW),
        Add::new(sleep, Work::Sleep, &FEW[..1]),
        Add {
            constant: 0,
            ..Add::new(pass, Work::Trivial, &FEW[..1])
        },
    ];
    for block in blocks {
        registry.add(block).unwrap();
    }
}

/// Adds what arrives.
struct Add {
    info: BlockInfo,
    work: Work,
    constant: u64,
    pins: &'static [&'static str],
}

impl Add {
    fn new(info: BlockInfo, work: Work, pins: &'static [&'static str]) -> Self {
        Self {
            info,
            work,
            constant: 1,
            pins,
        }
    }

    /// Adds up numbers, lists of numbers, and the constant.
    fn sum(&self, inputs: Inputs<'_>) -> Result<u64, BlockError> {
        let mut sum = self.constant;
        for slot in 0..self.pins.len() {
            match inputs.at(slot) {
                None => {}
                Some(Value::List(list)) => {
                    for value in list.iter() {
                        sum = sum.wrapping_add(value.as_u64().ok_or_else(not_a_number)?);
                    }
                }
                Some(value) => sum = sum.wrapping_add(value.as_u64().ok_or_else(not_a_number)?),
            }
        }
        Ok(sum)
    }
}

impl DynBlock for Add {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let pin = |(k, name): (usize, &&str)| {
            let pin = InputPin::new(*name, PinType::Any);
            if k == 0 { pin.required() } else { pin }
        };
        let inputs = self.pins.iter().enumerate().map(pin).collect();
        Ok(Shape::new(
            inputs,
            vec![OutputPin::new("sum", PinType::Any)],
        ))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        match self.work {
            Work::Trivial | Work::Drag => Box::pin(async move {
                out.emit_at(0, self.sum(inputs)?).await?;
                Ok(())
            }),
            Work::Spin => Box::pin(async move {
                spin();
                out.emit_at(0, self.sum(inputs)?).await?;
                Ok(())
            }),
            Work::Sleep => Box::pin(async move {
                cx.sleep(NAP).await?;
                out.emit_at(0, self.sum(inputs)?).await?;
                Ok(())
            }),
        }
    }
}

//! Blocks of streams and of large values: each has one input and at most one output.

use graphloom::block::types::PinType;
use graphloom::block::{BoxFuture, Capability, InputPin, OutputPin, Shape, ShapeError};
use graphloom::prelude::*;
use graphloom::{DynBlock, DynEmitter, Inputs, Registry, Value};

use super::super::tally::Tally;
use super::not_a_number;
use crate::body::drag;

/// Adds the blocks.
pub(super) fn register(registry: &mut Registry) {
    let info = |id, summary| BlockInfo::new(id, 1, summary);
    let tally = info("bench.tally", "Adds to a sum outside the graph.");
    let slowly = info("bench.tally_slowly", "Takes its time over the same.");
    let blocks = [
        Flow {
            info: info("bench.count_up", "Emits the numbers below so many."),
            act: Act::CountUp,
            pins: ("items", "sum"),
        },
        Flow {
            info: tally.capabilities(&[Capability::Ext]),
            act: Act::Tally,
            pins: ("a", "sum"),
        },
        Flow {
            info: slowly.capabilities(&[Capability::Ext]),
            act: Act::TallySlowly,
            pins: ("a", "sum"),
        },
        Flow {
            info: info("bench.make_text", "Gives a text of so many bytes."),
            act: Act::MakeText,
            pins: ("bytes", "text"),
        },
        Flow {
            info: info("bench.measure", "Gives the length of a text in bytes."),
            act: Act::Measure,
            pins: ("text", "sum"),
        },
    ];
    for block in blocks {
        registry.add(block).unwrap();
    }
}

struct Flow {
    info: BlockInfo,
    act: Act,
    pins: (&'static str, &'static str),
}

#[derive(Clone, Copy)]
enum Act {
    CountUp,
    Tally,
    TallySlowly,
    MakeText,
    Measure,
}

fn number(inputs: Inputs<'_>) -> Result<u64, BlockError> {
    let value = inputs.at(0).and_then(Value::as_u64);
    value.ok_or_else(not_a_number)
}

impl DynBlock for Flow {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let (input, output) = self.pins;
        Ok(Shape::new(
            vec![InputPin::new(input, PinType::Any).required()],
            vec![OutputPin::new(output, PinType::Any)],
        ))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        match self.act {
            Act::CountUp => Box::pin(async move {
                for item in 0..number(inputs)? {
                    out.emit_at(0, item).await?;
                }
                Ok(())
            }),
            Act::Tally => Box::pin(async move {
                cx.ext::<Tally>()?.add(number(inputs)?);
                Ok(())
            }),
            Act::TallySlowly => Box::pin(async move {
                drag();
                cx.ext::<Tally>()?.add(number(inputs)?);
                Ok(())
            }),
            Act::MakeText => Box::pin(async move {
                let bytes = number(inputs)? as usize;
                out.emit_at(0, "x".repeat(bytes)).await?;
                Ok(())
            }),
            Act::Measure => Box::pin(async move {
                let text = inputs.at(0).and_then(Value::as_str);
                let text = text.ok_or_else(|| BlockError::input("expected a text"))?;
                out.emit_at(0, text.len() as u64).await?;
                Ok(())
            }),
        }
    }
}

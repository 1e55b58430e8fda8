//! The ends of a graph: what it is given and what it gives.

use graphloom::block::types::PinType;
use graphloom::block::{BoxFuture, InputPin, OutputPin, Role, Shape, ShapeError};
use graphloom::prelude::*;
use graphloom::{DynBlock, DynEmitter, Inputs, Value};

/// An input of the graph, or an output.
pub(super) struct End {
    info: BlockInfo,
    gives: &'static str,
}

impl End {
    pub(super) fn input() -> Self {
        let info = BlockInfo::new("bench.given", 1, "What the graph is given.");
        Self {
            info: info.role(Role::Input),
            gives: "sum",
        }
    }

    pub(super) fn output() -> Self {
        let info = BlockInfo::new("bench.result", 1, "A result of the graph.");
        Self {
            info: info.role(Role::Output),
            gives: "output",
        }
    }
}

impl DynBlock for End {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let value = InputPin::new("value", PinType::Any);
        let name = InputPin::new("name", PinType::Text).required().config();
        // What a graph is given comes from whoever starts it.
        let value = match self.info.role {
            Role::Output => value.required(),
            _ => value,
        };
        Ok(Shape::new(
            vec![value, name],
            vec![OutputPin::new(self.gives, PinType::Any)],
        ))
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let value = inputs.at(0).cloned().unwrap_or(Value::Null);
            out.emit_at(0, value).await?;
            Ok(())
        })
    }
}

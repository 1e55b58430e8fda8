//! `flow.batch`: a stream in pieces.

use std::sync::Arc;

use graphloom::block::{Gathering, Literals, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::{Category, Example, Gather, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Collects what arrives into lists of a size.
pub(super) struct Batch;

/// How many items a list may have.
const MAX_SIZE: u32 = 100_000;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The items, one at a time.
    items: Gather<Value, 10>,
    /// How many items make a list, from 1 to 100,000.
    #[serde(default = "ten")]
    #[expect(dead_code, reason = "the shape of the node is made of it")]
    size: u32,
}

fn ten() -> u32 {
    10
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The next list; the last one may be shorter.
    Batch(Vec<Value>),
}

impl Block for Batch {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.batch",
        1,
        "Collects what arrives into lists of a size; the last one may be shorter.",
    )
    .details("To take a list that is there already apart, use `list.create` with a largest size.")
    .category(Category::Flow)
    .config(&["size"])
    .examples(&[Example::new(
        "the last list",
        r#"{"items": [1, 2, 3], "size": 5}"#,
        r#"[["batch", [1, 2, 3]]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        // What is no integer is a fault of its own.
        let Some(size) = literals.get("size").and_then(Value::as_i64) else {
            return Ok(Arc::clone(base));
        };
        let size = u32::try_from(size)
            .ok()
            .filter(|size| (1..=MAX_SIZE).contains(size))
            .ok_or_else(|| {
                let message = format!("a list has from 1 to {MAX_SIZE} items, and not {size}");
                ShapeError::new("size", message)
            })?;
        let mut shape = (**base).clone();
        for pin in shape.inputs.iter_mut().filter(|pin| pin.gather.is_some()) {
            pin.gather = Some(Gathering::Every(size));
        }
        Ok(Arc::new(shape))
    }

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Batch(input.items.0)).await?;
        Ok(())
    }
}

//! `autogpt.step_through_items`: one item after the other, from up to three inputs.

use graphloom::Code;
use graphloom::block::types::PinType;
use graphloom::json::{Limits, parse};
use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::type_name;

/// Each input may have so many items.
const MAX_ITEMS: usize = 10_000;

/// The JSON text may have so many bytes.
const MAX_BYTES: usize = 1 << 20;

/// The JSON text may be nested so deep.
const MAX_DEPTH: u32 = 256;

/// Emits the items of what is given one after the other.
pub(super) struct StepThroughItems;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// A list to go through.
    #[serde(default)]
    items: List,
    /// A map to go through, after the list.
    #[serde(default)]
    items_object: Map,
    /// JSON text of a list, map or text to go through last; of a text the characters.
    #[serde(default)]
    items_str: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The next item.
    Item(Value),
    /// Its place in the list, from 0, or its key in the map.
    Key(Value),
}

impl Block for StepThroughItems {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.step_through_items",
        1,
        "Emits the items of what is given one after the other, each with its key.",
    )
    .details(
        "Unlike `flow.each`: takes a list, a map and a JSON text, goes through all that are not empty, and stops at \
         more than 10,000 items each.",
    )
    .category(Category::Flow)
    .native("flow.each")
    .autogpt("f66a3543-28d3-4ab5-8945-9b336371e2ce", "StepThroughItemsBlock")
    .examples(&[
        Example::new(
            "list and text",
            r#"{"items": [1], "items_str": "{\"k\": 2}"}"#,
            r#"[["item", 1], ["key", 0], ["item", 2], ["key", "k"]]"#,
        ),
        Example::new(
            "not JSON",
            r#"{"items_str": "[1,"}"#,
            r#"[["error", "items_str"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        list(&input.items, out).await?;
        map(&input.items_object, out).await?;
        if input.items_str.is_empty() {
            return Ok(());
        }
        match read(&input.items_str)? {
            Value::List(items) => list(&items, out).await,
            Value::Map(items) => map(&items, out).await,
            Value::Text(text) => {
                let chars: List = text.chars().map(|c| Value::from(c.to_string())).collect();
                list(&chars, out).await
            }
            other => Err(BlockError::input(format!(
                "items_str is JSON of type {}, which has no items",
                type_name(&other)
            ))),
        }
    }
}

async fn list(items: &List, out: Emitter<'_, Output>) -> Result<(), BlockError> {
    few_enough(items.len())?;
    for (index, item) in items.iter().enumerate() {
        out.emit(Output::Item(item.clone())).await?;
        out.emit(Output::Key(Value::from(index))).await?;
    }
    Ok(())
}

async fn map(items: &Map, out: Emitter<'_, Output>) -> Result<(), BlockError> {
    few_enough(items.len())?;
    for (key, item) in items.iter() {
        out.emit(Output::Item(item.clone())).await?;
        out.emit(Output::Key(Value::Text(key.clone()))).await?;
    }
    Ok(())
}

fn few_enough(n: usize) -> Result<(), BlockError> {
    if n > MAX_ITEMS {
        return Err(BlockError::input(format!(
            "Too many items: {n} > {MAX_ITEMS}"
        )));
    }
    Ok(())
}

fn read(text: &str) -> Result<Value, BlockError> {
    if text.len() > MAX_BYTES {
        return Err(BlockError::input(format!(
            "items_str has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    let parsed = parse(
        text.as_bytes(),
        &Limits::default().with_max_depth(MAX_DEPTH),
    );
    let (repeated, bad): (Vec<_>, Vec<_>) = parsed
        .faults
        .iter()
        .partition(|fault| fault.code == Code::JsonDuplicateKey);
    let Some(tree) = parsed.tree.filter(|_| bad.is_empty()) else {
        let why: Vec<String> = bad.iter().map(ToString::to_string).collect();
        return Err(BlockError::input(format!(
            "items_str cannot be read as JSON: {}",
            why.join("; ")
        )));
    };
    let value = tree.root.to_value();
    if repeated.is_empty() {
        return Ok(value);
    }
    // Of equal keys Python takes the last and our reader the first; the lenient conversion reads as Python does.
    let ty = match value {
        Value::List(_) => PinType::list(PinType::Any),
        _ => PinType::map(PinType::Any),
    };
    Ok(ty.coerce_lenient(Value::from(text)))
}

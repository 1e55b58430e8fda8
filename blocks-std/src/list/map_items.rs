//! `list.map_items`: what an expression makes of each item.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::{Expression, Names};

/// Makes a list of what an expression gives for each item.
pub(super) struct MapItems;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
    /// The expression, with the item as `item` and its place, from 0, as `index`: `item.name`.
    expression: String,
    /// What else it may refer to, by name.
    #[serde(default)]
    values: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What it gives for each item, in their order.
    MappedList(List),
}

impl Block for MapItems {
    const INFO: BlockInfo = BlockInfo::new(
        "list.map_items",
        1,
        "Makes a list of what an expression gives for each item of a list.",
    )
    .details("Expressions are those of `expr.eval`. For more than an expression, `flow.each` takes the items apart.")
    .category(Category::List)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "a field",
            r#"{"input_list": [{"name": "Ada"}, {"name": "Bo"}], "expression": "item.name"}"#,
            r#"[["mapped_list", ["Ada", "Bo"]]]"#,
        ),
        Example::new(
            "a new dictionary",
            r#"{"input_list": [3], "expression": "{'n': item * by, 'at': index}", "values": {"by": 2}}"#,
            r#"[["mapped_list", [{"n": 6, "at": 0}]]]"#,
        ),
        Example::new(
            "an item without the field",
            r#"{"input_list": [{"name": "Ada"}, {"nam": "Bo"}], "expression": "item.name"}"#,
            r#"[["error", "item 1: line 1, column 6: 'dict object' has no attribute 'name': did you mean 'nam'?"]]"#,
        ),
        Example::new(
            "faulty",
            r#"{"input_list": [], "expression": "item."}"#,
            r#"[["error", "the expression cannot be read"]]"#,
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
        let mapped = map(&input).map_err(BlockError::input)?;
        out.emit(Output::MappedList(mapped.into())).await?;
        Ok(())
    }
}

fn map(input: &Input) -> Result<Vec<Value>, String> {
    let expression = Expression::parse(&input.expression)
        .map_err(|error| format!("the expression cannot be read: {error}"))?;
    let mut names = Names::new(&input.values)?;
    let mut mapped = Vec::with_capacity(input.input_list.len());
    for (index, item) in input.input_list.iter().enumerate() {
        let place = Value::from(index as u64);
        let value = names
            .eval(&expression, &[("item", item), ("index", &place)])
            .map_err(|error| format!("the expression has no value for item {index}: {error}"))?;
        mapped.push(value);
    }
    Ok(mapped)
}

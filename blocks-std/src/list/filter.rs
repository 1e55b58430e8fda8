//! `list.filter`: the items for which an expression holds.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::{Expression, Names};

/// Keeps the items for which an expression holds.
pub(super) struct Filter;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
    /// The expression, with the item as `item` and its place, from 0, as `index`: `item.price > limit`.
    condition: String,
    /// What else it may refer to, by name.
    #[serde(default)]
    values: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items for which it holds, in their order.
    Kept(List),
    /// The others, in their order.
    Rejected(List),
}

impl Block for Filter {
    const INFO: BlockInfo = BlockInfo::new(
        "list.filter",
        1,
        "Keeps the items of a list for which an expression holds.",
    )
    .details("Expressions are those of `expr.eval`. What is not null, false, zero or empty holds.")
    .category(Category::List)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "by a field",
            r#"{"input_list": [{"p": 1}, {"p": 5}], "condition": "item.p > limit", "values": {"limit": 2}}"#,
            r#"[["kept", [{"p": 5}]], ["rejected", [{"p": 1}]]]"#,
        ),
        Example::new(
            "an item without the field",
            r#"{"input_list": [{"p": 1}, {}], "condition": "item.p > 2"}"#,
            r#"[["error", "item 1: line 1, column 6"]]"#,
        ),
        Example::new(
            "faulty",
            r#"{"input_list": [], "condition": "item >"}"#,
            r#"[["error", "the condition cannot be read"]]"#,
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
        let (kept, rejected) = filter(&input).map_err(BlockError::input)?;
        out.emit(Output::Kept(kept.into())).await?;
        out.emit(Output::Rejected(rejected.into())).await?;
        Ok(())
    }
}

fn filter(input: &Input) -> Result<(Vec<Value>, Vec<Value>), String> {
    let condition = Expression::parse(&input.condition)
        .map_err(|error| format!("the condition cannot be read: {error}"))?;
    let mut names = Names::new(&input.values)?;
    let (mut kept, mut rejected) = (Vec::new(), Vec::new());
    for (index, item) in input.input_list.iter().enumerate() {
        let place = Value::from(index as u64);
        let holds = names
            .holds(&condition, &[("item", item), ("index", &place)])
            .map_err(|error| format!("the condition cannot be told for item {index}: {error}"))?;
        if holds { &mut kept } else { &mut rejected }.push(item.clone());
    }
    Ok((kept, rejected))
}

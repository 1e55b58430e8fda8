//! `list.reverse`: a list from its end.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Turns the order of a list around.
pub(super) struct Reverse;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Its items, the last first.
    ReversedList(List),
}

impl Block for Reverse {
    const INFO: BlockInfo = BlockInfo::new("list.reverse", 1, "Turns the order of a list around.")
        .category(Category::List)
        .autogpt(
            "422cb708-3109-4277-bfe3-bc2ae5812777",
            "ReverseListOrderBlock",
        )
        .examples(&[Example::new(
            "three items",
            r#"{"input_list": [1, [2, 3], "x"]}"#,
            r#"[["reversed_list", ["x", [2, 3], 1]]]"#,
        )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let mut list = input.input_list;
        list.make_mut().reverse();
        out.emit(Output::ReversedList(list)).await?;
        Ok(())
    }
}

//! `autogpt.store_value`: a value that stays, unless it is empty.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::truthy;

/// Emits a value that stays for all later firings of what it feeds.
pub(super) struct StoreValue;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value, or what triggers the emission of the data.
    input: Value,
    /// What to emit instead of the input; one that is empty, zero or false gives way to it.
    data: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The data if there is any, else the input.
    Output(Value),
}

impl Block for StoreValue {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.store_value",
        1,
        "Emits a value that stays for all later firings of what it feeds.",
    )
    .details("Unlike `data.store`: data that is empty, zero or false gives way to the input.")
    .category(Category::Data)
    .native("data.store")
    .autogpt("1ff065e9-88e8-4358-9d82-8dc91f622ba9", "StoreValueBlock")
    .sticky(&["output"])
    .examples(&[
        Example::new("data", r#"{"input": 1, "data": 2}"#, r#"[["output", 2]]"#),
        Example::new(
            "empty data",
            r#"{"input": "a", "data": ""}"#,
            r#"[["output", "a"]]"#,
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
        let value = input.data.filter(truthy).unwrap_or(input.input);
        out.emit(Output::Output(value)).await?;
        Ok(())
    }
}

//! `data.store`: a value that stays.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::given::given;

/// Emits a value that stays for all later firings of what it feeds.
pub(super) struct Store;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value, or what triggers the emission of the data.
    input: Value,
    /// What to emit instead of the input; null counts.
    #[serde(default, deserialize_with = "given")]
    data: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The data if there is any, else the input.
    Output(Value),
}

impl Block for Store {
    const INFO: BlockInfo = BlockInfo::new(
        "data.store",
        1,
        "Emits a value that stays for all later firings of what it feeds.",
    )
    .category(Category::Data)
    .sticky(&["output"])
    .examples(&[
        Example::new("input", r#"{"input": 1}"#, r#"[["output", 1]]"#),
        Example::new(
            "data, even if zero",
            r#"{"input": 1, "data": 0}"#,
            r#"[["output", 0]]"#,
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
        out.emit(Output::Output(input.data.unwrap_or(input.input)))
            .await?;
        Ok(())
    }
}

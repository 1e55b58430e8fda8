//! `dictionary.keys`: the keys and the values of a dictionary as lists.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lists the keys and the values of a dictionary.
pub(super) struct Keys;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary.
    dictionary: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Its keys, in their order.
    Keys(Vec<String>),
    /// Its values, in the same order.
    Values(List),
    /// How many entries it has.
    Count(usize),
}

impl Block for Keys {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.keys",
        1,
        "Lists the keys and the values of a dictionary.",
    )
    .category(Category::Dictionary)
    .examples(&[
        Example::new(
            "two entries",
            r#"{"dictionary": {"b": 1, "a": null}}"#,
            r#"[["keys", ["b", "a"]], ["values", [1, null]], ["count", 2]]"#,
        ),
        Example::new(
            "none",
            r#"{"dictionary": {}}"#,
            r#"[["keys", []], ["values", []], ["count", 0]]"#,
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
        let keys = input.dictionary.keys().map(ToString::to_string).collect();
        let values: List = input.dictionary.values().cloned().collect();
        let count = values.len();
        out.emit(Output::Keys(keys)).await?;
        out.emit(Output::Values(values)).await?;
        out.emit(Output::Count(count)).await?;
        Ok(())
    }
}

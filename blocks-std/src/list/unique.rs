//! `list.unique`: a list without doubles.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by::keys;
use super::seen::{Seen, check_size};

/// Keeps the first of items that are equal.
pub(super) struct Unique;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
    /// What to compare: the key of an entry of each item, or a dotted path, `address.city`. Without it the items.
    by: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The first of each, in their order.
    UniqueList(List),
    /// The items that were equal to an earlier one, in their order.
    Doubles(List),
}

impl Block for Unique {
    const INFO: BlockInfo = BlockInfo::new(
        "list.unique",
        1,
        "Keeps the first of items that are equal.",
    )
    .details("1, 1.0 and true are equal, as in other blocks that compare; maps are, whatever the order of their keys.")
    .category(Category::List)
    .examples(&[
        Example::new(
            "values",
            r#"{"input_list": [1, "a", 1.0, "a", {"k": [1]}, {"k": [1]}]}"#,
            r#"[["unique_list", [1, "a", {"k": [1]}]], ["doubles", [1, "a", {"k": [1]}]]]"#,
        ),
        Example::new(
            "by a key",
            r#"{"input_list": [{"id": 1, "n": 1}, {"id": 1, "n": 2}], "by": "id"}"#,
            r#"[["unique_list", [{"id": 1, "n": 1}]], ["doubles", [{"id": 1, "n": 2}]]]"#,
        ),
        Example::new(
            "no such key",
            r#"{"input_list": [{"n": 1}], "by": "id"}"#,
            r#"[["error", "item 0 has no \"id\""]]"#,
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
        check_size([&input.input_list])?;
        let (kept, doubles) = parted(&input)?;
        out.emit(Output::UniqueList(kept.into())).await?;
        out.emit(Output::Doubles(doubles.into())).await?;
        Ok(())
    }
}

fn parted(input: &Input) -> Result<(Vec<Value>, Vec<Value>), BlockError> {
    let keys = keys(&input.input_list, input.by.as_deref())?;
    let mut seen = Seen::default();
    let (mut kept, mut doubles) = (Vec::new(), Vec::new());
    for (item, key) in input.input_list.iter().zip(keys) {
        if seen.insert(key) {
            &mut kept
        } else {
            &mut doubles
        }
        .push(item.clone());
    }
    Ok((kept, doubles))
}

//! `list.concatenate`: several lists as one.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::{Seen, check_size};
use super::size::check_total;

/// Joins lists into one, in order.
pub(super) struct Concatenate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The lists to join.
    lists: Vec<List>,
    /// Keeps only the first of equal items. Default: false.
    #[serde(default)]
    deduplicate: bool,
    /// Leaves nulls out. Default: false.
    #[serde(default)]
    remove_none: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items of all lists.
    ConcatenatedList(List),
    /// How many items it has.
    Length(usize),
}

impl Block for Concatenate {
    const INFO: BlockInfo = BlockInfo::new(
        "list.concatenate",
        1,
        "Joins lists into one, in order.",
    )
    .category(Category::List)
    .details(
        "Values are equal by what they say: 1, 1.0 and true are equal, \"1\" is not; the \
             order of keys does not matter.",
    )
    .autogpt(
        "3cf9298b-5817-4141-9d80-7c2cc5199c8e",
        "ConcatenateListsBlock",
    )
    .examples(&[
        Example::new(
            "two lists",
            r#"{"lists": [[1, 2], ["a"]]}"#,
            r#"[["concatenated_list", [1, 2, "a"]], ["length", 3]]"#,
        ),
        Example::new(
            "without doubles and nulls",
            r#"{"lists": [[1, null, 2], [2.0, 3]], "deduplicate": true, "remove_none": true}"#,
            r#"[["concatenated_list", [1, 2, 3]], ["length", 3]]"#,
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
        let joined = concatenate(&input)?;
        let length = joined.len();
        out.emit(Output::ConcatenatedList(joined.into())).await?;
        out.emit(Output::Length(length)).await?;
        Ok(())
    }
}

fn concatenate(input: &Input) -> Result<Vec<Value>, BlockError> {
    let mut joined = Vec::with_capacity(check_total(input.lists.iter().map(|list| list.len()))?);
    if input.deduplicate {
        check_size(&input.lists)?;
    }
    let mut seen = Seen::default();
    for item in input.lists.iter().flat_map(|list| list.iter()) {
        if input.remove_none && item.is_null() {
            continue;
        }
        if !input.deduplicate || seen.insert(item) {
            joined.push(item.clone());
        }
    }
    Ok(joined)
}

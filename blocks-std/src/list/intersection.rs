//! `list.intersection`: what two lists have in common.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::{Seen, check_size};

/// Returns the items that two lists have in common, each once.
pub(super) struct Intersection;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list whose items are kept, in its order.
    list_a: List,
    /// The list to compare with.
    list_b: List,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The common items, in the order of `list_a`.
    Intersection(List),
    /// How many they are.
    Length(usize),
}

impl Block for Intersection {
    const INFO: BlockInfo = BlockInfo::new(
        "list.intersection",
        1,
        "Returns the items that two lists have in common, each once.",
    )
    .category(Category::List)
    .details(
        "Values are equal by what they say: 1, 1.0 and true are equal, \"1\" is not; the \
             order of keys does not matter.",
    )
    .autogpt(
        "b6eb08b6-dbe3-411b-b9b4-2508cb311a1f",
        "ListIntersectionBlock",
    )
    .examples(&[Example::new(
        "in the order of the first",
        r#"{"list_a": [3, 1, 3, 2], "list_b": [2, 3]}"#,
        r#"[["intersection", [3, 2]], ["length", 2]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let items = intersection(&input)?;
        let length = items.len();
        out.emit(Output::Intersection(items.into())).await?;
        out.emit(Output::Length(length)).await?;
        Ok(())
    }
}

fn intersection(input: &Input) -> Result<Vec<Value>, BlockError> {
    let Input { list_a, list_b } = input;
    check_size([list_a, list_b])?;
    let in_b: Seen<'_> = list_b.iter().collect();
    let mut taken = Seen::default();
    let common = list_a
        .iter()
        .filter(|item| in_b.contains(item) && taken.insert(item));
    Ok(common.cloned().collect())
}

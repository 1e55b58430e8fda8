//! `list.difference`: what one list has and another has not.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::{Seen, check_size};

/// Returns the items of one list that another does not have.
pub(super) struct Difference;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list whose items are kept, in its order.
    list_a: List,
    /// The list whose items are left out.
    list_b: List,
    /// Adds the items of `list_b` that `list_a` does not have. Default: false.
    #[serde(default)]
    symmetric: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items, in order; equal ones stay as often as they are there.
    Difference(List),
    /// How many they are.
    Length(usize),
}

impl Block for Difference {
    const INFO: BlockInfo = BlockInfo::new(
        "list.difference",
        1,
        "Returns the items of one list that another does not have.",
    )
    .category(Category::List)
    .details(
        "Values are equal by what they say: 1, 1.0 and true are equal, \"1\" is not; the \
             order of keys does not matter.",
    )
    .autogpt(
        "05309873-9d61-447e-96b5-b804e2511829",
        "ListDifferenceBlock",
    )
    .examples(&[
        Example::new(
            "doubles stay",
            r#"{"list_a": [1, 2, 2, 3], "list_b": [3]}"#,
            r#"[["difference", [1, 2, 2]], ["length", 3]]"#,
        ),
        Example::new(
            "both ways",
            r#"{"list_a": [1, 2], "list_b": [2, 3], "symmetric": true}"#,
            r#"[["difference", [1, 3]], ["length", 2]]"#,
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
        let items = difference(&input)?;
        let length = items.len();
        out.emit(Output::Difference(items.into())).await?;
        out.emit(Output::Length(length)).await?;
        Ok(())
    }
}

fn difference(input: &Input) -> Result<Vec<Value>, BlockError> {
    let Input {
        list_a,
        list_b,
        symmetric,
    } = input;
    check_size([list_a, list_b])?;
    let (in_a, in_b): (Seen<'_>, Seen<'_>) = (list_a.iter().collect(), list_b.iter().collect());
    let only_a = list_a.iter().filter(|item| !in_b.contains(item));
    let only_b = list_b
        .iter()
        .filter(|item| *symmetric && !in_a.contains(item));
    Ok(only_a.chain(only_b).cloned().collect())
}

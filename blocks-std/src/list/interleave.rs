//! `list.interleave`: items of several lists in turn.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::check_total;

/// Takes items from lists in turn until all are used up.
pub(super) struct Interleave;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The lists. One that is used up is passed over.
    lists: Vec<List>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The first items of all lists, then the second, and so on.
    InterleavedList(List),
    /// How many items it has.
    Length(usize),
}

impl Block for Interleave {
    const INFO: BlockInfo = BlockInfo::new(
        "list.interleave",
        1,
        "Takes items from lists in turn until all are used up.",
    )
    .category(Category::List)
    .autogpt(
        "9f616084-1d9f-4f8e-bc00-5b9d2a75cd75",
        "InterleaveListsBlock",
    )
    .examples(&[Example::new(
        "unequal lists",
        r#"{"lists": [[1, 2, 3], ["a"]]}"#,
        r#"[["interleaved_list", [1, "a", 2, 3]], ["length", 4]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let items = interleave(&input.lists)?;
        let length = items.len();
        out.emit(Output::InterleavedList(items.into())).await?;
        out.emit(Output::Length(length)).await?;
        Ok(())
    }
}

fn interleave(lists: &[List]) -> Result<Vec<Value>, BlockError> {
    let mut items = Vec::with_capacity(check_total(lists.iter().map(|list| list.len()))?);
    let mut open: Vec<_> = lists.iter().map(|list| list.iter()).collect();
    while !open.is_empty() {
        open.retain_mut(|list| list.next().map(|item| items.push(item.clone())).is_some());
    }
    Ok(items)
}

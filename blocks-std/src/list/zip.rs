//! `list.zip`: items that stand at one index, together.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::check_total;

/// Groups the items of lists by index.
pub(super) struct Zip;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The lists.
    lists: Vec<List>,
    /// Goes on to the end of the longest list, not only of the shortest. Default: false.
    #[serde(default)]
    pad_to_longest: bool,
    /// What stands for the items of lists that are too short. Default: null.
    #[serde(default)]
    fill_value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// One list an index, with an item of each list.
    ZippedList(Vec<List>),
    /// How many groups there are.
    Length(usize),
}

impl Block for Zip {
    const INFO: BlockInfo = BlockInfo::new("list.zip", 1, "Groups the items of lists by index.")
        .category(Category::List)
        .autogpt("0d0e684f-5cb9-4c4b-b8d1-47a0860e0c07", "ZipListsBlock")
        .examples(&[
            Example::new(
                "to the shortest",
                r#"{"lists": [[1, 2], ["a"]]}"#,
                r#"[["zipped_list", [[1, "a"]]], ["length", 1]]"#,
            ),
            Example::new(
                "to the longest",
                r#"{"lists": [[1, 2], ["a"]], "pad_to_longest": true, "fill_value": "-"}"#,
                r#"[["zipped_list", [[1, "a"], [2, "-"]]], ["length", 2]]"#,
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
        let groups = zip(&input)?;
        let length = groups.len();
        out.emit(Output::ZippedList(groups)).await?;
        out.emit(Output::Length(length)).await?;
        Ok(())
    }
}

fn zip(input: &Input) -> Result<Vec<List>, BlockError> {
    let Input {
        lists,
        pad_to_longest,
        fill_value,
    } = input;
    let lengths = lists.iter().map(|list| list.len());
    let n = if *pad_to_longest {
        lengths.max()
    } else {
        lengths.min()
    }
    .unwrap_or(0);
    // Padding makes more than went in.
    check_total(std::iter::repeat_n(n, lists.len()))?;
    let group = |at: usize| {
        lists
            .iter()
            .map(|list| list.get(at).unwrap_or(fill_value).clone())
            .collect()
    };
    Ok((0..n).map(group).collect())
}

//! `list.slice`: a part of a list.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::position::gap;

/// Takes a part of a list.
pub(super) struct Slice;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
    /// The index of the first item to take: 0 for the first of all, -1 for the last.
    #[serde(default)]
    start: i64,
    /// The index of the item before which to stop; without it all up to the end.
    end: Option<i64>,
    /// Takes every so many-th item; 2: every other one.
    #[serde(default = "each")]
    step: u64,
}

fn each() -> u64 {
    1
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The part, which may be empty.
    Slice(List),
}

impl Block for Slice {
    const INFO: BlockInfo = BlockInfo::new("list.slice", 1, "Takes a part of a list.")
        .details(
            "Indices beyond the ends mean the ends, so that any part that does not exist is empty.",
        )
        .category(Category::List)
        .examples(&[
            Example::new(
                "the first two",
                r#"{"input_list": [1, 2, 3], "end": 2}"#,
                r#"[["slice", [1, 2]]]"#,
            ),
            Example::new(
                "the last two",
                r#"{"input_list": [1, 2, 3], "start": -2}"#,
                r#"[["slice", [2, 3]]]"#,
            ),
            Example::new(
                "every other one",
                r#"{"input_list": [1, 2, 3], "step": 2}"#,
                r#"[["slice", [1, 3]]]"#,
            ),
            Example::new(
                "no step",
                r#"{"input_list": [1], "step": 0}"#,
                r#"[["error", "step must be at least 1"]]"#,
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
        if input.step == 0 {
            return Err(BlockError::input(
                "step must be at least 1: `list.reverse` turns a list around",
            ));
        }
        let n = input.input_list.len();
        let start = gap(input.start, n);
        let end = input.end.map_or(n, |end| gap(end, n));
        let step = usize::try_from(input.step).unwrap_or(usize::MAX);
        let part = input.input_list.iter().take(end).skip(start).step_by(step);
        out.emit(Output::Slice(part.cloned().collect())).await?;
        Ok(())
    }
}

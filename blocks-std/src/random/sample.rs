//! `random.sample`: some items of a list by chance.

use std::collections::HashMap;

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Capability, Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draw::below;

/// Draws some items of a list, none twice.
pub(super) struct Sample;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list to draw from.
    input_list: List,
    /// How many items to draw; as many as the list has: all of them in a new order.
    size: u64,
    /// Keeps the items in the order of the list.
    #[serde(default)]
    keep_order: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items, in the order in which they were drawn.
    Sample(List),
    /// Their places in the list, from 0.
    Indices(Vec<usize>),
}

impl Block for Sample {
    const INFO: BlockInfo = BlockInfo::new(
        "random.sample",
        1,
        "Draws some items of a list by chance, none twice.",
    )
    .details("What is drawn follows from the run's seed: a repeated attempt draws the same.")
    .category(Category::List)
    .capabilities(&[Capability::Random])
    .examples(&[
        Example::new(
            "two of three",
            r#"{"input_list": ["a", "b", "c"], "size": 2}"#,
            r#"[["sample", ["c", "a"]], ["indices", [2, 0]]]"#,
        )
        .varies(),
        Example::new(
            "all, in their order",
            r#"{"input_list": ["a", "b"], "size": 2, "keep_order": true}"#,
            r#"[["sample", ["a", "b"]], ["indices", [0, 1]]]"#,
        ),
        Example::new(
            "too many",
            r#"{"input_list": ["a"], "size": 2}"#,
            r#"[["error", "2 items cannot be drawn from a list of 1"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let list = &input.input_list;
        let size = usize::try_from(input.size).ok();
        let Some(size) = size.filter(|size| *size <= list.len()) else {
            return Err(BlockError::input(format!(
                "{} items cannot be drawn from a list of {}",
                input.size,
                list.len()
            )));
        };
        let mut indices = drawn(cx, list.len(), size)?;
        if input.keep_order {
            indices.sort_unstable();
        }
        let items = indices.iter().filter_map(|index| list.get(*index).cloned());
        out.emit(Output::Sample(items.collect())).await?;
        out.emit(Output::Indices(indices)).await?;
        Ok(())
    }
}

/// Draws `size` different numbers below `n`, by the first steps of a shuffle of Fisher and Yates; only what moved is
/// kept, so that a few of many cost little.
fn drawn(cx: &Context, n: usize, size: usize) -> Result<Vec<usize>, BlockError> {
    let mut moved: HashMap<usize, usize> = HashMap::new();
    let mut drawn = Vec::with_capacity(size);
    for first in 0..size {
        let at = first + usize::try_from(below(cx, (n - first) as u64)?).unwrap_or(0);
        drawn.push(moved.get(&at).copied().unwrap_or(at));
        let there = moved.get(&first).copied().unwrap_or(first);
        moved.insert(at, there);
    }
    Ok(drawn)
}

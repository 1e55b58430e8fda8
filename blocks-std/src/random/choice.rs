//! `random.choice`: one item of a list by chance.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Capability, Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draw::{below, unit};
use crate::math::Number;

/// Draws one item of a list.
pub(super) struct Choice;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list to draw from.
    input_list: List,
    /// How likely each item is, in proportion to the others, in the order of the list; all alike without them.
    weights: Option<Vec<Number>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The item.
    Item(Value),
    /// Its place in the list, from 0.
    Index(usize),
}

impl Block for Choice {
    const INFO: BlockInfo =
        BlockInfo::new("random.choice", 1, "Draws one item of a list by chance.")
            .details("What is drawn follows from the run's seed.")
            .category(Category::List)
            .capabilities(&[Capability::Random])
            .examples(&[
                Example::new(
                    "any",
                    r#"{"input_list": ["a", "b"]}"#,
                    r#"[["item", "b"], ["index", 1]]"#,
                )
                .varies(),
                Example::new(
                    "all weight on one",
                    r#"{"input_list": ["a", "b", "c"], "weights": [0, 2.5, 0]}"#,
                    r#"[["item", "b"], ["index", 1]]"#,
                ),
                Example::new(
                    "nothing to draw",
                    r#"{"input_list": []}"#,
                    r#"[["error", "the list is empty"]]"#,
                ),
                Example::new(
                    "too few weights",
                    r#"{"input_list": [1, 2], "weights": [1]}"#,
                    r#"[["error", "2 items and 1 weights"]]"#,
                ),
                Example::new(
                    "no weight",
                    r#"{"input_list": [1], "weights": [-1]}"#,
                    r#"[["error", "weight 0 is -1"]]"#,
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
        let index = match &input.weights {
            Some(weights) => weighted(cx, weights, list.len())?,
            None => usize::try_from(below(cx, list.len() as u64)?).unwrap_or(0),
        };
        let Some(item) = list.get(index) else {
            return Err(BlockError::input("the list is empty: nothing can be drawn"));
        };
        out.emit(Output::Item(item.clone())).await?;
        out.emit(Output::Index(index)).await?;
        Ok(())
    }
}

fn weighted(cx: &Context, weights: &[Number], n: usize) -> Result<usize, BlockError> {
    if weights.len() != n {
        return Err(BlockError::input(format!(
            "there are {n} items and {} weights: each item needs one",
            weights.len()
        )));
    }
    let mut largest = 0.0_f64;
    for (index, weight) in weights.iter().enumerate() {
        let weight = weight.float();
        if !weight.is_finite() || weight < 0.0 {
            return Err(BlockError::input(format!(
                "weight {index} is {weight}: a weight is a number from 0 on"
            )));
        }
        largest = largest.max(weight);
    }
    if n > 0 && largest == 0.0 {
        return Err(BlockError::input("all weights are 0: one must be more"));
    }
    // In proportion to the largest, so that no sum is too large.
    let shares = || weights.iter().map(|weight| weight.float() / largest);
    let mut left = unit(cx)? * shares().sum::<f64>();
    let mut last = 0;
    for (index, share) in shares().enumerate().filter(|(_, share)| *share > 0.0) {
        last = index;
        left -= share;
        if left < 0.0 {
            break;
        }
    }
    Ok(last)
}

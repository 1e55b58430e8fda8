//! `list.create`: a list, whole or in parts.

use graphloom::json::to_json;
use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a list of the given values, or several of limited size.
pub(super) struct Create;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The values.
    values: List,
    /// The most items of one list; what is over goes into further lists. Default, and 0: no limit.
    #[serde(default)]
    max_size: Option<i64>,
    /// The most tokens of one list, by an estimate of one token for four characters of JSON. A larger item stands alone.
    /// Default, and 0: no limit.
    #[serde(default)]
    max_tokens: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The list; one after the other where a limit is set.
    List(List),
}

impl Block for Create {
    const INFO: BlockInfo = BlockInfo::new(
        "list.create",
        1,
        "Makes a list of the given values, or several of limited size.",
    )
    .category(Category::List)
    .autogpt("a912d5c7-6e00-4542-b2a9-8034136930e4", "CreateListBlock")
    .examples(&[
        Example::new(
            "whole",
            r#"{"values": [1, 2, 3]}"#,
            r#"[["list", [1, 2, 3]]]"#,
        ),
        Example::new(
            "in parts",
            r#"{"values": [1, 2, 3], "max_size": 2}"#,
            r#"[["list", [1, 2]], ["list", [3]]]"#,
        ),
        Example::new(
            "by tokens",
            r#"{"values": ["twelve chars", "twelve chars"], "max_tokens": 5}"#,
            r#"[["list", ["twelve chars"]], ["list", ["twelve chars"]]]"#,
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
        let Input {
            values,
            max_size,
            max_tokens,
        } = input;
        let (max_size, max_tokens) = (limit(max_size), limit(max_tokens));
        if max_size.is_none() && max_tokens.is_none() {
            out.emit(Output::List(values)).await?;
            return Ok(());
        }
        let (mut part, mut tokens): (Vec<Value>, i64) = (Vec::new(), 0);
        for value in &values {
            let more = if max_tokens.is_some() {
                estimate_tokens(value)
            } else {
                0
            };
            let full = max_size.is_some_and(|max| as_i64(part.len()) >= max);
            let over =
                max_tokens.is_some_and(|max| tokens.saturating_add(more) > max) && !part.is_empty();
            if full || over {
                out.emit(Output::List(std::mem::take(&mut part).into()))
                    .await?;
                tokens = 0;
            }
            part.push(value.clone());
            tokens = tokens.saturating_add(more);
        }
        if !part.is_empty() || values.is_empty() {
            out.emit(Output::List(part.into())).await?;
        }
        Ok(())
    }
}

/// Zero is no limit.
fn limit(max: Option<i64>) -> Option<i64> {
    max.filter(|max| *max != 0)
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Tokens differ from model to model; a fourth of the characters is near enough to fill a prompt with.
fn estimate_tokens(value: &Value) -> i64 {
    as_i64(to_json(value).chars().count().div_ceil(4))
}

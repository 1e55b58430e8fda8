//! `autogpt.match_pattern`: whether a pattern occurs in any value.

use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::searched::searched;
use crate::python::truthy;
use crate::text::pattern::{Flags, Pattern};

/// Tells whether a pattern occurs in a value.
pub(super) struct MatchPattern;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to search; what is no text is searched as its JSON.
    text: Value,
    /// The regular expression, as Python writes it.
    #[serde(rename = "match")]
    pattern: String,
    /// What to emit; one that is empty, zero or false gives way to what was searched.
    data: Value,
    /// Takes upper and lower case for different.
    #[serde(default = "yes")]
    case_sensitive: bool,
    /// Lets a dot stand for a line break too.
    #[serde(default = "yes")]
    dot_all: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The data if the pattern occurs.
    Positive(Value),
    /// The data if it does not.
    Negative(Value),
}

impl Block for MatchPattern {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.match_pattern",
        1,
        "Sends a value one way if a pattern occurs in another, and another way if not.",
    )
    .details(
        "Unlike `text.match`: searches any value, and data that is empty, zero or false gives way to what was \
         searched.",
    )
    .category(Category::Text)
    .native("text.match")
    .autogpt("3060088f-6ed9-4928-9ba7-9c92823a7ccd", "MatchTextPatternBlock")
    .examples(&[
        Example::new(
            "any value",
            r#"{"text": [1, 2], "match": "1,2", "data": "D"}"#,
            r#"[["positive", "D"]]"#,
        ),
        Example::new(
            "false data",
            r#"{"text": "abc", "match": "z", "data": false}"#,
            r#"[["negative", "abc"]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "x", "match": "(", "data": 1}"#,
            r#"[["error", "cannot be read"]]"#,
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
        let flags = Flags {
            case_sensitive: input.case_sensitive,
            dot_all: input.dot_all,
            marks: false,
        };
        let text = searched(&input.text);
        let found = Pattern::compile(&input.pattern, flags, &text)?.matches(&text)?;
        let data = if truthy(&input.data) {
            input.data
        } else {
            input.text
        };
        out.emit(if found {
            Output::Positive(data)
        } else {
            Output::Negative(data)
        })
        .await?;
        Ok(())
    }
}

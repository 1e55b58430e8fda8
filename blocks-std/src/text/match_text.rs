//! `text.match`: whether a pattern occurs in a text.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pattern::{Flags, Pattern};
use crate::given::given;

/// Tells whether a pattern occurs in a text.
pub(super) struct Match;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to search.
    text: Text,
    /// The regular expression, as Python writes it.
    pattern: String,
    /// What to emit instead of the text; null counts.
    #[serde(default, deserialize_with = "given")]
    data: Option<Value>,
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
    /// The data, or the text without any, if the pattern occurs.
    Positive(Value),
    /// The data, or the text without any, if it does not.
    Negative(Value),
}

impl Block for Match {
    const INFO: BlockInfo = BlockInfo::new(
        "text.match",
        1,
        "Sends a value one way if a pattern occurs in a text, and another way if not.",
    )
    .category(Category::Text)
    .examples(&[
        Example::new(
            "found",
            r#"{"text": "order 66", "pattern": "\\d+"}"#,
            r#"[["positive", "order 66"]]"#,
        ),
        Example::new(
            "not found",
            r#"{"text": "order", "pattern": "\\d+", "data": 0}"#,
            r#"[["negative", 0]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "x", "pattern": "("}"#,
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
            marks: true,
        };
        let found = Pattern::compile(&input.pattern, flags, &input.text)?.matches(&input.text)?;
        let data = input.data.unwrap_or(Value::Text(input.text));
        out.emit(if found {
            Output::Positive(data)
        } else {
            Output::Negative(data)
        })
        .await?;
        Ok(())
    }
}

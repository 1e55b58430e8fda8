//! `text.regex_test`: whether a regular expression matches.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::linear::{Flag, Linear};

/// Tells whether a regular expression matches somewhere in a text.
pub(super) struct RegexTest;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to search.
    text: Text,
    /// The regular expression: `\d+`. Matches anywhere; `^` and `$` bind it to the ends.
    pattern: String,
    /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
    #[serde(default)]
    flags: Vec<Flag>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Whether it matches.
    Matches(bool),
}

impl Block for RegexTest {
    const INFO: BlockInfo = BlockInfo::new(
        "text.regex_test",
        1,
        "Tells whether a regular expression matches somewhere in a text.",
    )
    .details(
        "Takes time in proportion to the text, whatever the pattern. There are no look-around and no back-references; \
         `text.match` has them.",
    )
    .category(Category::Text)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "somewhere",
            r#"{"text": "order 66", "pattern": "\\d+"}"#,
            r#"[["matches", true]]"#,
        ),
        Example::new(
            "nowhere",
            r#"{"text": "order", "pattern": "^R", "flags": ["ignore_case"]}"#,
            r#"[["matches", false]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "x", "pattern": "a(b"}"#,
            r#"[["error", "cannot be read at column 2: unclosed group"]]"#,
        ),
        Example::new(
            "a large pattern",
            r#"{"text": "x", "pattern": "(a{1,1000}){1,1000}"}"#,
            r#"[["error", "the pattern is too large"]]"#,
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
        let pattern = Linear::compile(&input.pattern, &input.flags)?;
        let matches = pattern.regex.is_match(&input.text);
        out.emit(Output::Matches(matches)).await?;
        Ok(())
    }
}

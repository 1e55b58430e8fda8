//! `text.replace`: another text in place of each occurrence of one.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size;

/// Replaces each occurrence of a text in another.
pub(super) struct Replace;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to change.
    text: Text,
    /// What to replace. Empty: the new text is put between all characters and at both ends.
    old: String,
    /// What to put there.
    new: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The changed text.
    Output(Text),
}

impl Block for Replace {
    const INFO: BlockInfo = BlockInfo::new(
        "text.replace",
        1,
        "Replaces each occurrence of a text in another, as it is written.",
    )
    .category(Category::Text)
    .autogpt("7e7c87ab-3469-4bcc-9abe-67705091b713", "TextReplaceBlock")
    .examples(&[
        Example::new(
            "all occurrences",
            r#"{"text": "a.b.c", "old": ".", "new": "-"}"#,
            r#"[["output", "a-b-c"]]"#,
        ),
        Example::new(
            "none",
            r#"{"text": "abc", "old": "z", "new": "y"}"#,
            r#"[["output", "abc"]]"#,
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
        let Input { text, old, new } = input;
        let n = text.matches(old.as_str()).count();
        let replaced = if n == 0 {
            text
        } else {
            let kept = text.len().saturating_sub(n.saturating_mul(old.len()));
            size::check(n.saturating_mul(new.len()).saturating_add(kept))?;
            Text::from(text.replace(old.as_str(), &new))
        };
        out.emit(Output::Output(replaced)).await?;
        Ok(())
    }
}

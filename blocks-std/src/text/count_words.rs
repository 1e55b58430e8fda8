//! `text.count_words`: the length of a text in words and characters.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python::is_space;

/// Counts the words and characters of a text.
pub(super) struct CountWords;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to count.
    text: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// How many words there are: what stands between white space.
    WordCount(u64),
    /// How many characters (Unicode code points) there are, white space included.
    CharacterCount(u64),
}

impl Block for CountWords {
    const INFO: BlockInfo = BlockInfo::new(
        "text.count_words",
        1,
        "Counts the words and characters of a text.",
    )
    .category(Category::Text)
    .autogpt(
        "ab2a782d-22cf-4587-8a70-55b59b3f9f90",
        "WordCharacterCountBlock",
    )
    .examples(&[Example::new(
        "two words",
        r#"{"text": "héllo wörld"}"#,
        r#"[["word_count", 2], ["character_count", 11]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let words = input.text.split(is_space).filter(|word| !word.is_empty());
        out.emit(Output::WordCount(words.count() as u64)).await?;
        let n_chars = input.text.chars().count() as u64;
        out.emit(Output::CharacterCount(n_chars)).await?;
        Ok(())
    }
}

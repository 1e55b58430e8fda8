//! `io.note`: a remark for readers of the graph.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A remark for readers of the graph.
pub(super) struct Note;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The remark.
    text: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The remark.
    Output(Text),
}

impl Block for Note {
    const INFO: BlockInfo = BlockInfo::new(
        "io.note",
        1,
        "A remark for readers of the graph; a run passes over it.",
    )
    .category(Category::Io)
    .role(Role::Note)
    .autogpt("cc10ff7b-7753-4ff2-9af6-9399b1a7eddc", "NoteBlock")
    .examples(&[Example::new(
        "remark",
        r#"{"text": "The totals are in euros."}"#,
        r#"[["output", "The totals are in euros."]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Output(input.text)).await?;
        Ok(())
    }
}

//! `io.input_long_text`: a long text from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example, Text};

use super::given::{Given, Output, emit};

/// A text that whoever starts the run gives, several lines in a form.
pub(super) struct InputLongText;

impl Block for InputLongText {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_long_text",
        1,
        "A text that whoever starts the run gives, several lines in a form.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "90a56ffb-7024-4b2b-ab50-e26c5e5ab8ba",
        "AgentLongTextInputBlock",
    )
    .sticky(&["result"])
    .examples(&[Example::new(
        "given",
        r#"{"name": "letter", "value": "Dear all,\\n…"}"#,
        r#"[["result", "Dear all,\\n…"]]"#,
    )]);
    type Input = Given<Text>;
    type Output = Output<Text>;

    async fn run(
        &self,
        _: &Context,
        input: Given<Text>,
        out: Emitter<'_, Output<Text>>,
    ) -> Result<(), BlockError> {
        emit(input.value, out).await
    }
}

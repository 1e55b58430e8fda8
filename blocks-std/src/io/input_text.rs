//! `io.input_text`: a short text from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example, Text};

use super::given::{Given, Output, emit};

/// A text that whoever starts the run gives, one line in a form.
pub(super) struct InputText;

impl Block for InputText {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_text",
        1,
        "A text that whoever starts the run gives, one line in a form.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158",
        "AgentShortTextInputBlock",
    )
    .sticky(&["result"])
    .examples(&[Example::new(
        "given",
        r#"{"name": "topic", "value": "tea"}"#,
        r#"[["result", "tea"]]"#,
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

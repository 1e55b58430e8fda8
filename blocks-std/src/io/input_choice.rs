//! `io.input_choice`: one of several texts from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example, Text};

use super::choice::Choice;
use super::given::{Output, emit};

/// One of several texts, which whoever starts the run chooses.
pub(super) struct InputChoice;

impl Block for InputChoice {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_choice",
        1,
        "One of several texts, which whoever starts the run chooses; any other is an error.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .sticky(&["result"])
    .examples(&[
        Example::new(
            "chosen",
            r#"{"name": "size", "value": "S", "options": ["S", "L"]}"#,
            r#"[["result", "S"]]"#,
        ),
        Example::new(
            "not offered",
            r#"{"name": "size", "value": "M", "options": ["S", "L"]}"#,
            r#"[["error", "\"M\" is not among the options"]]"#,
        ),
    ]);
    type Input = Choice;
    type Output = Output<Text>;

    async fn run(
        &self,
        _: &Context,
        input: Choice,
        out: Emitter<'_, Output<Text>>,
    ) -> Result<(), BlockError> {
        emit(input.checked()?, out).await
    }
}

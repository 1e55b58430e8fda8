//! `autogpt.input_dropdown`: a choice from outside whose options are hints only.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example, Text};

use crate::io::choice::Choice;
use crate::io::given::{Output, emit};

/// A text that whoever starts the run gives; the options are hints for a form.
pub(super) struct InputDropdown;

impl Block for InputDropdown {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.input_dropdown",
        1,
        "A text that whoever starts the run gives; the options are hints for a form.",
    )
    .details("Unlike `io.input_choice`, takes a value that is not among the options.")
    .category(Category::Io)
    .role(Role::Input)
    .native("io.input_choice")
    .autogpt(
        "655d6fdf-a334-421c-b733-520549c07cd1",
        "AgentDropdownInputBlock",
    )
    .autogpt_pins(&[("placeholder_values", "options")])
    .sticky(&["result"])
    .examples(&[Example::new(
        "not among the options",
        r#"{"name": "size", "value": "M", "options": ["S", "L"]}"#,
        r#"[["result", "M"]]"#,
    )]);
    type Input = Choice;
    type Output = Output<Text>;

    async fn run(
        &self,
        _: &Context,
        input: Choice,
        out: Emitter<'_, Output<Text>>,
    ) -> Result<(), BlockError> {
        emit(input.value, out).await
    }
}

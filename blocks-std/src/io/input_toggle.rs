//! `io.input_toggle`: a yes or no from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::Deserialize;

use super::given::{Output, emit};

/// A yes or no that whoever starts the run gives.
pub(super) struct InputToggle;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The value when the run gives none.
    #[serde(default)]
    value: bool,
    /// A heading for people; the name when there is none.
    title: Option<String>,
    /// What the input is for.
    description: Option<String>,
    /// Whether a form hides the input until it is asked for.
    #[serde(default)]
    advanced: bool,
    /// Whether a form hides what is chosen.
    #[serde(default)]
    secret: bool,
}

impl Block for InputToggle {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_toggle",
        1,
        "A yes or no that whoever starts the run gives; no when it gives none.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "cbf36ab5-df4a-43b6-8a7f-f7ed8652116e",
        "AgentToggleInputBlock",
    )
    .sticky(&["result"])
    .examples(&[
        Example::new(
            "on",
            r#"{"name": "loud", "value": true}"#,
            r#"[["result", true]]"#,
        ),
        Example::new("not given", r#"{"name": "loud"}"#, r#"[["result", false]]"#),
    ]);
    type Input = Input;
    type Output = Output<bool>;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output<bool>>,
    ) -> Result<(), BlockError> {
        emit(Some(input.value), out).await
    }
}

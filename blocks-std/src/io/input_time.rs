//! `io.input_time`: a time of day from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};

use super::given::{Given, Output, emit};
use super::moment;

/// A time of day that whoever starts the run gives.
pub(super) struct InputTime;

impl Block for InputTime {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_time",
        1,
        "A time of day that whoever starts the run gives, as HH:MM or HH:MM:SS.",
    )
    .details("The result always has seconds: `10:20` becomes `10:20:00`, and `Z` becomes `+00:00`.")
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "2a1c757e-86cf-4c7e-aacf-060dc382e434",
        "AgentTimeInputBlock",
    )
    .sticky(&["result"])
    .examples(&[
        Example::new(
            "without seconds",
            r#"{"name": "at", "value": "10:20"}"#,
            r#"[["result", "10:20:00"]]"#,
        ),
        Example::new(
            "not a time",
            r#"{"name": "at", "value": "10:20 PM"}"#,
            r#"[["error", "is not a time"]]"#,
        ),
    ]);
    type Input = Given<String>;
    type Output = Output<String>;

    async fn run(
        &self,
        _: &Context,
        input: Given<String>,
        out: Emitter<'_, Output<String>>,
    ) -> Result<(), BlockError> {
        emit(input.value.as_deref().map(moment::time).transpose()?, out).await
    }
}

//! `io.input_date`: a date from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};

use super::given::{Given, Output, emit};
use super::moment;

/// A date that whoever starts the run gives.
pub(super) struct InputDate;

impl Block for InputDate {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_date",
        1,
        "A date that whoever starts the run gives, as YYYY-MM-DD.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "7e198b09-4994-47db-8b4d-952d98241817",
        "AgentDateInputBlock",
    )
    .sticky(&["result"])
    .examples(&[
        Example::new(
            "given",
            r#"{"name": "due", "value": "2024-02-29"}"#,
            r#"[["result", "2024-02-29"]]"#,
        ),
        Example::new(
            "not a date",
            r#"{"name": "due", "value": "2023-02-29"}"#,
            r#"[["error", "is not a date"]]"#,
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
        emit(input.value.as_deref().map(moment::date).transpose()?, out).await
    }
}

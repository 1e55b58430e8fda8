//! `io.input_integer`: a whole number from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};

use super::given::{Given, Output, emit};

/// A whole number that whoever starts the run gives.
pub(super) struct InputInteger;

impl Block for InputInteger {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_integer",
        1,
        "A whole number that whoever starts the run gives.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98",
        "AgentNumberInputBlock",
    )
    .sticky(&["result"])
    .examples(&[Example::new(
        "given",
        r#"{"name": "copies", "value": 3}"#,
        r#"[["result", 3]]"#,
    )]);
    type Input = Given<i64>;
    type Output = Output<i64>;

    async fn run(
        &self,
        _: &Context,
        input: Given<i64>,
        out: Emitter<'_, Output<i64>>,
    ) -> Result<(), BlockError> {
        emit(input.value, out).await
    }
}

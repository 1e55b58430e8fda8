//! `io.input_table`: rows from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::Deserialize;

use super::given::{Output, emit};

/// Rows that whoever starts the run gives.
pub(super) struct InputTable;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The rows when the run gives none: each maps column headers to cells.
    value: Option<Vec<Map>>,
    /// A heading for people; the name when there is none.
    title: Option<String>,
    /// What the input is for.
    description: Option<String>,
    /// Whether a form hides the input until it is asked for.
    #[serde(default)]
    advanced: bool,
    /// Whether a form hides what is typed.
    #[serde(default)]
    secret: bool,
    /// The columns that a form offers. Rows may have others.
    #[serde(default = "three_columns")]
    column_headers: Vec<String>,
}

fn three_columns() -> Vec<String> {
    (1..=3).map(|n| format!("Column {n}")).collect()
}

impl Block for InputTable {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input_table",
        1,
        "Rows that whoever starts the run gives; none when it gives none.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt(
        "5603b273-f41e-4020-af7d-fbc9c6a8d928",
        "AgentTableInputBlock",
    )
    .sticky(&["result"])
    .examples(&[Example::new(
        "one row",
        r#"{"name": "people", "column_headers": ["name"], "value": [{"name": "Ada"}]}"#,
        r#"[["result", [{"name": "Ada"}]]]"#,
    )]);
    type Input = Input;
    type Output = Output<Vec<Map>>;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output<Vec<Map>>>,
    ) -> Result<(), BlockError> {
        emit(Some(input.value.unwrap_or_default()), out).await
    }
}

//! `json.parse`: a text as the value that it says.

use graphloom::fault::Faults;
use graphloom::json::{Limits, read_value};
use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest text that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// How many mistakes a message tells.
const SHOWN: usize = 5;

/// Reads JSON.
pub(super) struct Parse;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The JSON text, nothing before or behind it but blanks.
    text: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What it says.
    Value(Value),
}

impl Block for Parse {
    const INFO: BlockInfo = BlockInfo::new("json.parse", 1, "Reads a JSON text.")
        .details(
            "Strict, and nothing is lost: a key that stands twice, an integer beyond 64 bits and a number beyond the \
             range of floats are errors, told with line and column. Lists and maps may stand in each other 64 deep. A \
             byte order mark is passed over.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "a map",
                r#"{"text": "{\"a\": [1, 2.0, null]}"}"#,
                r#"[["value", {"a": [1, 2.0, null]}]]"#,
            ),
            Example::new(
                "a key twice",
                r#"{"text": "{\"a\": 1,\n \"a\": 2}"}"#,
                r#"[["error", "2:2: JSON_DUPLICATE_KEY"]]"#,
            ),
            Example::new(
                "cut off",
                r#"{"text": "[1, "}"#,
                r#"[["error", "JSON_SYNTAX"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Value(parse(&input.text)?)).await?;
        Ok(())
    }
}

fn parse(text: &str) -> Result<Value, BlockError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let limits = Limits::default()
        .with_max_bytes(MAX_BYTES)
        .with_max_text_bytes(MAX_BYTES);
    read_value(text.as_bytes(), &limits).map_err(|Faults(mut faults)| {
        let more = faults.len().saturating_sub(SHOWN);
        faults.truncate(SHOWN);
        let mut message = format!("this is not JSON that can be read: {}", Faults(faults));
        if more > 0 {
            message += &format!("\nand {more} more");
        }
        BlockError::input(message)
    })
}

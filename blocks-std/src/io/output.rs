//! `io.output`: a result of the graph.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::python;
use crate::template::render;

/// A result of the graph.
pub(super) struct OutputValue;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// The result. The run keeps it as it is, whatever the format.
    #[serde(default)]
    value: Value,
    /// What the output is called by whoever started the run.
    name: Text,
    /// A heading for people; the name when there is none.
    title: Option<String>,
    /// What the output is.
    description: Option<String>,
    /// How to show the value, as a Jinja template that refers to it by the output's name. Empty: as it is.
    #[serde(default)]
    format: String,
    /// Escapes `&`, `<`, `>` and quotes in what the format fills in, for use in HTML.
    #[serde(default)]
    escape_html: bool,
    /// Whether a view hides the output until it is asked for.
    #[serde(default)]
    advanced: bool,
    /// Whether a view hides the value.
    #[serde(default)]
    secret: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, or the text that the format makes of it.
    Output(Value),
    /// The name; only without a format.
    Name(Value),
}

impl Block for OutputValue {
    const INFO: BlockInfo = BlockInfo::new(
        "io.output",
        1,
        "A result of the graph, which whoever started the run gets by its name.",
    )
    .details(
        "The format changes the `output` pin only, which is for showing the value; a faulty one does not fail the \
         run: `output` then says what is wrong.",
    )
    .category(Category::Io)
    .role(Role::Output)
    .autogpt("363ae599-353e-4804-937e-b2ee3cef3da4", "AgentOutputBlock")
    .sticky(&["output", "name"])
    .examples(&[
        Example::new(
            "as it is",
            r#"{"name": "total", "value": 5}"#,
            r#"[["output", 5], ["name", "total"]]"#,
        ),
        Example::new(
            "with a format",
            r#"{"name": "total", "value": 5, "format": "{{ total }} euros"}"#,
            r#"[["output", "5 euros"]]"#,
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
        let Input {
            value,
            name,
            format,
            escape_html,
            ..
        } = input;
        if format.is_empty() {
            out.emit(Output::Output(value)).await?;
            out.emit(Output::Name(Value::Text(name))).await?;
        } else {
            let text = shown(&value, name, &format, escape_html);
            out.emit(Output::Output(Value::from(text))).await?;
        }
        Ok(())
    }
}

fn shown(value: &Value, name: Text, format: &str, escape_html: bool) -> String {
    let values = Map::from_iter([(name, value.clone())]);
    render(format, &values, escape_html)
        .unwrap_or_else(|error| format!("Error: {error}, {}", python::str(value)))
}

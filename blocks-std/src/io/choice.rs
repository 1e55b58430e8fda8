//! What the two inputs with options have in common.

use graphloom::prelude::*;
use graphloom::{Text, Value};
use schemars::JsonSchema;
use serde::Deserialize;

/// The pins of an input with options.
#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(crate) struct Choice {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The value when the run gives none. Null: nothing is emitted.
    pub(crate) value: Option<Text>,
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
    /// What there is to choose from.
    #[serde(default)]
    options: Vec<Value>,
}

impl Choice {
    /// Returns the value if it is among the options, or if there are none.
    pub(crate) fn checked(self) -> Result<Option<Text>, BlockError> {
        let Some(value) = self.value else {
            return Ok(None);
        };
        let among = |option: &Value| option.as_str() == Some(value.as_str());
        if self.options.is_empty() || self.options.iter().any(among) {
            return Ok(Some(value));
        }
        let options: Vec<String> = self.options.iter().map(Value::to_string).collect();
        Err(BlockError::input(format!(
            "\"{value}\" is not among the options {}",
            options.join(", ")
        )))
    }
}

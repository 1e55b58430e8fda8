//! What the typed input blocks have in common: their pins, and what they do with a value.

use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The pins of an input block whose value is a `T`.
#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(crate) struct Given<T> {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The value when the run gives none. Null: nothing is emitted.
    pub(crate) value: Option<T>,
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
}

/// The one output of an input block.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output<T> {
    /// The value.
    Result(T),
}

/// Emits the value, if there is one.
pub(crate) async fn emit<T: Serialize>(
    value: Option<T>,
    out: Emitter<'_, Output<T>>,
) -> Result<(), BlockError> {
    if let Some(value) = value {
        out.emit(Output::Result(value)).await?;
    }
    Ok(())
}

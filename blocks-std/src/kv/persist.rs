//! `autogpt.persist_information`: a value that outlives the run, as AutoGPT keeps it.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{Entry, Scope};
use crate::python::truthy;

/// Keeps a value for later runs.
pub(super) struct Persist;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Under which key, of at most 1,024 bytes.
    key: Text,
    /// The value to keep.
    value: Value,
    /// Whether this agent's runs share it, or those of all agents.
    #[serde(default)]
    scope: Scope,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, once it is kept; null for one that is empty, zero or false.
    Value(Value),
}

impl Block for Persist {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.persist_information",
        1,
        "Keeps a value under a key for later runs, as AutoGPT does.",
    )
    .details("Unlike `kv.put`: an empty, zero or false value is kept, and null is emitted.")
    .category(Category::Data)
    .native("kv.put")
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Ext])
    .autogpt(
        "1d055e55-a2b9-4547-8311-907d05b0304d",
        "PersistInformationBlock",
    );
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let entry = Entry::of(cx, &input.key, input.scope)?;
        entry.put(input.value.clone()).await?;
        let value = Some(input.value).filter(truthy).unwrap_or_default();
        out.emit(Output::Value(value)).await?;
        Ok(())
    }
}

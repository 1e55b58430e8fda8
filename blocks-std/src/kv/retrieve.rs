//! `autogpt.retrieve_information`: a value that an earlier run kept, as AutoGPT finds it.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{Entry, Scope};
use crate::python::truthy;

/// Returns a value that was kept.
pub(super) struct Retrieve;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The key, of at most 1,024 bytes.
    key: Text,
    /// Whether this agent's runs share it, or those of all agents.
    #[serde(default)]
    scope: Scope,
    /// What to emit if nothing is kept under the key, or something empty, zero or false.
    default_value: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, or the default, or null. It stays for all later firings of what it feeds.
    Value(Value),
}

impl Block for Retrieve {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.retrieve_information",
        1,
        "Returns the value that was kept under a key, as AutoGPT does.",
    )
    .details("Unlike `kv.get`: a kept value that is empty, zero or false gives way to the default.")
    .category(Category::Data)
    .native("kv.get")
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Ext])
    .sticky(&["value"])
    .autogpt(
        "d8710fc9-6e29-481e-a7d5-165eb16f8471",
        "RetrieveInformationBlock",
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
        let kept = entry.get().await?.filter(truthy);
        let value = kept.or(input.default_value).unwrap_or_default();
        out.emit(Output::Value(value)).await?;
        Ok(())
    }
}

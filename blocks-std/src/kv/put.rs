//! `kv.put`: a value that outlives the run.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{Entry, Scope};

/// Keeps a value for later runs.
pub(super) struct Put;

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
    /// The value, once it is kept.
    Value(Value),
}

impl Block for Put {
    const INFO: BlockInfo = BlockInfo::new("kv.put", 1, "Keeps a value under a key for later runs.")
        .details("A value that is there already gives way. The host decides where values are kept, and for how long.")
        .category(Category::Data)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Ext]);
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
        out.emit(Output::Value(input.value)).await?;
        Ok(())
    }
}

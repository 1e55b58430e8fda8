//! `kv.delete`: a kept value is forgotten.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{Entry, Scope};

/// Forgets a value that was kept.
pub(super) struct Delete;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The key, of at most 1,024 bytes.
    key: Text,
    /// Whether this agent's runs share it, or those of all agents.
    #[serde(default)]
    scope: Scope,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Whether something was kept under the key. A repeated attempt says no where the first one has forgotten it.
    Found(bool),
}

impl Block for Delete {
    const INFO: BlockInfo = BlockInfo::new(
        "kv.delete",
        1,
        "Forgets the value that was kept under a key.",
    )
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
        out.emit(Output::Found(entry.remove().await?)).await?;
        Ok(())
    }
}

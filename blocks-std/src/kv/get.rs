//! `kv.get`: a value that an earlier run kept.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::{Entry, Scope};
use crate::given::given;

/// Returns a value that was kept.
pub(super) struct Get;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The key, of at most 1,024 bytes.
    key: Text,
    /// Whether this agent's runs share it, or those of all agents.
    #[serde(default)]
    scope: Scope,
    /// What to emit if nothing is kept under the key; without it, that is an error.
    #[serde(default, deserialize_with = "given")]
    default: Option<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, or the default.
    Value(Value),
    /// Whether something was kept under the key.
    Found(bool),
}

impl Block for Get {
    const INFO: BlockInfo =
        BlockInfo::new("kv.get", 1, "Returns the value that was kept under a key.")
            .details("A kept null, 0, false or empty text is a value like any other.")
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
        let kept = entry.get().await?;
        let found = kept.is_some();
        let value = kept.or(input.default).ok_or_else(|| {
            BlockError::input(format!(
                "nothing is kept under the key \"{}\", and no default is given",
                input.key
            ))
        })?;
        out.emit(Output::Value(value)).await?;
        out.emit(Output::Found(found)).await?;
        Ok(())
    }
}

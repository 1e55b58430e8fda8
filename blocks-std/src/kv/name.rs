//! Which values a name finds: those of the agent, or those of all.

use graphloom::prelude::*;
use graphloom::{Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyValueError, KeyValues};

/// A key may have this many bytes.
const MAX_KEY_BYTES: usize = 1024;

/// Who shares a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Scope {
    /// The runs of this agent.
    #[default]
    WithinAgent,
    /// The runs of all agents.
    AcrossAgents,
}

/// A key, and the store that it is looked up in.
pub(super) struct Entry<'c> {
    values: &'c KeyValues,
    name: String,
}

impl<'c> Entry<'c> {
    /// Finds the entry; the names are those that AutoGPT gives, so that stores can be taken over.
    pub(super) fn of(cx: &'c Context, key: &Text, scope: Scope) -> Result<Self, BlockError> {
        if key.len() > MAX_KEY_BYTES {
            return Err(BlockError::input(format!(
                "a key may have {MAX_KEY_BYTES} bytes at most, and this one has {}",
                key.len()
            )));
        }
        let values: &KeyValues = cx.ext()?;
        let name = match scope {
            Scope::WithinAgent => format!("agent#{}#{key}", values.agent()),
            Scope::AcrossAgents => format!("global#{key}"),
        };
        Ok(Self { values, name })
    }

    pub(super) async fn get(&self) -> Result<Option<Value>, BlockError> {
        self.values
            .store()
            .get(&self.name)
            .await
            .map_err(|error| failed(&error))
    }

    pub(super) async fn put(&self, value: Value) -> Result<(), BlockError> {
        let put = self.values.store().put(&self.name, value);
        put.await.map_err(|error| failed(&error))
    }

    pub(super) async fn remove(&self) -> Result<bool, BlockError> {
        self.values
            .store()
            .remove(&self.name)
            .await
            .map_err(|error| failed(&error))
    }
}

fn failed(error: &KeyValueError) -> BlockError {
    if error.transient {
        BlockError::transient(error.to_string())
    } else {
        BlockError::failed(error.to_string())
    }
}

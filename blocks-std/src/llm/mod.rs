//! Language models: one way to ask, whoever serves them.

pub(crate) mod agent;
mod anthropic;
mod ask;
mod blocks;
mod chat;
mod completions;
mod endpoint;
mod find;
mod fit;
mod models;
mod needs;
mod provider;
mod responses;
mod sse;
mod table;
mod wire;

pub use anthropic::Anthropic;
pub use ask::Asking;
pub use chat::{ChatAnswer, ChatRequest, Message, Stop, ToolCall, ToolSpec, Usage};
pub use completions::OpenAiChat;
pub use endpoint::Endpoint;
pub use models::Models;
pub use needs::{Expected, needs};
pub use provider::{ChatError, Provider};
pub use responses::OpenAiResponses;
pub use table::{Model, ModelsError, Price};

/// Adds the blocks of this family.
pub(crate) fn register(registry: &mut graphloom::Registry) -> Result<(), graphloom::RegistryError> {
    blocks::register(registry)?;
    registry.add_lazily(agent::Agent)?;
    Ok(())
}

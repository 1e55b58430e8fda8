//! Language models: one way to ask, whoever serves them.

mod chat;
mod models;
mod provider;

pub use chat::{ChatAnswer, ChatRequest, Message, Stop, ToolCall, ToolSpec, Usage};
pub use models::{Asking, Models};
pub use provider::{ChatError, Provider};

//! Agents: a model that calls nodes of the graph as its tools until it has an answer.
//!
//! A node that a `tools` pin is linked to is a tool, and its linked inputs are the arguments ([`Toolbox`]). A [`Talk`] asks
//! the model, sees to it that what it calls can be called, runs the calls and tells it what they gave. Each question is a
//! paid step `ask:N`, counted over the firing, and each call is a firing of its node: whoever takes the firing up again,
//! after a crash or for another attempt, finds both where they were, as long as it asks in the same order. So nothing
//! here depends on time or chance.
//!
//! `llm.agent` and AutoGPT's orchestrator are both made of this.

mod compact;
mod conversation;
mod names;
mod node;
mod results;
mod schema;
mod talk;
mod toolbox;

pub(crate) use conversation::{pending, read, written};
pub(crate) use node::{Agent, expected, with_tools};
pub(crate) use results::said;
pub(crate) use talk::{MAX_TURNS, Settings, Talk, Turn};
pub(crate) use toolbox::{Absent, Naming, Toolbox};

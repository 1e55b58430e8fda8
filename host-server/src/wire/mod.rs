//! Requests and answers as they are written: apart from the engine's types, so that each can change by itself.

mod graph;
mod run;

pub use graph::{GraphView, TagsBody, VersionView};
pub use run::{AnswerBody, RunLinks, RunStart, RunView};

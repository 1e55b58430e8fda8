//! Requests and answers as they are written: apart from the engine's types, so that each can change by itself.

mod graph;
mod key;
mod run;

pub use graph::{GraphView, TagsBody, VersionView};
pub use key::{KeyBody, KeyView};
pub use run::{AnswerBody, RunLinks, RunStart, RunView};

//! Requests and answers as they are written: apart from the engine's types, so that each can change by itself.

mod credential;
mod graph;
mod key;
mod preset;
mod run;
mod start;

pub use credential::{
    ClientBody, CredentialBody, CredentialView, LoggedInView, LoginBody, LoginView,
};
pub use graph::{GraphView, TagView, TagsBody, Validation, VersionView};
pub use key::{KeyBody, KeyView};
pub use preset::{PresetBody, PresetView};
pub use run::{AnswerBody, RunLinks, RunView};
pub use start::{InlineStart, Promise, RunStart};

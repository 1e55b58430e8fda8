//! Agents, with a model that says what a script tells it to.

mod cancel;
mod fixtures;
mod resume;
mod stub;
mod together;

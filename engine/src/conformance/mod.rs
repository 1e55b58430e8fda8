//! What every implementation of a host trait must do, as tests that an implementation runs over itself.
//!
//! Each takes a way to open an empty implementation, and fails with a panic that names what was not kept to. Each sentence
//! of a trait is a case of its own; beside them stand laws: sequences of calls, drawn and cut down to the shortest that
//! fails, whose answers must be those of a model.
//!
//! ```
//! use std::sync::Arc;
//! use graphloom::conformance;
//! use graphloom::host::{MemoryStore, Store};
//!
//! conformance::store::cases(async || Arc::new(MemoryStore::new()) as Arc<dyn Store>);
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

pub mod blobs;
mod runner;
pub mod store;

#[cfg(test)]
mod tests;

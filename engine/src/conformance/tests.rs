//! What the engine brings along passes.

use std::sync::Arc;

use super::store;
use crate::host::{MemoryStore, Store};

async fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

#[test]
fn a_store_in_memory_keeps_to_the_contract() {
    store::cases(memory);
}

#[test]
fn a_store_in_memory_answers_as_the_model() {
    store::laws(memory, 256);
}

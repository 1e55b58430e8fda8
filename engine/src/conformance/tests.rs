//! What the engine brings along passes.

use std::sync::Arc;

use super::{blobs, store};
use crate::host::{Blobs, MemoryBlobs, MemoryStore, Store};

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

async fn blobs_in_memory() -> Arc<dyn Blobs> {
    Arc::new(MemoryBlobs::default())
}

#[test]
fn blobs_in_memory_keep_to_the_contract() {
    blobs::cases(blobs_in_memory);
    blobs::laws(blobs_in_memory, 64);
}

//! The contract of a store, held by each way to open one.

use std::cell::Cell;
use std::sync::Arc;

use graphloom::conformance;
use graphloom::host::Store;
use graphloom_backends::sqlite::{BlobPlace, Durability, SqliteOptions, SqliteStore};

use super::harness::Folder;

/// Runs a test with a way to open as many empty stores as it asks for.
fn each(options: &SqliteOptions, test: impl FnOnce(&dyn Fn() -> Arc<dyn Store>)) {
    let folder = Folder::new();
    let opened = Cell::new(0);
    test(&|| {
        opened.set(opened.get() + 1);
        let folder = folder.path().join(opened.get().to_string());
        Arc::new(SqliteStore::open(folder, options.clone()).unwrap())
    });
}

/// Each value of each option.
fn ways() -> [SqliteOptions; 4] {
    [
        (Durability::Relaxed, BlobPlace::OnDisk),
        (Durability::Barrier, BlobPlace::InDatabase),
        (Durability::Barrier, BlobPlace::OnDisk),
        (Durability::Every, BlobPlace::InDatabase),
    ]
    .map(|(durability, place)| {
        let options = SqliteOptions::new();
        options.durability(durability).blobs(place)
    })
}

#[test]
fn it_keeps_to_the_contract() {
    for options in ways() {
        each(&options, |open| {
            conformance::store::cases(async || open());
        });
    }
}

#[test]
fn it_answers_as_the_model() {
    for options in ways() {
        each(&options, |open| {
            conformance::store::laws(async || open(), 24);
        });
    }
}

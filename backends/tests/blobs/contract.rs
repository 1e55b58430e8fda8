//! The contract of blobs, and what several that are open on one folder make of it.

use std::cell::Cell;
use std::sync::Arc;

use graphloom::conformance;
use graphloom::host::Blobs;

use super::harness::{Folder, open};

/// Opens as many empty folders as it is asked for.
fn opening(place: &Folder) -> impl Fn() -> Arc<dyn Blobs> {
    let opened = Cell::new(0);
    move || {
        opened.set(opened.get() + 1);
        Arc::new(open(&place.join(&opened.get().to_string())))
    }
}

#[test]
fn it_keeps_to_the_contract() {
    let place = Folder::new();
    let open = opening(&place);
    conformance::blobs::cases(async || open());
}

#[test]
fn it_answers_as_the_model() {
    let place = Folder::new();
    let open = opening(&place);
    conformance::blobs::laws(async || open(), 24);
}

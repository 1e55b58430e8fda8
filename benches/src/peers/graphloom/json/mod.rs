//! The blocks in the object-safe form: plain values in and out, pins told at run time.

use graphloom::Registry;
use graphloom::prelude::*;

mod add;
mod ends;
mod flow;

/// Returns the blocks.
pub(super) fn registry() -> Registry {
    let mut registry = Registry::new();
    add::register(&mut registry);
    flow::register(&mut registry);
    registry
        .add(ends::End::input())
        .and_then(|registry| registry.add(ends::End::output()))
        .unwrap();
    registry
}

fn not_a_number() -> BlockError {
    BlockError::input("expected a number")
}

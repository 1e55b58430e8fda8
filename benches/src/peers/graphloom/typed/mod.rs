//! The blocks in the form that almost everyone writes: a struct in, an enum out.

use graphloom::Registry;
use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod add;
mod ends;
mod flow;

/// Returns the blocks.
pub(super) fn registry() -> Registry {
    let mut registry = Registry::new();
    add::register(&mut registry);
    flow::register(&mut registry);
    ends::register(&mut registry);
    registry
}

type Ended = Result<(), BlockError>;

#[derive(Deserialize, JsonSchema)]
struct One {
    /// The input.
    a: u64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// The result.
    Sum(u64),
}

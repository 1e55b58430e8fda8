//! The standard blocks, and the engine through them.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed, and says so on the terminal"
)]

mod agent;
mod agents;
mod bad_input;
mod block_pages;
mod blocks;
mod cases;
mod conformance;
mod examples;
mod faults;
mod fixture;
mod hashes;
mod known;
mod laws;
mod llm;
mod llm_blocks;
mod mutants;
mod pins;
mod presets;
mod reuse;
mod semantics;
#[allow(dead_code, reason = "not every script looks at all that is sent")]
mod stub_http;
mod stub_model;
mod support;
// Some were observed of workbooks.
#[cfg(feature = "spreadsheet")]
mod vectors;
mod web;

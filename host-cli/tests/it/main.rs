//! The program as its users meet it: arguments in, output and exit codes out.
#![expect(
    clippy::unwrap_used,
    reason = "clippy lets test functions unwrap, and their helpers are tests too"
)]

mod about;
mod blocks;
mod cache;
mod credentials;
mod graph;
mod guide;
mod harness;
mod kept;
#[cfg(feature = "probes")]
mod kills;
mod models;
mod outside;
mod preset;
mod run;
mod secrets;
mod server;
mod signals;
#[path = "../../../backends/tests/stub/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    reason = "shared with tests that need more of it"
)]
mod stub;
mod web;

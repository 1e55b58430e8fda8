//! The server over real sockets.
#![allow(
    clippy::indexing_slicing,
    reason = "tests: a JSON answer that lacks a member is a failed test"
)]

mod admin;
mod artifacts;
mod audit;
mod blocks;
mod callbacks;
mod credentials;
mod described;
mod doors;
mod dropped;
mod ends;
mod faulty;
mod files;
mod first;
mod foreign;
mod graphs;
mod harness;
mod held;
mod hooks;
mod keys;
#[cfg(feature = "probes")]
mod kills;
mod lent;
mod lists;
mod live;
mod log_lines;
mod logins;
mod logs;
mod metrics;
#[cfg(feature = "otel")]
mod otlp;
mod program;
mod protocol;
mod quotas;
mod rate;
mod raw;
mod readme;
mod receiver;
mod records;
mod retention;
mod runs;
mod schedules;
mod settings;
mod signer;
mod space;
mod starting;
mod stub;
mod timed;
mod tokens;
mod told;
mod traces;
mod withstood;

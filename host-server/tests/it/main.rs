//! The server over real sockets.
#![allow(
    clippy::indexing_slicing,
    reason = "tests: a JSON answer that lacks a member is a failed test"
)]

mod first;
mod harness;
mod keys;
mod lent;
mod live;
mod protocol;
mod rate;
mod raw;
mod settings;
mod signer;
mod starting;
mod tokens;
mod told;

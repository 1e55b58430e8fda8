//! The guarded clients against real servers of this machine. Names are told by a resolver of the test; time, where it
//! matters, by a clock of the test.
#![cfg(all(feature = "http", feature = "mail"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod agents;
mod answers;
mod cancelled;
mod harness;
mod limits;
mod mail;
mod policy;
mod redirects;
mod secrets;
mod sharing;
#[path = "../stub/mod.rs"]
#[allow(dead_code, reason = "not every test needs all that it can")]
mod stub;
mod tls;

//! Tests of the backends through their public surface. `GRAPHLOOM_SOAK=<factor>` multiplies the number of generated cases.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
mod blobs;
mod child;
mod contract;
mod damage;
mod format;
mod full;
mod harness;
mod old;
mod order;
mod pages;
mod power;
mod processes;
mod read_only;
mod scrub;
mod shared;
mod verify;

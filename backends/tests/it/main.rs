//! Tests of the backends through their public surface. `GRAPHLOOM_SOAK=<factor>` multiplies the number of generated cases.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contract;
mod harness;

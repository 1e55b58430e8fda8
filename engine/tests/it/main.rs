//! Tests of the engine through its public surface: properties that hold for every graph, and the cases behind each
//! mended fault. `GRAPHLOOM_SOAK=<factor>` multiplies the number of generated cases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod blocks;
mod cancel;
mod chain;
mod depth;
mod diff;
mod fold;
mod generate;
mod handle;
mod harness;
mod kept;
mod nested;
mod order;
mod outside;
mod panics;
mod picture;
mod quotas;
mod replay;
mod rerun;
mod retry;
mod reuse;
mod room;
mod secrets;
mod special;
mod submit;
mod suspend;
mod tainted;
mod told;
mod trail;
mod wake;
mod why;
mod worker;

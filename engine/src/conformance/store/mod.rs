//! [`Store`]: named cases, and random sequences of calls beside a model.
//!
//! [`Call`], [`Answer`], [`Model`], [`Step`] and [`World`] are public for tests that drive a store in their own way, e.g. through power
//! cuts.

mod call;
mod cases;
mod laws;
mod model;
mod sample;
mod step;

use std::sync::Arc;

use crate::host::Store;

pub use call::{Answer, Call};
pub use laws::check;
pub use model::Model;
pub use sample::record;
pub use step::{Step, World, steps};

use super::runner;

/// Runs every case, each on a store of its own.
///
/// # Panics
/// With the names of the cases that failed, and why.
pub fn cases(open: impl AsyncFn() -> Arc<dyn Store>) {
    runner::each(cases::ALL, |case| {
        runner::runtime().block_on(async { case(open().await).await });
    });
}

/// Compares the answers to so many drawn sequences of calls with those of a [`Model`], each on a store of its own.
/// `PROPTEST_RNG_SEED` holds as for any test with `proptest`; a `PROPTEST_CASES` of 512 doubles the number.
///
/// # Panics
/// With the shortest sequence that was found whose answers differ, and the first one that does.
pub fn laws(open: impl AsyncFn() -> Arc<dyn Store>, sequences: u32) {
    laws::run(&open, sequences);
}

//! What nodes do: shared by every peer, so that only what is around it differs.

use std::time::Duration;

use crate::spec::Work;

/// How long a sleeping node sleeps.
pub(crate) const NAP: Duration = Duration::from_millis(10);

/// Computes for about 100 us without a break.
pub(crate) fn spin() {
    compute(38_000);
}

/// Computes for about 1.6 us.
pub(crate) fn drag() {
    compute(600);
}

/// Never optimised out.
#[inline(never)]
fn compute(rounds: u32) -> u64 {
    let mut x = std::hint::black_box(0x9E37_79B9_7F4A_7C15_u64);
    for _ in 0..rounds {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x = x.wrapping_mul(0x2545_F491_4F6C_DD1D);
    }
    std::hint::black_box(x)
}

/// A node as an async fn.
#[inline]
pub(crate) async fn body(work: Work, sum: u64) -> u64 {
    match work {
        Work::Trivial => {}
        Work::Spin => spin(),
        Work::Drag => drag(),
        // Boxed, so that the futures of trivial nodes stay small.
        Work::Sleep => Box::pin(tokio::time::sleep(NAP)).await,
    }
    sum
}

/// A node as a plain fn. Cannot sleep.
#[inline]
pub(crate) fn body_sync(work: Work, sum: u64) -> u64 {
    match work {
        Work::Spin => spin(),
        Work::Drag => drag(),
        Work::Trivial | Work::Sleep => {}
    }
    sum
}

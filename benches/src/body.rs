//! What nodes do: shared by every peer, so that only what is around it differs.

use std::time::Duration;

use crate::spec::Work;

/// How long a sleeping node sleeps.
pub(crate) const NAP: Duration = Duration::from_millis(10);

/// Computes for about 100 us without a break; never optimised out.
#[inline(never)]
pub(crate) fn spin() -> u64 {
    let mut x = std::hint::black_box(0x9E37_79B9_7F4A_7C15_u64);
    for _ in 0..38_000 {
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
        Work::Spin => {
            spin();
        }
        // Boxed, so that the futures of trivial nodes stay small.
        Work::Sleep => Box::pin(tokio::time::sleep(NAP)).await,
    }
    sum
}

/// A node as a plain fn. Cannot sleep.
#[inline]
pub(crate) fn body_sync(work: Work, sum: u64) -> u64 {
    if work == Work::Spin {
        spin();
    }
    sum
}

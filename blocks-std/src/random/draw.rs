//! Numbers drawn from the context, without favour for any.

use graphloom::prelude::*;

/// Draws a number below `n`, each as likely as any other; 0 for an `n` of 0.
///
/// Lemire: Fast random integer generation in an interval, 2019.
pub(super) fn below(cx: &Context, n: u64) -> Result<u64, BlockError> {
    // The high half of the product is the number; the few low halves that would favour some numbers are drawn again.
    let refused = n.wrapping_neg().checked_rem(n).unwrap_or(0);
    loop {
        let product = u128::from(cx.random()?) * u128::from(n);
        let (high, low) = ((product >> 64) as u64, product as u64);
        if low >= refused {
            return Ok(high);
        }
    }
}

/// Draws a number from 0 up to, not including, 1: a multiple of 2^-53.
pub(super) fn unit(cx: &Context) -> Result<f64, BlockError> {
    Ok((cx.random()? >> 11) as f64 / (1_u64 << 53) as f64)
}

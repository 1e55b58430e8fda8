//! How often one may ask.

use crate::config::section::section;

section! {
    /// How often one may ask. 0 as a number a second: as often as one likes.
    Rate in "rate." {
        /// Requests a second of one principal, over time.
        requests_per_second: u32 = 100, 0..=1_000_000;
        /// Requests that a principal may send at once.
        burst: u32 = 200, 1..=1_000_000;
        /// Requests a second of one address (IPv6: of one /64) where no token is asked for.
        address_requests_per_second: u32 = 50, 0..=1_000_000;
        /// Requests that an address may send at once where no token is asked for.
        address_burst: u32 = 100, 1..=1_000_000;
        /// Requests a second of one webhook, of those that were proven to be of its sender.
        hook_requests_per_second: u32 = 20, 0..=1_000_000;
        /// Requests that the sender of a webhook may send at once.
        hook_burst: u32 = 100, 1..=1_000_000;
        /// Tokens a minute that an address may show without success.
        failures_per_minute: u32 = 20, 0..=1_000_000;
        /// How many principals, and how many addresses, are counted at once.
        max_counted: usize = 65_536, 1_024..=16_777_216;
    }
}

//! What others call.

use std::time::Duration;

use crate::WebhookOptions;
use crate::config::section::section;

section! {
    /// Webhooks: what others call to have something run.
    Webhooks in "webhooks." {
        /// How many webhooks a tenant may have.
        max: u64 = 1_000, 1..=1_000_000;
        /// How large the body of a request may be, in bytes.
        max_body_bytes: usize = 1_048_576, 1_024..=33_554_432;
        /// How far the signed time of a request may be off, in seconds.
        window_s: u64 = 300, 1..=3_600;
        /// How many requests of each webhook are noted for its owner.
        keep_deliveries: usize = 100, 1..=10_000;
    }
}

impl Webhooks {
    pub(crate) fn options(&self) -> WebhookOptions {
        WebhookOptions::default()
            .max_per_tenant(self.max)
            .max_body_bytes(self.max_body_bytes)
            .window(Duration::from_secs(self.window_s))
            .keep_calls(self.keep_deliveries)
    }
}

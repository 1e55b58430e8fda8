//! Live events.

use std::time::Duration;

use crate::config::section::section;
use crate::cors::Origin;
use crate::live::LiveOptions;

section! {
    /// What live events may take.
    Live in "live." {
        /// How many bytes of events are kept in memory for whoever asks next, over all runs; the rest is read again.
        cache_bytes: usize = 33_554_432, 0..=17_179_869_184;
        /// How many streams and WebSocket connections a principal may have at once.
        max_streams: usize = 256, 1..=1_000_000;
        /// How many runs and graphs one WebSocket connection may watch.
        max_subscriptions: usize = 256, 1..=100_000;
        /// How large a message of a WebSocket client may be, in bytes.
        message_bytes: usize = 65_536, 1_024..=1_048_576;
        /// How many messages and control frames a WebSocket client may send in a second, over time.
        messages_per_second: u32 = 50, 1..=100_000;
        /// How many it may send at once after it was silent for a while.
        message_burst: u32 = 512, 1..=1_000_000;
        /// How many bytes a WebSocket client may send in a second, over time; four seconds' worth at once.
        inbound_per_second: usize = 262_144, 4_096..=1_073_741_824;
        /// How long a WebSocket client may take to accept a frame, or to answer a ping, in milliseconds.
        accept_time_ms: u64 = 30_000, 100..=3_600_000;
        /// How often a stream on which nothing happens says that it is there, in milliseconds.
        heartbeat_ms: u64 = 15_000, 100..=3_600_000;
        /// How often it is asked whether whoever watches still may, in milliseconds.
        recheck_ms: u64 = 15_000, 100..=30_000;
        /// How soon a browser whose stream broke is to come back, in milliseconds.
        retry_ms: u64 = 1_000, 0..=3_600_000;
        /// How often runs are looked at that another process drives, in milliseconds.
        look_every_ms: u64 = 1_000, 10..=60_000;
        /// The origins whose pages may open a WebSocket connection, beside the server's own and those of `access.cors_origins`.
        origins: Vec<Origin> = Vec::new();
    }
}

impl Live {
    /// Returns what live events may take; `pages` are origins whose pages may read answers.
    #[must_use]
    pub fn options(&self, pages: &[Origin]) -> LiveOptions {
        let ms = Duration::from_millis;
        let origins = self.origins.iter().chain(pages);
        LiveOptions {
            cache_bytes: self.cache_bytes,
            look_every: ms(self.look_every_ms),
            heartbeat: ms(self.heartbeat_ms),
            recheck: ms(self.recheck_ms),
            retry: ms(self.retry_ms),
            max_streams: self.max_streams,
            max_subscriptions: self.max_subscriptions,
            message_bytes: self.message_bytes,
            messages_per_second: self.messages_per_second,
            message_burst: self.message_burst,
            inbound_per_second: self.inbound_per_second,
            accept_time: ms(self.accept_time_ms),
            origins: origins.cloned().collect(),
            ..LiveOptions::default()
        }
    }
}

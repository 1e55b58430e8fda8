//! Connections.

use std::time::Duration;

use crate::config::section::section;
use crate::serve::Limits;

section! {
    /// What connections may take.
    Connections in "connections." {
        /// How many there may be at once.
        max: usize = 8_192, 1..=1_000_000;
        /// How long the head of a request may take to arrive, in milliseconds.
        head_time_ms: u64 = 10_000, 100..=600_000;
        /// How large the head of a request may be, in bytes.
        head_bytes: usize = 65_536, 8_192..=1_048_576;
        /// How many header lines a request may have.
        max_headers: usize = 100, 10..=1_000;
        /// How long answers may take to finish when the server stops, in milliseconds.
        drain_time_ms: u64 = 30_000, 0..=3_600_000;
    }
}

impl Connections {
    /// Returns what the listener takes.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            max_connections: self.max,
            head_time: Duration::from_millis(self.head_time_ms),
            head_bytes: self.head_bytes,
            max_headers: self.max_headers,
            drain_time: Duration::from_millis(self.drain_time_ms),
            ..Limits::default()
        }
    }
}

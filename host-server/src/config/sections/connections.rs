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
        /// How long a connection may wait for its next request, in milliseconds.
        idle_time_ms: u64 = 75_000, 100..=3_600_000;
        /// How long a body may take to arrive beyond what its bytes may by `connections.body_rate`, in milliseconds.
        body_time_ms: u64 = 10_000, 100..=3_600_000;
        /// How fast a body has to arrive, in bytes a second.
        body_rate: u64 = 1_024, 1..=1_073_741_824;
        /// How long a client may leave an answer lying that it asked for, in milliseconds.
        write_time_ms: u64 = 60_000, 100..=3_600_000;
        /// How long answers may take to finish when the server stops, in milliseconds.
        drain_time_ms: u64 = 10_000, 0..=3_600_000;
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
            idle_time: Duration::from_millis(self.idle_time_ms),
            body_time: Duration::from_millis(self.body_time_ms),
            body_rate: self.body_rate,
            write_time: Duration::from_millis(self.write_time_ms),
            drain_time: Duration::from_millis(self.drain_time_ms),
        }
    }
}

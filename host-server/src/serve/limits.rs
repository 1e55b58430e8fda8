//! What connections may take.

use std::time::Duration;

/// What connections may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// How many there may be at once. Default 8,192. Where there are so many, the one that has waited longest without a
    /// request in progress is closed for the next one; where all have one, a few more places answer `/health`, `/ready` and
    /// `/metrics`, and tell everyone else to come back.
    pub max_connections: usize,
    /// How long the head of a request may take to arrive, and a connection may be open before its first. Default 10 s.
    pub head_time: Duration,
    /// How large the head of a request may be. Default 64 KiB.
    pub head_bytes: usize,
    /// How many header lines there may be. Default 100.
    pub max_headers: usize,
    /// How long a connection may wait for its next request. Default 75 s.
    pub idle_time: Duration,
    /// How long a body may take to arrive beyond what its bytes may by `body_rate`. Default 10 s.
    pub body_time: Duration,
    /// How fast a body has to arrive, in bytes a second. Default 1,024.
    pub body_rate: u64,
    /// How long a client may leave an answer lying that it asked for. Default 60 s.
    pub write_time: Duration,
    /// How long answers may take to finish when the server stops. Default 10 s.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 8_192,
            head_time: Duration::from_secs(10),
            head_bytes: 64 << 10,
            max_headers: 100,
            idle_time: Duration::from_secs(75),
            body_time: Duration::from_secs(10),
            body_rate: 1_024,
            write_time: Duration::from_mins(1),
            drain_time: Duration::from_secs(10),
        }
    }
}

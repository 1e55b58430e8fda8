//! What live events may take.

use std::time::Duration;

use crate::cors::Origin;

/// What live events may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LiveOptions {
    /// How many bytes of events are kept in memory for whoever asks next, over all runs. What is not kept is made again from
    /// the journal. Default 32 MiB.
    pub cache_bytes: usize,
    /// How many runs that nobody watches just now stay open for whoever asks next. Default 64.
    pub idle_runs: usize,
    /// How often runs are looked at that another process drives. Default 1 s.
    pub look_every: Duration,
    /// How often a stream on which nothing happens says that it is there. Default 15 s.
    pub heartbeat: Duration,
    /// How often it is asked whether whoever watches still may. Default 15 s.
    pub recheck: Duration,
    /// How soon a browser whose stream broke is to come back. Default 1 s.
    pub retry: Duration,
    /// How many streams and WebSocket connections a principal may have at once. Default 256.
    pub max_streams: usize,
    /// How many runs and graphs one WebSocket connection may watch. Default 256.
    pub max_subscriptions: usize,
    /// How large a message of a WebSocket client may be. Default 64 KiB.
    pub message_bytes: usize,
    /// How many messages and control frames a WebSocket client may send in a second, over time. Default 50.
    pub messages_per_second: u32,
    /// How many it may send at once after it was silent for a while. Default 512.
    pub message_burst: u32,
    /// How many bytes a WebSocket client may send in a second, over time; four seconds' worth at once. Default 256 KiB.
    pub inbound_per_second: usize,
    /// How long a WebSocket client may take to accept a frame, or to answer a ping. Default 30 s.
    pub accept_time: Duration,
    /// The origins whose pages may open a WebSocket connection, beside the server's own.
    pub origins: Vec<Origin>,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 32 << 20,
            idle_runs: 64,
            look_every: Duration::from_secs(1),
            heartbeat: Duration::from_secs(15),
            recheck: Duration::from_secs(15),
            retry: Duration::from_secs(1),
            max_streams: 256,
            max_subscriptions: 256,
            message_bytes: 64 << 10,
            messages_per_second: 50,
            message_burst: 512,
            inbound_per_second: 256 << 10,
            accept_time: Duration::from_secs(30),
            origins: Vec::new(),
        }
    }
}

//! What a run may use at most. Each has a default and a typed error that names it.

use std::time::Duration;

/// Limits of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunLimits {
    /// Values that may wait behind the oldest of their pins, over all pins. Default 1,000,000.
    pub max_queued: u64,
    /// Size of those values together. Default 256 MiB.
    pub max_queued_bytes: u64,
    /// Size of one run input or override. Default 64 MiB.
    pub max_input_bytes: u64,
    /// Events, counted only where someone records or listens. Default 10,000,000.
    pub max_events: u64,
    /// Firings that may be at work at a time; those that wait for room, a back-off, an answer or a sub-graph do not
    /// count. Default 64; a graph's own `max_parallel` may lower it.
    pub max_parallel: usize,
    /// How deep sub-graph calls may be nested. Default 16.
    pub max_depth: u32,
    /// How deep lists and maps may stand in each other, in values that may have been wrapped many times: those in cycles,
    /// far down in a graph, into and out of sub-graphs. Default 128.
    pub max_value_depth: u32,
    /// Size of one list or map, in values that may have grown many times: those of `max_value_depth`. Default 256 MiB.
    pub max_value_bytes: usize,
    /// Values that may wait at a pin before its producers are held back, as long as anything else can move. No reason
    /// to stop or to fail. Default 1,024.
    pub soft_limit: usize,
    /// How long the run may take. A graph's own `timeout_ms` may lower it. Default: no limit.
    pub timeout: Option<Duration>,
    /// How long blocks may take to return after cancellation, before they are dropped. Default 2 s.
    pub grace: Duration,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            max_queued: 1_000_000,
            max_queued_bytes: 256 << 20,
            max_input_bytes: 64 << 20,
            max_events: 10_000_000,
            max_parallel: 64,
            max_depth: 16,
            max_value_depth: 128,
            max_value_bytes: 256 << 20,
            soft_limit: 1_024,
            timeout: None,
            grace: Duration::from_secs(2),
        }
    }
}

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty,)+) => {
        impl RunLimits {
            $($(#[doc = $doc])+
            #[must_use]
            pub fn $name(mut self, $name: $ty) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
}

setters! {
    /// Sets how many values may wait.
    max_queued: u64,
    /// Sets how large the values that wait may be together.
    max_queued_bytes: u64,
    /// Sets how large one run input or override may be.
    max_input_bytes: u64,
    /// Sets how many events there may be.
    max_events: u64,
    /// Sets how many firings may be at work at a time.
    max_parallel: usize,
    /// Sets how deep sub-graph calls may be nested.
    max_depth: u32,
    /// Sets how deep a value may be that may have been wrapped many times.
    max_value_depth: u32,
    /// Sets how large a list or map may be that may have grown many times.
    max_value_bytes: usize,
    /// Sets how many values may wait at a pin before its producers are held back.
    soft_limit: usize,
    /// Sets how long the run may take.
    timeout: Option<Duration>,
    /// Sets how long blocks may take to return after cancellation.
    grace: Duration,
}

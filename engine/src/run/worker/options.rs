//! How a worker works.

use std::time::Duration;

use crate::value::Text;

/// How a [`Worker`](super::Worker) works.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct WorkerOptions {
    /// Its name; no other worker of the store may have the same at the same time.
    pub owner: Text,
    /// How long its leases hold without being renewed: how long others wait after it was stopped. They are renewed three
    /// times as often. Default 15 s.
    pub ttl: Duration,
    /// How often it looks for messages and, in [`Worker::work`](super::Worker::work), for runs. Default 1 s.
    pub look_every: Duration,
    /// How many runs it goes on with at a time. Default 256.
    pub slots: usize,
}

impl WorkerOptions {
    /// Returns the defaults for a worker of this name.
    pub fn new(owner: impl Into<Text>) -> Self {
        Self {
            owner: owner.into(),
            ttl: Duration::from_secs(15),
            look_every: Duration::from_secs(1),
            slots: 256,
        }
    }

    /// Sets how long leases hold.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Sets how often it looks for messages and runs.
    pub fn look_every(mut self, time: Duration) -> Self {
        self.look_every = time;
        self
    }

    /// Sets how many runs it goes on with at a time.
    pub fn slots(mut self, slots: usize) -> Self {
        self.slots = slots;
        self
    }
}

//! What others are told of runs.

use std::time::Duration;

use graphloom::host::{HostPattern, HostSet};

use super::Egress;
use crate::CallbackOptions;
use crate::config::section::section;

section! {
    /// Callbacks: what others are told of runs. Where they go to is what `egress` says; a host that it allows is told over plain http too.
    Callbacks in "callbacks." {
        /// How often a message is sent until it is given up.
        attempts: u32 = 8, 1..=100;
        /// The pause after the first attempt, in seconds; each further one is four times as long.
        first_pause_s: u64 = 10, 1..=86_400;
        /// The longest pause, in seconds, also where the receiver asks for a longer one.
        longest_pause_s: u64 = 9_000, 1..=604_800;
        /// How long a receiver may take, in milliseconds.
        timeout_ms: u64 = 10_000, 100..=120_000;
        /// How many messages are on their way at a time.
        at_once: usize = 32, 1..=1_024;
        /// How many of these to one host.
        at_once_per_host: usize = 8, 1..=1_024;
        /// How large a message may be, in bytes; the result of a run is left out of a larger one.
        max_bytes: usize = 262_144, 4_096..=16_777_216;
        /// How many days one is kept that was taken.
        keep_delivered_days: u64 = 7, 0..=3_650;
        /// How many days one is kept that was given up.
        keep_dead_days: u64 = 30, 0..=3_650;
    }
}

const DAY_S: u64 = 86_400;

impl Callbacks {
    pub(crate) fn options(&self, egress: &Egress) -> CallbackOptions {
        let set = |hosts: &[HostPattern]| hosts.iter().cloned().collect::<HostSet>();
        let only = (!egress.only_hosts.is_empty()).then(|| set(&egress.only_hosts));
        CallbackOptions::default()
            .allow_hosts(set(&egress.allow_hosts))
            .only_hosts(only)
            .deny_hosts(set(&egress.deny_hosts))
            .attempts(self.attempts)
            .first_pause(Duration::from_secs(self.first_pause_s))
            .longest_pause(Duration::from_secs(self.longest_pause_s))
            .timeout(Duration::from_millis(self.timeout_ms))
            .at_once(self.at_once)
            .at_once_per_host(self.at_once_per_host)
            .max_bytes(self.max_bytes)
            .keep_delivered(Duration::from_secs(self.keep_delivered_days * DAY_S))
            .keep_dead(Duration::from_secs(self.keep_dead_days * DAY_S))
    }
}

//! What callbacks may do.

use std::time::Duration;

use graphloom::host::HostSet;
use graphloom_backends::http::EgressPolicy;

use super::backoff::Backoff;

/// What callbacks may do, and how hard the server tries.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallbackOptions {
    /// Hosts that may be on this machine or in a private network, and be told over `http:`. Default none: the internet only,
    /// over `https:`.
    pub allow_hosts: HostSet,
    /// Nothing but these hosts is told anything. Default: any.
    pub only_hosts: Option<HostSet>,
    /// These hosts are told nothing, whatever else is said. Default none.
    pub deny_hosts: HostSet,
    /// How often a message is sent until it is given up. Default 8.
    pub attempts: u32,
    /// The pause after the first attempt; each further one is four times as long. Default 10 s.
    pub first_pause: Duration,
    /// The longest pause, also where the receiver asks for a longer one. Default 2 h 30 min: all attempts take six hours.
    pub longest_pause: Duration,
    /// How long a receiver may take. Default 10 s.
    pub timeout: Duration,
    /// How many messages are on their way at a time. Default 32.
    pub at_once: usize,
    /// How many of these to one host. Default 8.
    pub at_once_per_host: usize,
    /// How large a message may be; the result of a run is left out of a larger one. Default 256 KiB.
    pub max_bytes: usize,
    /// How long one is kept that was taken. Default 7 days.
    pub keep_delivered: Duration,
    /// How long one is kept that was given up. Default 30 days.
    pub keep_dead: Duration,
    /// Certificates (DER) that are trusted beside the roots that are built in.
    pub roots: Vec<Vec<u8>>,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Default for CallbackOptions {
    fn default() -> Self {
        Self {
            allow_hosts: HostSet::default(),
            only_hosts: None,
            deny_hosts: HostSet::default(),
            attempts: 8,
            first_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(9_000),
            timeout: Duration::from_secs(10),
            at_once: 32,
            at_once_per_host: 8,
            max_bytes: 256 << 10,
            keep_delivered: DAY * 7,
            keep_dead: DAY * 30,
            roots: Vec::new(),
        }
    }
}

macro_rules! setters {
    ($($name:ident: $ty:ty,)+) => {
        impl CallbackOptions {
            $(#[doc = concat!("Sets [`CallbackOptions::", stringify!($name), "`].")]
            #[must_use]
            pub fn $name(mut self, $name: $ty) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
}

setters! {
    allow_hosts: HostSet,
    only_hosts: Option<HostSet>,
    deny_hosts: HostSet,
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    timeout: Duration,
    at_once: usize,
    at_once_per_host: usize,
    max_bytes: usize,
    keep_delivered: Duration,
    keep_dead: Duration,
    roots: Vec<Vec<u8>>,
}

impl CallbackOptions {
    pub(super) fn policy(&self) -> EgressPolicy {
        let policy = EgressPolicy::new()
            .allow_hosts(self.allow_hosts.clone())
            .deny_hosts(self.deny_hosts.clone());
        match &self.only_hosts {
            Some(only) => policy.only_hosts(only.clone()),
            None => policy,
        }
    }

    pub(super) fn backoff(&self) -> Backoff {
        Backoff {
            first: self.first_pause,
            longest: self.longest_pause,
        }
    }
}

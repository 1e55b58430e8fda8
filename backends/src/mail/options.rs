//! What may be set.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use graphloom::host::{Clock, SystemClock};

use crate::egress::{EgressPolicy, Resolver, SystemResolver};

/// How a [`GuardedMail`](super::GuardedMail) works.
#[derive(Clone)]
#[must_use]
pub struct MailOptions {
    pub(super) policy: EgressPolicy,
    pub(super) limits: MailLimits,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) roots: Vec<Vec<u8>>,
}

/// What a message may use at most.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailLimits {
    /// How long a connection may take to be there, TLS and greetings included. Default 15 s.
    pub connect: Duration,
    /// How long all of it may take. Default 2 min.
    pub total: Duration,
    /// Size of a message, as it is sent. Default 25 MiB, which many servers take.
    pub max_message_bytes: usize,
    /// How many people get it. Default 100.
    pub max_recipients: usize,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            total: Duration::from_secs(120),
            max_message_bytes: 25 << 20,
            max_recipients: 100,
        }
    }
}

macro_rules! setters {
    ($($name:ident: $ty:ty,)+) => {
        impl MailLimits {
            $(#[doc = concat!("Sets [`MailLimits::", stringify!($name), "`].")]
            #[must_use]
            pub fn $name(mut self, $name: $ty) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
}

setters! {
    connect: Duration,
    total: Duration,
    max_message_bytes: usize,
    max_recipients: usize,
}

impl Default for MailOptions {
    fn default() -> Self {
        Self {
            policy: EgressPolicy::default(),
            limits: MailLimits::default(),
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock::default()),
            roots: Vec::new(),
        }
    }
}

impl MailOptions {
    /// Returns the defaults: the internet only, the system's resolver, Mozilla's roots, [`MailLimits::default`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which servers may be reached.
    pub fn policy(mut self, policy: EgressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: MailLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets who tells the addresses of names.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Sets the clock that limits are counted by, and that messages are dated by.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Trusts this certificate (DER) to sign those of servers, besides the roots that are built in.
    pub fn trust(mut self, root: impl Into<Vec<u8>>) -> Self {
        self.roots.push(root.into());
        self
    }
}

impl fmt::Debug for MailOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailOptions")
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

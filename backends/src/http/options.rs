//! What may be set.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{Clock, HostSet, SystemClock};

use crate::egress::{EgressPolicy, Resolver, SystemResolver};

use super::pace::Rate;

/// How a [`GuardedHttp`](super::GuardedHttp) works.
#[derive(Clone)]
#[must_use]
pub struct HttpOptions {
    pub(super) policy: EgressPolicy,
    pub(super) limits: HttpLimits,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) roots: Vec<Vec<u8>>,
    pub(super) user_agent: Text,
    pub(super) rates: Vec<(HostSet, Rate)>,
}

/// What a request may use at most. A request can ask for less, and never for more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpLimits {
    /// How long a connection may take to be there, TLS included. Default 10 s.
    pub connect: Duration,
    /// How long the head of an answer may take, connecting included. Default 10 min: some services think that long before
    /// they say anything.
    pub headers: Duration,
    /// How long nothing may come in the middle of a body. Default 5 min.
    pub idle: Duration,
    /// How long all of it may take, redirects included. Default 30 min.
    pub total: Duration,
    /// Size of a body that is sent. Default 32 MiB.
    pub max_request_bytes: u64,
    /// Size of a body that comes, as it comes and unpacked. Default 64 MiB.
    pub max_answer_bytes: u64,
    /// How many times its size a packed body may have unpacked, once that is more than 1 MiB. Default 100.
    pub max_unpack_ratio: u64,
    /// Size of the head of a request, its address included, and of the head of an answer. Default 64 KiB.
    pub max_head_bytes: usize,
    /// How many redirects are followed. Default 10.
    pub max_redirects: u8,
    /// Connections to one host and port at a time; who needs another waits. Default 32.
    pub max_connections_per_host: usize,
    /// How often in a row a host may fail before it is spared: no connection, no answer, one that breaks off or takes too
    /// long, or a status 502, 503 or 504. 0: as often as it likes. Default 5.
    pub breaker_failures: u32,
    /// How long it is spared; then one request tries. Default 30 s.
    pub breaker_pause: Duration,
    /// A time-out counts as a failure of the host only if it had this long: whoever asks for an answer in a moment must not
    /// close the way for others. Default 5 s.
    pub breaker_slow: Duration,
    /// How long a request waits for its turn where a host asked for peace, or has a rate. Where that would be longer, it
    /// fails at once and says when to try again. Default 5 s.
    pub max_wait: Duration,
    /// How long a host can ask for peace at most (`Retry-After` with a status 429 or 503). Default 15 min.
    pub max_rest: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(600),
            idle: Duration::from_secs(300),
            total: Duration::from_secs(1_800),
            max_request_bytes: 32 << 20,
            max_answer_bytes: 64 << 20,
            max_unpack_ratio: 100,
            max_head_bytes: 64 << 10,
            max_redirects: 10,
            max_connections_per_host: 32,
            breaker_failures: 5,
            breaker_pause: Duration::from_secs(30),
            breaker_slow: Duration::from_secs(5),
            max_wait: Duration::from_secs(5),
            max_rest: Duration::from_secs(900),
        }
    }
}

macro_rules! setters {
    ($($name:ident: $ty:ty,)+) => {
        impl HttpLimits {
            $(#[doc = concat!("Sets [`HttpLimits::", stringify!($name), "`].")]
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
    headers: Duration,
    idle: Duration,
    total: Duration,
    max_request_bytes: u64,
    max_answer_bytes: u64,
    max_unpack_ratio: u64,
    max_head_bytes: usize,
    max_redirects: u8,
    max_connections_per_host: usize,
    breaker_failures: u32,
    breaker_pause: Duration,
    breaker_slow: Duration,
    max_wait: Duration,
    max_rest: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            policy: EgressPolicy::default(),
            limits: HttpLimits::default(),
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock::default()),
            roots: Vec::new(),
            user_agent: Text::from(concat!("graphloom/", env!("CARGO_PKG_VERSION"))),
            rates: Vec::new(),
        }
    }
}

impl HttpOptions {
    /// Returns the defaults: the internet only, the system's resolver, Mozilla's roots, [`HttpLimits::default`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where requests may go.
    pub fn policy(mut self, policy: EgressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: HttpLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets who tells the addresses of names.
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Sets the clock that limits are counted by; that on connecting is counted by tokio's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Trusts this certificate (DER) to sign those of servers, besides the roots that are built in. Nothing lets a client
    /// trust what nobody has signed.
    pub fn trust(mut self, root: impl Into<Vec<u8>>) -> Self {
        self.roots.push(root.into());
        self
    }

    /// Lets each credential be shown to each of these hosts so often: `burst` times at once, and then `per_second`. The first
    /// set that has a host counts. Rates that are not above 0 are none.
    pub fn rate(mut self, hosts: HostSet, per_second: f64, burst: u32) -> Self {
        if per_second.is_finite() && per_second > 0.0 {
            let burst = f64::from(burst.max(1));
            self.rates.push((hosts, Rate { per_second, burst }));
        }
        self
    }

    /// Sets the `user-agent` of requests that have none. Default `graphloom/` and the version.
    pub fn user_agent(mut self, name: impl Into<Text>) -> Self {
        self.user_agent = name.into();
        self
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("policy", &self.policy)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

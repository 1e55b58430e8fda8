//! The web, behind [`graphloom::host::Http`].
//!
//! [`GuardedHttp`] sends requests where an [`EgressPolicy`] lets them go, and keeps to [`HttpLimits`] on the way. Redirects
//! are followed one at a time and judged anew each time. A secret goes only where it may, over TLS, and is in no error.
//! It speaks HTTP/1.1, so that who drops a request or a body gives up its connection, and takes no proxy and nothing else
//! from the environment.
//!
//! | file | what it is for |
//! |---|---|
//! | `options` | what may be set |
//! | `asked` | a request as it was asked for: read, and refused where it will not do |
//! | `hop` | one request of the chain that redirects make |
//! | `client` | connections and TLS; the last word on addresses |
//! | `sites`, `breaker`, `pace` | what is known of each origin, and of each credential there |
//! | `answer`, `unpack` | a body in pieces, within its limits |

mod answer;
mod asked;
mod breaker;
mod client;
mod hop;
mod options;
mod pace;
mod send;
mod sites;
mod unpack;

use std::fmt;
use std::sync::Arc;

use graphloom::host::{BoxFuture, EgressError, Http, HttpRequest, HttpResponse};

pub use crate::egress::{EgressPolicy, Resolver, SystemResolver};
pub use options::{HttpLimits, HttpOptions};

use client::Clients;
use sites::Sites;

/// A web client that goes where its policy lets it. Made in no time: what TLS needs is read at the first request. Its idle
/// connections belong to the tokio runtime that made them, so a process that changes runtimes makes a client for each.
pub struct GuardedHttp {
    options: Arc<HttpOptions>,
    clients: Clients,
    sites: Sites,
}

impl GuardedHttp {
    /// Returns a client.
    #[must_use]
    pub fn new(options: HttpOptions) -> Self {
        Self {
            clients: Clients::default(),
            sites: Sites::default(),
            options: Arc::new(options),
        }
    }
}

impl Default for GuardedHttp {
    fn default() -> Self {
        Self::new(HttpOptions::default())
    }
}

impl fmt::Debug for GuardedHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedHttp")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Http for GuardedHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>> {
        Box::pin(send::send(self, request))
    }
}

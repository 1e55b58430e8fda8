//! Webhooks: what others call to have a graph or a preset run.
//!
//! ```text
//! POST /hooks/{address}
//!   the record is looked up by the hash of the address; nothing of the request says how it is to be proven
//!   `prove`    over the raw bytes, by the record's row of `schemes` and its secret, sealed until then
//!   `payload`  what the body says
//!   `sent`     its event, and what it is known by when it comes again
//!   `place`    where that goes in the graph
//!   `receive`  the run, once for each delivery (`once::Key`): also of two at once, and after the process was killed
//!   `calls`    a note for the owner
//! ```
//!
//! What its owner writes is checked by `body`, changed by `keep`, and kept as `kept` has it.

mod body;
mod calls;
mod keep;
mod kept;
mod payload;
mod place;
mod prove;
mod receive;
mod schemes;
mod secret;
mod sent;

use std::fmt;
use std::time::Duration;

use graphloom::Text;

use crate::brief::Brief;

pub(crate) use calls::list as list_calls;
pub(crate) use keep::{create, delete, patch, replace, rotate};
pub(crate) use kept::{Found, Shows, word};
pub(crate) use receive::{receive, trial};

/// How often a request that was not proven is noted, for each webhook: whoever knows an address only could else push all
/// others out of the list.
const REFUSED_EVERY: Duration = Duration::from_mins(1);
/// Of how many webhooks that is remembered.
const REMEMBERED: usize = 10_000;

/// What webhooks may do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WebhookOptions {
    /// How many a tenant may have. Default 1,000.
    pub max_per_tenant: u64,
    /// How large the body of a request may be. Default 1 MiB.
    pub max_body_bytes: usize,
    /// How far the signed time of a request may be off, in either direction. Default 5 min.
    pub window: Duration,
    /// How many requests of each are noted for its owner; a few more for a while. Default 100.
    pub keep_calls: usize,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            max_per_tenant: 1_000,
            max_body_bytes: 1 << 20,
            window: Duration::from_mins(5),
            keep_calls: 100,
        }
    }
}

impl WebhookOptions {
    /// Sets [`WebhookOptions::max_per_tenant`].
    #[must_use]
    pub fn max_per_tenant(mut self, max: u64) -> Self {
        self.max_per_tenant = max;
        self
    }

    /// Sets [`WebhookOptions::max_body_bytes`].
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets [`WebhookOptions::window`].
    #[must_use]
    pub fn window(mut self, time: Duration) -> Self {
        self.window = time;
        self
    }

    /// Sets [`WebhookOptions::keep_calls`].
    #[must_use]
    pub fn keep_calls(mut self, calls: usize) -> Self {
        self.keep_calls = calls;
        self
    }
}

/// The webhooks of all tenants: what is known of them beside their records.
pub(crate) struct Webhooks {
    pub(crate) options: WebhookOptions,
    /// Those of which a refusal was noted a moment ago.
    refused: Brief<Text, ()>,
}

impl Webhooks {
    pub(crate) fn new(options: WebhookOptions) -> Self {
        Self {
            options,
            refused: Brief::new(REFUSED_EVERY, REMEMBERED),
        }
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

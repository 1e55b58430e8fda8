//! Options that few runs have, in boxes of their own: the others do not carry them from hand to hand, nor make what
//! stands in them while it is empty (four allocations, and 16 ns to move what is 416 bytes otherwise).

use std::sync::Arc;

use crate::block::HostEnv;
use crate::host::{Blobs, Credentials, Extensions, Grants};
use crate::value::{Map, Text};

use super::options::Durability;
use super::worker::Tie;

/// What a run gets in place of what the engine lends.
#[derive(Clone, Default)]
pub(super) struct OwnHost {
    pub(super) grants: Grants,
    pub(super) extensions: Option<Extensions>,
    pub(super) time_zone: Option<Text>,
    pub(super) credentials: Option<Arc<dyn Credentials>>,
    pub(super) blobs: Option<Arc<dyn Blobs>>,
}

impl OwnHost {
    /// Returns what a run is lent by an engine that lends this.
    pub(super) fn over(self, engine: &HostEnv) -> HostEnv {
        let mut host = engine.clone();
        host.grants = host.grants.intersect(&self.grants);
        host.extensions = self.extensions.unwrap_or(host.extensions);
        host.time_zone = self.time_zone.unwrap_or(host.time_zone);
        host.credentials = self.credentials.unwrap_or(host.credentials);
        host.blobs = self.blobs.unwrap_or(host.blobs);
        host
    }
}

/// What only a run that is kept in a store has.
#[derive(Clone, Default)]
pub(super) struct KeptOptions {
    pub(super) tenant: Text,
    pub(super) source: Text,
    pub(super) labels: Map,
    pub(super) accept_unsynced: bool,
    pub(super) durability: Durability,
    pub(super) parks: bool,
    pub(super) each_step: bool,
    pub(super) worker: Option<Tie>,
}

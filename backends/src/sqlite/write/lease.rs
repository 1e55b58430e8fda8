//! Keeping leases and giving them back.

use std::time::Duration;

use graphloom::host::{Lease, Notice, Release};
use graphloom::{Status, Timestamp};

use super::Desk;
use crate::sqlite::error::Stop;
use crate::sqlite::kept::Kept;

const TOLD: &str = "SELECT 1 FROM message WHERE run = ?1";

impl Desk {
    /// Renews leases.
    pub(in crate::sqlite) fn heartbeat(
        &self,
        leases: &[Lease],
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Vec<Notice>, Stop> {
        let mut notices = Vec::new();
        for lease in leases {
            match self.renew(lease, ttl, now) {
                Ok(told) => notices.extend(told.then(|| Notice::Messages(lease.run.clone()))),
                Err(Stop::Refused(_)) => notices.push(Notice::Lost(lease.run.clone())),
                Err(stop) => return Err(stop),
            }
        }
        Ok(notices)
    }

    /// Says whether there are messages.
    fn renew(&self, lease: &Lease, ttl: Duration, now: Timestamp) -> Result<bool, Stop> {
        let mut kept = Kept::find(&self.sql, &lease.run)?;
        kept.check_held(lease)?;
        kept.renew(now, ttl);
        // A process that has opened the store again holds its leases through this one.
        kept.holder = Some(self.owner.id().to_owned());
        kept.save(&self.sql)?;
        self.is_told(&kept)
    }

    /// Has the end of the transaction sync what was written of a run.
    pub(in crate::sqlite) fn sync_run(&self, run: &str) -> Result<(), Stop> {
        Kept::find(&self.sql, run)?;
        self.raise_barrier()
    }

    /// Gives a lease back.
    pub(in crate::sqlite) fn release(
        &self,
        lease: &Lease,
        how: Release,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let mut kept = Kept::find(&self.sql, &lease.run)?;
        kept.check_held(lease)?;
        match how {
            Release::Park { reason, until } if !self.is_told(&kept)? => {
                kept.stand(Status::Waiting, Some(reason), until);
            }
            _ => kept.stand(Status::Queued, None, None),
        }
        kept.let_go();
        kept.entry.updated = now;
        kept.save(&self.sql)
    }

    fn is_told(&self, kept: &Kept) -> Result<bool, Stop> {
        Ok(self.sql.prepare_cached(TOLD)?.exists([kept.nr])?)
    }
}

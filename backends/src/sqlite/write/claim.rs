//! Claiming runs.

use graphloom::Timestamp;
use graphloom::host::{Claim, Lease};
use rusqlite::named_params;

use super::Desk;
use crate::sqlite::error::Stop;
use crate::sqlite::kept::{Kept, select};

/// Each reason to go on has an index of its own, so that runs which wait for someone, however many, are not looked at.
/// Left to itself SQLite takes the one of all statuses, and looks at them.
const READY: &str = select!(
    "WHERE nr > :after AND nr IN (
        SELECT nr FROM (SELECT nr FROM run INDEXED BY run_status
            WHERE status = 'queued' AND status <> 'completed' AND nr > :after ORDER BY nr LIMIT :max)
        UNION ALL
        SELECT nr FROM run INDEXED BY run_leased WHERE status = 'running' AND lease_ends <= :now
        UNION ALL
        SELECT nr FROM run INDEXED BY run_leased WHERE status = 'running' AND lease_ends > :now
            AND holder IN (SELECT value FROM json_each(:dead))
        UNION ALL
        SELECT nr FROM run INDEXED BY run_until WHERE status = 'waiting' AND until <= :now
        UNION ALL
        SELECT run.nr FROM message CROSS JOIN run ON run.nr = message.run WHERE run.status = 'waiting'
    ) ORDER BY nr LIMIT :max"
);

const HOLDERS: &str = "SELECT DISTINCT holder FROM run INDEXED BY run_leased \
    WHERE status = 'running' AND lease_ends > ?1 AND holder IS NOT NULL";

impl Desk {
    /// Claims runs that nobody has.
    pub(in crate::sqlite) fn claim(&self, claim: &Claim) -> Result<Vec<Lease>, Stop> {
        if let Some(run) = &claim.run {
            let kept = Kept::find(&self.sql, run)?;
            kept.check_going()?;
            kept.check_free(claim.now, &self.owner)?;
            return Ok(vec![self.hold(kept, claim)?]);
        }
        let dead = self.dead_holders(claim.now)?;
        let mut leases = Vec::new();
        let mut after = 0;
        while leases.len() < claim.max {
            let wanted = claim.max - leases.len();
            let (found, last) = self.ready(claim, &dead, after, wanted)?;
            let Some(last) = last else { break };
            after = last;
            for kept in found {
                leases.push(self.hold(kept, claim)?);
            }
        }
        Ok(leases)
    }

    /// Returns runs that can go on, and the number of the last row that was looked at. A damaged row is passed over, so that
    /// it does not hold up the others; who asks for the run by name is told.
    fn ready(
        &self,
        claim: &Claim,
        dead: &str,
        after: i64,
        max: usize,
    ) -> Result<(Vec<Kept>, Option<i64>), Stop> {
        let mut ready = self.sql.prepare_cached(READY)?;
        let mut rows = ready.query(named_params! {
            ":after": after,
            ":max": i64::try_from(max).unwrap_or(i64::MAX),
            ":now": claim.now.as_millis(),
            ":dead": dead,
        })?;
        let (mut found, mut last) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            last = Some(row.get(0)?);
            match Kept::from_row(row) {
                Ok(kept) => found.push(kept),
                Err(Stop::Sql(error)) if error.sqlite_error_code().is_some() => {
                    return Err(error.into());
                }
                Err(_) => {}
            }
        }
        Ok((found, last))
    }

    /// Returns the stores that are gone and still have leases, as a JSON list.
    fn dead_holders(&self, now: Timestamp) -> Result<String, Stop> {
        let mut holders = self.sql.prepare_cached(HOLDERS)?;
        let mut rows = holders.query([now.as_millis()])?;
        let mut dead = Vec::new();
        while let Some(row) = rows.next()? {
            let holder: String = row.get(0)?;
            // What was damaged may be no id, and no JSON.
            if holder.bytes().all(|byte| byte.is_ascii_hexdigit()) && self.owner.is_dead(&holder) {
                dead.push(format!("\"{holder}\""));
            }
        }
        Ok(format!("[{}]", dead.join(",")))
    }

    fn hold(&self, mut kept: Kept, claim: &Claim) -> Result<Lease, Stop> {
        let lease = kept.hold(claim, self.owner.id());
        kept.save(&self.sql)?;
        Ok(lease)
    }
}

//! Where a schedule stands, and what a moment makes of it: pure, so that years of it can be tried.

use graphloom::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::timetable::Timetable;
use crate::wire::{Misfire, Moment, ScheduleBody, ScheduleError, SkippedView};

/// How long a time may have passed for `misfire: skip` to run it all the same: a loaded machine is late, and has not
/// been away.
pub(crate) const GRACE_MS: i64 = 60_000;

/// How long a claim holds: whoever made it and was killed leaves its times to others then.
pub(crate) const CLAIM_MS: i64 = 60_000;

/// How often to look whether the run before is over, where nobody has told.
pub(crate) const LOOK_MS: i64 = 30_000;

/// Times that are about to become runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// The nominal times, in order.
    pub(crate) times: Vec<Timestamp>,
    /// When somebody else may begin them.
    pub(crate) until: Timestamp,
    /// When they were first claimed.
    pub(crate) since: Timestamp,
}

/// Where a schedule stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// The next nominal time.
    pub(crate) next: Option<Timestamp>,
    /// The one that waits until the run before is over.
    pub(crate) queued: Option<Timestamp>,
    /// When to look whether it is.
    pub(crate) look: Option<Timestamp>,
    pub(crate) claim: Option<Claim>,
    pub(crate) last_at: Option<Timestamp>,
    pub(crate) last_run: Option<Text>,
    pub(crate) last_error: Option<ScheduleError>,
    pub(crate) last_skipped: Option<SkippedView>,
}

impl State {
    /// Returns where a schedule stands that was written just now: what has passed before is nobody's concern.
    pub(crate) fn rewritten(self, body: &ScheduleBody, table: &Timetable, now: Timestamp) -> Self {
        let next = next(body, table, before_start(body, now));
        Self {
            next: next.filter(|_| body.enabled),
            queued: self.queued.filter(|_| body.enabled),
            claim: self.claim.filter(|_| body.enabled),
            ..self
        }
    }

    /// Returns when something is to be done.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        if let Some(claim) = &self.claim {
            return Some(claim.until);
        }
        let look = self.look.filter(|_| self.queued.is_some());
        match (self.next, look) {
            (Some(next), Some(look)) => Some(next.min(look)),
            (next, look) => next.or(look),
        }
    }

    /// Claims what is due by now. A claim that someone left behind is taken over as it is: its times may have become runs.
    pub(crate) fn claim(&mut self, body: &ScheduleBody, table: &Timetable, now: Timestamp) {
        let until = Timestamp(now.as_millis().saturating_add(CLAIM_MS));
        if let Some(claim) = &mut self.claim {
            claim.until = until;
            return;
        }
        let mut times: Vec<Timestamp> = self.queued.take().into_iter().collect();
        self.look = None;
        if let Some(first) = self.next.filter(|next| *next <= now) {
            let (due, skipped) = due(body, table, first, now);
            times.extend(due);
            if let Some(at) = skipped {
                self.skip(at, "misfire");
            }
            self.next = next(body, table, now);
        }
        self.claim = Some(Claim {
            times,
            until,
            since: now,
        });
    }

    pub(crate) fn skip(&mut self, at: Timestamp, why: &str) {
        self.last_skipped = Some(SkippedView {
            at: Moment(at),
            why: Text::from(why),
        });
    }
}

/// Returns the times to run of those that have passed, and the last one that is not.
fn due(
    body: &ScheduleBody,
    table: &Timetable,
    first: Timestamp,
    now: Timestamp,
) -> (Vec<Timestamp>, Option<Timestamp>) {
    let until = body.ends_at.map_or(now, |ends| ends.0.min(now));
    let most = match body.misfire {
        Misfire::All => usize::try_from(body.catch_up_limit.max(1)).unwrap_or(1),
        Misfire::Skip | Misfire::Once => 1,
    };
    let mut times = table.last(first, until, most);
    let late = |at: &Timestamp| now.as_millis().saturating_sub(at.as_millis()) > GRACE_MS;
    if body.misfire == Misfire::Skip
        && let Some(at) = times.pop_if(|at| late(at))
    {
        return (times, Some(at));
    }
    let before = times.first().filter(|kept| **kept > first);
    // Some before those that run were passed over: which one was the last is not worth finding out.
    let skipped = before.map(|_| first);
    (times, skipped)
}

/// Returns the first time after a moment that is within the schedule's bounds.
pub(crate) fn next(body: &ScheduleBody, table: &Timetable, after: Timestamp) -> Option<Timestamp> {
    let next = table.after(after)?;
    let over = body.ends_at.is_some_and(|ends| ends.0 < next);
    (!over).then_some(next)
}

/// Returns behind what times of a schedule are, as it is written now.
pub(crate) fn before_start(body: &ScheduleBody, now: Timestamp) -> Timestamp {
    let start = body
        .starts_at
        .map(|start| start.0.as_millis().saturating_sub(1));
    Timestamp(start.map_or(now.as_millis(), |start| start.max(now.as_millis())))
}

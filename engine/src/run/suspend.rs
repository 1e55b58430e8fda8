//! Runs that leave memory since their process is about to end: nothing begins here any more, and the run is given back to
//! its store as it stands, for another process to go on with.
//!
//! No event tells of it. What is at work when the run leaves is dropped as if the process had been killed, and what goes on
//! with the run does as it does then.

use super::driver::Driver;

/// When a run is to leave memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leave {
    /// As soon as nothing is at work.
    Idle,
    /// At once.
    Now,
}

impl Driver {
    /// The run is to leave memory.
    pub(super) fn leave(&mut self, when: Leave) {
        if let Some(durable) = &mut self.durable {
            durable.leaving = durable.leaving.max(Some(when));
        }
    }

    pub(super) fn is_leaving(&self) -> bool {
        let durable = self.durable.as_ref();
        durable.is_some_and(|durable| durable.is_leaving())
    }

    /// Says whether the run leaves memory now since it was asked to.
    pub(super) fn leaves(&mut self) -> bool {
        let Some(durable) = &mut self.durable else {
            return false;
        };
        // Those that wait for an answer, a sub-graph or a tool go on where the run does.
        let at_work = self.running.len() > self.core.parked.len()
            || !self.full.is_empty()
            || durable.is_waited_for()
            || self.core.log.has_pledges()
            || self.core.run.mail.is_full();
        durable.has_left = match durable.leaving {
            None => false,
            // One that was told to stop has its own grace time for that.
            Some(Leave::Idle) => !at_work && self.stopping.is_none(),
            Some(Leave::Now) => true,
        };
        durable.has_left
    }

    /// The run has left memory since it was asked to.
    pub(super) fn has_left(&self) -> bool {
        let durable = self.durable.as_ref();
        durable.is_some_and(|durable| durable.has_left)
    }
}

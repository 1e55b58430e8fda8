//! A recorded run once more, without acting: what reaches outside is played from the record, what is pure runs and has to
//! give the same.

use std::sync::Arc;

use serde::Serialize;

use crate::event::{Event, Failure, Record};
use crate::fault::Code;
use crate::plan::Plan;
use crate::run::engine::{Engine, outcome};
use crate::run::limits::RunLimits;
use crate::run::machine::Machine;
use crate::run::options::RunOptions;
use crate::run::outcome::RunOutcome;
use crate::run::serial::{Serial, SerialOptions};

/// A run that was replayed, and went as it was recorded.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Replayed {
    /// How the run ended; `running` or `waiting` where the record ends before the run. Its records are those that the replay
    /// made, with the recorded times.
    pub outcome: RunOutcome,
    /// How many firings ran: their blocks gave what they had given.
    pub ran: u64,
    /// How many were played from the record, since their blocks reach outside.
    pub played: u64,
}

impl Engine {
    /// Goes through a recorded run again without acting outside: no block that
    /// [reaches out](crate::BlockInfo::reaches_out) is called; what it gave, was paid, asked, answered and failed with is
    /// taken from the record. All other blocks run, so that a replay proves that they still give the same.
    ///
    /// Inputs, overrides, back-offs and times are those of the record. Of `options` id, seed, time zone and limits count (those
    /// that the run had), and who observes. The record may end before the run.
    ///
    /// # Errors
    /// [`Code::RunReplay`], naming event and node, what was recorded and what happens now; or the event that cannot follow on
    /// those before it, where these are not the events of a run of this plan.
    ///
    /// # Cancellation
    /// Dropping the future ends it. Nothing else does if a block that runs does not end, where it had ended.
    pub async fn replay(
        &self,
        plan: &Arc<Plan>,
        records: &[Record],
        options: RunOptions,
    ) -> Result<Replayed, Failure> {
        let mut machine = Machine::new(plan);
        for record in records {
            machine.apply(record)?;
        }
        let limits = self.limits(&options);
        let options = options.limits(unlimited(limits)).record();
        let mut core = self.prepare(plan, options);
        if let Some(Event::Opened { given, .. }) = records.first().map(|first| &first.event) {
            if let Some(fault) = plan.check_given(given).first() {
                let message = format!("event 0: {}", fault.message);
                return Err(Failure::new(Code::RunReplay, message));
            }
            core.open_run(plan, Arc::clone(given));
        }
        let mut serial = Serial::new(core, SerialOptions::played(records.into()));
        serial.fold_for_later(records);
        let (status, _) = Box::pin(serial.drive()).await;
        if let Some(wrong) = serial.wrong {
            return Err((*wrong).clone());
        }
        let tally = serial.tally;
        let mut outcome = outcome(&mut serial.core, plan, status, None);
        as_recorded(&mut outcome, &machine, records);
        Ok(Replayed {
            outcome,
            ran: tally.ran,
            played: tally.played,
        })
    }
}

/// Limits that the whole run meets at once are met between other steps here: the record tells whether it met them.
fn unlimited(limits: RunLimits) -> RunLimits {
    limits
        .max_events(u64::MAX)
        .max_queued(u64::MAX)
        .max_queued_bytes(u64::MAX)
}

/// What no replay can know by itself is as it was.
fn as_recorded(outcome: &mut RunOutcome, machine: &Machine, records: &[Record]) {
    outcome.records.truncate(records.len());
    for (made, recorded) in outcome.records.iter_mut().zip(records) {
        made.at = recorded.at;
        if let (
            Event::Retrying { delay_ms, .. },
            Event::Retrying {
                delay_ms: recorded, ..
            },
        ) = (&mut made.event, &recorded.event)
        {
            *delay_ms = *recorded;
        }
    }
    let spent = machine.times.spent().as_millis();
    outcome.duration_ms = u64::try_from(spent).unwrap_or(u64::MAX);
    if !outcome.status.is_terminal() {
        let picture = machine.picture();
        outcome.status = picture.status;
        outcome.questions = picture.questions;
    }
}

//! Staying with a run: its events, signals to the process, how far it is, its outcome.

use std::sync::Arc;
use std::time::Duration;

use graphloom::{CancelToken, EventStream, Observed, Plan, RunHandle, RunOutcome, Said, Trace};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::signals::Signals;
use crate::exit::Exit;
use crate::report::Report;
use crate::tally::{Question, Tally};

/// How often the progress line changes.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// How a run ended.
pub(super) struct Ended {
    pub(super) outcome: RunOutcome,
    /// The signal that stopped it.
    pub(super) signal: Option<Exit>,
    /// What it waited for when it was given up, since nobody here can answer.
    pub(super) question: Option<Question>,
}

/// Stays until a run is over.
pub(super) async fn to_end(
    handle: RunHandle,
    mut signals: Signals,
    cancel: &CancelToken,
    mut events: Option<EventStream>,
    mut eyes: Eyes,
    report: &mut Report,
) -> Ended {
    let mut signal = None;
    let mut question = None;
    let mut tick = interval_at(Instant::now() + TICK, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outcome = std::pin::pin!(handle.outcome());
    let outcome = loop {
        tokio::select! {
            biased;
            got = signals.next() => {
                signal = Some(got);
                cancel.cancel();
            }
            seen = next(&mut events) => match seen {
                Some(seen) => {
                    eyes.see(&seen, report);
                    eyes.see_rest(events.as_mut(), report);
                    question = question.or_else(|| eyes.question());
                    if question.is_some() || report.is_broken() {
                        cancel.cancel();
                    }
                }
                None => events = None,
            },
            outcome = &mut outcome => break outcome,
            _ = tick.tick(), if report.is_watched() && !eyes.lines => report.progress(&eyes.progress()),
        }
    };
    eyes.see_rest(events.as_mut(), report);
    report.clear_progress();
    Ended {
        outcome,
        signal,
        question: question.filter(|_| signal.is_none()),
    }
}

/// Waits for the next thing to see; for ever where nobody looks.
async fn next(events: &mut Option<EventStream>) -> Option<Observed> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

/// What has been seen of a run.
pub(super) struct Eyes {
    trace: Trace,
    lines: bool,
    /// What waits is answered later, by someone else.
    parks: bool,
    tally: Tally,
}

impl Eyes {
    pub(super) fn new(plan: &Arc<Plan>, lines: bool) -> Self {
        Self::following(Trace::new(plan), lines)
    }

    /// Goes on where this trace has come to.
    pub(super) fn following(trace: Trace, lines: bool) -> Self {
        Self {
            trace,
            lines,
            parks: false,
            tally: Tally::default(),
        }
    }

    fn see_rest(&mut self, events: Option<&mut EventStream>, report: &mut Report) {
        if let Some(events) = events {
            while let Some(seen) = events.try_next() {
                self.see(&seen, report);
            }
            if self.lines {
                report.flush();
            }
        }
    }

    fn see(&mut self, seen: &Observed, report: &mut Report) {
        match seen {
            Observed::Events(batch) => {
                for record in batch.records() {
                    let line = self.trace.line(&record);
                    self.tally.see(&line);
                    if self.lines {
                        report.json(&line);
                    }
                }
            }
            Observed::Note(note) if self.lines => report.json(&note.line().into()),
            Observed::Note(note) => {
                if let Said::Log(_, text) = &note.said {
                    report.note(&format!("{}: {text}", note.node_id));
                }
            }
            _ => {}
        }
    }

    /// Whoever is asked answers later: the run is kept.
    pub(super) fn parking(mut self) -> Self {
        self.parks = true;
        self
    }

    /// Returns what the run waits for, if nothing else moves and nobody answers later.
    fn question(&mut self) -> Option<Question> {
        if self.parks {
            return None;
        }
        self.tally.question()
    }

    fn progress(&self) -> String {
        self.tally.progress()
    }
}

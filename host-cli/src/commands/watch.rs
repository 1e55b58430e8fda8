//! Staying with a run: its events, signals to the process, how far it is, its outcome.

use std::sync::Arc;
use std::time::Duration;

use graphloom::value::Map;
use graphloom::{
    CancelToken, Event, EventStream, Note, Observed, Plan, Record, RunHandle, RunOutcome, Said,
    Text, Trace, Value,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::signals::Signals;
use crate::exit::Exit;
use crate::report::Report;

/// How often the progress line changes.
const TICK: Duration = Duration::from_millis(200);

/// How a run ended.
pub(super) struct Ended {
    pub(super) outcome: RunOutcome,
    /// The signal that stopped it.
    pub(super) signal: Option<Exit>,
    /// What it waited for when it was given up, since nobody here can answer.
    pub(super) question: Option<Question>,
}

/// What a node waits for.
pub(super) struct Question {
    pub(super) node: String,
    pub(super) text: String,
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
    /// Firings that began and that ended, in all scopes.
    started: u64,
    ended: u64,
    /// Open sub-graph calls: the firing that called is in flight too.
    calls: u64,
    /// Firings that wait for an answer, by scope, node and number.
    waiting: Vec<(u32, graphloom::NodeIx, u32, Question)>,
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
            started: 0,
            ended: 0,
            calls: 0,
            waiting: Vec::new(),
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
                    self.count(&record, &line);
                    if self.lines {
                        report.json(&line);
                    }
                }
            }
            Observed::Note(note) if self.lines => report.json(&told(note)),
            Observed::Note(note) => {
                if let Said::Log(_, text) = &note.said {
                    report.note(&format!("{}: {text}", note.node_id));
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, record: &Record, line: &Value) {
        let scope = record.scope;
        match &record.event {
            Event::Opened {
                parent: Some(_), ..
            } => self.calls += 1,
            Event::Closed { .. } => self.calls = self.calls.saturating_sub(1),
            Event::Started { .. } | Event::ToolStarted { .. } => self.started += 1,
            Event::Done { node, firing, .. } | Event::Finished { node, firing, .. } => {
                self.ended += 1;
                self.forget(scope, *node, *firing);
            }
            Event::Answered { node, firing, .. } => self.forget(scope, *node, *firing),
            Event::Waiting {
                node,
                firing,
                question,
                ..
            } => {
                let name = line
                    .get("node")
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let question = Question {
                    node: name,
                    text: question.to_string(),
                };
                self.waiting.push((scope, *node, *firing, question));
            }
            _ => {}
        }
    }

    fn forget(&mut self, scope: u32, node: graphloom::NodeIx, firing: u32) {
        self.waiting
            .retain(|(s, n, f, _)| (*s, *n, *f) != (scope, node, firing));
    }

    /// Whoever is asked answers later: the run is kept.
    pub(super) fn parking(mut self) -> Self {
        self.parks = true;
        self
    }

    /// Returns what the run waits for, if nothing else moves.
    fn question(&mut self) -> Option<Question> {
        if self.parks {
            return None;
        }
        let parked = self.waiting.len() as u64 + self.calls;
        if self.waiting.is_empty() || self.started.saturating_sub(self.ended) > parked {
            return None;
        }
        self.waiting.drain(..).next().map(|(.., question)| question)
    }

    fn progress(&self) -> String {
        let at_work = self.started.saturating_sub(self.ended);
        format!("{} firings done, {at_work} at work", self.ended)
    }
}

/// Returns what a block told about itself as a line.
fn told(note: &Note) -> Value {
    let mut line = Map::new();
    let kind = match &note.said {
        Said::Progress(_) => "progress",
        Said::Log(..) => "log",
        Said::Partial { .. } => "partial",
        _ => "note",
    };
    line.insert("type", kind);
    line.insert("scope", note.scope);
    line.insert("node", note.node_id.clone());
    line.insert("firing", note.firing);
    match &note.said {
        Said::Progress(part) => drop(line.insert("part", *part)),
        Said::Partial { pin, text } => {
            line.insert("pin", pin.clone());
            line.insert("text", text.clone());
        }
        Said::Log(level, text) => {
            line.insert("level", Text::from(format!("{level:?}").to_lowercase()));
            line.insert("text", text.clone());
        }
        _ => {}
    }
    line.into()
}

//! Staying with a run on a server: its events, signals to this process, how far it is, its result.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Value;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::client::Client;
use super::follow::{Follow, Seen};
use crate::commands::{Signals, TICK, bare_header};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;
use crate::tally::Tally;

/// How long nothing may come of a run whose firings all wait before its status is looked at: the server says so of a run
/// only once it has let go of it.
const PARKED: Duration = Duration::from_millis(100);

/// The same, where firings are at work as far as is known here.
const QUIET: Duration = Duration::from_secs(2);

/// Between two such looks.
const AGAIN: Duration = Duration::from_secs(5);

/// A run to stay with.
pub(super) struct Stay<'c> {
    pub(super) client: &'c Arc<Client>,
    pub(super) run: String,
    /// Its events are wanted behind this one; all of them where there is none.
    pub(super) after: Option<u64>,
    /// Events are printed as lines.
    pub(super) lines: bool,
    /// A signal came before the run did.
    pub(super) signal: Option<Exit>,
}

/// How staying ended.
pub(super) struct Ended {
    /// The result, in the form that programs get.
    pub(super) result: Value,
    /// The signal that stopped it.
    pub(super) signal: Option<Exit>,
}

impl Ended {
    /// Tells how it ends the program.
    pub(super) fn exit(&self) -> Exit {
        let status = self.result.get("status").and_then(Value::as_str);
        match self.signal {
            Some(signal) if status == Some("cancelled") => signal,
            _ => Exit::of_result(&self.result),
        }
    }
}

/// Waits for work that a signal to this process does not stop: what it is to stop is known only when the work is done.
pub(super) async fn despite<T>(
    signals: &mut Signals,
    work: impl Future<Output = T>,
) -> (T, Option<Exit>) {
    let mut work = std::pin::pin!(work);
    let mut signal = None;
    loop {
        tokio::select! {
            biased;
            got = signals.next() => signal = Some(got),
            done = &mut work => return (done, signal),
        }
    }
}

/// Returns the first line of events, with what the server says of the run, where there is one.
pub(super) fn header(view: Option<&Value>) -> Value {
    let mut header = bare_header();
    if let Some(view) = view {
        for (name, key) in [
            ("run_id", "run_id"),
            ("graph", "graph_name"),
            ("semantic_hash", "semantic_hash"),
        ] {
            header.insert(
                name,
                view.get(key).cloned().unwrap_or_else(|| Value::from("")),
            );
        }
    }
    header.into()
}

impl Stay<'_> {
    /// Stays until the run is over, or waits for someone. A signal to this process, and a reader that leaves, cancel it.
    ///
    /// # Errors
    /// Where the server is away for too long, or refuses.
    pub(super) async fn until_over(
        mut self,
        signals: &mut Signals,
        report: &mut Report,
    ) -> Result<Ended, Problem> {
        let mut follow = Follow::begin(self.client, &self.run, self.after);
        let mut tally = Tally::default();
        let mut tick = interval_at(Instant::now() + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = Instant::now() + QUIET;
        let mut has_left = false;
        if self.signal.is_some() {
            self.cancel(report).await;
        }
        let result = loop {
            tokio::select! {
                biased;
                got = signals.next() => {
                    self.signal = Some(got);
                    self.cancel(report).await;
                }
                seen = follow.next() => {
                    let mut next = Some(seen);
                    let mut is_over = false;
                    while let Some(seen) = next {
                        match seen? {
                            Seen::Line(line) => self.see(&line, &mut tally, report),
                            Seen::Over => {
                                is_over = true;
                                break;
                            }
                        }
                        next = follow.ready();
                    }
                    if self.lines {
                        report.flush();
                    }
                    if is_over {
                        break self.result().await?;
                    }
                    look = Instant::now() + if tally.is_parked() { PARKED } else { QUIET };
                    if report.is_broken() && !has_left {
                        has_left = true;
                        self.cancel(report).await;
                    }
                }
                () = sleep_until(look) => {
                    if let Some(result) = self.waits().await? {
                        break result;
                    }
                    look = Instant::now() + if tally.is_parked() { QUIET } else { AGAIN };
                }
                _ = tick.tick(), if report.is_watched() && !self.lines => {
                    report.progress(&tally.progress());
                }
            }
        };
        report.clear_progress();
        Ok(Ended {
            result,
            signal: self.signal,
        })
    }

    fn see(&mut self, line: &Value, tally: &mut Tally, report: &mut Report) {
        let word = |key: &str| line.get(key).and_then(Value::as_str);
        if let Some(seq) = line.get("seq").and_then(Value::as_u64) {
            self.after = Some(seq);
        }
        tally.see(line);
        if self.lines {
            report.json(line);
        } else if word("type") == Some("log") {
            let (node, text) = (word("node"), word("text"));
            report.note(&format!(
                "{}: {}",
                node.unwrap_or_default(),
                text.unwrap_or_default()
            ));
        }
    }

    /// Asks the server to stop it. That it is over already is no fault.
    async fn cancel(&self, report: &mut Report) {
        let asked = self.client.post(&["runs", &self.run, "cancel"]).value();
        match asked.await {
            Ok(_) => {}
            Err(problem) if problem.exit() == Exit::Conflict => {}
            Err(problem) => drop(report.problem(&problem)),
        }
    }

    /// Returns the result of a run that is over.
    async fn result(&self) -> Result<Value, Problem> {
        let run = self.client.get(&["runs", &self.run]).value().await?.body;
        run.get("result").cloned().ok_or_else(|| {
            let message = format!("the server has no result of run {}", self.run);
            HostError::new(HostCode::ServerAnswer, message).into()
        })
    }

    /// Returns the result so far of a run that has left the server's memory until someone answers.
    async fn waits(&self) -> Result<Option<Value>, Problem> {
        let run = match self.client.get(&["runs", &self.run]).value().await {
            Ok(answer) => answer.body,
            // Whoever follows it knows how long to wait.
            Err(problem) if super::follow::is_passing(&problem) => return Ok(None),
            Err(problem) => return Err(problem),
        };
        let waits = run.get("status").and_then(Value::as_str) == Some("waiting");
        let events = run.get("events").and_then(Value::as_u64);
        let seen = self.after.map_or(0, |last| last + 1);
        if waits && events.is_some_and(|events| events <= seen) {
            return Ok(run.get("result").cloned());
        }
        Ok(None)
    }
}

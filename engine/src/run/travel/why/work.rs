//! What firings that have not ended wait for.

use crate::event::Event;
use crate::run::flight::{AskedFor, Flight, Wait};
use crate::run::left::IN_DOUBT;
use crate::run::travel::brief::brief;
use crate::run::travel::words::told;

use super::asker::{Asker, By, Here, Told};
use super::cause::{Cause, CauseKind};

impl Asker<'_> {
    /// A firing that has not ended, and what it waits for.
    pub(super) fn at_work(&mut self, depth: usize, by: By) -> Cause {
        let name = self.name(by);
        let started = self.firing(by).map_or(0, |firing| firing.started);
        let Some(flight) = self.flight(by).cloned() else {
            let text = format!("{name} had not ended when its graph was closed");
            let mut cause = Cause::new(CauseKind::Stopped, text);
            self.run_over(&mut cause, depth, by.0);
            return cause;
        };
        if !self.tells(Told::Work(by)) {
            let mut cause = Cause::new(CauseKind::AtWork, format!("{name} has not ended"));
            cause.shown_above();
            return cause;
        }
        let calls = self.calls_of(by).into_iter();
        let open: Vec<u32> = calls.filter(|id| self.is_open(*id)).collect();
        let tools = flight.asks.iter().filter(|asked| asked.done.is_none());
        let tools = tools.filter_map(|asked| match asked.what {
            AskedFor::Tool { node, firing, .. } => Some((by.0, node, firing)),
            AskedFor::Graph { .. } => None,
        });
        let tools: Vec<By> = tools.collect();
        let mut cause = match (open.first(), tools.first()) {
            (Some(scope), _) => self.runs(&name, *scope),
            (None, Some(tool)) => {
                let text = format!("{name} waits for its tool {}", self.name(*tool));
                Cause::new(CauseKind::UsesTool, text)
            }
            (None, None) => self.waits(&name, by, &flight, started),
        };
        for scope in open {
            self.inside(&mut cause, depth, scope);
        }
        for tool in tools {
            self.add(&mut cause, depth, |asker, depth| asker.at_work(depth, tool));
        }
        self.run_over(&mut cause, depth, by.0);
        cause
    }

    fn waits(&self, name: &str, by: By, flight: &Flight, started: u64) -> Cause {
        if flight.due.is_some()
            && let Some((seq, text)) = self.last_failure(by)
        {
            let text = format!("{name} waits for another attempt: {text}");
            return Cause::new(CauseKind::BacksOff, text).at(seq);
        }
        match flight.waits.as_slice() {
            [] => {
                let attempt = match flight.failed {
                    0 => String::new(),
                    failed => format!(", attempt {}", failed + 1),
                };
                Cause::new(CauseKind::AtWork, format!("{name} is at work{attempt}")).at(started)
            }
            [wait, ..] if wait.signal.as_str() == IN_DOUBT => {
                let text = format!(
                    "{name} was cut off and may have acted; it waits for the answer \"repeat\", \"fail\" or {{\"done\": {{pin: value}}}}"
                );
                self.asked(Cause::new(CauseKind::InDoubt, text), by, wait)
            }
            [wait, more @ ..] => {
                let more = match more.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let text = format!(
                    "{name} waits for an answer to \"{}\"{more}, and asks {}",
                    wait.signal,
                    brief(&wait.question)
                );
                self.asked(Cause::new(CauseKind::WaitsForAnswer, text), by, wait)
            }
        }
    }

    /// Names the event in which a question was asked.
    fn asked(&self, cause: Cause, by: By, wait: &Wait) -> Cause {
        let told = self.firing(by).map_or(&[][..], |firing| &firing.told);
        let asked = told.iter().rev().find(|seq| {
            let event = self.look.at(**seq).map(|record| &record.event);
            matches!(event, Some(Event::Waiting { ask, signal, .. })
                if *ask == wait.ask && *signal == wait.signal)
        });
        match asked {
            Some(seq) => cause.at(*seq),
            None => cause,
        }
    }

    /// How the last attempt at a firing failed.
    fn last_failure(&self, by: By) -> Option<(u64, String)> {
        let firing = self.firing(by)?;
        firing
            .told
            .iter()
            .rev()
            .find_map(|seq| match &self.look.at(*seq)?.event {
                Event::Retrying {
                    attempt,
                    delay_ms,
                    failure,
                    ..
                } => {
                    let text = format!(
                        "attempt {attempt} failed with {}, and the next comes {delay_ms} ms later",
                        told(failure)
                    );
                    Some((*seq, text))
                }
                _ => None,
            })
    }

    /// A firing whose graph is open.
    fn runs(&self, name: &str, scope: u32) -> Cause {
        let opened = self.track(scope).map_or(0, |track| track.opened);
        let graph = match self.look.at(opened).map(|record| &record.event) {
            Some(Event::Opened { graph, .. }) => graph.to_string(),
            _ => String::new(),
        };
        let text = format!("{name} waits for its graph \"{graph}\"");
        Cause::new(CauseKind::RunsGraph, text).at(opened)
    }

    /// Adds what a graph that is open comes to next.
    fn inside(&mut self, to: &mut Cause, depth: usize, scope: u32) {
        let working = self.working(scope);
        if working.is_empty()
            && let Some(plan) = self.plan(scope)
        {
            let nodes = plan.node_positions().map(|node| (scope, node));
            let next: Vec<Here> = nodes.filter(|here| self.can_fire(*here)).collect();
            if next.is_empty() {
                let events = self.look.0.len();
                let text = format!(
                    "nothing is left to do in it, and it had not closed when these {events} events end"
                );
                self.add(to, depth, |_, _| Cause::new(CauseKind::CanFire, text));
            }
            for here in next {
                self.add(to, depth, |asker, depth| asker.not_fired(depth, here));
            }
        }
        for by in working {
            self.add(to, depth, |asker, depth| asker.at_work(depth, by));
        }
    }

    /// Firings of a graph that have not ended.
    pub(super) fn working(&self, scope: u32) -> Vec<By> {
        let Some(folded) = self.machine.scopes.get(&scope) else {
            return Vec::new();
        };
        let mut working: Vec<By> = folded
            .flights
            .iter()
            .map(|((node, firing), _)| (scope, *node, *firing))
            .collect();
        working.sort_unstable();
        working
    }
}

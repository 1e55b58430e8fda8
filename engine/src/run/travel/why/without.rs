//! How the firings of a node ended that gave nothing on a port.

use std::collections::BTreeMap;

use crate::dense::NodeIx;
use crate::event::How;
use crate::plan::{Node, Plan};
use crate::run::travel::words::told;

use super::asker::{Asker, By, Here, Told, times, values};
use super::cause::{Cause, CauseKind};
use super::feeds::is_tool;

/// Firings by number, each with the event that ended it.
type Ends = Vec<(u32, u64)>;

impl Asker<'_> {
    /// Adds why a port gives nothing, or nothing more.
    pub(super) fn gives_no_more(&mut self, to: &mut Cause, depth: usize, here: Here, port: u16) {
        let (scope, node) = here;
        let Some(plan) = self.plan(scope) else {
            return;
        };
        let fired = self.fired(here);
        if fired == 0 {
            return self.lacks(to, depth, here);
        }
        let firings = (0..fired).map(|firing| (scope, node, firing));
        let working: Vec<By> = firings.filter(|by| self.how(*by).is_none()).collect();
        let told = self.held_back(to, depth, here, port);
        for by in working.iter().filter(|by| Some(**by) != told) {
            self.add(to, depth, |asker, depth| asker.at_work(depth, *by));
        }
        if plan.nodes.at(node).error_port() == port {
            self.did_not_fail(to, depth, here);
        } else {
            self.ended_without(to, depth, here, port);
        }
        let more = plan.nodes.at(node).n_pins > 0 || is_tool(&plan, node);
        if working.is_empty() && more {
            self.add(to, depth, |asker, depth| asker.not_fired(depth, here));
        }
    }

    /// Adds what firings gave that waits for an older one. Returns that, if any does.
    fn held_back(&mut self, to: &mut Cause, depth: usize, here: Here, port: u16) -> Option<By> {
        let delivered = self.track(here.0)?.node(here.1)?.delivered;
        let oldest = (here.0, here.1, u32::try_from(delivered).ok()?);
        let mut any = None;
        for firing in 0..self.fired(here) {
            let by = (here.0, here.1, firing);
            let held = self.firing(by)?.held.iter();
            let held = held.filter(|(held, _)| *held == port).count();
            if held == 0 {
                continue;
            }
            any = Some(oldest);
            self.add(to, depth, |asker, depth| {
                let (name, first) = (asker.name(by), asker.name(oldest));
                let n = values(held);
                let text = format!("{name} gave {n}, held back until {first} is delivered");
                let mut cause = Cause::new(CauseKind::HeldBack, text);
                asker.add(&mut cause, depth, |asker, depth| {
                    asker.at_work(depth, oldest)
                });
                cause
            });
        }
        any
    }

    fn did_not_fail(&mut self, to: &mut Cause, depth: usize, here: Here) {
        let failed = |how: &How| matches!(how, How::Failed(_)).then(String::new);
        if !self.ends(here, failed).is_empty() {
            return;
        }
        let n = times(self.fired(here) as usize);
        let text = format!("{} did not fail; it fired {n}", self.node(here));
        self.add(to, depth, |_, _| Cause::new(CauseKind::DidNotFail, text));
    }

    /// Adds how firings ended that gave nothing on a port.
    fn ended_without(&mut self, to: &mut Cause, depth: usize, here: Here, port: u16) {
        let Some(plan) = self.plan(here.0) else {
            return;
        };
        self.starved(to, depth, here);
        let failed = self.ends(here, |how| match how {
            How::Failed(failure) => Some(told(failure)),
            _ => None,
        });
        for (said, all) in failed {
            let all = self.without(here, all, port);
            let (name, routed) = (self.node(here), self.routed(&plan, here));
            let text = format!("{name} failed {} with {said}; {routed}", times(all.len()));
            self.last(to, depth, Cause::new(CauseKind::Failed, text), here, &all);
        }
        self.stopped(to, depth, here);
        let well = self.ends(here, |how| matches!(how, How::Ok).then(String::new));
        let well: Ends = well.into_values().flatten().collect();
        let well = self.without(here, well, port);
        if well.is_empty() {
            return;
        }
        let name = self.node(here);
        if self.brings_nothing(here) {
            let text = format!("{name} was given no value, and emits none");
            let cause = Cause::new(CauseKind::GivenNothing, text);
            return self.add(to, depth, |_, _| cause);
        }
        let gave = self.gave_others(&plan, here, &well);
        let text = format!("{name} ended {} and gave {gave}", times(well.len()));
        let cause = Cause::new(CauseKind::GaveOthers, text);
        if plan.nodes.at(here.1).is(Node::CALL) {
            self.call_without(to, depth, cause, (here, port), &well);
        } else {
            self.last(to, depth, cause, here, &well);
        }
    }

    /// Those of the firings that gave nothing on a port.
    fn without(&self, (scope, node): Here, mut firings: Ends, port: u16) -> Ends {
        firings.retain(|(firing, _)| self.gave((scope, node, *firing), port).is_empty());
        firings
    }

    /// Adds the firings of a node that starved, once.
    pub(super) fn starved(&mut self, to: &mut Cause, depth: usize, here: Here) {
        let starved = self.ends(here, |how| match how {
            How::Starved(reason) => Some(reason.to_string()),
            _ => None,
        });
        if starved.is_empty() || !self.tells(Told::Starved(here)) {
            return;
        }
        for (reason, all) in starved {
            let name = self.node(here);
            let text = format!(
                "the input of {name} did not fit {}: {reason}",
                times(all.len())
            );
            self.last(to, depth, Cause::new(CauseKind::Starved, text), here, &all);
        }
    }

    /// Adds the last firing of a node that was stopped.
    fn stopped(&mut self, to: &mut Cause, depth: usize, here: Here) {
        let stopped = self.ends(here, |how| matches!(how, How::Aborted).then(String::new));
        let Some((firing, seq)) = stopped.into_values().flatten().last() else {
            return;
        };
        self.add(to, depth, |asker, depth| {
            let name = asker.name((here.0, here.1, firing));
            let mut cause = Cause::new(CauseKind::Stopped, format!("{name} was stopped")).at(seq);
            asker.run_over(&mut cause, depth, here.0);
            cause
        });
    }

    /// The ended firings of a node that this says something of, by what it says.
    fn ends(&self, here: Here, says: impl Fn(&How) -> Option<String>) -> BTreeMap<String, Ends> {
        let mut ends: BTreeMap<String, Ends> = BTreeMap::new();
        for firing in 0..self.fired(here) {
            if let Some((seq, how)) = self.how((here.0, here.1, firing))
                && let Some(said) = says(&how)
            {
                ends.entry(said).or_default().push((firing, seq));
            }
        }
        ends
    }

    /// Adds a cause that several firings share, and names the last of them with what it took.
    fn last(&mut self, to: &mut Cause, depth: usize, cause: Cause, here: Here, all: &Ends) {
        let Some((firing, seq)) = all.last().copied() else {
            return;
        };
        self.add(to, depth, |asker, depth| {
            let by = (here.0, here.1, firing);
            let mut cause = cause;
            if all.len() > 1 {
                cause.says_more(&format!(", at last {}", asker.name(by)));
            }
            let mut cause = cause.at(seq);
            if asker.tells(Told::Firing(by)) {
                asker.led_to(&mut cause, depth, by, u64::MAX);
            } else {
                cause.shown_above();
            }
            cause
        });
    }

    /// What firings gave on all ports together.
    fn gave_others(&self, plan: &Plan, here: Here, firings: &Ends) -> String {
        let count = |port: u16| {
            let each = firings.iter();
            let each = each.map(|(firing, _)| self.gave((here.0, here.1, *firing), port).len());
            each.sum::<usize>()
        };
        let ports = 0..plan.nodes.at(here.1).n_ports;
        let counts: Vec<String> = ports
            .map(|port| (port, count(port)))
            .filter(|(_, n)| *n > 0)
            .map(|(port, n)| format!("{} on {}", values(n), plan.port_name(here.1, port)))
            .collect();
        match counts.as_slice() {
            [] => "nothing".to_owned(),
            counts => format!("only {}", counts.join(", ")),
        }
    }

    /// A call whose graph gave nothing for a port: why its output nodes of that name did not fire.
    fn call_without(
        &mut self,
        to: &mut Cause,
        depth: usize,
        cause: Cause,
        (here, port): (Here, u16),
        firings: &Ends,
    ) {
        let Some((firing, seq)) = firings.last().copied() else {
            return;
        };
        self.add(to, depth, |asker, depth| {
            let mut cause = cause.at(seq);
            let Some(child) = asker.calls_of((here.0, here.1, firing)).pop() else {
                return cause;
            };
            for output in asker.outputs_for(here, port, child) {
                asker.add(&mut cause, depth, |asker, depth| {
                    asker.not_fired(depth, (child, output))
                });
            }
            cause
        });
    }

    /// The output nodes of a called graph that give what a port of the calling node gives.
    fn outputs_for(&self, (scope, node): Here, port: u16, child: u32) -> Vec<NodeIx> {
        let Some((outer, inner)) = self.track(scope).zip(self.track(child)) else {
            return Vec::new();
        };
        let name = outer.plan.port_name(node, port);
        let plan = &inner.plan;
        let own = plan.node_positions().filter(|output| {
            let io = plan.io_name(*output);
            plan.nodes.at(*output).is(Node::OUTPUT) && io.is_some_and(|io| io.as_str() == name)
        });
        own.collect()
    }

    /// Says where the error of a node went.
    fn routed(&self, plan: &Plan, (scope, node): Here) -> String {
        let hot = plan.nodes.at(node);
        let (_, links) = plan.links_of(node, hot.error_port());
        let pins = links.iter().map(|link| self.pin(scope, link.pin()));
        let pins: Vec<String> = pins.collect();
        match pins.as_slice() {
            [] if hot.is(Node::FAILS_RUN) => {
                "its error is not linked, and failed the graph".to_owned()
            }
            [] => "its error is not linked".to_owned(),
            pins => format!("the error went to {}", pins.join(", ")),
        }
    }
}

//! What ended a graph or a run before it was done, and what collecting pins wait for.

use std::sync::Arc;

use crate::dense::{NodeIx, PinIx};
use crate::event::{Event, Status};
use crate::plan::Plan;
use crate::run::travel::trail::Origins;

use super::asker::{Asker, By, values};
use super::cause::{Cause, CauseKind};

impl Asker<'_> {
    /// Adds what ended the graph or the run, if something did before it was done. Says whether it did.
    pub(super) fn run_over(&mut self, to: &mut Cause, depth: usize, scope: u32) -> bool {
        let Some(cause) = self.call_over(scope).or_else(|| self.ended()) else {
            return false;
        };
        self.add(to, depth, |_, _| cause);
        true
    }

    fn call_over(&self, scope: u32) -> Option<Cause> {
        let track = self.track(scope)?;
        let (caller, closed) = (track.parent?, track.closed?);
        let by = self.name((caller.scope, caller.node, caller.firing));
        let text = match &self.look.at(closed)?.event {
            Event::Closed {
                failure: Some(failure),
            } => format!("the graph that {by} called failed: {failure}"),
            _ => format!("the graph that {by} called was over, or given up with it"),
        };
        Some(Cause::new(CauseKind::CallOver, text).at(closed))
    }

    fn ended(&self) -> Option<Cause> {
        let cancelled = |seq| {
            let text = "the run was cancelled before";
            Some(Cause::new(CauseKind::RunCancelled, text).at(seq))
        };
        if let Some(seq) = self.trail.cancelled {
            return cancelled(seq);
        }
        let seq = self.trail.ended?;
        let Event::Ended { status, failure } = &self.look.at(seq)?.event else {
            return None;
        };
        match (status, failure) {
            (Status::Failed, Some(failure)) => {
                let text = format!("the run failed before, with {failure}");
                Some(Cause::new(CauseKind::RunFailed, text).at(seq))
            }
            (Status::Failed, None) => {
                let text = "the run failed before";
                Some(Cause::new(CauseKind::RunFailed, text).at(seq))
            }
            (Status::Cancelled, _) => cancelled(seq),
            _ => None,
        }
    }

    /// A collecting pin that has not fired, or not again, and what it waits for.
    pub(super) fn collects(&mut self, depth: usize, scope: u32, pin: PinIx) -> Cause {
        let name = self.pin(scope, pin);
        let Some((plan, track)) = self.pin_track(scope, pin) else {
            return Cause::new(CauseKind::Collects, name);
        };
        let upstream = self.upstream(&plan, pin);
        let busy: Vec<NodeIx> = upstream
            .into_iter()
            .filter(|node| {
                let here = (scope, *node);
                self.can_fire(here) || !self.working_of(here).is_empty()
            })
            .collect();
        let node = plan.pins.at(pin).node;
        if busy.is_empty() && self.fired((scope, node)) > 0 {
            let text = format!("{name} collects, and has fired with all that came");
            return Cause::new(CauseKind::Collected, text);
        }
        let has = values(track.collected.len());
        let text = format!("{name} collects until nothing more can come; it has {has} so far");
        let mut cause = Cause::new(CauseKind::Collects, text);
        if self.run_over(&mut cause, depth, scope) {
            return cause;
        }
        for node in busy {
            let working = self.working_of((scope, node));
            if working.is_empty() {
                self.add(&mut cause, depth, |asker, depth| {
                    asker.not_fired(depth, (scope, node))
                });
            }
            for by in working {
                self.add(&mut cause, depth, |asker, depth| asker.at_work(depth, by));
            }
        }
        cause
    }

    /// All nodes from which something may come to a pin, in the order of the graph.
    fn upstream(&mut self, plan: &Arc<Plan>, pin: PinIx) -> Vec<NodeIx> {
        let feeds = self.feeds(plan);
        let mut found = vec![false; plan.nodes.len()];
        let (mut pins, mut nodes) = (vec![pin], Vec::new());
        while let Some(pin) = pins.pop() {
            nodes.extend(feeds.links_into(pin).iter().map(|feed| feed.node));
            while let Some(node) = nodes.pop() {
                if let Some(found) = found.get_mut(node.0 as usize)
                    && !std::mem::replace(found, true)
                {
                    pins.extend(plan.nodes.at(node).pins());
                    nodes.extend(feeds.users(node));
                }
            }
        }
        let found = plan.node_positions().zip(found);
        found
            .filter(|(_, found)| *found)
            .map(|(node, _)| node)
            .collect()
    }

    /// The last value that a firing took at a pin.
    pub(super) fn last_taken(&self, scope: u32, pin: PinIx) -> Option<(By, Origins)> {
        let track = self.track(scope)?;
        let node = track.plan.pins.at(pin).node;
        let position = track
            .plan
            .nodes
            .at(node)
            .pins()
            .position(|own| own == pin)?;
        let firings = track.node(node)?.firings.iter().enumerate().rev();
        let mut taken = firings.filter_map(|(firing, track)| {
            let origins = track.taken.get(position)?.clone()?;
            Some((u32::try_from(firing).ok()?, origins))
        });
        let (firing, origins) = taken.next()?;
        Some(((scope, node, firing), origins))
    }
}

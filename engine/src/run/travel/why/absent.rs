//! Why a node does not fire, why a pin has nothing, why a link brought nothing.

use std::sync::Arc;

use crate::dense::PinIx;
use crate::plan::{Node, Pin};
use crate::run::limits::RunLimits;
use crate::run::state::WINDOW;
use crate::run::travel::brief::brief;
use crate::run::travel::trail::selected;

use super::asker::{Asker, By, Here, Told, times, values};
use super::cause::{Cause, CauseKind};
use super::feeds::{Feed, is_note, is_tool, not_reached};

impl Asker<'_> {
    /// A node that has not fired, or not again, and why.
    pub(super) fn not_fired(&mut self, depth: usize, here: Here) -> Cause {
        let name = self.node(here);
        let text = match self.fired(here) {
            0 => format!("{name} has not fired"),
            n => format!("{name} fired {}, and not again", times(n as usize)),
        };
        let mut cause = Cause::new(CauseKind::NotFired, text);
        self.lacks(&mut cause, depth, here);
        cause
    }

    /// Adds why a node does not fire, or not again.
    pub(super) fn lacks(&mut self, to: &mut Cause, depth: usize, here: Here) {
        let (scope, node) = here;
        let Some(plan) = self.plan(scope) else {
            return;
        };
        if !self.tells(Told::Absence(here)) {
            return to.shown_above();
        }
        let hot = *plan.nodes.at(node);
        let feeds = self.feeds(&plan);
        if is_note(&plan, node) {
            let note = Cause::new(CauseKind::Note, "it is a note, and never fires");
            return self.add(to, depth, |_, _| note);
        }
        if is_tool(&plan, node) {
            return self.fired_by_others(to, depth, here);
        }
        if !feeds.is_reached(node) {
            let cause = Cause::new(CauseKind::NotReached, not_reached(&plan, node));
            return self.add(to, depth, |_, _| cause);
        }
        self.starved(to, depth, here);
        if self.can_fire(here) {
            return self.not_come_to(to, depth, here);
        }
        if hot.n_pins == 0 {
            let text = "it fires once, when its graph begins";
            return self.add(to, depth, |_, _| Cause::new(CauseKind::FiresOnce, text));
        }
        let wanting = hot.pins().filter(|pin| self.is_wanting(scope, *pin));
        let mut pins: Vec<PinIx> = wanting.collect();
        if pins.is_empty() {
            // Values stay at all of its pins, and it wants a new one at any.
            pins.extend(hot.pins());
        }
        for pin in pins {
            self.add(to, depth, |asker, depth| asker.empty(depth, scope, pin));
        }
    }

    /// A pin that a firing waits for has nothing to offer.
    fn is_wanting(&self, scope: u32, pin: PinIx) -> bool {
        let Some(track) = self.track(scope) else {
            return false;
        };
        let offers = track
            .pin(pin)
            .is_some_and(|pin| !pin.queue.is_empty() || pin.last.is_some());
        !offers && !track.plan.pins.at(pin).is(Pin::UNWAITED)
    }

    /// All that a firing of the node needs is there.
    pub(super) fn can_fire(&self, here: Here) -> bool {
        let (scope, node) = here;
        let Some(track) = self.track(scope) else {
            return false;
        };
        let plan = &track.plan;
        if plan.starts.contains(&node) && self.fired(here) == 0 {
            return true;
        }
        let hot = *plan.nodes.at(node);
        let unused = |pin: PinIx| track.pin(pin).is_some_and(|pin| !pin.queue.is_empty());
        hot.n_pins > 0
            && !hot.is(Node::PASSIVE)
            && !hot.pins().any(|pin| self.is_wanting(scope, pin))
            && hot.pins().any(unused)
    }

    /// A node could fire and has not: nothing is wanting but its turn.
    fn not_come_to(&mut self, to: &mut Cause, depth: usize, here: Here) {
        if self.run_over(to, depth, here.0) {
            return;
        }
        let cause = if let Some(oldest) = self.full_window(here) {
            return self.add(to, depth, |asker, depth| asker.window(depth, here, oldest));
        } else if let Some((pin, n)) = self.full_pin(here) {
            return self.add(to, depth, |asker, depth| {
                asker.no_room(depth, here.0, pin, n)
            });
        } else {
            match self.look.0.len() {
                0 => "the run has not begun".to_owned(),
                events => format!("it can fire, and had not when these {events} events end"),
            }
        };
        self.add(to, depth, |_, _| Cause::new(CauseKind::CanFire, cause));
    }

    /// Returns the oldest firing that is not delivered, where as many are under way as may be.
    fn full_window(&self, here: Here) -> Option<u32> {
        let track = self.track(here.0)?;
        let delivered = u32::try_from(track.node(here.1)?.delivered).ok()?;
        let under_way = self.fired(here).saturating_sub(delivered);
        let most = track.plan.nodes.at(here.1).window.min(WINDOW);
        (under_way >= most).then_some(delivered)
    }

    fn window(&mut self, depth: usize, here: Here, oldest: u32) -> Cause {
        let by = (here.0, here.1, oldest);
        let window = self
            .track(here.0)
            .map_or(0, |track| track.plan.nodes.at(here.1).window.min(WINDOW));
        let name = self.name(by);
        let text = match window {
            1 => format!("only one firing of it may be under way, and {name} is not delivered"),
            n => {
                format!("only {n} firings of it may be under way, and as many are, from {name} on")
            }
        };
        let mut cause = Cause::new(CauseKind::WindowFull, text);
        self.add(&mut cause, depth, |asker, depth| asker.at_work(depth, by));
        cause
    }

    /// A pin that the node feeds and at which more wait than the soft limit says.
    fn full_pin(&self, here: Here) -> Option<(PinIx, usize)> {
        let track = self.track(here.0)?;
        let limit = RunLimits::default().soft_limit;
        let ports = 0..track.plan.nodes.at(here.1).n_ports;
        let mut links = ports.flat_map(|port| track.plan.links_of(here.1, port).1);
        links.find_map(|link| {
            let waiting = track.pin(link.pin())?.queue.len();
            (waiting > limit).then(|| (link.pin(), waiting))
        })
    }

    fn no_room(&mut self, depth: usize, scope: u32, pin: PinIx, n: usize) -> Cause {
        let name = self.pin(scope, pin);
        let text = format!(
            "it can fire, and waits for room: {name} holds {}",
            values(n)
        );
        let mut cause = Cause::new(CauseKind::PinFull, text);
        if let Some(plan) = self.plan(scope) {
            let fed = plan.pins.at(pin).node;
            self.add(&mut cause, depth, |asker, depth| {
                asker.not_fired(depth, (scope, fed))
            });
        }
        cause
    }

    /// Others fire it as their tool: why none of them did, or not again.
    fn fired_by_others(&mut self, to: &mut Cause, depth: usize, here: Here) {
        let Some(plan) = self.plan(here.0) else {
            return;
        };
        let feeds = self.feeds(&plan);
        for user in feeds.users(here.1) {
            self.add(to, depth, |asker, depth| asker.uses(depth, (here.0, *user)));
        }
    }

    fn uses(&mut self, depth: usize, user: Here) -> Cause {
        let name = self.node(user);
        let text = match self.fired(user) {
            0 => format!("{name} fires it as its tool, and has not fired itself"),
            n => {
                let n = times(n as usize);
                format!("{name} fires it as its tool when it chooses to; it fired {n} itself")
            }
        };
        let mut cause = Cause::new(CauseKind::IsTool, text);
        let working = self.working(user.0).into_iter();
        let own: Vec<By> = working.filter(|by| by.1 == user.1).collect();
        if own.is_empty() && self.fired(user) == 0 {
            self.lacks(&mut cause, depth, user);
        }
        for by in own {
            self.add(&mut cause, depth, |asker, depth| asker.at_work(depth, by));
        }
        cause
    }

    /// A pin that has nothing for a firing, and why.
    pub(super) fn empty(&mut self, depth: usize, scope: u32, pin: PinIx) -> Cause {
        let name = self.pin(scope, pin);
        let Some((plan, track)) = self.pin_track(scope, pin) else {
            return Cause::new(CauseKind::PinEmpty, name);
        };
        let declared = *plan.pins.at(pin);
        if declared.is(Pin::GATHER) {
            return self.collects(depth, scope, pin);
        }
        let node = declared.node;
        let (kind, text) = match (track.arrived, declared.is(Pin::STICKY)) {
            (0, true) => (
                CauseKind::PinEmpty,
                format!("{name} is sticky, and has had no value yet"),
            ),
            (0, false) if declared.is(Pin::UNWAITED) => (
                CauseKind::PinEmpty,
                format!("{name} has no value, and is not waited for"),
            ),
            (0, false) => (CauseKind::PinEmpty, format!("{name} has no value")),
            (_, true) => (
                CauseKind::UsedUp,
                format!("{name} has no new value; the last one stays"),
            ),
            (n, false) => {
                let taken = match self.fired((scope, node)) {
                    1 => self.name((scope, node, 0)),
                    _ => format!("firings of {}", self.node((scope, node))),
                };
                let n = values(usize::try_from(n).unwrap_or(usize::MAX));
                (
                    CauseKind::UsedUp,
                    format!("{name} has no more: {taken} used up its {n}"),
                )
            }
        };
        let mut cause = Cause::new(kind, text);
        let feeds = self.feeds(&plan);
        for feed in feeds.links_into(pin) {
            self.add(&mut cause, depth, |asker, depth| {
                asker.nothing_came(depth, scope, *feed)
            });
        }
        cause
    }

    /// A link that brought nothing to a pin, or nothing more.
    fn nothing_came(&mut self, depth: usize, scope: u32, feed: Feed) -> Cause {
        let here = (scope, feed.node);
        let (name, from) = (self.node(here), self.port(here, feed.port));
        let (brought, missed) = self.brought(scope, feed);
        if let (0, Some(last)) = (brought, missed.last()) {
            return self.selects_nothing(depth, scope, feed, &missed, *last);
        }
        let once = self.fires_once(here);
        let (kind, text) = match brought {
            0 if self.fired(here) == 0 => (
                CauseKind::NothingCame,
                format!("{from} gave nothing: {name} has not fired"),
            ),
            0 => (CauseKind::NothingCame, format!("{from} gave nothing")),
            n if once && self.working_of(here).is_empty() => (
                CauseKind::FiresOnce,
                format!(
                    "{from} brought {}, and no more: {name} fires once, when its graph begins",
                    values(n)
                ),
            ),
            n => (
                CauseKind::NothingCame,
                format!("{from} brought {}, and no more", values(n)),
            ),
        };
        let mut cause = Cause::new(kind, text);
        self.gives_no_more(&mut cause, depth, here, feed.port);
        cause
    }

    /// How many values a link has brought, and the events whose values it selected nothing of.
    fn brought(&self, scope: u32, feed: Feed) -> (usize, Vec<u64>) {
        let (mut brought, mut missed) = (0, Vec::new());
        let Some(plan) = self.plan(scope) else {
            return (brought, missed);
        };
        for firing in 0..self.fired((scope, feed.node)) {
            let by = (scope, feed.node, firing);
            // What waits for older firings has not gone along the link yet.
            let held = self.firing(by).map_or(&[][..], |firing| &firing.held);
            for seq in self.gave(by, feed.port) {
                if held.iter().any(|(_, held)| *held == seq) {
                    continue;
                }
                let link = plan.links.get(feed.link as usize);
                let value = self.look.value(&plan, seq);
                let came = link
                    .zip(value)
                    .and_then(|(link, value)| selected(&plan, *link, feed.link, &value));
                match came {
                    Some(_) => brought += 1,
                    None => missed.push(seq),
                }
            }
        }
        (brought, missed)
    }

    /// All that came along a link lacks what its path selects.
    fn selects_nothing(
        &mut self,
        depth: usize,
        scope: u32,
        feed: Feed,
        missed: &[u64],
        last: u64,
    ) -> Cause {
        let from = self.port((scope, feed.node), feed.port);
        let plan = self.plan(scope);
        let path = plan
            .as_ref()
            .and_then(|plan| plan.selections.get(&feed.link));
        let path = path.map_or_else(String::new, ToString::to_string);
        let value = plan.and_then(|plan| self.look.value(&plan, last));
        let value = brief(&value.unwrap_or_default());
        let n = values(missed.len());
        let text = format!("{from} gave {n} in which {path} finds nothing, at last {value}");
        let mut cause = Cause::new(CauseKind::PathFindsNothing, text).at(last);
        self.chain(&mut cause, depth, last);
        cause
    }

    /// A start node without links: what it has not given it never gives.
    pub(super) fn fires_once(&self, here: Here) -> bool {
        self.plan(here.0)
            .is_some_and(|plan| plan.nodes.at(here.1).n_pins == 0 && plan.starts.contains(&here.1))
    }

    /// Firings of a node that have not ended, while its graph is open.
    pub(super) fn working_of(&self, here: Here) -> Vec<By> {
        let working = self.working(here.0).into_iter();
        working.filter(|by| by.1 == here.1).collect()
    }

    pub(super) fn pin_track(
        &self,
        scope: u32,
        pin: PinIx,
    ) -> Option<(Arc<crate::plan::Plan>, crate::run::travel::trail::PinTrack)> {
        let track = self.track(scope)?;
        Some((Arc::clone(&track.plan), track.pin(pin)?.clone()))
    }
}

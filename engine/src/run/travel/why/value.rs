//! Where values come from: back along what firings took, to inputs, literals, answers and paid steps.

use crate::dense::PinIx;
use crate::event::{Event, Failure, How};
use crate::plan::Node;
use crate::run::travel::brief::{brief, cut};
use crate::run::travel::trail::Origins;
use crate::run::travel::words::told as said;
use crate::value::{Map, Text, Value};

use super::asker::{Asker, By, Told, values};
use super::cause::{Cause, CauseKind};

/// So much of a value is shown where several stand in one line.
pub(super) const SHORT: usize = 40;

impl Asker<'_> {
    /// A firing: how it ended, what it gave, and what led to it.
    pub(super) fn about_firing(&mut self, depth: usize, by: By) -> Cause {
        let how = match self.how(by) {
            None => "has not ended".to_owned(),
            Some((_, How::Ok)) => "ended".to_owned(),
            Some((_, How::Aborted)) => "was stopped".to_owned(),
            Some((_, How::Starved(reason))) => format!("starved: {reason}"),
            Some((_, How::Failed(failure))) => format!("failed with {}", said(&failure)),
        };
        let text = format!("{} {how}, and gave {}", self.name(by), self.gifts(by));
        let mut cause = Cause::new(CauseKind::Firing, text);
        let ended = self.firing(by).and_then(|firing| firing.ended);
        if let Some(seq) = ended {
            cause = cause.at(seq);
        }
        match self.how(by) {
            None => self.add(&mut cause, depth, |asker, depth| asker.at_work(depth, by)),
            Some((_, How::Aborted)) => drop(self.run_over(&mut cause, depth, by.0)),
            Some(_) => {}
        }
        self.led_to(&mut cause, depth, by, u64::MAX);
        cause
    }

    /// What a firing gave, in a line.
    pub(super) fn gifts(&self, by: By) -> String {
        const SHOWN: usize = 3;
        let Some((track, firing)) = self.track(by.0).zip(self.firing(by)) else {
            return "nothing".to_owned();
        };
        let gifts = firing.told.iter().filter_map(|seq| {
            let (_, node, _, port) = self.look.gave(*seq)?;
            let value = self.look.value(&track.plan, *seq)?;
            let port = track.plan.port_name(node, port?).to_owned();
            Some(format!("{port} {}", cut(SHORT, format_args!("{value}"))))
        });
        let gifts: Vec<String> = gifts.collect();
        let more = match gifts.len().checked_sub(SHOWN) {
            None | Some(0) => String::new(),
            Some(more) => format!(" and {more} more"),
        };
        let shown: Vec<&str> = gifts.iter().take(SHOWN).map(String::as_str).collect();
        match shown.as_slice() {
            [] => "nothing".to_owned(),
            shown => format!("{}{more}", shown.join(", ")),
        }
    }

    /// A value that stands or stood at a pin.
    pub(super) fn value_at(
        &mut self,
        depth: usize,
        scope: u32,
        pin: PinIx,
        origins: &Origins,
        says: &str,
    ) -> Cause {
        match origins {
            Origins::One(seq) => {
                let value = self.sent(scope, pin, *seq).unwrap_or_default();
                let from = self.from(*seq);
                let text = format!("{says} {}, which {from}", brief(&value));
                let mut cause = Cause::new(CauseKind::Value, text).at(*seq);
                self.chain(&mut cause, depth, *seq);
                cause
            }
            Origins::Many(all) => {
                let text = format!("{says} a list of {}", values(all.len()));
                let mut cause = Cause::new(CauseKind::Value, text);
                for seq in all.iter() {
                    self.add(&mut cause, depth, |asker, depth| {
                        let value = asker.sent(scope, pin, *seq).unwrap_or_default();
                        let text = format!("{}, which {}", brief(&value), asker.from(*seq));
                        let mut item = Cause::new(CauseKind::Value, text).at(*seq);
                        asker.chain(&mut item, depth, *seq);
                        item
                    });
                }
                cause
            }
        }
    }

    /// Says who gave what an event gave.
    fn from(&self, seq: u64) -> String {
        let Some((scope, node, firing, port)) = self.look.gave(seq) else {
            return "came from nowhere".to_owned();
        };
        let by = self.name((scope, node, firing));
        match (port, self.how((scope, node, firing))) {
            (None, Some((_, How::Failed(failure)))) => {
                format!("{by} gave as its error: {}", said(&failure))
            }
            (Some(port), _) => {
                let track = self.track(scope);
                let port = track.map_or("", |track| track.plan.port_name(node, port));
                format!("{by} gave on {port}")
            }
            (None, _) => format!("{by} gave"),
        }
    }

    /// Adds what led to that which an event gave.
    pub(super) fn chain(&mut self, to: &mut Cause, depth: usize, seq: u64) {
        let Some((scope, node, firing, port)) = self.look.gave(seq) else {
            return;
        };
        let by = (scope, node, firing);
        let is_call = |asker: &Self| {
            let track = asker.track(scope);
            track.is_some_and(|track| track.plan.nodes.at(node).is(Node::CALL))
        };
        if is_call(self) {
            if !self.tells(Told::Emission(seq)) {
                return to.shown_above();
            }
            match port {
                Some(port) => self.inside_call(to, depth, by, port, seq),
                None => self.failed_call(to, depth, by),
            }
            return;
        }
        if self.tells(Told::Firing(by)) {
            self.led_to(to, depth, by, seq);
        } else {
            to.shown_above();
        }
    }

    /// What a call gave, an output node of its graph gave.
    fn inside_call(&mut self, to: &mut Cause, depth: usize, by: By, port: u16, seq: u64) {
        let before = self.gave(by, port).iter().filter(|own| **own < seq).count();
        let mut calls = self.calls_of(by).into_iter().rev();
        let opened = |id: &u32| self.track(*id).is_some_and(|track| track.opened < seq);
        let Some(child) = calls.find(opened) else {
            return;
        };
        let Some((outer, track)) = self.track(by.0).zip(self.track(child)) else {
            return;
        };
        let name = outer.plan.port_name(by.1, port);
        let own = track.outputs.iter().filter(|(node, _)| {
            let io = track.plan.io_name(*node);
            io.is_some_and(|io| io.as_str() == name)
        });
        let Some((_, gave)) = own.copied().nth(before) else {
            return;
        };
        self.add(to, depth, |asker, depth| {
            let text = format!("inside, {}", asker.gave_text(gave));
            let mut cause = Cause::new(CauseKind::Value, text).at(gave);
            asker.chain(&mut cause, depth, gave);
            cause
        });
    }

    pub(super) fn gave_text(&self, seq: u64) -> String {
        let Some((scope, node, firing, port)) = self.look.gave(seq) else {
            return String::new();
        };
        let Some(track) = self.track(scope) else {
            return String::new();
        };
        let value = self.look.value(&track.plan, seq).unwrap_or_default();
        let port = port.map_or("error", |port| track.plan.port_name(node, port));
        let by = self.name((scope, node, firing));
        format!("{by} gave {} on {port}", brief(&value))
    }

    /// A call failed because a firing in its graph did, or because of something else, such as its time.
    fn failed_call(&mut self, to: &mut Cause, depth: usize, by: By) {
        let failed = match (self.how(by), self.calls_of(by).pop()) {
            (Some((_, How::Failed(failure))), Some(child)) => self.failures(child, &failure),
            _ => Vec::new(),
        };
        if failed.is_empty() {
            return self.led_to(to, depth, by, u64::MAX);
        }
        for firing in failed {
            self.add(to, depth, |asker, depth| asker.about_firing(depth, firing));
        }
    }

    /// The firings of a graph that failed with what its call failed with.
    fn failures(&self, scope: u32, failure: &Failure) -> Vec<By> {
        let Some(track) = self.track(scope) else {
            return Vec::new();
        };
        let same = |by: &By| match self.how(*by) {
            Some((_, How::Failed(own))) => {
                own.code == failure.code && own.message == failure.message
            }
            _ => false,
        };
        let nodes = track.plan.node_positions();
        let firings = nodes.flat_map(|node| {
            let fired = self.fired((scope, node));
            (0..fired).map(move |firing| (scope, node, firing))
        });
        firings.filter(same).collect()
    }

    /// Adds what led to a firing, as far as it happened before an event.
    pub(super) fn led_to(&mut self, to: &mut Cause, depth: usize, by: By, before: u64) {
        let Some(firing) = self.firing(by).cloned() else {
            return;
        };
        let (scope, node, _) = by;
        let Some(plan) = self.plan(scope) else {
            return;
        };
        if let Some(Event::ToolStarted {
            caller, arguments, ..
        }) = self.look.at(firing.started).map(|record| &record.event)
        {
            let (caller, shown) = (*caller, shown(arguments));
            self.add(to, depth, |asker, depth| {
                let by = (caller.scope, caller.node, caller.firing);
                let text = format!("{} fired it as a tool with {shown}", asker.name(by));
                let mut cause = Cause::new(CauseKind::Tool, text).at(firing.started);
                if asker.tells(Told::Firing(by)) {
                    asker.led_to(&mut cause, depth, by, firing.started);
                } else {
                    cause.shown_above();
                }
                cause
            });
        }
        for (pin, origins) in plan.nodes.at(node).pins().zip(&firing.taken) {
            if let Some(origins) = origins {
                self.add(to, depth, |asker, depth| {
                    let says = format!("{} took", asker.pin(scope, pin));
                    asker.value_at(depth, scope, pin, origins, &says)
                });
            }
        }
        if firing.start {
            self.given(to, depth, by);
        }
        self.written(to, depth, by, firing.start);
        for seq in firing.told.iter().filter(|seq| **seq < before) {
            self.helped(to, depth, *seq);
        }
    }
}

pub(super) fn shown(map: &Map) -> Text {
    brief(&Value::from(map.clone()))
}

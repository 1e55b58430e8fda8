//! Replay: the serial driver on the way that recorded events say.
//!
//! Blocks run as they come to it; what they give is held back until the recorded order comes to it. What came from
//! outside (answers, requests to stop, time that ran out) comes from the record.

use std::sync::Arc;

use crate::block::{Ask, BlockError, Out, Said};
use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, How, Record, Status, write_row};
use crate::fault::Code;
use crate::plan::Node;
use crate::value::Text;

use super::call::{Place, drop_quietly};
use super::core::{Again, By};
use super::observe::Note;
use super::played::actor;
use super::scope::Letter;
use super::serial::{Moved, Serial, poll_pending};
use super::travel::words::ends;

/// How many turns of the runtime a block may take to return that was told to stop.
const PATIENCE: u32 = 1_000;

impl Serial {
    /// Makes the next recorded event happen.
    pub(super) fn replay_step(&mut self) -> Moved {
        self.drop_given_up();
        if let Some(difference) = self.compare() {
            return self.fails(difference);
        }
        let Some(order) = self.options.order.clone() else {
            return Moved::Over;
        };
        let Some(record) = order.get(self.at) else {
            return Moved::Over;
        };
        self.hold_open(&order, record.scope);
        if self.repeat(&order, record) {
            return Moved::Yes;
        }
        if let Event::Ended { status, failure } = &record.event {
            self.end_as(*status, failure.as_ref());
            return Moved::Over;
        }
        match self.gather() {
            Moved::No if self.is_lost() => {
                let message = self.lost(record);
                self.fails(message)
            }
            moved => moved,
        }
    }

    /// A call in which something follows does not close before. An emission of it may fail it, and the rest of what the
    /// block gave at once still stands.
    fn hold_open(&mut self, order: &[Record], scope: u32) {
        let next = order.get(self.at + 1);
        let follows = |next: &&Record| {
            next.scope == scope && scope > 0 && !matches!(next.event, Event::Closed { .. })
        };
        self.core.held_open = next.filter(follows).map(|next| next.scope);
    }

    /// Nothing will move any more.
    fn is_lost(&self) -> bool {
        // What waits for a letter that the record does not come to, or for a call, does not move by itself.
        let asks = |by: (u32, NodeIx, u32)| {
            let by_it = |letter: &Letter| matches!(letter, Letter::Ask { scope, node, firing, .. } if (*scope, *node, *firing) == by);
            self.core.parked.contains_key(&by) || self.letters.iter().any(by_it)
        };
        let at_work = self.pending.iter().any(|pending| {
            let at = pending.firing.at;
            let busy = pending.ended.is_none() && !pending.plays;
            busy && !asks((at.scope, at.node, at.firing))
        });
        !at_work || self.core.run.env.cancel.is_cancelled() && self.idle_turns > PATIENCE
    }

    /// Compares what was logged since the last step with what was recorded.
    pub(super) fn compare(&mut self) -> Option<String> {
        let order = self.options.order.clone()?;
        let (by_byte, cut_off) = (self.options.plays, self.is_cut_off());
        for logged in self.core.log.kept_from(self.at) {
            let Some(recorded) = order.get(self.at) else {
                if cut_off {
                    // It was cut between events that were decided together.
                    return None;
                }
                let now = self.names.says(logged.scope, &logged.event);
                let place = self.names.place(logged.scope, &logged.event);
                let place = place.map_or_else(String::new, |place| place + ": ");
                return Some(format!(
                    "event {}: nothing is recorded any more; now: {place}{now}",
                    self.at
                ));
            };
            let same = recorded.scope == logged.scope && recorded.event == logged.event;
            let same = if by_byte {
                is_written_alike(recorded, logged)
            } else {
                same
            };
            if !same {
                return Some(self.names.differ(recorded, logged.scope, &logged.event));
            }
            self.names.note(recorded);
            if let Some(machine) = &mut self.so_far {
                // They were folded before.
                let _ = machine.apply(recorded);
            }
            self.at += 1;
        }
        None
    }

    /// Lets a recorded event happen, if what it needs is there. Says whether something happened.
    fn repeat(&mut self, order: &[Record], record: &Record) -> bool {
        let scope = record.scope;
        if self.was_stopped(order) {
            self.stop_silently(order);
        }
        if let Some(done) = self.play(record) {
            return done;
        }
        match &record.event {
            Event::CancelRequested => {
                self.core.asked_to_stop();
                self.core.stop();
                true
            }
            Event::Started { node, .. } => {
                let ready = self.core.choices().contains(&(scope, *node));
                if ready {
                    self.begin(scope, *node);
                }
                ready
            }
            Event::Emitted { node, firing, .. }
            | Event::Done { node, firing, .. }
            | Event::Finished { node, firing, .. }
            | Event::Retrying { node, firing, .. } => {
                self.give_recorded((scope, *node, *firing), &record.event, false)
            }
            Event::Answered {
                node,
                signal,
                value,
                ..
            } => {
                let scope = self.core.scopes.get(scope);
                let name = scope.map(|scope| Text::from(scope.plan().node_id(*node)));
                name.is_some_and(|name| self.core.answer(&name, Some(signal), value.clone()))
            }
            Event::Opened {
                parent: Some(caller),
                ..
            } if caller.direct => self.call_again(caller),
            Event::Opened { .. }
            | Event::ToolStarted { .. }
            | Event::Paid { .. }
            | Event::Charged { .. }
            | Event::Waiting { .. } => self.read_recorded(record),
            Event::Resumed { epoch } => {
                self.taken_up(record, *epoch);
                true
            }
            Event::Closed { failure } => {
                self.close_failed(scope)
                    || self.reach_limit(scope)
                    || self.refuse_played(scope, failure.as_ref())
                    || self.end_caller(order, scope)
                    || self.time_out_call(order)
                    || self.close_stopped(order, scope)
            }
            Event::Ended { status, .. } => {
                *status == Status::Failed && self.core.failure.is_none() && self.reach_limit(0)
            }
        }
    }

    pub(super) fn fails(&mut self, message: String) -> Moved {
        let failure = Arc::new(Failure::new(Code::RunReplay, message));
        self.wrong = Some(Arc::clone(&failure));
        self.core.failure = Some(failure);
        self.core.cancelled = false;
        Moved::Over
    }

    /// Says what happens in place of a recorded event to which the run does not come.
    fn lost(&self, record: &Record) -> String {
        let (seq, scope) = (record.seq, record.scope);
        let was = self.names.says(scope, &record.event);
        let place = self.names.place(scope, &record.event);
        let place = place.map_or_else(String::new, |place| place + ": ");
        let now = self.instead(record);
        format!("event {seq}: {place}recorded: {was}; now: {now}")
    }

    fn instead(&self, record: &Record) -> String {
        if let Some(failure) = &self.core.failure {
            return format!("the run has failed with {failure}");
        }
        let Some(by) = actor(record) else {
            return "the run does not come there".to_owned();
        };
        let at = |at: Place| (at.scope, at.node, at.firing) == by;
        let Some(pending) = self.pending.iter().find(|pending| at(pending.firing.at)) else {
            return "it is not at work".to_owned();
        };
        let how = match &pending.ended {
            Some(Ok(())) => Some(ends(&How::Ok)),
            Some(Err(error)) => Some(format!("it fails with {}: {error}", error.code())),
            None => None,
        };
        let Some((port, value)) = pending.gave.front().cloned() else {
            return how.unwrap_or_else(|| "it waits for something else".to_owned());
        };
        let (scope, node, firing) = by;
        let gives = Event::Emitted {
            node,
            firing,
            port,
            value,
        };
        let first = self.names.says(scope, &gives);
        match (pending.gave.len() - 1, how) {
            (0, Some(how)) => format!("{first}, then {how}"),
            (0, None) => first,
            (more, _) => format!("{first}, and {more} more"),
        }
    }

    /// The record ends here. What failed the run from outside, such as its time, has no event of its own.
    fn end_as(&mut self, status: Status, failure: Option<&Arc<Failure>>) {
        if status == Status::Failed && self.core.failure.is_none() {
            self.core.failure = failure.cloned();
        }
    }

    /// Lets a firing give a value that is too deep, or starts a node that has fired as often as it may: this fails the
    /// scope, without an event.
    fn reach_limit(&mut self, id: u32) -> bool {
        let deep = self.pending.iter().position(|pending| {
            let at = pending.firing.at;
            let next = pending.gave.front();
            at.scope == id && next.is_some_and(|(_, value)| self.core.would_refuse(at, value))
        });
        if let Some(position) = deep
            && let Some(pending) = self.pending.get_mut(position)
            && let Some(gave) = pending.gave.pop_front()
        {
            self.took(position, Out::Many(vec![gave]), None);
            return true;
        }
        let Some(scope) = self.core.scopes.get(id) else {
            return false;
        };
        let plan = scope.plan();
        let at_limit = |node: &&NodeIx| {
            plan.nodes.at(**node).is(Node::CYCLE)
                && scope.state.next_firing(**node) >= plan.max_firings()
        };
        let Some(node) = scope.state.ready.iter().find(at_limit).copied() else {
            return false;
        };
        self.begin(id, node);
        true
    }

    /// Closes a call that has failed and was held open.
    fn close_failed(&mut self, scope: u32) -> bool {
        let state = self.core.scopes.get(scope).map(|scope| &scope.state);
        let failed = state.is_some_and(|state| state.fatal.is_some());
        if failed {
            self.core.with(scope, |_, _| ());
        }
        failed
    }

    /// A call is closed before its time because the firing that asked for it ends.
    fn end_caller(&mut self, order: &[Record], scope: u32) -> bool {
        let mut up = self.core.scopes.get(scope).and_then(|scope| scope.parent);
        while let Some(Caller {
            scope,
            node,
            firing,
            ..
        }) = up
        {
            let ends = |record: &&Record| {
                let by = match &record.event {
                    Event::Finished { node, firing, .. } | Event::Retrying { node, firing, .. } => {
                        (*node, *firing)
                    }
                    _ => return false,
                };
                record.scope == scope && by == (node, firing)
            };
            let mut next = order.get(self.at..).unwrap_or_default().iter();
            let end = next.find(|record| !matches!(record.event, Event::Closed { .. }));
            let end = end.filter(ends);
            if let Some(end) = end {
                if let Event::Finished { how, .. } = &end.event
                    && !self.core.stopped
                    && self.is_stopped(scope, node, how)
                    && self.nothing_starts(order)
                {
                    self.stop_silently(order);
                }
                if self.give_recorded((scope, node, firing), &end.event, true) {
                    return true;
                }
            }
            up = self.core.scopes.get(scope).and_then(|scope| scope.parent);
        }
        false
    }

    /// Tries a call again, if it waits for that.
    fn call_again(&mut self, caller: &Caller) -> bool {
        let by = (caller.scope, caller.node, caller.firing);
        let Some(again) = self.take_again(by) else {
            return false;
        };
        let begun = self.core.again(again);
        debug_assert!(begun.is_none(), "a call has no firing of its own");
        true
    }

    /// Ends a call that waits to be tried again, because the run was told to stop.
    fn drop_call(&mut self, by: (u32, NodeIx, u32), event: &Event) -> bool {
        let aborted = matches!(
            event,
            Event::Finished {
                how: How::Aborted,
                ..
            }
        );
        let Some(again) = aborted.then(|| self.take_again(by)).flatten() else {
            return false;
        };
        let at = again.at;
        self.core
            .with(at.scope, |core, scope| core.finish(scope, at, How::Aborted));
        true
    }

    fn take_again(&mut self, by: (u32, NodeIx, u32)) -> Option<Again> {
        let agains = &mut self.core.agains;
        let position = agains
            .iter()
            .position(|again| (again.at.scope, again.at.node, again.at.firing) == by)?;
        Some(agains.remove(position))
    }

    /// The time of a call was up: what is inside of it closes before it.
    fn time_out_call(&mut self, order: &[Record]) -> bool {
        let closed = order.get(self.at..).unwrap_or_default().iter();
        let late = closed
            .map_while(|record| match &record.event {
                Event::Closed { failure } => Some((record.scope, failure.as_ref())),
                _ => None,
            })
            .find_map(|(id, failure)| Some((id, failure?)));
        // What failed inside has a node, and closed the call by itself.
        let Some((id, failure)) = late.filter(|(_, failure)| failure.node.is_none()) else {
            return false;
        };
        self.core.fail_call(id, (**failure).clone());
        true
    }

    /// Polls what wants to be polled and keeps what it gives, and sorts the letters.
    fn gather(&mut self) -> Moved {
        let mut moved = Moved::No;
        for letter in self.core.run.mail.take() {
            moved = Moved::Yes;
            let waits = is_recorded(&letter) && !self.core.asks_again(&letter);
            if waits && !self.core.refuses(&letter) {
                self.letters.push(letter);
            } else if let Some(firing) = self.core.read(letter) {
                self.hold(firing);
            }
        }
        let cancelled = self.core.run.env.cancel.is_cancelled();
        for pending in &mut self.pending {
            if pending.plays || pending.ended.is_some() || !pending.is_awake() {
                continue;
            }
            moved = Moved::Yes;
            let (end, out) = poll_pending(pending, cancelled);
            match out {
                Out::None => {}
                Out::One(port, value) => pending.gave.push_back((port, value)),
                Out::Many(all) => pending.gave.extend(all),
            }
            pending.ended = end;
        }
        moved
    }

    /// Reads the letter that the recorded event came from.
    fn read_recorded(&mut self, record: &Record) -> bool {
        let fits = |letter: &Letter| self.core.gives(letter, record);
        let Some(position) = self.letters.iter().position(fits) else {
            return false;
        };
        let letter = self.letters.remove(position);
        if let Some(firing) = self.core.read(letter) {
            self.hold(firing);
        }
        true
    }

    /// Lets a firing's next gift become the recorded event, if it is there. `closes`: graphs that it called are closed
    /// before.
    fn give_recorded(&mut self, by: By, event: &Event, closes: bool) -> bool {
        let found = self.pending.iter().position(|pending| {
            let at = pending.firing.at;
            (at.scope, at.node, at.firing) == by
        });
        let Some((position, pending)) =
            found.and_then(|found| Some((found, self.pending.get_mut(found)?)))
        else {
            return self.drop_call(by, event);
        };
        if pending.plays {
            return self.play_gift(position, event, closes);
        }
        let repeats = pending.firing.retry.as_ref();
        let repeats = repeats.is_some_and(|attempts| attempts.repeats());
        let failure = match event {
            Event::Finished {
                how: How::Failed(failure),
                ..
            }
            | Event::Retrying { failure, .. } => Some(failure),
            _ => None,
        };
        // How long it took is no more of its own doing than the time of day.
        let own = matches!(pending.ended, Some(Err(BlockError::Timeout { .. })));
        if !own && failure.is_some_and(|failure| failure.code == Code::BlockTimeout) {
            pending.gave.clear();
            pending.ended = None;
            let at = pending.firing.at;
            drop_quietly(pending.firing.future.take());
            let plan = self.core.scopes.get(at.scope).map(|scope| scope.plan());
            let after = plan.and_then(|plan| plan.options(at.node)?.timeout);
            let after = after.unwrap_or_default();
            self.took(
                position,
                Out::None,
                Some(Err(BlockError::Timeout { after })),
            );
            return true;
        }
        let (out, end) = match event {
            Event::Finished {
                how: How::Aborted, ..
            } => {
                let at = self.pending.remove(position).firing.at;
                self.core.with(at.scope, |core, scope| {
                    if closes {
                        core.forget_asks(scope, at);
                    }
                    core.finish(scope, at, How::Aborted);
                });
                return true;
            }
            // A later attempt repeats what the one before gave, which has no event; or does not, and fails.
            Event::Finished { .. } | Event::Retrying { .. } if repeats => {
                match pending.gave.pop_front() {
                    Some(gave) => (Out::Many(vec![gave]), None),
                    None => (Out::None, pending.ended.take()),
                }
            }
            Event::Emitted { .. } => match pending.gave.pop_front() {
                Some(gave) => (Out::Many(vec![gave]), None),
                None => return false,
            },
            Event::Done { .. } if pending.gave.len() == 1 && pending.ended.is_some() => {
                match pending.gave.pop_front() {
                    Some((port, value)) => (Out::One(port, value), pending.ended.take()),
                    None => return false,
                }
            }
            Event::Finished { .. } | Event::Retrying { .. } if pending.gave.is_empty() => {
                (Out::None, pending.ended.take())
            }
            _ => return false,
        };
        if matches!(out, Out::None) && end.is_none() {
            return false;
        }
        self.took(position, out, end);
        true
    }
}

/// Both are written as the same line, but for their times: that of the event, and how long a back-off is.
fn is_written_alike(recorded: &Record, logged: &Record) -> bool {
    if let (Event::Retrying { delay_ms: was, .. }, Event::Retrying { delay_ms, .. }) =
        (&recorded.event, &logged.event)
        && was != delay_ms
    {
        let mut logged = logged.clone();
        if let Event::Retrying { delay_ms, .. } = &mut logged.event {
            *delay_ms = *was;
        }
        return is_written_alike(recorded, &logged);
    }
    let (mut one, mut other) = (String::new(), String::new());
    let mut row = write_row(logged, &mut other);
    row.at = recorded.at.as_millis();
    write_row(recorded, &mut one) == row && one == other
}

/// Reading this letter is an event.
fn is_recorded(letter: &Letter) -> bool {
    matches!(
        letter,
        Letter::Ask {
            what: Ask::Graph { .. } | Ask::Tool { .. } | Ask::Paid { .. } | Ask::Wait { .. },
            ..
        } | Letter::Told(Note {
            said: Said::Cost { .. },
            ..
        })
    )
}

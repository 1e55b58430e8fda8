//! What another process has left of a run: outputs that blocks had asked for, questions, effects in doubt.
//!
//! A block whose attempt is repeated asks for the same again. What is on its way already is not begun a second time, and
//! what came of it is not lost: it is found here.

use crate::block::{BlockError, Out, Reply, same_sealed};
use crate::dense::NodeIx;
use crate::event::Event;
use crate::host::Credentials;
use crate::value::{Map, Text, Value};

use super::call::{Attempts, Firing, Place};
use super::core::{By, Core};
use super::flight::AskedFor;
use super::scope::Outputs;

/// The signal under which the run asks what became of an effect.
pub(super) const IN_DOUBT: &str = "in_doubt";

/// Empty for most runs, and then one word: the driver is one allocation of under 1 KiB.
#[derive(Default)]
pub(super) struct Left(Option<Box<Things>>);

#[derive(Default)]
pub(super) struct Things {
    /// What blocks had asked for, in order, as far as they have not asked again.
    asked: Vec<Recovered>,
    /// Questions that were recorded and have no answer.
    waits: Vec<(By, u32, Text)>,
    /// Attempts that may have acted.
    doubts: Vec<Doubt>,
    /// Those that a decision was made about.
    decided: Vec<(Doubt, Decision)>,
    /// Attempts to be ended: the run was told to stop, or had failed.
    aborted: Vec<Place>,
}

pub(super) struct Recovered {
    pub(super) by: By,
    pub(super) what: AskedFor,
    /// `None` as long as it is on its way.
    pub(super) done: Option<Result<Outputs, BlockError>>,
}

/// What a block asks for.
pub(super) enum Wanted<'a> {
    Graph(&'a Text, &'a Map),
    Tool(NodeIx, &'a Map),
}

/// What gave the outputs: a call by its scope, or a tool by its firing.
pub(super) enum Given {
    Graph(u32),
    Tool(NodeIx, u32),
}

/// An attempt of which nobody knows whether it has acted.
pub(super) struct Doubt {
    pub(super) at: Place,
    pub(super) attempts: Box<Attempts>,
}

/// What someone decided about it.
pub(super) enum Decision {
    /// It has not acted, or may act twice: it is attempted again.
    Repeat,
    /// It has acted, and gave these.
    Done(Vec<(u16, Value)>),
    /// Its firing fails.
    Fail,
}

impl Left {
    fn things(&mut self) -> &mut Things {
        self.0.get_or_insert_default()
    }

    pub(super) fn recover(&mut self, recovered: Recovered) {
        self.things().asked.push(recovered);
    }

    pub(super) fn recover_wait(&mut self, by: By, ask: u32, signal: Text) {
        self.things().waits.push((by, ask, signal));
    }

    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.things().doubts.push(doubt);
    }

    pub(super) fn abort(&mut self, at: Place) {
        self.things().aborted.push(at);
    }

    pub(super) fn has_doubts(&self) -> bool {
        self.0.as_ref().is_some_and(|left| !left.doubts.is_empty())
    }

    pub(super) fn take_decided(&mut self) -> Vec<(Doubt, Decision)> {
        let left = self.0.as_mut();
        left.map(|left| std::mem::take(&mut left.decided))
            .unwrap_or_default()
    }

    /// Takes the attempts that may have acted, and those to be ended.
    pub(super) fn take_ends(&mut self) -> Vec<Place> {
        let Some(left) = &mut self.0 else {
            return Vec::new();
        };
        let doubts = std::mem::take(&mut left.doubts).into_iter();
        let aborted = std::mem::take(&mut left.aborted);
        doubts.map(|doubt| doubt.at).chain(aborted).collect()
    }

    /// Forgets everything. Returns the attempts that have not ended.
    pub(super) fn end(&mut self) -> Vec<Place> {
        let Some(left) = self.0.take() else {
            return Vec::new();
        };
        let decided = left.decided.into_iter().map(|(doubt, _)| doubt);
        let doubts = left.doubts.into_iter().chain(decided);
        doubts.map(|doubt| doubt.at).chain(left.aborted).collect()
    }

    /// Says, once, whether this question is recorded already.
    pub(super) fn asked_before(&mut self, by: By, ask: u32, signal: &Text) -> bool {
        let Some(left) = &mut self.0 else {
            return false;
        };
        let same = |(b, a, s): &(By, u32, Text)| (*b, *a) == (by, ask) && s == signal;
        let position = left.waits.iter().position(same);
        position.map(|at| left.waits.swap_remove(at)).is_some()
    }

    /// An attempt is over. Says whether something was left for it.
    pub(super) fn forget(&mut self, by: By) -> bool {
        let Some(left) = &mut self.0 else {
            return false;
        };
        let before = left.asked.len();
        left.asked.retain(|recovered| recovered.by != by);
        left.waits.retain(|(waits, ..)| *waits != by);
        left.asked.len() < before
    }

    /// Says whether a block asked for this, and has not asked again.
    pub(super) fn is_asked(
        &self,
        by: By,
        wanted: &Wanted<'_>,
        credentials: &dyn Credentials,
    ) -> bool {
        self.find(by, wanted, credentials).is_some()
    }

    /// Takes what an earlier process was asked for, if this is the same.
    fn take(
        &mut self,
        by: By,
        wanted: &Wanted<'_>,
        credentials: &dyn Credentials,
    ) -> Option<Recovered> {
        let position = self.find(by, wanted, credentials)?;
        Some(self.0.as_mut()?.asked.remove(position))
    }

    fn find(&self, by: By, wanted: &Wanted<'_>, credentials: &dyn Credentials) -> Option<usize> {
        let same = |a: &Map, b: &Map| {
            let entry = |(name, value): (&Text, &Value)| {
                let other = b.get(name.as_str());
                other.is_some_and(|other| value == other || same_sealed(credentials, value, other))
            };
            a.len() == b.len() && a.iter().all(entry)
        };
        self.0.as_ref()?.asked.iter().position(|recovered| {
            recovered.by == by
                && match (&recovered.what, wanted) {
                    (AskedFor::Graph { graph, inputs, .. }, Wanted::Graph(name, given)) => {
                        graph == *name && same(inputs, given)
                    }
                    (
                        AskedFor::Tool {
                            node, arguments, ..
                        },
                        Wanted::Tool(tool, given),
                    ) => node == tool && same(arguments, given),
                    _ => false,
                }
        })
    }

    fn is(what: &AskedFor, given: &Given) -> bool {
        match (what, given) {
            (AskedFor::Graph { scope, .. }, Given::Graph(id)) => scope == id,
            (AskedFor::Tool { node, firing, .. }, Given::Tool(tool, number)) => {
                (node, firing) == (tool, number)
            }
            _ => false,
        }
    }
}

impl Core {
    /// A block asks for something that an earlier process may have been asked for. Returns the reply if it was not.
    pub(super) fn ask_again(
        &mut self,
        by: By,
        wanted: &Wanted<'_>,
        reply: Reply<Outputs>,
    ) -> Option<Reply<Outputs>> {
        let Some(Recovered { what, done, .. }) =
            self.left.take(by, wanted, &*self.run.env.host.credentials)
        else {
            return Some(reply);
        };
        if let Some(result) = done {
            let _ = reply.send(result);
            return None;
        }
        let asked = match what {
            AskedFor::Graph { scope, .. } => {
                let scope = self.scopes.get_mut(scope);
                scope.and_then(|scope| scope.asked.as_mut())
            }
            AskedFor::Tool { node, firing, .. } => {
                let scope = self.scopes.get_mut(by.0);
                scope.and_then(|scope| scope.tools.get_mut(&(node, firing)))
            }
        };
        let Some(asked) = asked else {
            return Some(reply);
        };
        asked.reply = Some(reply);
        self.park(by);
        None
    }

    /// Gives outputs to the block that asked for them, or keeps them until it asks again.
    pub(super) fn give_asked(
        &mut self,
        by: By,
        reply: Option<Reply<Outputs>>,
        given: &Given,
        result: Result<Outputs, BlockError>,
    ) {
        if let Some(reply) = reply {
            self.unpark(by);
            // Who asked may have been dropped meanwhile.
            let _ = reply.send(result);
            return;
        }
        let left = self.left.0.as_mut();
        let mut left = left.into_iter().flat_map(|left| &mut left.asked);
        if let Some(found) = left.find(|left| left.by == by && Left::is(&left.what, given)) {
            found.done = Some(result);
        }
    }

    /// Takes the answer to the question what became of an effect. Says whether it is one.
    pub(super) fn decide(&mut self, waiter: usize, value: &Value) -> bool {
        let Some(by) = self.waiters.get(waiter).map(|waiter| waiter.by) else {
            return false;
        };
        let in_doubt = |doubt: &Doubt| (doubt.at.scope, doubt.at.node, doubt.at.firing) == by;
        let left = self.left.0.as_ref();
        let Some(position) = left.and_then(|left| left.doubts.iter().position(in_doubt)) else {
            return false;
        };
        let Some(decision) = self.read_decision(by, value) else {
            return false;
        };
        let waiter = self.waiters.remove(waiter);
        if self.log.on {
            let event = Event::Answered {
                node: by.1,
                firing: by.2,
                ask: waiter.ask,
                signal: waiter.signal,
                value: value.clone(),
            };
            self.log.push(by.0, event);
        }
        let left = self.left.things();
        let doubt = left.doubts.remove(position);
        left.decided.push((doubt, decision));
        true
    }

    /// `"repeat"`, `"fail"`, or `{"done": {pin: value}}`.
    fn read_decision(&self, (scope, node, _): By, value: &Value) -> Option<Decision> {
        match value.as_str() {
            Some("repeat") => return Some(Decision::Repeat),
            Some("fail") => return Some(Decision::Fail),
            _ => {}
        }
        let shape = &self.scopes.get(scope)?.plan().cold.at(node).shape;
        let outputs = value
            .get("done")
            .filter(|_| value.as_map().is_some_and(|map| map.len() == 1));
        let port = |(pin, value): (&Text, &Value)| {
            let port = shape.output(pin.as_str())?;
            Some((u16::try_from(port).ok()?, value.clone()))
        };
        let outputs = outputs?.as_map()?.iter().map(port);
        Some(Decision::Done(outputs.collect::<Option<_>>()?))
    }

    /// Does what was decided. Returns the attempt to be made, if one is.
    pub(super) fn do_decided(&mut self, doubt: Doubt, decision: Decision) -> Option<Firing> {
        let Doubt { at, attempts } = doubt;
        let (out, end) = match decision {
            Decision::Repeat => return self.take_up(at, attempts),
            Decision::Done(outputs) => (Out::Many(outputs), Ok(())),
            Decision::Fail => (Out::None, Err(BlockError::InDoubt)),
        };
        self.with(at.scope, |core, scope| {
            core.took(scope, at, &mut None, out, Some(end))
        });
        None
    }
}

//! One attempt at one block: polled in place, with its output collected and its panics caught.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use crate::block::{BlockError, BoxFuture, Context, Entered, Out, PANICKED};
use crate::dense::NodeIx;
use crate::value::Value;

/// A block at work; `None` once it has ended, or was dropped.
pub(super) type Attempt = Option<BoxFuture<'static, Box<Context>>>;

/// A firing at work.
pub(super) struct Firing {
    pub(super) at: Place,
    pub(super) future: Attempt,
    /// Only for nodes that may try again.
    pub(super) retry: Option<Box<Attempts>>,
    /// It runs on a blocking thread.
    pub(super) cpu: bool,
    /// It must not act twice.
    pub(super) acts: bool,
    /// When it must have ended; set when it first has to wait.
    pub(super) deadline: Option<Deadline>,
    /// Its block has been called.
    pub(super) begun: bool,
}

/// A block that is not to go on is dropped wherever its firing is, and may panic in that.
impl Drop for Firing {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            drop_quietly(future);
        }
    }
}

impl Firing {
    /// Gives the attempt up if its time is over. Else `cx` is woken when it is.
    pub(super) fn late(&mut self, cx: &mut TaskContext<'_>) -> Option<BlockError> {
        let deadline = self.deadline.as_mut()?;
        if deadline.sleep.as_mut().poll(cx).is_pending() {
            return None;
        }
        let after = deadline.after;
        self.deadline = None;
        drop_quietly(self.future.take());
        Some(BlockError::Timeout { after })
    }
}

/// When an attempt must have ended.
pub(super) struct Deadline {
    pub(super) after: Duration,
    pub(super) sleep: BoxFuture<'static, ()>,
}

/// Which attempt at which firing of which node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) scope: u32,
    pub(super) node: NodeIx,
    pub(super) firing: u32,
    pub(super) attempt: u32,
    /// Unlike that of every other attempt in the process that is at work.
    pub(super) ticket: u64,
}

/// What a later attempt needs of the earlier ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts {
    pub(super) slots: Vec<Option<Value>>,
    /// What was emitted and recorded. A block has one lane: it repeats the whole order. A sub-graph has one for each
    /// output, since nothing orders its outputs among themselves.
    pub(super) lanes: Vec<Lane>,
}

/// Emissions that a later attempt repeats in this order: it drops as many, and they must be the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    emitted: Vec<(u16, Value)>,
    /// How many of them this attempt has repeated.
    repeated: usize,
}

/// What an emission is to the earlier attempts.
pub(super) enum Repeat {
    /// Beyond what they emitted.
    New,
    /// The same as before: dropped.
    Same,
    /// Another value than before, at this emission.
    Other(u32),
}

impl Attempts {
    pub(super) fn new(slots: &[Option<Value>]) -> Box<Self> {
        Box::new(Self {
            slots: slots.to_vec(),
            lanes: Vec::new(),
        })
    }

    /// Returns what a block's attempts came to that emitted these.
    pub(super) fn of_block(slots: Vec<Option<Value>>, emitted: Vec<(u16, Value)>) -> Box<Self> {
        let lane = Lane {
            emitted,
            repeated: 0,
        };
        Box::new(Self {
            slots,
            lanes: vec![lane],
        })
    }

    /// Returns what a sub-graph's attempts came to that emitted these; the last of them has given so many by port.
    pub(super) fn of_call(
        slots: Vec<Option<Value>>,
        emitted: Vec<(u16, Value)>,
        gave: &BTreeMap<u16, usize>,
    ) -> Box<Self> {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut lane = |port: u16| {
            let port = usize::from(port);
            if lanes.len() <= port {
                lanes.resize_with(port + 1, Lane::default);
            }
            port
        };
        let ports: Vec<usize> = emitted.iter().map(|(port, _)| lane(*port)).collect();
        let gave: Vec<(usize, usize)> = gave.iter().map(|(port, n)| (lane(*port), *n)).collect();
        for (lane, emission) in ports.into_iter().zip(emitted) {
            if let Some(lane) = lanes.get_mut(lane) {
                lane.emitted.push(emission);
            }
        }
        for (lane, n) in gave {
            if let Some(lane) = lanes.get_mut(lane) {
                lane.repeated = n;
            }
        }
        Box::new(Self { slots, lanes })
    }

    /// The next attempt begins.
    pub(super) fn restart(&mut self) {
        for lane in &mut self.lanes {
            lane.repeated = 0;
        }
    }

    /// This attempt has not yet emitted all that the earlier ones have.
    pub(super) fn repeats(&self) -> bool {
        self.lanes
            .iter()
            .any(|lane| lane.repeated < lane.emitted.len())
    }

    /// Takes the next emission in a lane.
    pub(super) fn repeat(
        &mut self,
        lane: usize,
        port: u16,
        value: &Value,
        same: impl FnOnce(&Value, &Value) -> bool,
    ) -> Repeat {
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, Lane::default);
        }
        let Some(lane) = self.lanes.get_mut(lane) else {
            return Repeat::New;
        };
        let emission = u32::try_from(lane.repeated).unwrap_or(u32::MAX);
        lane.repeated += 1;
        match lane.emitted.get(lane.repeated - 1) {
            None => {
                lane.emitted.push((port, value.clone()));
                Repeat::New
            }
            Some((before, was)) if *before == port && (was == value || same(was, value)) => {
                Repeat::Same
            }
            Some(_) => Repeat::Other(emission),
        }
    }
}

/// What one poll came to.
pub(super) enum Polled {
    /// It ended; the box comes back to be lent again, unless the block panicked.
    Ended(Result<(), BlockError>, Option<Box<Context>>),
    Pending {
        /// It waits for room and not for something outside.
        full: bool,
    },
}

/// Polls a firing once. Nests: a block may poll another run inside.
pub(super) fn poll(
    firing: &mut Firing,
    cancelled: bool,
    cx: &mut TaskContext<'_>,
) -> (Polled, Out) {
    firing.begun = true;
    let outbox = Entered::new();
    outbox.begin(firing.at.ticket, cancelled);
    let now = poll_now(&mut firing.future, cx);
    let (out, full) = outbox.take();
    let polled = match now {
        Now::Ended(mut call) => {
            let end = call.end();
            Polled::Ended(call.guard.presentable_end(end), Some(call))
        }
        Now::Waits => Polled::Pending { full },
        Now::Broke(error) => Polled::Ended(Err(*error), None),
    };
    (polled, out)
}

/// What a future came to when it was polled. One word: it comes back in registers.
pub(super) enum Now {
    /// Its result is in the box.
    Ended(Box<Context>),
    Waits,
    /// The block panicked.
    Broke(Box<BlockError>),
}

/// Polls an attempt's future once, in an outbox that was entered, and drops it if that ends it.
#[inline(always)]
pub(super) fn poll_now(future: &mut Attempt, cx: &mut TaskContext<'_>) -> Now {
    let polled = catch_unwind(AssertUnwindSafe(|| match future {
        Some(f) => match f.as_mut().poll(cx) {
            Poll::Ready(call) => {
                // Dropped inside, so that a panic in a drop is caught too.
                *future = None;
                Some(call)
            }
            Poll::Pending => None,
        },
        None => None,
    }));
    match polled {
        Ok(Some(call)) => Now::Ended(call),
        Ok(None) => not_ended(future),
        Err(panic) => broke(future, panic),
    }
}

#[cold]
fn not_ended(future: &Attempt) -> Now {
    match future {
        Some(_) => Now::Waits,
        None => Now::Broke(Box::new(bug("polled after it had ended"))),
    }
}

#[cold]
fn broke(future: &mut Attempt, panic: Box<dyn Any + Send>) -> Now {
    drop_quietly(future.take());
    let error = panicked(&*panic);
    drop_quietly(panic);
    Now::Broke(Box::new(error))
}

fn bug(message: &str) -> BlockError {
    BlockError::Bug {
        message: message.to_owned(),
    }
}

#[cold]
fn panicked(panic: &(dyn Any + Send)) -> BlockError {
    let said = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    match said {
        Some(said) => BlockError::Bug {
            message: format!("{PANICKED}: {said}"),
        },
        None => bug(PANICKED),
    }
}

/// Drops an attempt that is not to go on; a panic in its drop is swallowed, for there is nobody left to tell.
pub(super) fn drop_quietly<T>(what: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(what)))
        && let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic)))
    {
        // What a panic carries may panic as well when it is dropped. There must be an end to it.
        std::mem::forget(again);
    }
}

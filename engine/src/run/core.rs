//! What both drivers share: starts firings, takes what they give, opens and closes sub-graph calls. Spawns nothing and
//! waits for nothing.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::block::Reply;
use crate::dense::{IxMap, NodeIx};
use crate::event::{Event, Failure, Status};
use crate::fault::Code;
use crate::host::BoxFuture;
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::call::{Attempts, Firing, Place};
use super::left::Left;
use super::limits::RunLimits;
use super::log::Log;
use super::scope::{RunShared, Scope};
use super::scopes::Scopes;
use super::timers::Timers;
use super::totals::Totals;

/// What a driver does next with a node that was started.
pub(super) enum Begun {
    /// Nothing: it ended on the spot, or a sub-graph call was opened for it.
    Settled,
    /// Polls it.
    Firing(Firing),
}

/// What a driver does after a firing ended.
pub(super) enum After {
    Settled,
    /// Begins the next attempt when this time has passed.
    Again(Again),
    /// The firing is over, whatever the attempt still does: a driver drops it.
    Over,
}

/// A firing of a node of a scope.
pub(super) type By = (u32, NodeIx, u32);

/// An attempt to come.
pub(super) struct Again {
    pub(super) at: Place,
    pub(super) delay: Duration,
    pub(super) attempts: Box<Attempts>,
}

/// Someone waits for an answer from outside.
pub(super) struct Waiter {
    pub(super) by: By,
    /// Which of the attempt's waits.
    pub(super) ask: u32,
    pub(super) signal: Text,
    pub(super) question: Value,
    /// `None`: the run itself asks, whether an effect has happened ([`Doubt`]).
    pub(super) reply: Option<Reply<Value>>,
}

impl Waiter {
    /// Whoever waits has stopped waiting.
    pub(super) fn is_gone(&self) -> bool {
        self.reply.as_ref().is_some_and(Reply::is_closed)
    }
}

pub(super) struct Core {
    pub(super) run: Arc<RunShared>,
    /// When it began: time of day, and the clock's elapsed time then.
    begun: (Timestamp, Duration),
    /// How long other processes had driven it before.
    spent: Duration,
    /// The clock's elapsed time when it was last looked at.
    pub(super) elapsed: Duration,
    /// It is over, and takes no letters any more.
    answered: bool,
    /// Some attempt waited: there may be threads that do not know yet that the run is over.
    pub(super) waited: bool,
    pub(super) limits: RunLimits,
    pub(super) log: Log,
    pub(super) scopes: Scopes,
    /// Calls that are closed, to be opened again for the same graphs.
    #[expect(
        clippy::vec_box,
        reason = "a scope is moved as its box, 600 bytes are not"
    )]
    pub(super) spare: Vec<Box<Scope>>,
    pub(super) taken: Vec<Option<Value>>,
    pub(super) slots: Vec<Option<Value>>,
    /// The inputs of the attempt that is being made, where the node may try again.
    pub(super) kept: Vec<Option<Value>>,
    pub(super) tickets: u64,
    /// Someone asked the run to stop, or it failed.
    pub(super) stopped: bool,
    /// Someone asked the run to stop before it had failed.
    pub(super) cancelled: bool,
    /// Why the run failed.
    pub(super) failure: Option<Arc<Failure>>,
    pub(super) totals: Totals,
    pub(super) waiters: Vec<Waiter>,
    /// Firings that wait for an answer, a sub-graph or a tool, each with how many: they hold no place.
    pub(super) parked: IxMap<By, u32>,
    /// Sub-graph calls that were given up: a driver drops their tasks.
    pub(super) given_up: Vec<u32>,
    /// The times that sub-graph calls have.
    pub(super) timers: Timers,
    /// Calls that failed and are tried again: a driver lets them wait.
    pub(super) agains: Vec<Again>,
    /// Of a run that another process had begun: what it leaves to be taken up again.
    pub(super) left: Left,
    /// Replay only: a call that has failed, and closes only once all is given that was decided together with that.
    pub(super) held_open: Option<u32>,
}

impl Core {
    pub(super) fn new(run: Arc<RunShared>, began: Timestamp, limits: RunLimits, log: Log) -> Self {
        // Each run has numbers of its own for its attempts, so that a leaked emitter fits no other.
        static RUNS: AtomicU64 = AtomicU64::new(0);
        let number = RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let elapsed = run.env.host.clock.elapsed();
        Self {
            run,
            begun: (began, elapsed),
            spent: Duration::ZERO,
            elapsed,
            answered: false,
            waited: false,
            limits,
            log,
            scopes: Scopes::default(),
            spare: Vec::new(),
            taken: Vec::new(),
            slots: Vec::new(),
            kept: Vec::new(),
            tickets: number << 40,
            stopped: false,
            cancelled: false,
            failure: None,
            totals: Totals::default(),
            waiters: Vec::new(),
            parked: IxMap::default(),
            given_up: Vec::new(),
            timers: Timers::default(),
            agains: Vec::new(),
            left: Left::default(),
            held_open: None,
        }
    }

    /// Events have the time at which the run began.
    pub(super) fn start_time(&mut self) {
        self.log.set_time(self.begun.0);
    }

    /// Reads the clock: events from now on have this time. It goes on from the time of day at which the run began, so
    /// that it never goes backwards, whatever the machine's clock does.
    pub(super) fn tick(&mut self) {
        self.elapsed = self.run.env.host.clock.elapsed();
        let since = self.elapsed.saturating_sub(self.begun.1);
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        self.log
            .set_time(Timestamp(self.begun.0.as_millis().saturating_add(since)));
    }

    /// Waits until the run has taken so long.
    pub(super) fn time_left(&self, timeout: Duration) -> BoxFuture<'static, ()> {
        let clock = &self.run.env.host.clock;
        let taken = clock.elapsed().saturating_sub(self.begun.1) + self.spent;
        clock.sleep(timeout.saturating_sub(taken))
    }

    /// Returns how long the run has taken, as of the last look at the clock.
    pub(super) fn duration(&self) -> Duration {
        self.elapsed.saturating_sub(self.begun.1) + self.spent
    }

    /// Goes on where the last event was, after the run had been in motion for so long.
    pub(super) fn go_on_from(&mut self, last: Timestamp, spent: Duration) {
        self.begun.0 = self.begun.0.max(last);
        self.spent = spent;
    }

    /// A sub-graph call was opened that goes before this scope.
    #[inline(always)]
    pub(super) fn turn_passed(&self, id: u32) -> bool {
        self.scopes.first() != Some(id)
    }

    /// Ready nodes, for a driver that chooses by itself.
    pub(super) fn choices(&self) -> Vec<(u32, NodeIx)> {
        let mut choices = Vec::new();
        for scope in self.scopes.iter() {
            choices.extend(scope.state.ready.iter().map(|node| (scope.id, *node)));
        }
        choices
    }

    /// Gives a scope back that was taken out; closes it if it is over.
    #[inline]
    pub(super) fn put_back(&mut self, scope: Box<Scope>) {
        let over = scope.state.is_over() && scope.parent.is_some();
        let failed = scope.state.fatal.is_some();
        if over || failed && self.held_open != Some(scope.id) {
            self.close(scope);
        } else if let Some(scope) = self.scopes.put(scope) {
            // It was given up while it was at work.
            self.totals.firings += scope.state.firings;
        }
        if self.log.on && self.log.next() > self.limits.max_events {
            self.events_limit();
        }
    }

    /// Fails the run: it has more events than are kept of one.
    #[cold]
    fn events_limit(&mut self) {
        if self.failure.is_none() {
            let message = format!("the run has more than {} events", self.limits.max_events);
            self.failure = Some(Arc::new(Failure::new(Code::RunEventsLimit, message)));
            self.stop();
        }
    }

    /// Does something with a scope that is not taken out.
    pub(super) fn with<T>(
        &mut self,
        id: u32,
        work: impl FnOnce(&mut Self, &mut Scope) -> T,
    ) -> Option<T> {
        let mut scope = self.scopes.take(id)?;
        let done = work(self, &mut scope);
        self.put_back(scope);
        Some(done)
    }

    /// Asks every scope to start nothing more.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        for scope in self.scopes.iter_mut() {
            scope.state.cancel();
        }
    }

    /// Writes the last event.
    pub(super) fn end(&mut self, status: Status) {
        self.tick();
        self.read_last_words();
        if status != Status::Failed {
            self.failure = None;
        }
        if self.log.on {
            self.log.push(
                0,
                Event::Ended {
                    status,
                    failure: self.failure.clone(),
                },
            );
        }
        self.log.flush();
        self.run.mail.close();
        self.answered = true;
    }
}

/// A driver that is dropped before its run has ended answers nobody either.
impl Drop for Core {
    fn drop(&mut self) {
        if !self.answered {
            self.run.mail.close();
        }
        // What goes on by itself, on blocking threads, is told to stop.
        if self.waited {
            self.run.env.cancel.cancel();
        }
    }
}

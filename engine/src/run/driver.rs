//! The driver on tokio: polls ready firings in place, gives a task only to those that have to wait.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context as TaskContext, Waker};

use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use crate::block::{BlockError, Out};
use crate::dense::SeqMap;
use crate::event::Status;
use crate::host::BoxFuture;

use super::burst::{Burst, burst, take_back};
use super::call::{Attempts, Deadline, Firing, Place, poll};
use super::core::{After, Again, Core};
use super::durable::{Durable, more_is_kept};
use super::outcome::CancelReceipt;
use super::scope::{Letter, Order, RunShared};
use super::stop::Stopping;
use super::task::{Task, Told, block_on};

/// How many firings a driver makes before it lets others on its thread go on, and looks at the clock.
const SLICE: u32 = 256;

/// What there is to do once nothing more can be done at once.
enum Work {
    /// Nothing: the run is over.
    Over,
    /// To wait for what is on its way.
    Waits,
    /// To let others on this thread go on.
    Pauses,
}

/// A firing that has a task.
pub(super) struct Running {
    at: Place,
    retry: Option<Box<Attempts>>,
    abort: AbortHandle,
    cpu: bool,
}

pub(super) struct Driver {
    pub(super) core: Core,
    /// `None` until something has to wait: many runs need no task, and these cost more than a small run does.
    tasks: Option<JoinSet<Told>>,
    /// By ticket.
    pub(super) running: SeqMap<Running>,
    /// Back-offs, each with its firing's place; they hold no place in the run's parallelism.
    pub(super) delays: SeqMap<(Place, AbortHandle)>,
    /// Firings that wait for room.
    pub(super) full: VecDeque<Firing>,
    /// Of a run that is kept in a store.
    pub(super) durable: Option<Box<Durable>>,
    /// Someone asked to stop: since when, and what is over at the latest then.
    pub(super) stopping: Option<Stopping>,
    /// How many firings may still be made before others on this thread go on.
    slice: u32,
    deadline: Option<BoxFuture<'static, ()>>,
    /// What became of what was at work when it was told to stop. In a box: the driver is one allocation of under 1 KiB,
    /// which glibc's allocator hands out a good deal faster than larger ones.
    pub(super) receipt: Option<Box<CancelReceipt>>,
}

impl Driver {
    pub(super) fn new(core: Core) -> Self {
        Self {
            core,
            tasks: None,
            running: SeqMap::default(),
            delays: SeqMap::default(),
            full: VecDeque::new(),
            durable: None,
            stopping: None,
            slice: SLICE,
            deadline: None,
            receipt: None,
        }
    }

    /// Does what can be done before anything has to wait. Says whether that was all.
    pub(super) fn drive_at_once(&mut self) -> bool {
        if self.core.run.env.cancel.is_cancelled() {
            self.stop(true);
        }
        matches!(self.work(), Work::Over)
    }

    /// Drives the run on until it is over.
    pub(super) async fn drive(&mut self) {
        let timeout = self.core.limits.timeout;
        self.deadline = timeout.map(|time| self.core.time_left(time));
        let run = Arc::clone(&self.core.run);
        let mut cancelled = std::pin::pin!(run.env.cancel.cancelled());
        let mut heard = false;
        loop {
            let mut first = None;
            match self.work() {
                Work::Over => break,
                Work::Pauses => {
                    self.pause().await;
                    continue;
                }
                Work::Waits => {}
            }
            if self.parks() || self.leaves() {
                break;
            }
            self.core.log.flush();
            self.hand_over();
            let Self {
                tasks,
                core,
                durable,
                stopping,
                deadline,
                ..
            } = self;
            tokio::select! {
                biased;
                () = &mut cancelled, if !heard => {
                    heard = true;
                    self.stop(true);
                }
                () = sleep(deadline) => {
                    self.deadline = None;
                    self.time_out();
                }
                () = sleep_until_stopped(stopping) => {
                    self.abort_all();
                }
                () = a_call_timed_out(core) => {}
                () = more_is_kept(durable) => self.kept(),
                told = joined(tasks) => first = told,
                () = run.mail.wake.notified() => {}
            }
            self.core.tick();
            self.hear(first);
        }
        if let Some(tasks) = &mut self.tasks {
            tasks.abort_all();
            while tasks.join_next().await.is_some() {}
        }
    }

    /// Does what can be done without waiting.
    fn work(&mut self) -> Work {
        loop {
            while !self.core.stopped && self.has_place() {
                let Some(mut scope) = self.core.scopes.take_turn() else {
                    break;
                };
                let burst = burst(&mut self.core, &mut scope, &mut self.slice);
                self.core.put_back(scope);
                self.go_on(burst);
                if self.core.run.mail.is_full() {
                    self.read_mail();
                }
                if self.slice == 0 {
                    return Work::Pauses;
                }
            }
            if self.core.failure.is_some() && self.stopping.is_none() {
                self.stop(false);
            }
            if self.durable.is_some() && self.take_up_left() {
                continue;
            }
            if !self.core.given_up.is_empty() {
                // The places of these are free again.
                self.drop_given_up();
                continue;
            }
            for again in std::mem::take(&mut self.core.agains) {
                self.delay(again);
            }
            if self.slice == 0 {
                return Work::Pauses;
            }
            if self.core.run.mail.is_full() {
                self.read_mail();
                continue;
            }
            if self.poll_one_full() {
                continue;
            }
            let idle = self.running.is_empty()
                && self.delays.is_empty()
                && self.full.is_empty()
                && self
                    .durable
                    .as_ref()
                    .is_none_or(|durable| durable.holds_nothing())
                && !self.core.left.has_doubts();
            return if idle && (self.core.stopped || !self.core.has_ready()) {
                Work::Over
            } else {
                Work::Waits
            };
        }
    }

    /// Lets others on this thread go on, and hears what happened meanwhile: a run that always has something to do is
    /// cancelled and timed out too, and gets what its tasks give.
    async fn pause(&mut self) {
        self.slice = SLICE;
        tokio::task::yield_now().await;
        self.keep_up().await;
        self.core.tick();
        if self.core.run.env.cancel.is_cancelled() {
            self.stop(true);
        }
        self.look_at_deadline().await;
        self.hear(None);
    }

    /// Takes what tasks came to, this one first, as far as they have by now.
    fn hear(&mut self, first: Option<Told>) {
        let mut next = first;
        for _ in 0..SLICE {
            if next.is_none() {
                let joined = self.tasks.as_mut().and_then(JoinSet::try_join_next);
                let Some(joined) = joined else { return };
                // One that was aborted came to nothing.
                next = joined.ok();
            }
            if let Some(told) = next.take() {
                // What it emitted on the way comes before.
                if self.core.run.mail.is_full() {
                    self.read_mail();
                }
                self.heard(told);
            }
        }
    }

    fn has_place(&self) -> bool {
        let held = match &self.durable {
            Some(durable) if durable.is_leaving() => return false,
            Some(durable) => durable.held(),
            None => 0,
        };
        let at_work = self.running.len() + held;
        at_work.saturating_sub(self.core.parked.len()) < self.core.limits.max_parallel
    }

    /// Takes care of what ended a burst, or came of one firing.
    fn go_on(&mut self, burst: Burst) {
        match burst {
            Burst::Idle => {}
            Burst::Waits { firing, full: true } => self.full.push_back(firing),
            Burst::Waits { firing, .. } => self.spawn(firing),
            Burst::Again(again) => self.delay(again),
        }
    }

    fn spawn(&mut self, firing: Firing) {
        let Some(mut firing) = self.hold_back(firing) else {
            return;
        };
        let at = firing.at;
        if !self.core.scopes.is_open(at.scope) {
            return;
        }
        if firing.deadline.is_none() {
            firing.deadline = self.core.deadline(at);
        }
        let retry = firing.retry.take();
        let cpu = firing.cpu;
        self.core.waited = true;
        let run = Arc::clone(&self.core.run);
        let tasks = self.tasks.get_or_insert_default();
        let abort = if cpu {
            tasks.spawn(on_a_thread(firing, run))
        } else {
            tasks.spawn(Task {
                firing: Some(firing),
                run,
            })
        };
        self.running.insert(
            at.ticket,
            Running {
                at,
                retry,
                abort,
                cpu,
            },
        );
    }

    /// Begins an attempt that was held back.
    pub(super) fn begin_held(&mut self, mut firing: Firing) {
        // What it waited for has happened: it is not held back again.
        firing.acts = false;
        self.poll_in_place(firing);
    }

    fn delay(&mut self, again: Again) {
        let at = again.at;
        let sleep = self.core.run.env.host.clock.sleep(again.delay);
        let tasks = self.tasks.get_or_insert_default();
        let abort = tasks.spawn(async move {
            sleep.await;
            Told::Due(again)
        });
        self.delays.insert(at.ticket, (at, abort));
    }

    fn heard(&mut self, told: Told) {
        match told {
            Told::Gave {
                ticket,
                out,
                end,
                back,
            } => {
                // What is not known was given up: its late result is refused.
                let Some(mut running) = self.running.remove(&ticket) else {
                    return;
                };
                let at = running.at;
                let mut over = end.is_some();
                // Its scope may be gone with it, and so the name.
                let name = (self.stopping.is_some()).then(|| self.core.name(at));
                let after = self.core.with(at.scope, |core, scope| {
                    core.took(scope, at, &mut running.retry, out, end)
                });
                if let Some(After::Over) = after {
                    running.abort.abort();
                    return;
                }
                over |= after.is_none();
                if let Some(name) = name.filter(|_| over) {
                    self.receipt.get_or_insert_default().done.push(name);
                }
                match back {
                    Some(mut firing) => {
                        firing.retry = running.retry;
                        self.full.push_back(*firing);
                    }
                    None if over => {}
                    None => drop(self.running.insert(ticket, running)),
                }
                if let Some(After::Again(again)) = after {
                    self.delay(again);
                }
            }
            // The attempt belongs to whoever goes on with the run.
            Told::Due(_) if self.is_leaving() => {}
            Told::Due(again) => {
                if self.delays.remove(&again.at.ticket).is_some()
                    && let Some(firing) = self.core.again(again)
                {
                    self.poll_in_place(firing);
                }
            }
        }
    }

    pub(super) fn poll_in_place(&mut self, firing: Firing) {
        let Some(mut firing) = self.hold_back(firing) else {
            return;
        };
        self.slice = self.slice.saturating_sub(1);
        if firing.cpu {
            return self.spawn(firing);
        }
        let at = firing.at;
        let mut cx = TaskContext::from_waker(Waker::noop());
        let (polled, out) = poll(&mut firing, self.core.stopped, &mut cx);
        let burst = self.core.with(at.scope, |core, scope| {
            let (end, full) = take_back(scope, polled);
            core.settled(scope, firing, out, end, full)
        });
        // Nothing: it is over, or its scope is.
        if let Some(Some(burst)) = burst {
            self.go_on(burst);
        }
    }

    /// Lets one of the firings that wait for room go on, if one may. Says whether it did.
    fn poll_one_full(&mut self) -> bool {
        let others_move = self.running.len() > self.core.parked.len() || !self.delays.is_empty();
        let free = |firing: &Firing| self.core.may_go_on(firing.at);
        let position = if self.core.stopped {
            Some(0)
        } else {
            self.full.iter().position(free)
        };
        let position = position.or_else(|| {
            // Nothing else can move: the oldest firing of a node goes on all the same, with more room.
            let oldest = |firing: &Firing| self.core.is_oldest(firing.at);
            let found = if others_move {
                None
            } else {
                self.full.iter().position(oldest)
            };
            if let Some(firing) = found.and_then(|found| self.full.get(found)) {
                self.core.widen(firing.at.scope);
            }
            found
        });
        let Some(firing) = position.and_then(|position| self.full.remove(position)) else {
            // Nodes that wait for room to start go on too when nothing else moves.
            return !others_move && !self.core.stopped && self.core.scopes.widen_stuck();
        };
        self.poll_in_place(firing);
        true
    }

    fn read_mail(&mut self) {
        for letter in self.core.run.mail.take() {
            if let Letter::Gave { ticket, out } = letter {
                self.heard(Told::Gave {
                    ticket,
                    out,
                    end: None,
                    back: None,
                });
            } else if let Letter::Order(Order::Messages(messages)) = letter {
                self.take_messages(messages);
            } else if let Letter::Order(Order::Lost) = letter {
                self.taken_over();
            } else if let Letter::Order(Order::Leave(when)) = letter {
                self.leave(when);
            } else if let Some(firing) = self.core.read(letter) {
                self.poll_in_place(firing);
            }
        }
        self.deliver_messages();
    }

    /// Drops the tasks of sub-graph calls that were given up.
    fn drop_given_up(&mut self) {
        for scope in std::mem::take(&mut self.core.given_up) {
            self.running.retain(|_, running| {
                if running.at.scope == scope {
                    running.abort.abort();
                }
                running.at.scope != scope
            });
            self.delays.retain(|_, (at, abort)| {
                if at.scope == scope {
                    abort.abort();
                }
                at.scope != scope
            });
            self.full.retain(|firing| firing.at.scope != scope);
            if let Some(durable) = &mut self.durable {
                durable.give_up(scope);
            }
        }
    }

    async fn look_at_deadline(&mut self) {
        std::future::poll_fn(|cx| {
            self.core.poll_timers(cx);
            std::task::Poll::Ready(())
        })
        .await;
        let Some(deadline) = &mut self.deadline else {
            return;
        };
        let over = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(deadline.as_mut().poll(cx).is_ready())
        })
        .await;
        if over {
            self.deadline = None;
            self.time_out();
        }
    }

    fn time_out(&mut self) {
        if self.stopping.is_none() {
            self.core.timed_out();
            self.stop(false);
        }
    }

    /// Starts nothing more, tells every attempt to stop, and gives them the grace time.
    pub(super) fn stop(&mut self, asked: bool) {
        if self.stopping.is_some() {
            return;
        }
        if asked {
            self.core.asked_to_stop();
        }
        self.stopping = Some(self.core.stop_all());
        let mut delays: Vec<_> = self.delays.drain().collect();
        delays.sort_by_key(|(ticket, _)| *ticket);
        let waits = delays.into_iter().map(|(_, (at, abort))| {
            abort.abort();
            at
        });
        // Calls that failed just now and would wait for another attempt are no different.
        let agains = std::mem::take(&mut self.core.agains);
        for at in waits.chain(agains.into_iter().map(|again| again.at)) {
            self.core
                .abort(at, self.receipt.get_or_insert_default(), false);
        }
        self.drop_held_back();
    }

    /// Drops what did not return within the grace time.
    fn abort_all(&mut self) {
        let mut running: Vec<_> = self.running.drain().collect();
        running.sort_by_key(|(ticket, _)| *ticket);
        for (_, running) in running {
            running.abort.abort();
            self.core.abort(
                running.at,
                self.receipt.get_or_insert_default(),
                running.cpu,
            );
        }
        for firing in std::mem::take(&mut self.full) {
            let at = firing.at;
            drop(firing);
            self.core
                .abort(at, self.receipt.get_or_insert_default(), false);
        }
    }

    /// Writes the last event of a run that is over.
    pub(super) fn finish(&mut self) -> (Status, Option<CancelReceipt>) {
        // Whoever asked last gets what was asked for: blocks may have stopped for it.
        if self.core.run.env.cancel.is_cancelled() {
            self.stop(true);
        }
        let status = self.core.status();
        self.core.log.hold();
        self.core.end(status);
        let receipt = self
            .receipt
            .take()
            .map_or_else(CancelReceipt::default, |receipt| *receipt);
        let receipt = self.core.receipt(self.stopping.take(), receipt);
        (status, receipt)
    }
}

/// Work on a blocking thread. Dropped, it does not begin if it has not.
struct Blocking(JoinHandle<Told>);

impl Drop for Blocking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for a deadline, for ever if there is none.
async fn sleep(deadline: &mut Option<BoxFuture<'static, ()>>) {
    match deadline {
        Some(deadline) => deadline.as_mut().await,
        None => std::future::pending().await,
    }
}

/// Waits until a task is over, for ever if there are none. One that was aborted came to nothing.
async fn joined(tasks: &mut Option<JoinSet<Told>>) -> Option<Told> {
    let next = match tasks {
        Some(tasks) => tasks.join_next().await,
        None => None,
    };
    match next {
        Some(joined) => joined.ok(),
        None => std::future::pending().await,
    }
}

/// Runs a firing on a blocking thread, within its time if it has one. The thread goes on when its time is up, and what it
/// gives then is refused.
async fn on_a_thread(mut firing: Firing, run: Arc<RunShared>) -> Told {
    let (ticket, deadline) = (firing.at.ticket, firing.deadline.take());
    let lost = |error: BlockError| Told::Gave {
        ticket,
        out: Out::None,
        end: Some(Err(error)),
        back: None,
    };
    let mut work = Blocking(tokio::task::spawn_blocking(move || block_on(firing, &run)));
    let done = match deadline {
        None => (&mut work.0).await,
        Some(Deadline { after, sleep }) => tokio::select! {
            done = &mut work.0 => done,
            () = sleep => return lost(BlockError::Timeout { after }),
        },
    };
    // A runtime that is shut down does not begin what waits for a thread.
    done.unwrap_or_else(|_| lost(BlockError::Cancelled))
}

async fn a_call_timed_out(core: &mut Core) {
    std::future::poll_fn(|cx| {
        if core.poll_timers(cx) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

async fn sleep_until_stopped(stopping: &mut Option<Stopping>) {
    match stopping {
        Some(stopping) => stopping.grace_over().await,
        None => std::future::pending().await,
    }
}

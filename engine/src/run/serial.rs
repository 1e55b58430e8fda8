//! The driver on one thread: one step at a time, in an order that follows from a seed or from recorded events.
//!
//! The oracle of the tests, and what replays and simulates. It holds every firing itself and spawns nothing.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use crate::block::{BlockError, Out, mix};
use crate::dense::NodeIx;
use crate::event::{Event, Failure, Record, Status};
use crate::fault::Code;
use crate::host::BoxFuture;
use crate::value::Value;

use super::call::Firing;
use super::core::{After, Again, Begun, Core};
use super::machine::Machine;
use super::outcome::CancelReceipt;
use super::played::Tally;
use super::scope::Letter;
use super::stop::Stopping;
use super::task::{Step, Told, step};
use super::travel::words::Names;

/// What to do when nothing moves: let time pass. Says whether there is anything to wait for.
type Idle = Box<dyn FnMut() -> bool + Send>;

/// After so many steps others on the thread go on.
const TURN: u64 = 256;

/// In which order a serial run goes.
#[derive(Default)]
#[must_use]
pub struct SerialOptions {
    seed: u64,
    pub(super) order: Option<Arc<[Record]>>,
    /// Replay only: blocks that reach outside are played from the record.
    pub(super) plays: bool,
    check: bool,
    idle: Option<Idle>,
    cancel_after: Option<u64>,
}

impl SerialOptions {
    /// Chooses each next step by this seed.
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Goes the way of these events, and fails with [`Code::RunReplay`] where the blocks do not.
    pub fn replay(records: Vec<Record>) -> Self {
        Self {
            order: Some(records.into()),
            ..Self::default()
        }
    }

    /// As [`SerialOptions::replay`], without acting: blocks that reach outside are not run, but played from the record.
    pub(super) fn played(records: Arc<[Record]>) -> Self {
        Self {
            order: Some(records),
            plays: true,
            ..Self::default()
        }
    }

    /// Folds the events after every step and fails with [`Code::RunReplay`] where the fold is not the state.
    pub fn check_fold(mut self) -> Self {
        self.check = true;
        self
    }

    /// Calls this when nothing moves, e.g. to let a manual clock go on.
    pub fn on_idle(mut self, idle: impl FnMut() -> bool + Send + 'static) -> Self {
        self.idle = Some(Box::new(idle));
        self
    }

    /// Asks the run to stop after so many steps.
    pub fn cancel_after(mut self, steps: u64) -> Self {
        self.cancel_after = Some(steps);
        self
    }
}

impl std::fmt::Debug for SerialOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SerialOptions")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// A firing that the driver holds.
pub(super) struct Pending {
    pub(super) firing: Firing,
    woken: Arc<Woken>,
    full: bool,
    /// Replay only: its block is not polled, what it gives comes from the record.
    pub(super) plays: bool,
    /// Replay only: what it gave that the recorded order has not come to yet.
    pub(super) gave: VecDeque<(u16, Value)>,
    pub(super) ended: Option<Result<(), BlockError>>,
}

impl Pending {
    pub(super) fn is_awake(&self) -> bool {
        self.woken.flag.load(Ordering::Acquire)
    }
}

/// A back-off.
struct Delay {
    again: Again,
    /// `None` once it is over.
    sleep: Option<BoxFuture<'static, ()>>,
}

/// Notes that a firing wants to be polled, and wakes the driver.
struct Woken {
    flag: AtomicBool,
    driver: Arc<Mutex<Option<Waker>>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::Release);
        if let Some(waker) = self
            .driver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            waker.wake_by_ref();
        }
    }
}

pub(super) struct Serial {
    pub(super) core: Core,
    pub(super) options: SerialOptions,
    pub(super) pending: Vec<Pending>,
    delays: Vec<Delay>,
    deadline: Option<BoxFuture<'static, ()>>,
    /// Replay only: when blocks are told to stop.
    patience: Option<BoxFuture<'static, ()>>,
    waker: Arc<Mutex<Option<Waker>>>,
    draws: u64,
    steps: u64,
    /// The blocks were told to stop.
    stopping: Option<Stopping>,
    receipt: CancelReceipt,
    /// Replay only: the position in the recorded order, and letters that it has not come to yet.
    pub(super) at: usize,
    pub(super) letters: Vec<Letter>,
    /// Replay only: what its messages call nodes, and what is wrong.
    pub(super) names: Names,
    pub(super) wrong: Option<Arc<Failure>>,
    /// Replay only: the state that the events come to so far, where some process took the run up.
    pub(super) so_far: Option<Machine>,
    /// Replay only: what ran and what was played.
    pub(super) tally: Tally,
    /// Replay only: turns of the runtime since something happened, once the blocks were told to stop.
    pub(super) idle_turns: u32,
    fold: Option<(Machine, usize)>,
}

enum Woke {
    Up,
    /// Nothing has happened yet.
    Not,
    /// What was told to stop had time enough.
    OutOfGrace,
}

pub(super) enum Moved {
    Yes,
    /// Nothing moves until someone wakes the driver.
    No,
    Over,
}

impl Serial {
    pub(super) fn new(core: Core, options: SerialOptions) -> Self {
        let fold = options.check.then(|| (Machine::new(core.log.plan()), 0));
        let names = Names::new(core.log.plan());
        let timeout = core.limits.timeout.filter(|_| options.order.is_none());
        Self {
            deadline: timeout.map(|time| core.run.env.host.clock.sleep(time)),
            patience: None,
            core,
            options,
            pending: Vec::new(),
            delays: Vec::new(),
            waker: Arc::default(),
            draws: 0,
            steps: 0,
            stopping: None,
            receipt: CancelReceipt::default(),
            at: 0,
            letters: Vec::new(),
            names,
            wrong: None,
            so_far: None,
            tally: Tally::default(),
            idle_turns: 0,
            fold,
        }
    }

    pub(super) fn is_replay(&self) -> bool {
        self.options.order.is_some()
    }

    pub(super) async fn drive(&mut self) -> (Status, Option<CancelReceipt>) {
        loop {
            self.core.tick();
            self.stop_if_asked();
            let moved = if self.is_replay() {
                self.replay_step()
            } else {
                self.step()
            };
            self.steps += 1;
            self.check_fold();
            match moved {
                Moved::Yes => {
                    self.idle_turns = 0;
                    if self.steps.is_multiple_of(TURN) {
                        tokio::task::yield_now().await;
                    }
                    continue;
                }
                Moved::Over => break,
                Moved::No => {}
            }
            if self.is_replay() && self.stopping.is_some() {
                // The events tell what was dropped: only what is on its way is waited for.
                self.idle_turns += 1;
                tokio::task::yield_now().await;
                continue;
            }
            if self.is_replay() && self.core.stopped && self.patience.is_none() {
                // A replay lets blocks come as far as they came before it tells them to stop.
                self.patience = Some(self.core.run.env.host.clock.sleep(self.core.limits.grace));
            }
            // What a block waits for may need a turn of the runtime only, and no time.
            tokio::task::yield_now().await;
            let mut woke = self.wait(false).await;
            if let Woke::Not = woke {
                let helped = self.options.idle.as_mut().is_some_and(|idle| idle());
                woke = self.wait(!helped).await;
            }
            if let Woke::OutOfGrace = woke {
                self.abort_all();
            }
        }
        self.pending.clear();
        if self.is_cut_off() {
            return (Status::Running, None);
        }
        let status = self.core.status();
        self.core.end(status);
        if self.options.plays
            && self.wrong.is_none()
            && let Some(difference) = self.compare()
        {
            self.fails(difference);
        }
        self.check_fold();
        let receipt = std::mem::take(&mut self.receipt);
        let receipt = self.core.receipt(self.stopping.take(), receipt);
        (status, receipt)
    }

    /// Replay only: the record ends before the run.
    pub(super) fn is_cut_off(&self) -> bool {
        let last = self.options.order.as_ref().and_then(|order| order.last());
        self.options.plays
            && self.wrong.is_none()
            && !last.is_some_and(|last| matches!(last.event, Event::Ended { .. }))
    }

    fn stop_if_asked(&mut self) {
        if self.is_replay() || self.stopping.is_some() {
            return;
        }
        let asked = self.core.run.env.cancel.is_cancelled()
            || self.options.cancel_after.is_some_and(|n| self.steps > n);
        if asked {
            self.core.asked_to_stop();
        }
        if asked || self.core.failure.is_some() {
            self.tell_to_stop();
        }
    }

    /// Starts nothing more, tells every attempt to stop, and gives them the grace time.
    fn tell_to_stop(&mut self) {
        self.stopping = Some(self.core.stop_all());
        self.letters.clear();
        let waits = std::mem::take(&mut self.delays).into_iter();
        let mut waits: Vec<Again> = waits.map(|delay| delay.again).collect();
        if !self.is_replay() {
            // In a replay the events tell what becomes of them.
            waits.append(&mut self.core.agains);
        }
        for again in waits {
            self.core.abort(again.at, &mut self.receipt, false);
        }
        for pending in &self.pending {
            pending.woken.flag.store(true, Ordering::Release);
        }
    }

    /// Drops what did not return within the grace time.
    fn abort_all(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let at = pending.firing.at;
            drop(pending);
            self.core.abort(at, &mut self.receipt, false);
        }
    }

    /// Waits until a firing, a letter, the time or a request to stop wakes the driver; a driver that is not patient
    /// only looks.
    async fn wait(&mut self, patient: bool) -> Woke {
        let run = Arc::clone(&self.core.run);
        let mut letter = std::pin::pin!(run.mail.wake.notified());
        let mut cancelled = std::pin::pin!(run.env.cancel.cancelled());
        std::future::poll_fn(|cx| {
            *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
            let due = self.poll_timers(cx);
            let asked = self.stopping.is_none() && cancelled.as_mut().poll(cx).is_ready();
            if self.is_woken() || due || asked || letter.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Woke::Up);
            }
            let grace = self
                .stopping
                .as_mut()
                .map(|stopping| stopping.poll_grace(cx));
            match grace {
                Some(Poll::Ready(())) => Poll::Ready(Woke::OutOfGrace),
                _ if patient => Poll::Pending,
                _ => Poll::Ready(Woke::Not),
            }
        })
        .await
    }

    fn is_woken(&self) -> bool {
        if self.is_replay() {
            let awake =
                |pending: &Pending| !pending.plays && pending.ended.is_none() && pending.is_awake();
            return self.pending.iter().any(awake);
        }
        !self.wakeful(true).is_empty()
            || self.at_work() == 0 && self.delays.is_empty() && !self.wakeful(false).is_empty()
    }

    /// How many firings are at work, or wait for something that comes by itself.
    fn at_work(&self) -> usize {
        let at_work = self.pending.iter().filter(|pending| !pending.full).count();
        at_work.saturating_sub(self.core.parked.len())
    }

    /// Looks at the back-offs, and at the time that the run and its blocks have. Says whether something is due.
    fn poll_timers(&mut self, cx: &mut TaskContext<'_>) -> bool {
        let mut due = false;
        for delay in &mut self.delays {
            if let Some(sleep) = &mut delay.sleep
                && sleep.as_mut().poll(cx).is_ready()
            {
                delay.sleep = None;
            }
            due |= delay.sleep.is_none();
        }
        if !self.is_replay() {
            due |= self.core.poll_timers(cx);
        }
        let mut late =
            |timer: &mut BoxFuture<'static, ()>| -> bool { timer.as_mut().poll(cx).is_ready() };
        if self.deadline.as_mut().is_some_and(&mut late) {
            self.deadline = None;
            if !self.core.stopped {
                self.core.timed_out();
            }
            due = true;
        }
        if self.stopping.is_none() && self.patience.as_mut().is_some_and(late) {
            self.tell_to_stop();
            due = true;
        }
        due
    }

    fn choose(&mut self, n: usize) -> usize {
        self.draws += 1;
        (mix(self.options.seed ^ mix(self.draws)) % (n.max(1) as u64)) as usize
    }

    fn step(&mut self) -> Moved {
        self.drop_given_up();
        if self.core.run.mail.is_full() {
            for firing in self.core.read_mail() {
                self.hold(firing);
            }
            return Moved::Yes;
        }
        let waker = Waker::from(Arc::new(Woken {
            flag: AtomicBool::new(false),
            driver: Arc::clone(&self.waker),
        }));
        if self.poll_timers(&mut TaskContext::from_waker(&waker)) {
            self.drop_given_up();
        }
        let due = self.delays.iter().position(|delay| delay.sleep.is_none());
        let at_work = self.at_work();
        let ready = if self.core.stopped || at_work >= self.core.limits.max_parallel {
            Vec::new()
        } else {
            self.core.choices()
        };
        let mut wakeful: Vec<usize> = self.wakeful(true);
        let others_move = at_work > 0 || !self.delays.is_empty() || !ready.is_empty();
        if !others_move && wakeful.is_empty() && !self.core.stopped {
            // Only the room of some pin is wanting.
            wakeful = self.wakeful(false);
            if let Some(first) = wakeful.first().copied()
                && let Some(pending) = self.pending.get(first)
            {
                self.core.widen(pending.firing.at.scope);
            }
        }
        let n = ready.len() + usize::from(due.is_some()) + wakeful.len();
        if n == 0 {
            let over = self.pending.is_empty() && self.delays.is_empty();
            return if over { Moved::Over } else { Moved::No };
        }
        let chosen = self.choose(n);
        if let Some((scope, node)) = ready.get(chosen).copied() {
            self.begin(scope, node);
        } else if let Some(position) = wakeful.get(chosen - ready.len()).copied() {
            self.poll(position);
        } else if let Some(position) = due {
            let delay = self.delays.remove(position);
            if let Some(firing) = self.core.again(delay.again) {
                self.hold(firing);
            }
        }
        Moved::Yes
    }

    pub(super) fn begin(&mut self, scope: u32, node: NodeIx) {
        let begun = self.core.with(scope, |core, scope| {
            let position = scope.state.ready.iter().position(|ready| *ready == node)?;
            scope.state.ready.remove(position);
            {
                let plan = Arc::clone(scope.plan());
                Some(core.begin(scope, &plan, node))
            }
        });
        if let Some(Some(Begun::Firing(firing))) = begun {
            self.hold(firing);
        }
    }

    pub(super) fn hold(&mut self, mut firing: Firing) {
        self.core.waited = true;
        let plays = self.sort(&mut firing);
        let woken = Arc::new(Woken {
            flag: AtomicBool::new(true),
            driver: Arc::clone(&self.waker),
        });
        let at = firing.at;
        if !self.is_replay() {
            // A replay takes the recorded time-outs.
            firing.deadline = self.core.deadline(at);
        }
        self.pending.push(Pending {
            firing,
            woken,
            full: false,
            plays,
            gave: VecDeque::new(),
            ended: None,
        });
    }

    /// Firings that want to be polled and may be: those that wait for room only where there is some, or where they
    /// are the oldest of their node.
    fn wakeful(&self, room: bool) -> Vec<usize> {
        let wants = |pending: &Pending| {
            let at = pending.firing.at;
            let free = !pending.full
                || self.core.stopped
                || if room {
                    self.core.may_go_on(at)
                } else {
                    self.core.is_oldest(at)
                };
            free && pending.is_awake()
        };
        self.pending
            .iter()
            .enumerate()
            .filter(|(_, pending)| wants(pending))
            .map(|(position, _)| position)
            .collect()
    }

    fn poll(&mut self, position: usize) {
        let cancelled = self.core.stopped;
        let Some(pending) = self.pending.get_mut(position) else {
            return;
        };
        let (end, out) = poll_pending(pending, cancelled);
        self.took(position, out, end);
    }

    /// Takes what a firing gave.
    pub(super) fn took(&mut self, position: usize, out: Out, end: Option<Result<(), BlockError>>) {
        let Some(pending) = self.pending.get_mut(position) else {
            return;
        };
        let (at, over) = (pending.firing.at, end.is_some());
        let mut retry = pending.firing.retry.take();
        // Its scope may be gone with it, and so the name.
        let name = (self.stopping.is_some()).then(|| self.core.name(at));
        let after = self.core.with(at.scope, |core, scope| {
            core.took(scope, at, &mut retry, out, end)
        });
        if let Some(pending) = self.pending.get_mut(position) {
            pending.firing.retry = retry;
        }
        if over || !matches!(after, Some(After::Settled)) {
            self.pending.remove(position);
            self.receipt.done.extend(name);
        }
        let Some(After::Again(again)) = after else {
            return;
        };
        if self.is_replay() {
            // The recorded order says when.
            if let Some(firing) = self.core.again(again) {
                self.hold(firing);
            }
            return;
        }
        self.delay(again);
    }

    fn delay(&mut self, again: Again) {
        let sleep = Some(self.core.run.env.host.clock.sleep(again.delay));
        self.delays.push(Delay { again, sleep });
    }

    pub(super) fn drop_given_up(&mut self) {
        for scope in std::mem::take(&mut self.core.given_up) {
            self.delays.retain(|delay| delay.again.at.scope != scope);
            self.pending
                .retain(|pending| pending.firing.at.scope != scope);
        }
        if !self.is_replay() {
            for again in std::mem::take(&mut self.core.agains) {
                self.delay(again);
            }
        }
    }

    fn check_fold(&mut self) {
        let Some((machine, folded)) = &mut self.fold else {
            return;
        };
        let mut wrong = None;
        for record in self.core.log.kept_from(*folded) {
            *folded += 1;
            if let Err(failure) = machine.apply(record) {
                wrong = Some(failure);
                break;
            }
        }
        let wrong = wrong.or_else(|| {
            let difference = machine.differs(&self.core)?;
            let message = format!("after {folded} events: {difference}");
            Some(Failure::new(Code::RunReplay, message))
        });
        if let Some(failure) = wrong {
            self.core.failure = Some(Arc::new(failure));
            self.core.cancelled = false;
            self.fold = None;
        }
    }
}

pub(super) fn poll_pending(
    pending: &mut Pending,
    cancelled: bool,
) -> (Option<Result<(), BlockError>>, Out) {
    pending.woken.flag.store(false, Ordering::Release);
    let waker = Waker::from(Arc::clone(&pending.woken));
    let mut cx = TaskContext::from_waker(&waker);
    pending.full = false;
    match step(&mut pending.firing, cancelled, &mut cx) {
        Step::Over(Told::Gave { out, end, .. }) => (end, out),
        Step::Full(out) => {
            pending.full = true;
            (None, out)
        }
        Step::Waits(out) => (None, out),
        Step::Over(Told::Due(_)) => (None, Out::None),
    }
}

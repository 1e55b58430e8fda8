//! The connections that there are: which of them wait, and since when; those that wait too long are closed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::Limits;

use crate::locked::lock;

/// So many connections beyond the limit are answered what asks whether the server lives.
const SPARE: usize = 64;
/// How long one of these may take to ask, and every one while the server stops.
const SHORT: Duration = Duration::from_secs(1);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// It was opened, or a head is on its way.
    Head,
    /// A request is in progress.
    Busy,
    /// It waits for the next request.
    Idle,
    /// It speaks another protocol: whoever speaks it looks after it.
    Left,
}

/// All connections of a listener.
pub(super) struct Seats {
    limits: Limits,
    epoch: Instant,
    table: Mutex<Table>,
    stopping: AtomicBool,
}

#[derive(Default)]
struct Table {
    last: u64,
    seats: HashMap<u64, (Arc<Seat>, Option<AbortHandle>)>,
}

/// One connection. Times are milliseconds since the listener began.
pub(super) struct Seat {
    number: u64,
    /// One beyond the limit.
    pub(super) is_spare: bool,
    phase: AtomicU8,
    since: AtomicU64,
    /// Since when an answer lies about; 0: none does.
    stalled: AtomicU64,
    all: Weak<Seats>,
}

impl Seats {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            epoch: Instant::now(),
            table: Mutex::default(),
            stopping: AtomicBool::new(false),
        })
    }

    fn now(&self) -> u64 {
        // From 1, since 0 is never.
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    /// Makes place for one more. `None`: there is none, not even for what asks whether the server lives.
    pub(super) fn take(self: &Arc<Self>) -> Option<Arc<Seat>> {
        let mut table = self.lock();
        let max = self.limits.max_connections.max(1);
        if table.seats.len() >= max {
            table.close_longest();
        }
        let count = table.seats.len();
        if count >= max + SPARE {
            return None;
        }
        table.last += 1;
        let seat = Arc::new(Seat {
            number: table.last,
            is_spare: count >= max,
            phase: AtomicU8::new(Phase::Head as u8),
            since: AtomicU64::new(self.now()),
            stalled: AtomicU64::new(0),
            all: Arc::downgrade(self),
        });
        table.seats.insert(seat.number, (Arc::clone(&seat), None));
        Some(seat)
    }

    /// Says which task serves a connection.
    pub(super) fn served_by(&self, seat: u64, task: AbortHandle) {
        if let Some((_, known)) = self.lock().seats.get_mut(&seat) {
            *known = Some(task);
        }
    }

    fn leave(&self, seat: u64) {
        self.lock().seats.remove(&seat);
    }

    /// Closes the connection that has waited longest, if one waits.
    pub(super) fn close_longest(&self) {
        self.lock().close_longest();
    }

    /// From now on nobody is waited for who does not ask at once.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Closes what is over its time.
    fn close_overdue(&self) {
        let now = self.now();
        let stopping = self.stopping.load(Ordering::Relaxed);
        self.lock().seats.retain(|_, (seat, task)| {
            let overdue = seat.is_overdue(now, &self.limits, stopping);
            if let Some(task) = task.as_ref().filter(|_| overdue) {
                task.abort();
            }
            !overdue
        });
    }
}

impl Table {
    fn close_longest(&mut self) {
        let waits = self.seats.values().filter(|(seat, _)| seat.waits());
        let longest = waits.min_by_key(|(seat, _)| seat.since.load(Ordering::Relaxed));
        let Some(number) = longest.map(|(seat, _)| seat.number) else {
            return;
        };
        if let Some((_, Some(task))) = self.seats.remove(&number) {
            task.abort();
        }
    }
}

impl Seat {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Head,
            1 => Phase::Busy,
            2 => Phase::Idle,
            _ => Phase::Left,
        }
    }

    /// It does something else from now on.
    pub(super) fn go(&self, phase: Phase) {
        if self.phase() == Phase::Left {
            return;
        }
        if let Some(all) = self.all.upgrade() {
            self.since.store(all.now(), Ordering::Relaxed);
        }
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Bytes of a head have come.
    pub(super) fn head_comes(&self) {
        if self.phase() == Phase::Idle {
            self.go(Phase::Head);
        }
    }

    /// The client takes nothing, or takes something again.
    pub(super) fn stalls(&self, stalls: bool) {
        let since = self.stalled.load(Ordering::Relaxed);
        if !stalls && since != 0 {
            self.stalled.store(0, Ordering::Relaxed);
        } else if stalls
            && since == 0
            && let Some(all) = self.all.upgrade()
        {
            self.stalled.store(all.now(), Ordering::Relaxed);
        }
    }

    fn waits(&self) -> bool {
        matches!(self.phase(), Phase::Head | Phase::Idle)
    }

    fn is_overdue(&self, now: u64, limits: &Limits, stopping: bool) -> bool {
        let over =
            |since: u64, limit: Duration| u128::from(now.saturating_sub(since)) > limit.as_millis();
        let stalled = self.stalled.load(Ordering::Relaxed);
        if stalled != 0 && over(stalled, limits.write_time) {
            return true;
        }
        let limit = match self.phase() {
            Phase::Head => limits.head_time,
            Phase::Idle => limits.idle_time,
            Phase::Busy | Phase::Left => return false,
        };
        let short = self.is_spare || stopping;
        let limit = if short { limit.min(SHORT) } else { limit };
        over(self.since.load(Ordering::Relaxed), limit)
    }
}

/// The share that the connection itself has in its place: the place is free when this is gone.
pub(super) struct Sits(pub(super) Arc<Seat>);

impl Drop for Sits {
    fn drop(&mut self) {
        if let Some(all) = self.0.all.upgrade() {
            all.leave(self.0.number);
        }
    }
}

/// Closes what is over its time, for as long as the listener is there.
pub(super) async fn close_overdue(seats: Weak<Seats>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(seats) = seats.upgrade() else { return };
        seats.close_overdue();
    }
}

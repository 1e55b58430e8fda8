//! What waits for the one who writes: orders in the order in which they were called, and their answers.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use graphloom::host::{BoxFuture, StoreError};
use tokio::sync::oneshot;

use super::error::Stop;
use super::write::Desk;

/// So many orders wait at most; the next one is refused. One that awaits its answers before it goes on never gets there.
const MAX_WAITING: usize = 64 * 1024;

/// How an order is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Together with others; what was written outlives the process.
    Plain,
    /// Together with others; what was written outlives a power cut.
    Synced,
    /// By itself and outside any transaction.
    Alone,
}

/// Something to be written, and someone who waits for it.
pub(super) trait Order: Send {
    fn how(&self) -> How;

    /// Does the work, and keeps its result until it is known to be kept. May be called again after what it wrote was undone.
    ///
    /// # Errors
    /// Why it failed in the middle: what was written with it must be undone.
    fn perform(&mut self, desk: &Desk) -> Result<(), Stop>;

    /// Tells the caller: the result, or why it was not kept.
    fn answer(self: Box<Self>, failed: Option<StoreError>);
}

struct Job<T, W> {
    how: How,
    work: W,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, W: FnMut(&Desk) -> Result<T, Stop> + Send> Order for Job<T, W> {
    fn how(&self) -> How {
        self.how
    }

    fn perform(&mut self, desk: &Desk) -> Result<(), Stop> {
        self.result = Some(match (self.work)(desk) {
            Ok(result) => Ok(result),
            // Nothing was written, so that nothing need be undone for the others.
            Err(Stop::Refused(error)) => Err(error),
            Err(stop) => return Err(stop),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let result = match failed {
            Some(error) => Err(error),
            None => self.result.unwrap_or_else(|| Err(stopped())),
        };
        // Who has gone away need not be told.
        let _ = self.reply.send(result);
    }
}

/// Says that nobody writes any more.
pub(super) fn stopped() -> StoreError {
    StoreError::Failed {
        message: "the store has stopped".to_owned(),
    }
}

/// The orders that wait.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    orders: VecDeque<Box<dyn Order>>,
    closed: bool,
}

impl Queue {
    /// Hands over an order at once; what it gives back is its answer.
    pub(super) fn push<T: Send + 'static>(
        &self,
        how: How,
        work: impl FnMut(&Desk) -> Result<T, Stop> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        if state.closed {
            return Box::pin(std::future::ready(Err(stopped())));
        }
        if state.orders.len() >= MAX_WAITING {
            let message = format!("{MAX_WAITING} orders wait");
            return Box::pin(std::future::ready(Err(StoreError::Busy { message })));
        }
        state.orders.push_back(Box::new(Job {
            how,
            work,
            result: None,
            reply,
        }));
        drop(state);
        self.changed.notify_one();
        Box::pin(async { answer.await.unwrap_or_else(|_| Err(stopped())) })
    }

    /// Takes orders up to so many in all, and waits only where there is none. False when there will be none any more.
    pub(super) fn fill(&self, batch: &mut VecDeque<Box<dyn Order>>, max: usize) -> bool {
        let mut state = self.lock();
        while batch.is_empty() && state.orders.is_empty() && !state.closed {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let room = max.saturating_sub(batch.len()).min(state.orders.len());
        batch.extend(state.orders.drain(..room));
        !batch.is_empty()
    }

    /// Takes no more orders; those that wait are still carried out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

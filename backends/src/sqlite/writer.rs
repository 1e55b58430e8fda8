//! The one who writes: a thread with the only connection that does. It takes what waits, does all of it in one transaction
//! and tells everyone afterwards, so that many share one sync without anybody waiting for company.

use std::collections::VecDeque;
use std::sync::Arc;

use graphloom::host::StoreError;

use super::error::Stop;
use super::queue::{How, Order, Queue};
use super::write::Desk;

/// So many orders are done in one transaction.
const MAX_ORDERS: usize = 512;

/// A transaction that has written so many bytes takes no more orders.
const MAX_BYTES: usize = 1 << 20;

/// Carries out orders until there will be none any more.
pub(super) fn run(desk: Desk, queue: &Arc<Queue>) {
    let mut writer = Writer { desk, failed: None };
    let mut waiting = VecDeque::new();
    // Also when this thread panics nobody is left waiting: orders that are dropped answer.
    let _closing = Closing(Arc::clone(queue));
    while queue.fill(&mut waiting, MAX_ORDERS) {
        writer.work_on(&mut waiting);
        writer.sweep();
    }
}

struct Closing(Arc<Queue>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
        let mut left = VecDeque::new();
        self.0.fill(&mut left, usize::MAX);
    }
}

struct Writer {
    desk: Desk,
    /// Why nothing can be written any more.
    failed: Option<StoreError>,
}

/// Where a transaction stopped.
enum Stopped {
    /// Before any order.
    First(Stop),
    /// Later: one of the orders may be at fault.
    Later(Stop),
}

impl Writer {
    /// Carries out some of the orders, from the first on.
    fn work_on(&mut self, waiting: &mut VecDeque<Box<dyn Order>>) {
        if waiting
            .front()
            .is_some_and(|order| order.how() == How::Alone)
        {
            let order = waiting.pop_front();
            order.into_iter().for_each(|order| self.alone(order));
            return;
        }
        let n = waiting.iter().take_while(|order| order.how() != How::Alone);
        let mut batch: VecDeque<_> = waiting.drain(..n.count()).collect();
        let n_done = match self.transact(batch.make_contiguous()) {
            Ok(n) => n,
            Err(Stopped::First(stop)) => {
                let error = self.note(&stop);
                answer(batch, &Some(error));
                return;
            }
            // Each by itself, so that it fails alone. SQLite may have undone everything by then, so that going back to
            // where one order began would not do.
            Err(Stopped::Later(stop)) if batch.len() > 1 && !stop.is_failed_sync() => {
                batch.into_iter().for_each(|order| self.single(order));
                return;
            }
            Err(Stopped::Later(stop)) => {
                let error = self.note(&stop);
                answer(batch, &Some(error));
                return;
            }
        };
        // What did not fit comes first in the next one.
        for order in batch.drain(n_done..).rev() {
            waiting.push_front(order);
        }
        answer(batch, &None);
    }

    fn sweep(&mut self) {
        if let Err(stop) = self.desk.sweep() {
            self.note(&stop);
        }
    }

    fn single(&mut self, mut order: Box<dyn Order>) {
        let done = self.transact(std::slice::from_mut(&mut order));
        let failed = done.err().map(|stopped| match stopped {
            Stopped::First(stop) | Stopped::Later(stop) => self.note(&stop),
        });
        order.answer(failed);
    }

    fn alone(&mut self, mut order: Box<dyn Order>) {
        let failed = match &self.failed {
            Some(failed) => Some(failed.clone()),
            None => order.perform(&self.desk).err().map(|stop| self.note(&stop)),
        };
        order.answer(failed);
    }

    /// Does orders in one transaction, and says how many.
    fn transact(&mut self, orders: &mut [Box<dyn Order>]) -> Result<usize, Stopped> {
        if let Some(failed) = &self.failed {
            return Err(Stopped::First(failed.clone().into()));
        }
        let synced = orders.iter().any(|order| order.how() == How::Synced);
        self.desk.begin(synced).map_err(Stopped::First)?;
        let done = self.perform(orders).and_then(|n| {
            self.desk.commit()?;
            Ok(n)
        });
        done.map_err(|stop| {
            self.desk.roll_back();
            Stopped::Later(stop)
        })
    }

    fn perform(&self, orders: &mut [Box<dyn Order>]) -> Result<usize, Stop> {
        let mut n = 0;
        for order in orders {
            if n > 0 && self.desk.written() > MAX_BYTES {
                break;
            }
            order.perform(&self.desk)?;
            n += 1;
        }
        Ok(n)
    }

    /// Returns what to tell callers. After a sync that failed it is the same for all later ones: what was written before may
    /// be lost although the next sync succeeds, so that nothing that was promised could be kept.
    fn note(&mut self, stop: &Stop) -> StoreError {
        let error = stop.to_error(self.desk.file());
        if stop.is_failed_sync() {
            let message = format!("{error}; what was written since may be lost, open it again");
            self.failed = Some(StoreError::Failed { message });
        }
        error
    }
}

fn answer(orders: VecDeque<Box<dyn Order>>, failed: &Option<StoreError>) {
    for order in orders {
        order.answer(failed.clone());
    }
}

//! Those who read: a few threads, each with a connection of its own, begun when there is something to do.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use graphloom::host::{BoxFuture, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{self, Reader};
use super::error::Stop;
use super::queue::stopped;

/// So many read at the same time.
const MAX_READERS: usize = 4;

type Job = Box<dyn FnOnce(Result<&Connection, &StoreError>) + Send>;

/// How readers open the database.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) file: PathBuf,
    pub(super) busy_timeout: Duration,
    pub(super) immutable: bool,
}

/// The threads, and what waits for them. Dropping it waits until all that was asked for is answered.
pub(super) struct Readers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    how: Reading,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    closed: bool,
}

impl Readers {
    pub(super) fn new(how: Reading) -> Self {
        let shared = Arc::new(Shared {
            how,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        Self {
            shared,
            threads: Mutex::default(),
        }
    }

    /// Hands over something to read at once; what it gives back is the answer.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (reply, answer) = oneshot::channel();
        let file = self.shared.how.file.clone();
        let job: Job = Box::new(move |sql| {
            let done = match sql {
                Ok(sql) => work(sql).map_err(|stop| stop.to_error(&file)),
                Err(error) => Err(error.clone()),
            };
            // Who has gone away need not be told.
            let _ = reply.send(done);
        });
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        let busy = state.jobs.len() > state.idle;
        drop(state);
        self.shared.changed.notify_one();
        if busy {
            self.hire();
        }
        Box::pin(async { answer.await.unwrap_or_else(|_| Err(stopped())) })
    }

    fn hire(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.len() >= MAX_READERS {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("store reader".to_owned());
        // Without threads there is nobody to answer, and what waits says that the store has stopped.
        match thread.spawn(move || shared.read()) {
            Ok(thread) => threads.push(thread),
            Err(_) if threads.is_empty() => self.shared.lock().jobs.clear(),
            Err(_) => {}
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        let threads = self.threads.get_mut();
        let threads = threads.unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // One that panicked has told its caller by going away.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn read(&self) {
        let mut open = None;
        while let Some(job) = self.next() {
            if open.is_none() {
                let how = &self.how;
                let opened = connection::open_reader(&how.file, how.busy_timeout, how.immutable);
                match opened {
                    Ok(reader) => open = Some(reader),
                    Err(stop) => {
                        job(Err(&stop.to_error(&how.file)));
                        continue;
                    }
                }
            }
            let Some(Reader { sql, is_earlier }) = &open else {
                continue;
            };
            job(Ok(sql));
            // What stopped in the middle has left its transaction open.
            let is_stuck = !sql.is_autocommit() && sql.execute_batch("ROLLBACK").is_err();
            if is_stuck || *is_earlier {
                open = None;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! A firing that has to wait: a task that polls it and tells the driver what it gave.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::Thread;

use crate::block::{BlockError, Out};

use super::call::{Firing, Polled, poll};
use super::core::Again;
use super::scope::{Letter, RunShared};

/// What a task came to.
pub(super) enum Told {
    /// A firing emitted, ended, or both; or comes back because it waits for room.
    Gave {
        ticket: u64,
        out: Out,
        end: Option<Result<(), BlockError>>,
        back: Option<Box<Firing>>,
    },
    /// A back-off is over.
    Due(Again),
}

/// Polls a firing on the runtime. What it emits on the way goes into the run's letter box; its end is what the task
/// gives, so that a firing that waits once costs no message beside its task.
pub(super) struct Task {
    pub(super) firing: Option<Firing>,
    pub(super) run: Arc<RunShared>,
}

impl Future for Task {
    type Output = Told;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Told> {
        let this = &mut *self;
        let Some(firing) = &mut this.firing else {
            return Poll::Pending;
        };
        match step(firing, this.run.env.cancel.is_cancelled(), cx) {
            Step::Over(told) => {
                this.firing = None;
                Poll::Ready(told)
            }
            Step::Full(out) => Poll::Ready(Told::Gave {
                ticket: firing.at.ticket,
                out,
                end: None,
                back: this.firing.take().map(Box::new),
            }),
            Step::Waits(out) => {
                post(&this.run, firing.at.ticket, out);
                Poll::Pending
            }
        }
    }
}

/// Tells the driver what a firing emitted that goes on.
fn post(run: &RunShared, ticket: u64, out: Out) {
    if !matches!(out, Out::None) {
        run.mail.post(Letter::Gave { ticket, out });
    }
}

pub(super) enum Step {
    Over(Told),
    Full(Out),
    Waits(Out),
}

pub(super) fn step(firing: &mut Firing, cancelled: bool, cx: &mut TaskContext<'_>) -> Step {
    let ticket = firing.at.ticket;
    let (polled, out) = poll(firing, cancelled, cx);
    match polled {
        Polled::Ended(result, _) => Step::Over(Told::Gave {
            ticket,
            out,
            end: Some(result),
            back: None,
        }),
        Polled::Pending { full: true } => Step::Full(out),
        Polled::Pending { full: false } => {
            if let Some(error) = firing.late(cx) {
                return Step::Over(Told::Gave {
                    ticket,
                    out,
                    end: Some(Err(error)),
                    back: None,
                });
            }
            Step::Waits(out)
        }
    }
}

/// Polls a firing on a blocking thread, until it ends or waits for room. The deadline is the caller's business: what
/// computes without a break cannot be interrupted here.
pub(super) fn block_on(mut firing: Firing, run: &RunShared) -> Told {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = TaskContext::from_waker(&waker);
    let (ticket, cancel) = (firing.at.ticket, &run.env.cancel);
    if !firing.begun && cancel.is_cancelled() {
        // It waited for a thread, and nothing begins after a request to stop.
        return Told::Gave {
            ticket,
            out: Out::None,
            end: Some(Err(BlockError::Cancelled)),
            back: None,
        };
    }
    loop {
        match step(&mut firing, cancel.is_cancelled(), &mut cx) {
            Step::Over(told) => return told,
            Step::Full(out) => {
                return Told::Gave {
                    ticket,
                    out,
                    end: None,
                    back: Some(Box::new(firing)),
                };
            }
            Step::Waits(out) => {
                post(run, ticket, out);
                std::thread::park();
            }
        }
    }
}

//! A firing that has to wait: a task that polls it and tells the driver what it gave.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::mpsc::UnboundedSender;

use crate::block::{BlockError, Out};

use super::call::{Firing, Polled, poll};
use super::core::Again;
use super::scope::RunShared;

/// What tasks tell the driver.
pub(super) enum Told {
    /// A firing emitted, ended, or both; or comes back because it waits for room.
    Gave {
        ticket: u64,
        out: Out,
        end: Option<Result<(), BlockError>>,
        back: Option<Firing>,
    },
    /// A back-off is over.
    Due(Again),
}

/// Polls a firing on the runtime.
pub(super) struct Task {
    pub(super) firing: Option<Firing>,
    pub(super) tell: UnboundedSender<Told>,
    pub(super) run: Arc<RunShared>,
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(firing) = &mut this.firing else {
            return Poll::Ready(());
        };
        match step(firing, this.run.env.cancel.is_cancelled(), cx) {
            Step::Over(told) => {
                // A driver that is gone needs to be told nothing.
                let _ = this.tell.send(told);
                this.firing = None;
                Poll::Ready(())
            }
            Step::Full(out) => {
                let (ticket, back) = (firing.at.ticket, this.firing.take());
                let _ = this.tell.send(Told::Gave {
                    ticket,
                    out,
                    end: None,
                    back,
                });
                Poll::Ready(())
            }
            Step::Waits(told) => {
                if let Some(told) = told {
                    let _ = this.tell.send(told);
                }
                Poll::Pending
            }
        }
    }
}

pub(super) enum Step {
    Over(Told),
    Full(Out),
    Waits(Option<Told>),
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
            let told = (!matches!(out, Out::None)).then_some(Told::Gave {
                ticket,
                out,
                end: None,
                back: None,
            });
            Step::Waits(told)
        }
    }
}

/// Polls a firing on a blocking thread, until it ends or waits for room. The deadline is the caller's business: what
/// computes without a break cannot be interrupted here.
pub(super) fn block_on(mut firing: Firing, tell: &UnboundedSender<Told>, run: &RunShared) {
    let cancel = &run.env.cancel;
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = TaskContext::from_waker(&waker);
    if !firing.begun && cancel.is_cancelled() {
        // It waited for a thread, and nothing begins after a request to stop.
        let _ = tell.send(Told::Gave {
            ticket: firing.at.ticket,
            out: Out::None,
            end: Some(Err(BlockError::Cancelled)),
            back: None,
        });
        return;
    }
    loop {
        match step(&mut firing, cancel.is_cancelled(), &mut cx) {
            Step::Over(told) => {
                let _ = tell.send(told);
                return;
            }
            Step::Full(out) => {
                let ticket = firing.at.ticket;
                let _ = tell.send(Told::Gave {
                    ticket,
                    out,
                    end: None,
                    back: Some(firing),
                });
                return;
            }
            Step::Waits(told) => {
                if let Some(told) = told {
                    let _ = tell.send(told);
                }
                std::thread::park();
            }
        }
    }
}

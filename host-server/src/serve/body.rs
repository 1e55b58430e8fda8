//! Bodies on their way: those that come in are to come fast enough, and an answer is in progress until all of it is gone.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::seats::{Phase, Seat};

/// A body took too long to arrive.
#[derive(Debug, thiserror::Error)]
#[error("the body took too long to arrive")]
pub(crate) struct TooSlow;

/// When a body had come, or whoever read it had stopped: goes with its request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrival(Arc<OnceLock<Instant>>);

impl Arrival {
    /// Returns when that was; `None`: it is on its way.
    pub(crate) fn get(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

/// A body that has to come within `time` and what its bytes take at `rate`.
pub(super) struct Timed {
    body: Incoming,
    began: Instant,
    time: Duration,
    rate: u64,
    came: u64,
    /// While it waits for more.
    limit: Option<Pin<Box<Sleep>>>,
    arrival: Arrival,
}

impl Timed {
    pub(super) fn new(body: Incoming, time: Duration, rate: u64) -> Self {
        Self {
            body,
            began: Instant::now(),
            time,
            rate: rate.max(1),
            came: 0,
            limit: None,
            arrival: Arrival::default(),
        }
    }

    pub(super) fn arrival(&self) -> Arrival {
        self.arrival.clone()
    }

    fn is_over_time(&mut self, cx: &mut Context<'_>) -> bool {
        let (began, time) = (self.began, self.time);
        let earned = Duration::from_millis(self.came.saturating_mul(1_000) / self.rate);
        let limit = self
            .limit
            .get_or_insert_with(|| Box::pin(sleep_until(began + time + earned)));
        limit.as_mut().poll(cx).is_ready()
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let _ = self.arrival.0.set(Instant::now());
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            if this.is_over_time(cx) {
                return Poll::Ready(Some(Err(TooSlow.into())));
            }
            return Poll::Pending;
        };
        this.limit = None;
        if let Some(Ok(frame)) = &frame {
            this.came += frame.data_ref().map_or(0, Bytes::len) as u64;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer; its connection waits for the next request when this is gone.
pub(super) struct Leaving {
    body: axum::body::Body,
    seat: Arc<Seat>,
}

impl Leaving {
    pub(super) fn new(body: axum::body::Body, seat: &Arc<Seat>) -> Self {
        Self {
            body,
            seat: Arc::clone(seat),
        }
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.seat.go(Phase::Idle);
    }
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.get_mut().body).poll_frame(cx));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

//! What may not happen to a request, whatever its handler does: that it is never answered, or takes the connection along.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, sleep_until};

use crate::problem::{Problem, ServerCode};
use crate::serve::Arrival;

/// How long an answer may take to begin where nothing else is said: twice as long as one may wait for a run.
pub(crate) const REQUEST_TIME: Duration = Duration::from_mins(2);

/// Runs a handler until its answer begins: within a time, in which the arrival of the body does not count, and so that its
/// panic is an answer too.
pub(crate) async fn answered(
    handler: impl Future<Output = Response>,
    time: Duration,
    arrival: Option<Arrival>,
) -> Response {
    let mut handler = pin!(handler);
    let mut guarded = pin!(std::future::poll_fn(move |cx| {
        // A handler that panicked is not polled again, so nobody sees what it left half-done.
        match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
            Ok(polled) => polled,
            Err(_) => Poll::Ready(Problem::internal("its handler panicked").into_response()),
        }
    }));
    let mut from = Instant::now();
    loop {
        tokio::select! {
            biased;
            response = guarded.as_mut() => return response,
            () = sleep_until(from + time) => {}
        }
        match arrival.as_ref().map(Arrival::get) {
            Some(None) => from = Instant::now(),
            Some(Some(came)) if came > from => from = came,
            _ => break,
        }
    }
    let detail = format!("the answer did not begin within {} ms", time.as_millis());
    Problem::new(ServerCode::Slow, detail)
        .retry_after(5)
        .into_response()
}

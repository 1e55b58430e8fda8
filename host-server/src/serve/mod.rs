//! The listener: connections with limits of time and number, and an end that lets answers finish.
//!
//! Each connection has a place ([`Limits::max_connections`]); one task watches all of them and closes what takes too long,
//! so that a connection itself needs no timer. What hyper is shown is read along (`scan`), so that no two servers can take
//! a request in two ways.

mod body;
mod descriptors;
mod limits;
mod scan;
mod seats;
mod wire;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, Version, header};
use axum::response::IntoResponse;
use graphloom::CancelToken;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::problem::{Problem, ServerCode};

use self::body::{Leaving, Timed};
use self::seats::{Phase, Seat, Seats};
use self::wire::Wire;

pub(crate) use body::{Arrival, TooSlow};
pub use descriptors::raise_descriptors;
pub use limits::Limits;

/// What is answered also where every place is taken.
const ALWAYS: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Put into each request: the listener that its connection came to. Streams end when it stops, and it waits for those that
/// have left HTTP behind.
#[derive(Debug, Clone)]
pub(crate) struct Listening {
    until: CancelToken,
    _stays: mpsc::Sender<Infallible>,
}

impl Listening {
    /// Waits until the listener stops. Cancel safe.
    pub(crate) async fn stops(&self) {
        self.until.cancelled().await;
    }
}

/// Serves a router until told to stop; then lets the answers that are on their way finish, as long as the limits allow.
///
/// # Errors
/// Where the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    until: CancelToken,
) -> io::Result<()> {
    let seats = Seats::new(limits.clone());
    let shortest = limits
        .head_time
        .min(limits.idle_time)
        .min(limits.write_time);
    let every = (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1));
    let mut watch = JoinSet::new();
    watch.spawn(seats::close_overdue(Arc::downgrade(&seats), every));
    let mut connections = JoinSet::new();
    // Nothing is ever sent: it ends when the last one is gone who might.
    let (stays, mut stay) = mpsc::channel::<Infallible>(1);
    let listening = Listening {
        until: until.clone(),
        _stays: stays,
    };
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = until.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // One that went away at once, or no descriptors left: neither ends the server.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    seats.close_longest();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        while connections.try_join_next().is_some() {}
        let Some(seat) = seats.take() else { continue };
        let number = seat.number();
        let connection = connection(
            stream,
            peer,
            seat,
            router.clone(),
            limits.clone(),
            listening.clone(),
        );
        seats.served_by(number, connections.spawn(connection));
    }
    drop(listener);
    seats.stop();
    drop(listening);
    let finish = async {
        while connections.join_next().await.is_some() {}
        stay.recv().await;
    };
    let _ = tokio::time::timeout(limits.drain_time, finish).await;
    Ok(())
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    seat: Arc<Seat>,
    router: Router,
    limits: Limits,
    listening: Listening,
) {
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, &seat);
    let pace = (limits.body_time, limits.body_rate);
    let until = listening.until.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        seat.go(Phase::Busy);
        let (seat, router, listening) = (Arc::clone(&seat), router.clone(), listening.clone());
        async move {
            let response = match refusal(&request, seat.is_spare) {
                Some(refusal) => refusal,
                None => {
                    let mut request = incoming(request, pace);
                    request.extensions_mut().insert(ConnectInfo(peer));
                    request.extensions_mut().insert(listening);
                    router
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never| match never {})
                }
            };
            Ok::<_, Infallible>(response.map(|body| Leaving::new(body, &seat)))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.max_headers)
        // The places are watched for that.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(wire), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = until.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%peer, %error, "a connection ended");
    }
}

/// Lets a body arrive in time.
fn incoming(request: Request<Incoming>, (time, rate): (Duration, u64)) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    if body.is_end_stream() {
        return Request::from_parts(parts, Body::empty());
    }
    let body = Timed::new(body, time, rate);
    parts.extensions.insert(body.arrival());
    Request::from_parts(parts, Body::new(body))
}

/// Answers what is not for the router: a request without one `Host` (RFC 9112, 3.2), and one that has no place.
fn refusal(request: &Request<Incoming>, is_spare: bool) -> Option<Response<Body>> {
    let path = request.uri().path();
    let answer = |problem: Problem| {
        let mut answer = problem.to_response(path, "").into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        Some(answer)
    };
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 {
        let detail = "a request names one Host";
        return answer(Problem::new(ServerCode::Request, detail));
    }
    if is_spare && !ALWAYS.contains(&path) {
        let detail = "there are as many connections as may be";
        return answer(Problem::new(ServerCode::Full, detail).retry_after(1));
    }
    None
}
